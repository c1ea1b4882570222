//! [`Runtime`]: what the evaluator asks of a heap.
//!
//! Everything in this program is generic over it. A heap becomes available by one line of `runtime!`.

use std::io;
use std::sync::{self, Arc, Mutex, PoisonError};
use std::thread::JoinHandle;

use tricycle::{AnyGc, Atomic, Biased, CallbackId, CollectionEvent, Gc, Heap, Hosts, Local, Locked, Weak};

use crate::code::Code;
use crate::object::{
    Class, Dict, Finalizable, Function, Generator, GlobalVariable, Globals, Instance, Iter, List, Method, Misc, Module,
    Native, Set, Text, Tuple, Variable, WeakRef,
};
use crate::vm::{NewThread, Program};

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
    + Hosts<GlobalVariable<Self>>
    + Hosts<Code<Self>>
    + Hosts<Variable<Self>>
    + Hosts<WeakRef<Self>>
    + Hosts<Misc<Self>>
{
    /// The name of the heap on the command line.
    const NAME: &'static str;

    /// Whether threads may share its objects.
    const SHARED: bool;

    /// A weak handle to `target`, which calls `WeakRef::expired` on `owner` when the target goes.
    fn watch<T: 'static>(target: &Gc<T, Self>, owner: Weak<WeakRef<Self>, Self>) -> Weak<T, Self>;

    /// Has `callback` called for each collection.
    fn on_collection(callback: fn(&CollectionEvent)) -> CallbackId;

    /// The program whose objects are on the heap.
    fn program() -> Option<Arc<Program<Self>>>;

    fn set_program(program: &Arc<Program<Self>>);

    /// Runs a thread.
    fn spawn(thread: NewThread<Self>, stack: usize) -> io::Result<JoinHandle<()>>;

    /// The value behind a handle that introspection returned.
    fn value_of(any: AnyGc<Self>) -> Option<crate::value::Value<Self>> {
        crate::object::value_of(any)
    }
}

macro_rules! runtime {
    ($heap:ident, $name:literal, one thread) => {
        runtime! { @ $heap, $name, false, {
            /// Nobody asks: the thread ends when the program does.
            fn program() -> Option<Arc<Program<Self>>> {
                None
            }

            fn set_program(_: &Arc<Program<Self>>) {}

            fn spawn(_: NewThread<Self>, _: usize) -> io::Result<JoinHandle<()>> {
                Err(io::ErrorKind::Unsupported.into())
            }
        } }
    };
    ($heap:ident, $name:literal, many threads) => {
        const _: () = {
            static PROGRAM: Mutex<sync::Weak<Program<$heap>>> = Mutex::new(sync::Weak::new());

            runtime! { @ $heap, $name, true, {
                fn program() -> Option<Arc<Program<Self>>> {
                    PROGRAM.lock().unwrap_or_else(PoisonError::into_inner).upgrade()
                }

                fn set_program(program: &Arc<Program<Self>>) {
                    *PROGRAM.lock().unwrap_or_else(PoisonError::into_inner) = Arc::downgrade(program);
                }

                fn spawn(thread: NewThread<Self>, stack: usize) -> io::Result<JoinHandle<()>> {
                    std::thread::Builder::new().stack_size(stack).spawn(move || thread.run())
                }
            } }
        };
    };
    (@ $heap:ident, $name:literal, $shared:literal, { $($threads:item)* }) => {
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

            $($threads)*
        }
    };
}

runtime!(Local, "local", one thread);
runtime!(Locked, "locked", many threads);
runtime!(Atomic, "atomic", many threads);
runtime!(Biased, "biased", many threads);
