//! Programs of heap operations, run on a heap and on an oracle at the same time.
//!
//! A [`Program`] allocates, links, roots, drops, freezes and collects; its objects have finalizers, fields and weak
//! callbacks that do the same, and panic. [`run`] executes it on a real heap, next to a graph of plain vectors that says
//! what must come of it:
//!
//! * what can be reached is never dropped, and nothing that lives refers to something that does not;
//! * a collection frees (or keeps) exactly what only the collected generations refer to, also an automatic one: what that
//!   is, is worked out when it starts;
//! * values are dropped once, finalizers and callbacks run at most once, in their order;
//! * a weak handle can be upgraded if and only if its target lives;
//! * counts, statistics and what introspection says are right, and who looks changes nothing;
//! * panics of user code come out of the operation that brought them about;
//! * at the end nothing is left.
//!
//! Where user code changes the graph in the middle of a collection, what exactly is freed is the collector's business;
//! then only what must *not* be freed is checked, until the next collection that nobody disturbs.
//!
//! | file | is about |
//! |---|---|
//! | `op`, `program` | what programs consist of |
//! | `node`, `handles` | the values they allocate, and handles to them |
//! | `world`, `action` | the real handles, and what user code does |
//! | `shadow`, `reach`, `forecast` | the oracle |
//! | `machine`, `ops`, `exclusive`, `limits` | running a program |
//! | `turns` | running it on several threads |
//! | [`fuzz`] | what the fuzz targets do with their bytes |
//! | `check`, `audit` | comparing |

mod action;
mod audit;
mod check;
mod exclusive;
mod forecast;
pub mod fuzz;
mod handles;
mod limits;
mod machine;
mod node;
mod op;
mod ops;
mod program;
mod reach;
mod shadow;
mod turns;
mod world;

use std::fmt;

pub use op::{Action, Borrow, Kind, Leak, Op, Reaction};
pub use program::{Program, programs};

#[doc(hidden)]
pub use handles::{Ref, WeakRef};
#[doc(hidden)]
pub use node::{Big, Callback, Face, Final, FinalLeaf, Leaf, Leaf16, Leaf64, Plain, Probe, Tail};

use tricycle::__private::Sharing;
use tricycle::{Atomic, Biased, Gc, Hosts, HostsRef, Local, Locked, Shared, Weak};

#[doc(hidden)]
pub use tricycle;

/// A heap that programs can run on.
///
/// Those of the crate are. For a heap of your own:
///
/// ```
/// use tricycle::heap;
/// use tricycle_model::{self as model, Face, Program};
///
/// heap! { Vm: Local }
///
/// tricycle_model::model_heap!(Vm: dyn Face<Vm>);
/// model::run::<Vm>(&Program::from_bytes(b"any bytes are a program")).unwrap();
/// ```
pub trait ModelHeap:
    Hosts<Leaf<Self>>
    + Hosts<FinalLeaf<Self>>
    + Hosts<Leaf16<Self>>
    + Hosts<Leaf64<Self>>
    + Hosts<Plain<Self>>
    + Hosts<Final<Self>>
    + Hosts<Big<Self>>
    + Hosts<[Plain<Self>]>
    + HostsRef<<Self as ModelHeap>::Dyn>
{
    /// A trait object that the heap can hold.
    type Dyn: ?Sized + 'static;

    /// Forgets the type of a value.
    fn unsize(gc: Gc<Plain<Self>, Self>) -> Gc<Self::Dyn, Self>;

    /// What there is to see of it.
    fn face(value: &Self::Dyn) -> &dyn Face<Self>;

    /// Makes a weak handle that runs `callback`.
    fn watch<T: ?Sized>(gc: &Gc<T, Self>, callback: Callback<Self>) -> Weak<T, Self>;
}

/// Whether threads share the heap.
fn is_shared<H: ModelHeap>() -> bool {
    H::SHARING != Sharing::Nobody
}

/// Whether they use it at the same time.
fn in_parallel<H: ModelHeap>() -> bool {
    H::SHARING == Sharing::Parallel
}

/// Makes a heap a [`ModelHeap`], with the trait object for it: `dyn Face<Vm>`, or
/// `dyn Face<Vm> + Send + Sync` if threads share the heap.
#[macro_export]
macro_rules! model_heap {
    ($heap:ty: $object:ty) => {
        impl $crate::ModelHeap for $heap {
            type Dyn = $object;

            fn unsize(gc: $crate::tricycle::Gc<$crate::Plain<$heap>, $heap>) -> $crate::tricycle::Gc<$object, $heap> {
                $crate::tricycle::unsize!(gc => $object)
            }

            fn face(value: &$object) -> &dyn $crate::Face<$heap> {
                value
            }

            fn watch<T: ?Sized>(
                gc: &$crate::tricycle::Gc<T, $heap>,
                callback: $crate::Callback<$heap>,
            ) -> $crate::tricycle::Weak<T, $heap> {
                $crate::tricycle::Gc::downgrade_with(gc, move || callback.run())
            }
        }
    };
}

const _: () = {
    model_heap!(Local: dyn Face<Local>);
    model_heap!(Locked: dyn Face<Locked> + Send + Sync);
    model_heap!(Atomic: dyn Face<Atomic> + Send + Sync);
    model_heap!(Biased: dyn Face<Biased> + Send + Sync);
};

/// What went wrong when a program ran.
#[derive(Clone, PartialEq, Eq)]
pub struct Violation {
    step: String,
    wrong: String,
}

impl fmt::Debug for Violation {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Display::fmt(self, f)
    }
}

impl fmt::Display for Violation {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}, after {}", self.wrong, self.step)
    }
}

impl std::error::Error for Violation {}

/// Runs a program on heap `H`, on a thread of its own, so on a heap that is empty and ends with it. If threads share the
/// heap, nobody else may use it meanwhile, and what the program would leak on purpose is not leaked.
///
/// ```
/// use tricycle::Local;
/// use tricycle_model::{self as model, Program};
///
/// model::run::<Local>(&Program::from_bytes(&[10, 20, 30])).unwrap();
/// ```
///
/// # Errors
///
/// If the heap does something that the oracle does not allow.
///
/// # Panics
///
/// If the crate panics of its own accord.
pub fn run<H: ModelHeap>(program: &Program) -> Result<(), Violation> {
    let ops = program.ops();
    on_a_thread(|| machine::Machine::<H>::new(None).run(&ops))
}

/// As [`run`], on up to four threads that take turns. The bytes in `turns` say whose it is for each of the operations; they
/// are repeated if there are more of these. Threads come, wait in the middle of a borrow, and end while their objects live
/// on, all of it the same each time.
///
/// ```
/// use tricycle::heap;
/// use tricycle_model::{self as model, Face, Program};
///
/// heap! { Vm: Biased }
///
/// tricycle_model::model_heap!(Vm: dyn Face<Vm> + Send + Sync);
/// model::run_in_turns::<Vm>(&Program::from_bytes(b"any bytes are a program"), b"and a schedule").unwrap();
/// ```
///
/// # Errors
///
/// As [`run`].
///
/// # Panics
///
/// As [`run`].
pub fn run_in_turns<H>(program: &Program, turns: &[u8]) -> Result<(), Violation>
where
    H: ModelHeap + Shared,
    H::Dyn: Send + Sync,
{
    let ops = program.ops();
    on_a_thread(|| turns::run::<H>(&ops, turns.to_vec()))
}

fn on_a_thread<R: Send>(f: impl FnOnce() -> R + Send) -> R {
    let result = std::thread::scope(|scope| {
        let builder = std::thread::Builder::new().name("program".into());
        builder.spawn_scoped(scope, f).expect("a thread can be started").join()
    });
    result.unwrap_or_else(|panic| std::panic::resume_unwind(panic))
}
