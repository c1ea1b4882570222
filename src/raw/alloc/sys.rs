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

/// Asks for huge pages.
pub(crate) fn advise_huge(start: NonNull<u8>, len: usize) {
    advise(start, len, Advice::Huge);
}

/// Lets the system have the memory when it runs short; its content may be lost, its addresses stay ours.
pub(crate) fn advise_free(start: NonNull<u8>, len: usize) {
    advise(start, len, Advice::Free);
}

#[derive(Clone, Copy)]
enum Advice {
    Huge,
    Free,
}

/// Advice only: where it is not understood, nothing happens.
#[cfg(all(target_os = "linux", not(miri)))]
fn advise(start: NonNull<u8>, len: usize, advice: Advice) {
    let advice = match advice {
        Advice::Huge => libc::MADV_HUGEPAGE,
        Advice::Free => libc::MADV_FREE,
    };
    // SAFETY: the range is ours and page-aligned, and nothing in it is in use when it is given up.
    let _ = unsafe { libc::madvise(start.as_ptr().cast(), len, advice) };
}

/// Advice only: where it is not understood, nothing happens.
#[cfg(not(all(target_os = "linux", not(miri))))]
fn advise(_: NonNull<u8>, _: usize, advice: Advice) {
    match advice {
        Advice::Huge | Advice::Free => {}
    }
}
