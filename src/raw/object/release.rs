//! The memory of an object goes back; with the last one of a heap whose thread has ended, the heap goes.

use std::ptr::{self, NonNull};

use crate::Heap;
use crate::raw::heap::state;
use crate::raw::memory::header::Object;
use crate::raw::memory::{self, Request};

/// Whether the calling thread may put a slot on a free list: it is one of its own pool, or the world is stopped `[I18]`.
///
/// # Safety
///
/// The slot is one of a page of the heap's.
#[cfg_attr(not(debug_assertions), inline(always))]
unsafe fn is_ours<H: Heap>(slot: NonNull<u8>) -> bool {
    let state = state::get::<H>();
    // SAFETY: [I9] as the caller vouches.
    ptr::eq(unsafe { memory::pool(Object::<H>::new(slot), true) }, &raw const state.pool) || state.stopped.get()
}

/// Releases the memory of an object.
///
/// # Safety
///
/// As for [`memory::release`].
#[cfg_attr(not(debug_assertions), inline(always))]
pub(crate) unsafe fn release<H: Heap>(object: Object<H>, request: Request) {
    // SAFETY: [I6], [I9] as the caller vouches.
    if unsafe { memory::release(object, request, |slot| is_ours::<H>(slot)) } {
        state::free_if_ended::<H>();
    }
}

/// Releases the memory of a pooled object of any type.
///
/// # Safety
///
/// As for [`memory::release_pooled`].
#[cfg_attr(not(debug_assertions), inline(always))]
pub(crate) unsafe fn release_pooled<H: Heap>(object: Object<H>) {
    // SAFETY: [I6], [I9] as the caller vouches.
    if unsafe { memory::release_pooled(object, |slot| is_ours::<H>(slot)) } {
        state::free_if_ended::<H>();
    }
}

/// Releases the memory of a leaf of any type, of whose value nothing is known.
///
/// # Safety
///
/// As for [`memory::release_leaf`].
#[cold]
pub(crate) unsafe fn release_leaf<H: Heap>(object: Object<H>, pooled: bool) {
    // SAFETY: [I6], [I9] as the caller vouches.
    if unsafe { memory::release_leaf(object, pooled, |slot| is_ours::<H>(slot)) } {
        state::free_if_ended::<H>();
    }
}
