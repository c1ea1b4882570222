//! The process forks, and in the child there are no threads but the one that forked.
//!
//! What others were doing with the heap is left as it is at their last safepoint: the one who forks has stopped the world, or
//! has the global lock, and holds the locks that those outside may take. In the child, their seats are left for them.

use std::panic::{AssertUnwindSafe, catch_unwind, resume_unwind};
use std::{process, ptr, thread};

use super::{Gate, Seated, letters};
use crate::Heap;
use crate::raw::heap::Sharing;
use crate::raw::state::State;
use crate::raw::world::seat::Seat;
use crate::raw::{collect, destroy, introspect};

/// Runs `f`, which may fork. Whatever other threads do with the heap, it can be used in the child.
///
/// # Panics
///
/// If `f` does, or a destructor of what others have put off.
pub(crate) fn fork<H: Heap, R>(f: impl FnOnce() -> R) -> R {
    if !H::SHARING.is_shared() {
        return f();
    }
    let result = introspect::with::<H, _>(|state| {
        let result = introspect::alone::<H, _>(|_| held(state, f));
        // What other threads have put off.
        destroy::catch_up::<H>();
        result
    });
    result.unwrap_or_else(|panic| resume_unwind(panic))
}

/// Runs `f` when nobody else uses the heap, or holds one of its locks.
fn held<H: Heap, R>(state: &State<H>, f: impl FnOnce() -> R) -> thread::Result<R> {
    let commons = H::commons();
    let mut parking = commons.parking.hold();
    let examiners = state.examiners.hold();
    let mut result = None;
    let fork = || {
        let parent = id();
        result = Some(idle::<H, R>(f));
        parent != id()
    };
    let gone = match &commons.gate {
        Gate::Turns(gil) => gil.fork(super::seat::<H>(), fork),
        Gate::Parallel(crowd) => crowd.fork(super::seat::<H>(), fork),
    };
    if !gone.is_empty() {
        parking.forget_others();
        state.examiners.forget_others();
        forget(state, &gone);
    }
    drop((examiners, parking));
    result.expect("it has run")
}

/// What a fork changes.
fn id() -> u32 {
    // Elsewhere nothing forks, and there may be no such number.
    if cfg!(unix) { process::id() } else { 0 }
}

/// Runs `f`, in which the thread does not use the heap.
fn idle<H: Heap, R>(f: impl FnOnce() -> R) -> thread::Result<R> {
    let here = H::slot(|slot| slot.get());
    let set = |state, forking| {
        H::slot(|slot| {
            slot.set(state);
            slot.here.set_forking(forking);
        });
    };
    set(ptr::null(), true);
    let result = catch_unwind(AssertUnwindSafe(f));
    set(here, false);
    result
}

/// The threads that had these seats are gone.
fn forget<H: Heap>(state: &State<H>, gone: &[&Seat<Seated<H>>]) {
    for seat in gone {
        if H::SHARING == Sharing::Turns {
            state.stack().inherit(&seat.part.stack);
        } else if let Some(other) = seat.part.state() {
            other.orphaned(state.stack());
            letters::close_for(other);
        }
    }
    if state.collecting.get() && gone.iter().any(|seat| seat.index() as usize == state.collector.get()) {
        collect::give_up(state);
    }
    super::each_state::<H>(|state| {
        state.arm_trigger();
    });
}
