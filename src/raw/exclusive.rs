//! The core of [`GcMut`](crate::GcMut): a `&mut` to a value, with the collector kept away from it.

use std::ops::{Deref, DerefMut};

use super::handle::Handle;
use super::object;
use super::share;
use crate::Heap;

/// Exclusive access to the value behind a handle. The object is off its list meanwhile `[I12]`.
pub(crate) struct Exclusive<'a, T: ?Sized, H: Heap> {
    handle: &'a mut Handle<T, H>,
    tracked: bool,
}

impl<'a, T: ?Sized, H: Heap> Exclusive<'a, T, H> {
    /// Exclusive access, if `handle` is the only one, weak ones included.
    pub(crate) fn new(handle: &'a mut Handle<T, H>) -> Option<Self> {
        Self::claim(handle).map(|tracked| Exclusive { handle, tracked })
    }

    /// Exclusive access, if need be to another object, of which `renew` makes a handle.
    pub(crate) fn make(handle: &'a mut Handle<T, H>, mut renew: impl FnMut(&mut Handle<T, H>)) -> Self {
        loop {
            if let Some(tracked) = Self::claim(handle) {
                return Exclusive { handle, tracked };
            }
            renew(handle);
        }
    }

    /// Takes the object off its list if `handle` is the only one. Returns whether it was on one.
    fn claim(handle: &Handle<T, H>) -> Option<bool> {
        let _inside = share::enter::<H>();
        if !handle.is_unique() {
            return None;
        }
        // SAFETY: [I6] the handle keeps the object.
        let tracked = unsafe { object::borrow_out::<H>(handle.erased()) };
        // To get at the list the world may have been stopped, and whoever had it stopped before may have found the object
        // there, and made a handle.
        if H::SHARING.in_parallel() && tracked && !handle.is_unique() {
            // SAFETY: [I5] it was just taken off its list.
            unsafe { object::give_back::<H>(handle.erased()) };
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
        if self.tracked && !share::fork::is_forking::<H>() {
            let _inside = share::enter::<H>();
            // SAFETY: [I5] the object was taken off its list by `new`.
            unsafe { object::give_back::<H>(self.handle.erased()) };
        }
    }
}
