//! The unsizing coercion behind the `unsize!` macro.

use std::ptr::NonNull;

use super::strong::Handle;
use crate::raw::attach;
use crate::raw::heap::state;
use crate::raw::object::track;
use crate::{Gc, Heap};

/// The pointer to be coerced.
pub fn pointer<T: ?Sized, H: Heap>(gc: &Gc<T, H>) -> *mut T {
    gc.handle().value().as_ptr()
}

/// Changes the type of a handle.
///
/// # Safety
///
/// `unsized_pointer` is what [`pointer`] returned for this handle, after an unsizing coercion and nothing else `[I1]`.
pub unsafe fn coerce<T: ?Sized, U: ?Sized, H: Heap>(gc: Gc<T, H>, unsized_pointer: *mut U) -> Gc<U, H> {
    let _counted = gc.into_handle().into_raw();
    // SAFETY: [I1] the pointer denotes the same object, and the count moves from the old handle to the new one.
    unsafe { adopt(unsized_pointer) }
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
        // `@ _`: these are variables, or errors, and not items of that name. No attribute allows what clippy may say of it: that
        // is an error where it is forbidden.
        let __tricycle_gc @ _ = $gc;
        let __tricycle_pointer @ _ = $crate::__private::pointer(&__tricycle_gc);
        // An unsizing coercion, or none: pointers know no other that changes what they point to.
        let __tricycle_pointer @ _: *mut $ty = __tricycle_pointer;
        // SAFETY: it is the pointer of this handle, which is a `Gc`, and not something that was coerced to a `&Gc` above.
        unsafe { $crate::__private::coerce(__tricycle_gc, __tricycle_pointer) }
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
        let _inside = attach::enter::<H>();
        // Through a pointer a handle can be moved into its own object, which makes garbage without a decrement.
        // SAFETY: [I6] the handle keeps the object.
        unsafe { track::raise_suspicion_anew(state::get::<H>(), gc.handle().erased()) };
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
