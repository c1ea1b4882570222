//! Handles to the same memory as another type: text as bytes, slices as arrays, what was not initialised as what it has become.

use std::ffi::{CStr, OsStr};
use std::mem::MaybeUninit;
use std::path::Path;
use std::ptr::NonNull;

use super::create;
use super::strong::Handle;
use crate::raw::attach;
use crate::raw::object::type_info::Shape;
use crate::trace::refuse_if;
use crate::{Heap, Trace};

/// Changes the type of a handle.
///
/// # Safety
///
/// `to` returns the pointer that it is given as one to another type, of the same size and alignment, of which the value is one,
/// and which is dropped and traced as the one before `[I1]` `[I9]`.
unsafe fn view<T: ?Sized, U: ?Sized, H: Heap>(handle: Handle<T, H>, to: impl FnOnce(*mut T) -> *mut U) -> Handle<U, H> {
    let pointer = to(handle.into_raw().as_ptr());
    // SAFETY: [I1] the same object; its count goes along.
    unsafe { Handle::from_raw(NonNull::new_unchecked(pointer)) }
}

pub(crate) fn str_as_bytes<H: Heap>(text: Handle<str, H>) -> Handle<[u8], H> {
    // SAFETY: [I1] a `str` is bytes.
    unsafe { view(text, |text| text as *mut [u8]) }
}

// The functions that create text return nothing when there is no memory.

pub(crate) fn try_create_str<H: Heap>(text: &str) -> Option<Handle<str, H>> {
    let bytes = create::try_create_bytes(text.as_bytes())?;
    // SAFETY: [I1] the bytes are those of a `str`.
    Some(unsafe { view(bytes, |bytes| bytes as *mut str) })
}

pub(crate) fn try_create_os_str<H: Heap>(text: &OsStr) -> Option<Handle<OsStr, H>> {
    let bytes = create::try_create_bytes(text.as_encoded_bytes())?;
    // SAFETY: [I1] the bytes are those of an `OsStr`, which is nothing else: the pointer is the same as that of the way that the
    // library offers, which is not taken, as it goes by a reference, without the provenance of the allocation.
    unsafe {
        let expected: *const OsStr = OsStr::from_encoded_bytes_unchecked(&bytes);
        Some(view(bytes, |bytes| {
            let os_str = bytes as *mut OsStr;
            assert!(std::ptr::eq(os_str, expected), "an `OsStr` is its bytes");
            os_str
        }))
    }
}

pub(crate) fn try_create_path<H: Heap>(path: &Path) -> Option<Handle<Path, H>> {
    let text = try_create_os_str(path.as_os_str())?;
    let expected: *const Path = Path::new(&*text);
    // SAFETY: [I1] as above.
    unsafe {
        Some(view(text, |text| {
            let path = text as *mut Path;
            assert!(std::ptr::eq(path, expected), "a `Path` is an `OsStr`");
            path
        }))
    }
}

pub(crate) fn try_create_c_str<H: Heap>(text: &CStr) -> Option<Handle<CStr, H>> {
    let bytes = create::try_create_bytes(text.to_bytes_with_nul())?;
    // SAFETY: [I1] as above; the bytes are those of a `CStr`.
    unsafe {
        let expected: *const CStr = CStr::from_bytes_with_nul_unchecked(&bytes);
        Some(view(bytes, |bytes| {
            let c_str = bytes as *mut CStr;
            assert!(std::ptr::eq(c_str, expected), "a `CStr` is its bytes");
            c_str
        }))
    }
}

/// A slice as an array, if it is that long, and not a full object that was created as a slice: a thin handle is taken to be to one
/// without its length in front, when it is destroyed.
pub(crate) fn as_array<T: Trace, const N: usize, H: Heap>(
    slice: Handle<[T], H>,
) -> Result<Handle<[T; N], H>, Handle<[T], H>> {
    if slice.len() != N || create::full::<[T]>() && is_slice(&slice) {
        return Err(slice);
    }
    // SAFETY: [I1] a slice of `N` elements is an array; they are dropped and traced as such; [I9] both have no prefix.
    Ok(unsafe { view(slice, <*mut [T]>::cast) })
}

/// Whether a full object was created as a slice.
fn is_slice<T: ?Sized, H: Heap>(handle: &Handle<T, H>) -> bool {
    let _inside = attach::enter::<H>();
    // SAFETY: [I3] the object is full, and the handle keeps it.
    unsafe { handle.object().table() }.shape == Shape::Slice
}

/// Stops the compilation if objects of `T` are more than their values to the collector: they are made what they are when they
/// are created.
#[track_caller]
const fn leaf<T: Trace>() {
    refuse_if(
        T::CONTAINER || T::WEAK || T::FINALIZER,
        "what can hold handles or has a finalizer cannot be initialised later: make the value first, or use `Gc::new_cyclic`",
    );
}

/// # Safety
///
/// The value is initialised.
pub(crate) unsafe fn assume_init<T: Trace, H: Heap>(handle: Handle<MaybeUninit<T>, H>) -> Handle<T, H> {
    const { leaf::<T>() }
    // SAFETY: [I1] the value is a `T`, as the caller vouches; [I2] both are leaves, which have nothing but their handles.
    unsafe { view(handle, <*mut MaybeUninit<T>>::cast) }
}

/// # Safety
///
/// All elements are initialised.
pub(crate) unsafe fn assume_init_slice<T: Trace, H: Heap>(handle: Handle<[MaybeUninit<T>], H>) -> Handle<[T], H> {
    const { leaf::<T>() }
    // SAFETY: as above.
    unsafe { view(handle, |elements| elements as *mut [T]) }
}
