//! The process forks, and in the child there are no threads but the one that forked.
//!
//! What others were doing with the heap is left as it is at their last safepoint: the one who forks has stopped the world, or
//! has the global lock, and holds the locks that those outside may take. In the child, their seats are left for them.

use std::panic::{AssertUnwindSafe, catch_unwind, resume_unwind};
use std::{ptr, thread};

use crate::Heap;
use crate::raw::attach;
use crate::raw::collect;
use crate::raw::heap::sharing::Sharing;
use crate::raw::heap::side_table::Node;
use crate::raw::heap::slot::{self, Seated};
use crate::raw::heap::state::State;
use crate::raw::heap::{merge_queue, stop};
use crate::raw::object::put_off;
use crate::raw::threads::presence::HeapGate;
use crate::raw::threads::seat::Seat;

/// Runs `f`, which may fork. Whatever other threads do with the heap, it can be used in the child.
///
/// # Panics
///
/// If `f` does, or a destructor of what others have put off.
pub(crate) fn fork<H: Heap, R>(f: impl FnOnce() -> R) -> R {
    if !H::SHARING.is_shared() {
        return f();
    }
    let result = attach::with::<H, _>(|state| {
        let result = attach::with_world_stopped::<H, _>(|_| held(state, f));
        // What other threads have put off.
        put_off::catch_up::<H>();
        result
    });
    result.unwrap_or_else(|panic| resume_unwind(panic))
}

/// Runs `f` when nobody else uses the heap, or holds one of its locks.
fn held<H: Heap, R>(state: &State<H>, f: impl FnOnce() -> R) -> thread::Result<R> {
    // Whoever is making it is done then.
    Node::of_the_dead();
    let commons = H::commons();
    let mut parking = commons.parking.hold();
    let examiners = state.examiners.hold();
    let rest = state.rest.hold();
    let mut result = None;
    let fork = || {
        let parent = process::id();
        result = Some(idle::<H, R>(f));
        parent != process::id()
    };
    let gone = commons.gate.fork(slot::seat::<H>(), fork, attach::left_outside::<H>);
    if !gone.is_empty() {
        parking.forget_others();
        state.examiners.forget_others();
        forget(state, &gone);
    }
    drop((rest, examiners, parking));
    result.expect("it has run")
}

/// What a fork changes.
mod process {
    /// The number that the system gives is not enough: parent and child may both be the first process of a namespace. Nor is
    /// the number of forks: who forks without the C library is not counted.
    #[cfg(all(unix, not(miri)))]
    pub(super) fn id() -> (u32, u32) {
        use std::sync::Once;
        use std::sync::atomic::{AtomicU32, Ordering};

        /// Forks between the first process that asked and this one.
        static FORKS: AtomicU32 = AtomicU32::new(0);
        static WATCH: Once = Once::new();
        extern "C" fn in_child() {
            FORKS.fetch_add(1, Ordering::Relaxed);
        }
        // Without memory for it, there is still the number.
        // SAFETY: [I19] the function may be called at any time: it touches nothing but the number.
        WATCH.call_once(|| unsafe {
            libc::pthread_atfork(None, None, Some(in_child));
        });
        (std::process::id(), FORKS.load(Ordering::Relaxed))
    }

    /// Nothing forks, and there may be no such number.
    #[cfg(not(all(unix, not(miri))))]
    pub(super) fn id() -> u32 {
        0
    }
}

/// Runs `f`, in which the thread does not use the heap.
fn idle<H: Heap, R>(f: impl FnOnce() -> R) -> thread::Result<R> {
    let (state, depth) = H::slot(|slot| {
        let state = slot.get();
        slot.set(ptr::null());
        (state, slot.here.begin_fork())
    });
    let result = catch_unwind(AssertUnwindSafe(f));
    H::slot(|slot| {
        slot.here.end_fork(depth);
        slot.set(state);
    });
    result
}

/// The threads that had these seats are gone.
fn forget<H: Heap>(state: &State<H>, gone: &[&Seat<Seated<H>>]) {
    for seat in gone {
        if H::SHARING == Sharing::Turns {
            state.stack().inherit(&seat.part.stack);
        } else if let Some(other) = seat.part.state() {
            other.give_to(state.stack());
            merge_queue::close_for(other);
            other.pool.leave(|| true);
        }
    }
    if state.collecting.get() && gone.iter().any(|seat| seat.index() as usize == state.collector.get()) {
        collect::pass::give_up(state);
    }
    stop::each_state::<H>(|state| {
        state.arm_trigger();
    });
}
