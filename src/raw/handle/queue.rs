//! Sending an object to the thread that counts its handles.

use std::ptr::NonNull;

use crate::Heap;
use crate::raw::base::erased::Fat;
use crate::raw::count::{Count, Down, Owner};
use crate::raw::heap::commons::Gate;
use crate::raw::heap::merge_queue::Letter;
use crate::raw::memory::header;
use crate::raw::object::{destroy, track};
use crate::raw::threads::seat::TASK;

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
            Down::Suspect => track::suspect::<H>(value.cast()),
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
