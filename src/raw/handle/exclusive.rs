//! The core of [`GcMut`](crate::GcMut): a `&mut` to a value, with the collector kept away from it.

use std::ops::{Deref, DerefMut};

use super::strong::Handle;
use crate::Heap;
use crate::raw::attach;
use crate::raw::collect;
use crate::raw::count::{Count, flag};
use crate::raw::heap::{slot, state};
use crate::raw::memory::header::Object;
use crate::raw::object::{put_off, track};

/// Exclusive access to the value behind a handle. The object is off its list meanwhile `[I12]`.
pub(crate) struct Exclusive<'a, T: ?Sized, H: Heap> {
    handle: &'a mut Handle<T, H>,
    tracked: bool,
}

impl<'a, T: ?Sized, H: Heap> Exclusive<'a, T, H> {
    /// Exclusive access, if `handle` is the only one, weak ones included.
    pub(crate) fn new(handle: &'a mut Handle<T, H>) -> Option<Self> {
        // If a panic comes out of what is destroyed then, the object is given back.
        let _inside = attach::enter::<H>();
        let claimed = Self::claim(handle).map(|tracked| Exclusive { handle, tracked });
        see_to_late::<H>();
        claimed
    }

    /// Exclusive access, if need be to another object, of which `renew` makes a handle.
    pub(crate) fn make(handle: &'a mut Handle<T, H>, mut renew: impl FnMut(&mut Handle<T, H>)) -> Self {
        loop {
            {
                let _inside = attach::enter::<H>();
                if let Some(tracked) = Self::claim(handle) {
                    let claimed = Exclusive { handle, tracked };
                    see_to_late::<H>();
                    return claimed;
                }
                see_to_late::<H>();
            }
            renew(handle);
        }
    }

    /// Takes the object off its list if `handle` is the only one. Returns whether it was on one. The thread is inside.
    fn claim(handle: &Handle<T, H>) -> Option<bool> {
        if !handle.is_unique() {
            return None;
        }
        // SAFETY: [I6] the handle keeps the object.
        let tracked = unsafe { track::borrow_out(handle.object()) };
        // To get at the list the world may have been stopped, and whoever had it stopped before may have found the object
        // there, and made a handle.
        if H::SHARING.in_parallel() && tracked && !handle.is_unique() {
            // SAFETY: [I5] it was just taken off its list.
            unsafe { give_back(handle.object()) };
            return None;
        }
        Some(tracked)
    }
}

impl<T: ?Sized, H: Heap> Deref for Exclusive<'_, T, H> {
    type Target = T;

    fn deref(&self) -> &T {
        self.handle
    }
}

impl<T: ?Sized, H: Heap> DerefMut for Exclusive<'_, T, H> {
    fn deref_mut(&mut self) -> &mut T {
        // SAFETY: [I12] the only handle is borrowed mutably for as long as the result lives, there are no weak ones to
        // make another from, and the collector does not know of the object.
        unsafe { self.handle.value().as_mut() }
    }
}

impl<T: ?Sized, H: Heap> Drop for Exclusive<'_, T, H> {
    fn drop(&mut self) {
        // While the process forks nobody may touch a list: then it is as if the guard had been leaked.
        if self.tracked && !slot::is_forking::<H>() {
            let _inside = attach::enter::<H>();
            // SAFETY: [I5] the object was taken off its list by `new`.
            unsafe { give_back(self.handle.object()) };
        }
    }
}

/// Destroys what came to its end when the world was stopped, by merging what was queued. The thread is inside. (It might not do so
/// when it goes out: not if it borrows a cell.)
fn see_to_late<H: Heap>() {
    if H::SHARING.in_parallel() {
        put_off::drain_late(state::get::<H>());
    }
}

/// Puts an object that [`track::borrow_out`] took off its list on one of the same generation, or of an older one: which it was is not
/// written down anywhere. One that has not been seen by a collection since it was made, or first given back, is young. Any
/// other one is old.
///
/// # Safety
///
/// `object` is a live object that [`track::borrow_out`] took off its list, and of which nobody else has a handle.
unsafe fn give_back<H: Heap>(object: Object<H>) {
    let state = state::get::<H>();
    // SAFETY: [I5], [I12] as the caller vouches; [I9] the flags say where the object is.
    unsafe {
        let count = object.count();
        let links = object.links();
        let flags = count.flags();
        if flags & flag::COMMON != 0 {
            count.set(flag::LINKED);
            state.locked(|| collect::incremental::list_for_returned(state, object).push_back(links));
        } else if !H::SHARING.in_parallel() || track::is_ours(state, object, flags) {
            count.set(flag::LINKED);
            state.returned.push_back(links);
        } else {
            // It was borrowed by the thread in whose pool it is, or nobody would have made it `COMMON`.
            count.set(flag::LINKED | flag::COMMON);
            state.locked(|| state.lists.gathered.push_back(links));
            state.gathered_size.change(|size| size + 1);
        }
        track::raise_suspicion(state, object);
    }
}
