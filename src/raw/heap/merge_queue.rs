//! The queue of objects to merge: each has a handle that a thread dropped which could not tell whether it was the last (`Biased`).
//!
//! An object is sent to its owner if that is inside: it merges what is queued at its next safepoint, and when it goes out. An owner that
//! is outside may stay there for good, so whoever drops the handle holds it there for a moment, and does its work. Nobody
//! waits for anybody's user code: what comes to its end is taken off its list meanwhile, and destroyed afterwards.

use crate::Heap;
use crate::raw::base::erased::Fat;
use crate::raw::base::panic::{keep_panic, pass_on};
use crate::raw::count::Owner;
use crate::raw::heap::slot::{self, Seated};
use crate::raw::heap::state::State;
use crate::raw::threads::presence::HeapGate;
use crate::raw::threads::seat::Seat;
use crate::raw::threads::stop_the_world::StopTheWorld;

/// An object whose count its owner has to merge.
#[derive(Debug)]
pub(crate) struct Queued {
    pub(crate) value: Fat,
    pub(crate) merge: unsafe fn(Fat, Merger),
}

impl Queued {
    /// Merges the count, and ends the object if that was the last handle.
    ///
    /// # Safety
    ///
    /// The object is merged once for being queued, and by whoever `merger` says that it is.
    pub(crate) unsafe fn run(&self, merger: Merger) {
        // SAFETY: [I6] the queued handle keeps the object.
        unsafe { (self.merge)(self.value, merger) };
    }
}

/// Who merges a queued object.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Merger {
    /// Its owner, one that has stopped the world, or anybody if the owner has left.
    Owner,
    /// One that holds the owner outside: no user code may run.
    Holder,
}

// SAFETY: [I6] a queued object comes with a handle to an object of a heap that threads share.
unsafe impl Send for Queued {}

/// Merges what is queued for a state. Its thread does, or the one that has stopped the world.
pub(crate) fn merge_all_of<H: Heap>(state: &State<H>) {
    merge_all(state.merge_queue.take());
}

/// Merges queued objects. A panic does not keep the others from being merged.
fn merge_all(queue: impl Iterator<Item = Queued>) {
    let mut panic = None;
    for queued in queue {
        // SAFETY: each queued object is merged once.
        keep_panic(&mut panic, || unsafe { queued.run(Merger::Owner) });
    }
    pass_on(panic);
}

/// Merges what is queued for a thread that is outside, and an object that has not been sent, and takes the memory back that others have
/// returned to it. What comes to its end is put off. False if the thread is not outside, or may not be held there.
pub(crate) fn hold<H: Heap>(
    threads: &StopTheWorld<Seated<H>>,
    seat: &Seat<Seated<H>>,
    unsent: Option<&Queued>,
) -> bool {
    threads.hold(slot::seat::<H>(), seat, || {
        let Some(theirs) = seat.part.state() else { return };
        theirs.pool.take_back_held();
        for queued in theirs.merge_queue.take() {
            // SAFETY: each queued object is merged once.
            unsafe { queued.run(Merger::Holder) };
        }
        // SAFETY: as above.
        unsent.into_iter().for_each(|queued| unsafe { queued.run(Merger::Holder) });
    })
}

/// Does what threads would have done inside that have ended, and could not come in. What comes to its end is put off.
pub(crate) fn leave_abandoned<H: Heap>(threads: &StopTheWorld<Seated<H>>) {
    threads.leave_abandoned(|seat| {
        let Some(theirs) = seat.part.state() else { return };
        theirs.owner.set(Owner::STRANGER);
        for queued in theirs.merge_queue.close() {
            // SAFETY: each queued object is merged once.
            unsafe { queued.run(Merger::Holder) };
        }
        theirs.scratch.take();
        // Others may wait for the lock.
        theirs.pool.leave(|| false);
    });
}

/// The thread is solo: it merges what is queued for all others, which could not come in for that. What comes to its end is put off.
pub(crate) fn merge_all_of_others<H: Heap>() {
    let Some(threads) = H::commons().gate.parallel() else { return };
    for seat in (0..).map_while(|index| threads.seats().get(index)) {
        if seat.part.state().is_some_and(|theirs| !theirs.merge_queue.is_empty()) {
            hold(threads, seat, None);
        }
    }
}

/// Whether anything is queued for the calling thread, which may be outside.
pub(crate) fn is_anything_queued<H: Heap>() -> bool {
    let are_there = |seat: &Seat<Seated<H>>| seat.part.state().is_some_and(|state| !state.merge_queue.is_empty());
    H::SHARING.in_parallel() && H::slot(|slot| slot.here.seat()).is_some_and(are_there)
}

/// The thread takes its seat: its queue is open from now on. What it is called.
pub(crate) fn open<H: Heap>(state: &State<H>, seat: &Seat<Seated<H>>) -> Owner {
    let (before, now) = (state.owner.get(), seat.owner());
    if before == Owner::STRANGER && now != Owner::STRANGER {
        state.owner.set(now);
        state.merge_queue.open();
    }
    now
}

/// The thread leaves its seat: its queue is closed.
pub(crate) fn close<H: Heap>(state: &State<H>) {
    H::slot(|slot| slot.set_owner(Owner::STRANGER));
    close_for(state);
}

/// Whether the queue is closed.
pub(crate) fn is_closed<H: Heap>(state: &State<H>) -> bool {
    state.owner.get() == Owner::STRANGER
}

/// A thread has left its seat.
pub(crate) fn close_for<H: Heap>(state: &State<H>) {
    state.owner.set(Owner::STRANGER);
    merge_all(state.merge_queue.close());
}
