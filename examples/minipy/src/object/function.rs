//! What can be called: functions, bound methods, built-in functions; and the variables that closures share.

use tricycle::{Gc, GcCell, Trace};

use super::{Dict, Globals};
use crate::code::Code;
use crate::heap::Runtime;
use crate::name::Name;
use crate::value::Value;
use crate::vm::{Args, R, Vm};

#[derive(Trace)]
#[trace(bound = "H: Runtime")]
pub struct Function<H: Runtime> {
    pub code: Gc<Code<H>, H>,
    pub globals: Gc<Globals<H>, H>,
    pub qualname: Name,
    pub defaults: Vec<Value<H>>,
    pub keyword_defaults: Vec<(Name, Value<H>)>,
    pub closure: Vec<Gc<Variable<H>, H>>,
    /// Made when the first attribute is set.
    pub attributes: GcCell<Option<Gc<Dict<H>, H>>, H>,
}

/// A variable that closures share.
#[derive(Trace)]
#[trace(bound = "H: Runtime")]
pub struct Variable<H: Runtime> {
    pub value: GcCell<Value<H>, H>,
}

/// A function and the object it was looked up on.
#[derive(Trace)]
#[trace(bound = "H: Runtime")]
pub struct Method<H: Runtime> {
    pub receiver: Value<H>,
    pub function: Value<H>,
}

/// The signature of built-in functions.
pub type NativeFn<H> = fn(&Vm<H>, Args<'_, H>) -> R<Value<H>, H>;

/// A built-in function.
#[derive(Trace)]
#[trace(bound = "H: Runtime")]
pub struct Native<H: Runtime> {
    pub name: &'static str,
    #[trace(skip)]
    pub function: NativeFn<H>,
    /// Whether it becomes a method of the object it is looked up on.
    pub binds: bool,
}
