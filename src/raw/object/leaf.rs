//! The end of a leaf: an object that is on no list and has no table, so that only its handles know its type.
//!
//! What there is to do is the same for all of them, so it is compiled once, and is given the value's drop.

use std::alloc::Layout;
use std::mem::{ManuallyDrop, needs_drop};
use std::ptr::{self, NonNull};

use super::destroy::{finish, pass_away, take_extras};
use super::put_off::Level;
use super::release;
use crate::Heap;
use crate::raw::base::erased::Fat;
use crate::raw::base::panic::{keep_panic, pass_on};
use crate::raw::count::{Count, flag};
use crate::raw::heap::loose::Loose;
use crate::raw::memory::Request;
use crate::raw::memory::header::Object;

/// The last handle to a leaf has gone, and its memory is not all that goes. Out of line, or each drop would have to make room for
/// what is passed on.
///
/// # Safety
///
/// As for [`last_handle`](super::destroy::last_handle), with the flags of the object.
#[inline(never)]
pub(super) unsafe fn end_leaf<T: ?Sized, H: Heap>(value: NonNull<T>, flags: u32) {
    // SAFETY: [I6], [I9] as in `last_handle`.
    unsafe {
        let request = Request::leaf::<H>(Layout::for_value(value.as_ref()));
        last_of_leaf(Object::<H>::new(value), flags, request, erase::<T, H>(value));
    }
}

/// A leaf of which the type has been forgotten.
#[derive(Clone, Copy)]
pub(super) struct Leaf {
    value: Fat,
    drop: unsafe fn(Fat),
    /// [`leaf`], for its type.
    destroy: unsafe fn(Fat),
    needs_drop: bool,
}

#[cfg_attr(not(debug_assertions), inline(always))]
pub(super) fn erase<T: ?Sized, H: Heap>(value: NonNull<T>) -> Leaf {
    unsafe fn drop_value<T: ?Sized>(value: Fat) {
        // SAFETY: [I7] as the caller vouches.
        unsafe { ptr::drop_in_place(value.get::<T>().as_ptr()) }
    }
    unsafe fn destroy<T: ?Sized, H: Heap>(value: Fat) {
        // SAFETY: [I14] as the caller vouches; [I9] the value is there until it is dropped.
        unsafe {
            let value = value.get::<T>();
            leaf(Object::<H>::new(value), Request::leaf::<H>(Layout::for_value(value.as_ref())), erase::<T, H>(value));
        }
    }
    Leaf { value: Fat::new(value), drop: drop_value::<T>, destroy: destroy::<T, H>, needs_drop: needs_drop::<T>() }
}

/// The part of [`end_leaf`] for which no type is needed.
///
/// # Safety
///
/// As there; `request` is the one that the leaf was allocated with.
#[inline(never)]
unsafe fn last_of_leaf<H: Heap>(object: Object<H>, flags: u32, request: Request, leaf: Leaf) {
    // SAFETY: [I6], [I7], [I9] as the caller vouches.
    unsafe {
        // A leaf may hold handles that are not traced, or its callbacks may, and so be one of a chain.
        let _level = if leaf.needs_drop || flags & flag::EXTRAS != 0 {
            let Some(level) = Level::<H>::enter_limited() else { return defer_leaf(object, leaf) };
            Some(level)
        } else {
            None
        };
        if flags != flag::SUSPECT {
            return self::leaf(object, request, leaf);
        }
        let unwinding = Memory { object, request };
        (leaf.drop)(leaf.value);
        let _ = ManuallyDrop::new(unwinding);
        release_leaf(object, request);
    }
}

/// Puts the destruction of a leaf off until the stack is shallow again.
///
/// # Safety
///
/// The strong count is zero, and the object is the caller's `[I6]`.
#[cold]
#[inline(never)]
pub(super) unsafe fn defer_leaf<H: Heap>(object: Object<H>, leaf: Leaf) {
    // SAFETY: [I6] the object is ours, and `DYING` keeps its memory.
    unsafe { object.count() }.claim(flag::DYING, 0);
    Loose::Leaf { value: leaf.value, destroy: leaf.destroy }.put_off::<H>();
}

/// Releases the memory of a leaf without weak handles.
#[cfg_attr(not(debug_assertions), inline(always))]
pub(super) unsafe fn release_leaf<H: Heap>(object: Object<H>, request: Request) {
    // SAFETY: [I6], [I9] as `last_handle` vouches. That there are no weak handles means that the last one's thread has let go,
    // but on a heap that is used in parallel we have yet to hear of what it did before.
    unsafe {
        if H::SHARING.in_parallel() && !object.count().let_go() {
            return;
        }
        release::release(object, request);
    }
}

/// Releases the memory of a leaf whose drop panics.
struct Memory<H: Heap> {
    object: Object<H>,
    request: Request,
}

impl<H: Heap> Drop for Memory<H> {
    #[cold]
    fn drop(&mut self) {
        // SAFETY: as in `last_of_leaf`, which did not come to release it.
        unsafe { release_leaf(self.object, self.request) };
    }
}

/// A leaf with weak handles, callbacks or external bytes, with an allocation of its own, or whose end was put off.
#[cold]
unsafe fn leaf<H: Heap>(object: Object<H>, request: Request, leaf: Leaf) {
    let mut panic = None;
    // SAFETY: [I6] as `last_handle` vouches; [I13] `DYING` keeps the memory from weak handles dropped meanwhile.
    unsafe {
        object.count().claim(flag::DYING, 0);
        pass_away(take_extras(object), &mut panic);
        keep_panic(&mut panic, || (leaf.drop)(leaf.value));
        finish(object, request);
    }
    pass_on(panic);
}
