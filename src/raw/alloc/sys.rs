//! The system allocator, and what we ask of the operating system.
#![expect(clippy::disallowed_methods, reason = "the one place that may call the allocator")]

use std::alloc::{self, Layout};
use std::ptr::NonNull;

/// Allocates; `None` when there is no memory.
pub(crate) fn allocate(layout: Layout) -> Option<NonNull<u8>> {
    debug_assert!(layout.size() > 0);
    // SAFETY: [I9] every request has room for a header, so its size is not zero.
    NonNull::new(unsafe { alloc::alloc(layout) })
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

/// Asks for huge pages. It is advice: where it is not understood, nothing happens.
#[cfg(all(target_os = "linux", not(miri)))]
pub(crate) fn advise_huge(start: NonNull<u8>, len: usize) {
    // SAFETY: the range is ours, page-aligned, and `MADV_HUGEPAGE` does not change its content.
    let _ = unsafe { libc::madvise(start.as_ptr().cast(), len, libc::MADV_HUGEPAGE) };
}

/// Asks for huge pages. It is advice: where it is not understood, nothing happens.
#[cfg(not(all(target_os = "linux", not(miri))))]
pub(crate) fn advise_huge(_: NonNull<u8>, _: usize) {}
