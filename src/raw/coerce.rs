//! The unsizing coercion behind the `unsize!` macro.

use std::ptr::NonNull;

use super::destroy;
use super::handle::Handle;
use super::share;
use super::state;
use crate::{AnyGc, Gc, Heap, Shared};

// SAFETY: [I6], [I19] the handle inside is to an object that the heap hosts, so its value is `Send` and `Sync`, whatever the
// type of the handle says of itself.
unsafe impl<H: Shared> Send for AnyGc<H> {}
// SAFETY: as above.
unsafe impl<H: Shared> Sync for AnyGc<H> {}

/// Changes the type of a handle.
///
/// # Safety
///
/// `unsize` is an unsizing coercion of the pointer it is given and nothing else: it returns the same address `[I1]`.
pub unsafe fn coerce<T: ?Sized, U: ?Sized, H: Heap>(gc: Gc<T, H>, unsize: impl FnOnce(*mut T) -> *mut U) -> Gc<U, H> {
    // SAFETY: [I1] the pointer denotes the same object, and the count moves from the old handle to the new one.
    unsafe { adopt(unsize(gc.into_handle().into_raw().as_ptr())) }
}

/// Coerces a handle to a trait object or a slice, on stable Rust.
///
/// ```
/// use tricycle::{Gc, unsize};
///
/// let gc: Gc<dyn std::fmt::Debug> = unsize!(Gc::new(5u32) => dyn std::fmt::Debug);
/// assert_eq!(format!("{gc:?}"), "5");
/// ```
#[macro_export]
macro_rules! unsize {
    ($gc:expr => $ty:ty) => {{
        let gc = $gc;
        // SAFETY: the closure is an unsizing coercion: the compiler would refuse anything else that has this type and
        // keeps the address.
        unsafe { $crate::__private::coerce(gc, |ptr| -> *mut $ty { ptr }) }
    }};
}

/// Turns a pointer from `Gc::into_raw` back into a handle.
///
/// # Safety
///
/// As for `Gc::from_raw`.
pub(crate) unsafe fn from_raw<T: ?Sized, H: Heap>(ptr: *const T) -> Gc<T, H> {
    // SAFETY: [I1] the caller's promise.
    let gc: Gc<T, H> = unsafe { adopt(ptr) };
    if gc.handle().is_full() {
        let _inside = share::enter::<H>();
        // Through a pointer a handle can be moved into its own object, which makes garbage without a decrement.
        // SAFETY: [I6] the handle keeps the object.
        unsafe { destroy::raise_suspicion(state::get::<H>(), gc.handle().erased()) };
    }
    gc
}

/// # Safety
///
/// `ptr` is the value pointer of a handle whose count the caller gives up `[I1]` `[I6]`.
unsafe fn adopt<T: ?Sized, H: Heap>(ptr: *const T) -> Gc<T, H> {
    // SAFETY: [I1] the pointer came from a handle, and so is not null and has the object's provenance.
    unsafe { Gc::from_handle(Handle::from_raw(NonNull::new_unchecked(ptr.cast_mut()))) }
}
