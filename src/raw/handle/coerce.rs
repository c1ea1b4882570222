//! Changes of a handle's type: the unsizing coercion behind the `unsize!` macro, and the way back; raw pointers.

use std::any::TypeId;
use std::mem::ManuallyDrop;
use std::pin::Pin;
use std::ptr::{self, NonNull};

use super::strong::Handle;
use super::weak::WeakHandle;
use crate::raw::attach;
use crate::raw::heap::state;
use crate::raw::object::track;
use crate::trace::refuse_if;
use crate::{Downcast, Gc, Heap, Trace, Weak};

/// A handle that can be coerced: a [`Gc`] or a [`Weak`].
#[diagnostic::on_unimplemented(
    message = "`unsize!` takes a `Gc` or a `Weak`, and this is a `{Self}`",
    label = "not a handle",
    note = "of a reference to a handle, take a clone: `unsize!(Gc::clone(&gc) => …)`"
)]
pub trait Coerce<T: ?Sized>: Sized {
    /// The same kind of handle.
    type With<U: ?Sized>;

    /// The pointer to be coerced.
    fn pointer(&self) -> *mut T;

    /// Changes the type of the handle.
    ///
    /// # Safety
    ///
    /// `unsized_pointer` is what [`Coerce::pointer`] returned for this handle, after an unsizing coercion and nothing else `[I1]`.
    unsafe fn coerce<U: ?Sized>(self, unsized_pointer: *mut U) -> Self::With<U>;
}

/// A handle of which `unsize!` has the pointer.
///
/// The macro names functions of this type, and calls one method, so that the handle is known when the target is inferred. That takes `self`
/// and is the type's own, so it is found before any that a trait of the user's may have for this type, or for one that leads to it.
#[derive(Debug)]
pub struct Coercion<T: ?Sized, C>(C, *mut T);

impl<T: ?Sized, C> Coercion<T, C> {
    /// That handle.
    pub fn of(handle: C) -> Self
    where
        C: Coerce<T>,
    {
        let pointer = handle.pointer();
        Coercion(handle, pointer)
    }

    /// The pointer to be coerced.
    pub fn pointer(this: &Self) -> *mut T {
        this.1
    }

    /// The handle with another type.
    ///
    /// # Safety
    ///
    /// As for [`Coerce::coerce`].
    pub unsafe fn coerce<U: ?Sized>(self, unsized_pointer: *mut U) -> C::With<U>
    where
        C: Coerce<T>,
    {
        // SAFETY: [I1] as the caller vouches.
        unsafe { self.0.coerce(unsized_pointer) }
    }
}

impl<T: ?Sized, H: Heap> Coerce<T> for Gc<T, H> {
    type With<U: ?Sized> = Gc<U, H>;

    fn pointer(&self) -> *mut T {
        self.handle().value().as_ptr()
    }

    unsafe fn coerce<U: ?Sized>(self, unsized_pointer: *mut U) -> Gc<U, H> {
        let _counted = self.into_handle().into_raw();
        // SAFETY: [I1] the pointer denotes the same object, and the count moves from the old handle to the new one.
        unsafe { adopt(unsized_pointer) }
    }
}

impl<T: ?Sized, H: Heap> Coerce<T> for Weak<T, H> {
    type With<U: ?Sized> = Weak<U, H>;

    fn pointer(&self) -> *mut T {
        self.as_ptr().cast_mut()
    }

    unsafe fn coerce<U: ?Sized>(self, unsized_pointer: *mut U) -> Weak<U, H> {
        let (_counted, node) = self.into_parts();
        // SAFETY: [I1], [I13] the pointer denotes the same object, or none, and the weak count moves from the old handle to the new
        // one. A pointer that was not null is not.
        unsafe { Weak::from_parts(WeakHandle::from_raw(NonNull::new_unchecked(unsized_pointer)), node) }
    }
}

/// Coerces a handle, strong or weak, to a trait object or a slice, on stable Rust.
///
/// ```
/// use tricycle::{Gc, Weak, unsize};
///
/// let gc: Gc<dyn std::fmt::Debug> = unsize!(Gc::new(5u32) => dyn std::fmt::Debug);
/// assert_eq!(format!("{gc:?}"), "5");
///
/// let slice: Gc<[u8]> = unsize!(Gc::new([1, 2]) => _); // the type is known from elsewhere
/// let weak: Weak<[u8]> = unsize!(Gc::downgrade(&Gc::new([0; 2])) => [u8]);
/// assert!(weak.upgrade().is_none() && slice.len() == 2);
/// ```
///
/// A trait object becomes one of a supertrait, too. A weak handle to no trait object in particular is one to nothing at all:
///
/// ```
/// use std::fmt::{Debug, Display};
/// use tricycle::{Gc, Weak, unsize};
///
/// trait Shape: Debug {}
/// impl Shape for u8 {}
///
/// let shape: Gc<dyn Shape> = unsize!(Gc::new(1u8) => _);
/// let debug: Gc<dyn Debug> = unsize!(shape => _);
/// let none: Weak<dyn Shape> = unsize!(Weak::<u8>::new() => dyn Shape);
/// assert!(format!("{debug:?}") == "1" && none.upgrade().is_none());
/// ```
#[macro_export]
macro_rules! unsize {
    ($handle:expr => _) => {
        // `@ _`: these are variables, or errors, and not items of that name. No attribute allows what clippy may say of it: that
        // is an error where it is forbidden.
        match $crate::__private::Coercion::of($handle) {
            __tricycle_handle @ _ => {
                let __tricycle_pointer @ _ = $crate::__private::Coercion::pointer(&__tricycle_handle);
                // SAFETY: it is the pointer of this handle, and the argument is an unsizing coercion, or none: pointers know no
                // other that changes what they point to.
                unsafe { __tricycle_handle.coerce(__tricycle_pointer) }
            }
        }
    };
    ($handle:expr => $ty:ty) => {
        match $crate::__private::Coercion::of($handle) {
            __tricycle_handle @ _ => {
                let __tricycle_pointer @ _ = $crate::__private::Coercion::pointer(&__tricycle_handle);
                let __tricycle_pointer @ _: *mut $ty = __tricycle_pointer;
                // SAFETY: as above; the coercion is that of the variable.
                unsafe { __tricycle_handle.coerce(__tricycle_pointer) }
            }
        }
    };
}

/// The handle with the type of its value, if that is `U`.
pub(crate) fn downcast<T: Downcast + ?Sized, U: 'static, H: Heap>(gc: Gc<T, H>) -> Result<Gc<U, H>, Gc<T, H>> {
    if T::value_type(&gc) != TypeId::of::<U>() {
        return Err(gc);
    }
    let value = gc.into_handle().into_raw();
    // SAFETY: [I1] the same object, whose value is a `U`: the trait is sealed; the count goes along.
    Ok(Gc::from_handle(unsafe { Handle::from_raw(value.cast()) }))
}

/// The value with its own type, if that is `U`.
pub(crate) fn downcast_ref<T: Downcast + ?Sized, U: 'static>(value: &T) -> Option<&U> {
    if T::value_type(value) != TypeId::of::<U>() {
        return None;
    }
    // SAFETY: the value is a `U`: the trait is sealed.
    Some(unsafe { &*ptr::from_ref(value).cast() })
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
        unsafe { track::raise_suspicion_anew(state::get::<H>(), gc.handle().object()) };
    }
    gc
}

/// Pins a new object. `T` is not a container.
pub(crate) fn pin<T: Trace, H: Heap>(gc: Gc<T, H>) -> Pin<Gc<T, H>> {
    const { refuse_if(T::CONTAINER, "a value that can hold a `Gc` cannot be pinned: introspection gives out handles to it") }
    // SAFETY: [I7] the value stays where it is until it is dropped there. It could be moved by its handle alone, which cannot be had
    // from the result; by introspection, which finds containers only; or by a weak handle or an edge, for which the handle is needed.
    unsafe { Pin::new_unchecked(gc) }
}

/// One handle more, which the caller turns into one later.
///
/// # Safety
///
/// As for `Gc::increment_strong_count`.
pub(crate) unsafe fn increment<T: ?Sized, H: Heap>(ptr: *const T) {
    // SAFETY: [I1] the caller's promise. The handle is not given up.
    let gc = ManuallyDrop::new(unsafe { adopt::<T, H>(ptr) });
    let _one_more = ManuallyDrop::new(Gc::clone(&gc));
}

/// Turns a pointer from `Weak::into_raw` back into a handle.
///
/// # Safety
///
/// As for `Weak::from_raw`.
pub(crate) unsafe fn weak_from_raw<T: ?Sized, H: Heap>(ptr: *const T) -> Weak<T, H> {
    // SAFETY: [I13] the caller's promise. No pointer of a weak handle is null.
    unsafe { Weak::from_parts(WeakHandle::from_raw(NonNull::new_unchecked(ptr.cast_mut())), None) }
}

/// # Safety
///
/// `ptr` is the value pointer of a handle whose count the caller gives up `[I1]` `[I6]`.
unsafe fn adopt<T: ?Sized, H: Heap>(ptr: *const T) -> Gc<T, H> {
    // SAFETY: [I1] the pointer came from a handle, and so is not null and has the object's provenance.
    unsafe { Gc::from_handle(Handle::from_raw(NonNull::new_unchecked(ptr.cast_mut()))) }
}
