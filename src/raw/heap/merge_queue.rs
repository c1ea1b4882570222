//! Letters: objects with a handle that somebody dropped who could not tell whether it was the last (`Biased`).

use crate::Heap;
use crate::raw::base::erased::Fat;
use crate::raw::base::panic::{keep_panic, pass_on};
use crate::raw::count::Owner;
use crate::raw::heap::slot::Seated;
use crate::raw::heap::state::State;
use crate::raw::threads::seat::Seat;

/// An object whose count its owner has to merge.
#[derive(Debug)]
pub(crate) struct Letter {
    pub(crate) value: Fat,
    pub(crate) merge: unsafe fn(Fat),
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
        keep_panic(&mut panic, || unsafe { (letter.merge)(letter.value) });
    }
    pass_on(panic);
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

/// A thread has left its seat.
pub(crate) fn close_for<H: Heap>(state: &State<H>) {
    state.owner.set(Owner::STRANGER);
    read_all(state.letters.close());
}
