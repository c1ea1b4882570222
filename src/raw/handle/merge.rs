//! Sending an object to the thread that counts its handles.

use std::ptr::NonNull;

use crate::Heap;
use crate::raw::base::erased::Fat;
use crate::raw::count::{Count, Down, Owner};
use crate::raw::heap::merge_queue::{Merger, Queued, hold};
use crate::raw::heap::slot::Seated;
use crate::raw::heap::state::{self, State};
use crate::raw::memory::header::Object;
use crate::raw::object::destroy::{self, Found};
use crate::raw::object::put_off;
use crate::raw::object::track;
use crate::raw::threads::presence::HeapGate;
use crate::raw::threads::seat::{ATTACHED, Seat, TASK};
use crate::raw::threads::stop_the_world::StopTheWorld;

/// Merges the count, and ends the object if that was the last handle.
///
/// # Safety
///
/// `value` is that of a queued object of heap `H`, and this is done once.
unsafe fn merge<T: ?Sized, H: Heap>(value: Fat, merger: Merger) {
    // SAFETY: [I6] the queued handle keeps the object.
    unsafe {
        let value = value.get::<T>();
        if merge_count(Object::<H>::new(value)) {
            let found = if merger == Merger::Holder { Found::Held } else { Found::Late };
            destroy::last_handle_found::<T, H>(value, found);
        }
    }
}

/// True if that was the last handle.
///
/// # Safety
///
/// As for [`merge`].
unsafe fn merge_count<H: Heap>(object: Object<H>) -> bool {
    // SAFETY: [I6] as the caller vouches.
    let down = unsafe { object.count() }.merge(track::suspicion(object));
    down == Down::Zero
}

/// Sends an object to its owner; or does the owner's work, if that is outside or has left.
///
/// # Safety
///
/// A decrement of the count has come to [`Down::Queue`].
#[cold]
pub(crate) unsafe fn queue<T: ?Sized, H: Heap>(value: NonNull<T>, owner: Owner) {
    // SAFETY: as the caller vouches.
    unsafe { send::<H>(Queued { value: Fat::new(value), merge: merge::<T, H> }, owner) };
}

/// # Safety
///
/// As for [`queue`], of the queued object.
#[inline(never)]
unsafe fn send<H: Heap>(mut queued: Queued, owner: Owner) {
    let state = state::get::<H>();
    // Only biased counts are merged, so there is one.
    if let Some(threads) = H::commons().gate.parallel().filter(|_| !state.stopped.get())
        && let Some(seat) = threads.seats().of(owner)
        && let Some(theirs) = seat.part.state()
    {
        // Whoever has the seat now, its lists are those that the object may be on.
        if !seat.is_attached() && hold(threads, seat, Some(&queued)) {
            return put_off::drain_late(state);
        }
        if !seat.has_been_left_by(owner) {
            match theirs.merge_queue.push(queued) {
                Ok(true) => return tell(threads, seat, state),
                Ok(false) => return,
                Err(back) => queued = back,
            }
        }
    }
    // SAFETY: the object was not queued, so it is ours to merge: nobody has the owner's name any more, or all others stand still.
    unsafe { queued.run(Merger::Owner) };
}

/// Tells a thread that something is queued for it. If it has gone out before it could hear of that, it is merged in its place. (If
/// it has come in again, it knows; if the world is about to be stopped, it is merged in the stop.)
fn tell<H: Heap>(threads: &StopTheWorld<Seated<H>>, seat: &Seat<Seated<H>>, state: &State<H>) {
    if seat.ask(TASK) & ATTACHED == 0 && hold(threads, seat, None) {
        put_off::drain_late(state);
    }
}
