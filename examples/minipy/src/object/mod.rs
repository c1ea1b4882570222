//! The objects that live on the heap, one concept a file. What they do is in `vm` and `builtins`.

mod class;
mod dict;
mod function;
mod generator;
mod instance;
mod iter;
mod list;
mod misc;
mod module;
mod table;
mod text;
mod thread;
mod weakref;

use tricycle::AnyGc;

pub use class::{Class, Layout, Place, Recipe};
pub use dict::{Dict, Set};
pub use function::{Function, Method, Native, NativeFn, Variable};
pub use generator::{GenState, Generator, Suspended};
pub use instance::{Finalizable, Instance, Object, exception};
pub use iter::{Iter, IterState};
pub use list::{List, Tuple};
pub use misc::{Entry, Misc, Traceback, View};
pub use module::{GlobalVariable, Globals, Module};
pub use table::{Found, Table, equal_quickly, mix};
pub use text::Text;
pub use thread::{Handle, Lock, SLICE};
pub use weakref::WeakRef;

use crate::heap::Runtime;
use crate::value::Value;

/// The Python value of an object that introspection found; nothing for objects that the program cannot see.
pub fn value_of<H: Runtime>(any: AnyGc<H>) -> Option<Value<H>> {
    macro_rules! try_each {
        ($($variant:ident: $ty:ty),+) => {$(
            if let Some(gc) = any.downcast_ref::<$ty>() {
                return Some(Value::$variant(gc.clone()));
            }
        )+};
    }
    try_each! {
        Instance: Instance<H>, Finalizable: Finalizable<H>, List: List<H>, Tuple: Tuple<H>, Dict: Dict<H>, Set: Set<H>,
        Class: Class<H>, Function: Function<H>, Method: Method<H>, Generator: Generator<H>, Module: Module<H>,
        Iter: Iter<H>, WeakRef: WeakRef<H>, Misc: Misc<H>, Str: Text, Native: Native<H>
    }
    None
}
