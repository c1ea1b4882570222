//! Letters: objects with a handle that somebody dropped who could not tell whether it was the last (`Biased`).
//!
//! A letter goes to the object's owner if that is inside: it reads them at its next safepoint, and when it goes out. An owner that
//! is outside may stay there for good, so whoever drops the handle holds it there for a moment, and does its work. Nobody
//! waits for anybody's user code: what comes to its end is taken off its list meanwhile, and destroyed afterwards.

use crate::Heap;
use crate::raw::base::erased::Fat;
use crate::raw::base::panic::{keep_panic, pass_on};
use crate::raw::count::Owner;
use crate::raw::heap::commons::Gate;
use crate::raw::heap::slot::Seated;
use crate::raw::heap::state::State;
use crate::raw::threads::seat::Seat;
use crate::raw::threads::stop_the_world::Crowd;

/// An object whose count its owner has to merge.
#[derive(Debug)]
pub(crate) struct Letter {
    pub(crate) value: Fat,
    pub(crate) merge: unsafe fn(Fat, Reader),
}

impl Letter {
    /// Merges the count, and ends the object if that was the last handle.
    ///
    /// # Safety
    ///
    /// The letter is read once, and by whoever `reader` says that it is.
    pub(crate) unsafe fn read(&self, reader: Reader) {
        // SAFETY: [I6] the handle in the letter keeps the object.
        unsafe { (self.merge)(self.value, reader) };
    }
}

/// Who reads a letter.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Reader {
    /// Its owner, one that has stopped the world, or anybody if the owner has left.
    Owner,
    /// One that holds the owner outside: no user code may run.
    Holder,
}

// SAFETY: [I6] a letter holds a handle to an object of a heap that threads share.
unsafe impl Send for Letter {}

/// Reads the letters of a state. Its thread does, or who has stopped the world.
pub(crate) fn read<H: Heap>(state: &State<H>) {
    read_all(state.letters.take());
}

/// Reads letters. A panic does not keep the others from being read.
fn read_all(letters: impl Iterator<Item = Letter>) {
    let mut panic = None;
    for letter in letters {
        // SAFETY: each letter is read once.
        keep_panic(&mut panic, || unsafe { letter.read(Reader::Owner) });
    }
    pass_on(panic);
}

/// Reads the letters of a thread that is outside, and one that has not been sent, and takes the memory back that others have
/// returned to it. What comes to its end is put off. False if the thread is not outside, or may not be held there.
pub(crate) fn hold<H: Heap>(crowd: &Crowd<Seated<H>>, seat: &Seat<Seated<H>>, unsent: Option<&Letter>) -> bool {
    crowd.hold(seat, || {
        let Some(theirs) = seat.part.state() else { return };
        theirs.pool.take_back_held();
        for letter in theirs.letters.take() {
            // SAFETY: each letter is read once.
            unsafe { letter.read(Reader::Holder) };
        }
        // SAFETY: as above.
        unsent.into_iter().for_each(|letter| unsafe { letter.read(Reader::Holder) });
    })
}

/// Does what threads would have done inside that have ended, and could not come in. What comes to its end is put off.
pub(crate) fn leave_abandoned<H: Heap>(crowd: &Crowd<Seated<H>>) {
    crowd.leave_abandoned(|seat| {
        let Some(theirs) = seat.part.state() else { return };
        theirs.owner.set(Owner::STRANGER);
        for letter in theirs.letters.close() {
            // SAFETY: each letter is read once.
            unsafe { letter.read(Reader::Holder) };
        }
        theirs.scratch.take();
        theirs.pool.leave();
    });
}

/// The thread is solo: reads the letters of all others, which could not come in to read them. What comes to its end is put off.
pub(crate) fn read_of_others<H: Heap>() {
    let Gate::Parallel(crowd) = &H::commons().gate else { return };
    for seat in (0..).map_while(|index| crowd.seats().get(index)) {
        if seat.part.state().is_some_and(|theirs| !theirs.letters.is_empty()) {
            hold(crowd, seat, None);
        }
    }
}

/// Whether there are letters for the calling thread, which may be outside.
pub(crate) fn are_letters_there<H: Heap>() -> bool {
    let are_there = |seat: &Seat<Seated<H>>| seat.part.state().is_some_and(|state| !state.letters.is_empty());
    H::SHARING.in_parallel() && H::slot(|slot| slot.here.seat()).is_some_and(are_there)
}

/// The thread takes its seat: letters are accepted from now on. What it is called.
pub(crate) fn open<H: Heap>(state: &State<H>, seat: &Seat<Seated<H>>) -> Owner {
    let (before, now) = (state.owner.get(), seat.owner());
    if before == Owner::STRANGER && now != Owner::STRANGER {
        state.owner.set(now);
        state.letters.open();
    }
    now
}

/// The thread leaves its seat: there are no more letters.
pub(crate) fn close<H: Heap>(state: &State<H>) {
    H::slot(|slot| slot.set_owner(Owner::STRANGER));
    close_for(state);
}

/// Whether there are no letters any more.
pub(crate) fn is_closed<H: Heap>(state: &State<H>) -> bool {
    state.owner.get() == Owner::STRANGER
}

/// A thread has left its seat.
pub(crate) fn close_for<H: Heap>(state: &State<H>) {
    state.owner.set(Owner::STRANGER);
    read_all(state.letters.close());
}
