//! The system allocator.
#![expect(clippy::disallowed_methods, reason = "the one place that may call the allocator")]

use std::alloc::{self, Layout};
use std::ptr::NonNull;

/// Allocates; `None` when there is no memory.
pub(crate) fn allocate(layout: Layout) -> Option<NonNull<u8>> {
    debug_assert!(layout.size() > 0);
    // SAFETY: [I9] every request has room for a header, so its size is not zero.
    NonNull::new(unsafe { alloc::alloc(layout) })
}

/// As [`allocate`]; the memory is all zero.
#[cfg(any(miri, gc_sanitize, not(any(unix, windows))))]
pub(crate) fn allocate_zeroed(layout: Layout) -> Option<NonNull<u8>> {
    debug_assert!(layout.size() > 0);
    // SAFETY: [I9] as above.
    NonNull::new(unsafe { alloc::alloc_zeroed(layout) })
}

/// Frees.
///
/// # Safety
///
/// `start` came from [`allocate`] with this layout and nobody uses it any more.
pub(crate) unsafe fn release(start: NonNull<u8>, layout: Layout) {
    // SAFETY: the caller's promise.
    unsafe { alloc::dealloc(start.as_ptr(), layout) }
}
