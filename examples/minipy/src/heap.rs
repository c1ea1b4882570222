//! [`Runtime`]: what the evaluator asks of a heap.
//!
//! Everything in this program is generic over it. A heap becomes available by one line: `runtime!(Local);`.

use tricycle::{AnyGc, CallbackId, CollectionEvent, Gc, Heap, Hosts, Local, Weak};

use crate::code::Code;
use crate::object::{
    Class, Dict, Finalizable, Function, Generator, Globals, Instance, Iter, List, Method, Misc, Module, Native, Set,
    Text, Tuple, Variable, WeakRef,
};

/// A heap that Python objects can live on.
///
/// The bounds are those of every type that is ever put on the heap. The methods are what a bound cannot say: that the
/// heap takes a closure whose type has no name.
pub trait Runtime:
    Heap
    + Hosts<Text>
    + Hosts<List<Self>>
    + Hosts<Tuple<Self>>
    + Hosts<Dict<Self>>
    + Hosts<Set<Self>>
    + Hosts<Instance<Self>>
    + Hosts<Finalizable<Self>>
    + Hosts<Class<Self>>
    + Hosts<Function<Self>>
    + Hosts<Method<Self>>
    + Hosts<Native<Self>>
    + Hosts<Generator<Self>>
    + Hosts<Iter<Self>>
    + Hosts<Module<Self>>
    + Hosts<Globals<Self>>
    + Hosts<Code<Self>>
    + Hosts<Variable<Self>>
    + Hosts<WeakRef<Self>>
    + Hosts<Misc<Self>>
{
    /// The name of the heap on the command line.
    const NAME: &'static str;

    /// Whether threads may share its objects.
    const SHARED: bool;

    /// A weak handle to `target`, which calls [`WeakRef::expired`] on `owner` when the target goes.
    fn watch<T: 'static>(target: &Gc<T, Self>, owner: Weak<WeakRef<Self>, Self>) -> Weak<T, Self>;

    /// Has `callback` called for each collection.
    fn on_collection(callback: fn(&CollectionEvent)) -> CallbackId;

    /// The value behind a handle that introspection returned.
    fn value_of(any: AnyGc<Self>) -> Option<crate::value::Value<Self>> {
        crate::object::value_of(any)
    }
}

macro_rules! runtime {
    ($heap:ident, $name:literal, shared: $shared:literal) => {
        impl Runtime for $heap {
            const NAME: &'static str = $name;
            const SHARED: bool = $shared;

            fn watch<T: 'static>(target: &Gc<T, Self>, owner: Weak<WeakRef<Self>, Self>) -> Weak<T, Self> {
                Gc::downgrade_with(target, move || {
                    if let Some(owner) = owner.upgrade() {
                        WeakRef::expired(&owner);
                    }
                })
            }

            fn on_collection(callback: fn(&CollectionEvent)) -> CallbackId {
                $heap.on_collection(callback)
            }
        }
    };
}

runtime!(Local, "local", shared: false);
