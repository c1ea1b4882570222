//! Letters: objects with a handle that somebody dropped who could not tell whether it was the last (`Biased`).

use super::Seated;
use crate::Heap;
use crate::raw::base::erased::Fat;
use crate::raw::base::panic::{keep_panic, pass_on};
use crate::raw::count::{Count, Down, Owner};
use crate::raw::destroy;
use crate::raw::memory::header;
use crate::raw::state::State;
use crate::raw::threads::seat::{Seat, TASK};
use std::ptr::NonNull;

use super::Gate;

/// An object whose count its owner has to merge.
#[derive(Debug)]
pub(crate) struct Letter {
    value: Fat,
    merge: unsafe fn(Fat),
}

// SAFETY: [I6] a letter holds a handle to an object of a heap that threads share.
unsafe impl Send for Letter {}

/// Merges the count, and ends the object if that was the last handle.
///
/// # Safety
///
/// `value` is that of a queued object of heap `H`, and this is done once.
unsafe fn merge<T: ?Sized, H: Heap>(value: Fat) {
    // SAFETY: [I6] the handle in the letter keeps the object.
    unsafe {
        let value = value.get::<T>();
        match header::count::<H>(value.cast()).merge() {
            Down::Alive | Down::Queue(_) => {}
            Down::Suspect => destroy::suspect::<H>(value.cast()),
            Down::Zero => destroy::last_handle_late::<T, H>(value),
        }
    }
}

/// Sends an object to its owner; or does the owner's work, if that has left.
///
/// # Safety
///
/// A decrement of the count has come to [`Down::Queue`].
#[cold]
#[inline(never)]
pub(crate) unsafe fn queue<T: ?Sized, H: Heap>(value: NonNull<T>, owner: Owner) {
    let letter = Letter { value: Fat::new(value), merge: merge::<T, H> };
    let Gate::Parallel(crowd) = &H::commons().gate else { unreachable!("only biased counts are merged") };
    let seat = crowd.seats().of(owner).and_then(|seat| Some((seat, seat.part.state()?)));
    let letter = match seat {
        Some((seat, state)) => match state.letters.push(letter) {
            Ok(first) => {
                if first {
                    seat.ask(TASK);
                }
                return;
            }
            Err(letter) => letter,
        },
        None => letter,
    };
    // SAFETY: the letter was not delivered, so it is ours to read.
    unsafe { (letter.merge)(letter.value) };
}

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
