//! A pointer to a value of a type that has been forgotten, to be turned back by a function that knows it.

use std::mem::MaybeUninit;
use std::ptr::NonNull;

/// A `NonNull<T>`, which may be fat.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Fat([MaybeUninit<*mut u8>; 2]);

impl Fat {
    pub(crate) fn new<T: ?Sized>(pointer: NonNull<T>) -> Fat {
        const { assert!(size_of::<NonNull<T>>() <= size_of::<Fat>()) };
        let mut slot = [MaybeUninit::uninit(); 2];
        // SAFETY: the slot is large enough, and aligned for pointers.
        unsafe { slot.as_mut_ptr().cast::<NonNull<T>>().write(pointer) };
        Fat(slot)
    }

    /// What the pointer was made of, as another type of which nothing is left but that pointer.
    ///
    /// # Safety
    ///
    /// It was made of a `NonNull<T>`, and a `P` is that pointer and nothing else.
    pub(crate) unsafe fn as_ref_of<P>(&self) -> &P {
        const { assert!(size_of::<P>() <= size_of::<Fat>() && align_of::<P>() <= align_of::<Fat>()) };
        // SAFETY: as the caller vouches.
        unsafe { &*self.0.as_ptr().cast::<P>() }
    }

    /// # Safety
    ///
    /// It was made of a `NonNull<T>` with the same `T`.
    pub(crate) unsafe fn get<T: ?Sized>(self) -> NonNull<T> {
        // SAFETY: as the caller vouches.
        unsafe { self.0.as_ptr().cast::<NonNull<T>>().read() }
    }
}
