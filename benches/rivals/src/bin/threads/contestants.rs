//! Who takes part, and what each has to supply.

use std::sync::{LazyLock, Mutex};

use jrsonnet_gcmodule::{ThreadedCc, ThreadedObjectSpace};
use tricycle::{Gc, Shared};

use crate::common::Counted;
use crate::common::graphs::cyclic_pair;
use crate::common::shared::{Named, On};

/// Counted pointers to a `u64`.
pub trait Leaves {
    /// The handle.
    type Leaf: Clone;

    /// Allocates.
    fn leaf(value: u64) -> Self::Leaf;

    /// Does something, attached to the heap, if there is one.
    fn attached<R>(f: impl FnOnce() -> R) -> R {
        f()
    }

    /// Waits for something.
    fn detached<R>(f: impl FnOnce() -> R) -> R {
        f()
    }
}

/// A crate with a collector.
pub trait Pairs {
    /// Makes two nodes that lead to each other, and drops them.
    fn pair(value: u64);

    /// Collects.
    fn collect();

    /// For crates that never collect by themselves: after how many objects a user would.
    const COLLECT_EVERY: Option<usize> = None;

    /// What part of the pairs is enough: one in so many. The figure is per object.
    const ONE_IN: usize = 1;

    /// As [`Leaves::attached`].
    fn attached<R>(f: impl FnOnce() -> R) -> R {
        f()
    }
}

impl<H: Named> Leaves for On<H> {
    type Leaf = Gc<u64, H>;

    #[inline]
    fn leaf(value: u64) -> Gc<u64, H> {
        Gc::new_in(value, H::default())
    }

    fn attached<R>(f: impl FnOnce() -> R) -> R {
        H::default().attach(f)
    }

    fn detached<R>(f: impl FnOnce() -> R) -> R {
        H::default().detach(f)
    }
}

impl<H: Named> Pairs for On<H> {
    #[inline]
    fn pair(value: u64) {
        drop(std::hint::black_box(cyclic_pair::<Self>(value)));
    }

    fn collect() {
        <Self as Counted>::collect();
    }

    fn attached<R>(f: impl FnOnce() -> R) -> R {
        H::default().attach(f)
    }
}

/// A heap on which an object can be made immortal, and given to threads.
pub trait SharedHeap: Named + Shared {}

impl<H: Named + Shared> SharedHeap for H {}

macro_rules! leaves {
    ($(#[$attr:meta])* $name:ident, $handle:ty, $new:expr) => {
        $(#[$attr])*
        pub enum $name {}

        impl Leaves for $name {
            type Leaf = $handle;

            #[inline]
            fn leaf(value: u64) -> $handle {
                $new(value)
            }
        }
    };
}

leaves! {
    /// std's plain count.
    Rc, std::rc::Rc<u64>, std::rc::Rc::new
}
leaves! {
    /// std's atomic count.
    Arc, std::sync::Arc<u64>, std::sync::Arc::new
}
leaves! {
    /// dumpster's `sync` half.
    Dumpster, dumpster::sync::Gc<u64>, dumpster::sync::Gc::new
}
leaves! {
    /// jrsonnet-gcmodule's `sync` half.
    Gcmodule, ThreadedCc<u64>, |value| SPACE.create(value)
}
leaves! {
    /// hybrid-rc, the handle of the owner.
    Hybrid, hybrid_rc::Rc<u64>, hybrid_rc::Rc::new
}
leaves! {
    /// hybrid-rc, the handle of all others.
    HybridArc, hybrid_rc::Arc<u64>, |value| hybrid_rc::Rc::to_shared(&hybrid_rc::Rc::new(value))
}
leaves! {
    /// trc, the handle of one thread.
    Trc, trc::Trc<u64>, trc::Trc::new
}
leaves! {
    /// trc, the handle that goes from thread to thread.
    SharedTrc, trc::SharedTrc<u64>, trc::SharedTrc::new
}

static SPACE: LazyLock<ThreadedObjectSpace> = LazyLock::new(ThreadedObjectSpace::default);

#[derive(dumpster::Trace)]
struct DumpsterNode {
    _value: u64,
    a: Mutex<Option<dumpster::sync::Gc<DumpsterNode>>>,
}

impl Pairs for Dumpster {
    const ONE_IN: usize = 10; // or it alone takes longer than all others together

    fn pair(value: u64) {
        let new = |to| dumpster::sync::Gc::new(DumpsterNode { _value: value, a: Mutex::new(to) });
        let a = new(None);
        let b = new(Some(a.clone()));
        *a.a.lock().expect("nobody panics with it") = Some(b);
    }

    fn collect() {
        dumpster::sync::collect();
    }
}

// Without the attribute the derive asks a recursive type about itself for ever.
#[derive(jrsonnet_gcmodule::Trace)]
#[trace(tracking(force))]
struct GcmoduleNode {
    _value: u64,
    a: Mutex<Option<ThreadedCc<GcmoduleNode>>>,
}

impl Pairs for Gcmodule {
    const COLLECT_EVERY: Option<usize> = Some(10_000);

    fn pair(value: u64) {
        let new = |to| SPACE.create(GcmoduleNode { _value: value, a: Mutex::new(to) });
        let a = new(None);
        let b = new(Some(a.clone()));
        *a.borrow().a.lock().expect("nobody panics with it") = Some(b);
    }

    fn collect() {
        let _found = SPACE.collect_cycles();
    }
}
