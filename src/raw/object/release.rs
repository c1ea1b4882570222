//! The memory of an object goes back; with the last one of a heap whose thread has ended, the heap goes.

use std::ptr;

use crate::Heap;
use crate::raw::heap::state;
use crate::raw::memory::header::Value;
use crate::raw::memory::pool::Pool;
use crate::raw::memory::{self, Request};

/// Whether the free lists of a pool are the calling thread's to change: it is its own, or the world is stopped `[I18]`.
#[cfg_attr(not(debug_assertions), inline(always))]
fn is_ours<H: Heap>(pool: &Pool) -> bool {
    let state = state::get::<H>();
    ptr::eq(pool, &raw const state.pool) || state.stopped.get()
}

/// Releases the memory of an object.
///
/// # Safety
///
/// As for [`memory::release`].
#[cfg_attr(not(debug_assertions), inline(always))]
pub(crate) unsafe fn release<H: Heap>(place: Value, request: Request) {
    // SAFETY: [I6], [I9] as the caller vouches.
    if unsafe { memory::release::<H>(place, request, is_ours::<H>) } {
        state::settle::<H>();
    }
}

/// Releases the memory of a pooled object of any type.
///
/// # Safety
///
/// As for [`memory::release_pooled`].
#[cfg_attr(not(debug_assertions), inline(always))]
pub(crate) unsafe fn release_pooled<H: Heap>(place: Value) {
    // SAFETY: [I6], [I9] as the caller vouches.
    if unsafe { memory::release_pooled::<H>(place, is_ours::<H>) } {
        state::settle::<H>();
    }
}

/// Releases the memory of a leaf of any type, of whose value nothing is known.
///
/// # Safety
///
/// As for [`memory::release_leaf`].
#[cold]
pub(crate) unsafe fn release_leaf<H: Heap>(place: Value, pooled: bool) {
    // SAFETY: [I6], [I9] as the caller vouches.
    if unsafe { memory::release_leaf::<H>(place, pooled, is_ours::<H>) } {
        state::settle::<H>();
    }
}
