//! Memory straight from the operating system, for the pool's segments: aligned, all zero at first, and given back as soon as
//! it is released. What malloc gives out it may keep.
//!
//! Where there is no such thing (wasm), and under Miri and the sanitizers, who are to see what is reachable, it comes from
//! the allocator after all.

use std::ptr::NonNull;

/// Writable memory of its own.
#[derive(Debug)]
pub(super) struct Map {
    start: NonNull<u8>,
    len: usize,
    /// What the system was asked for, where that is more.
    raw: os::Raw,
}

impl Map {
    /// `len` bytes that are all zero and aligned to `align`. Both are multiples of the system's page, and `align` is a power
    /// of two.
    pub(super) fn new(len: usize, align: usize) -> Option<Map> {
        let (start, raw) = os::map(len, align)?;
        Some(Map { start, len, raw })
    }

    pub(super) fn start(&self) -> NonNull<u8> {
        self.start
    }

    /// Asks for huge pages.
    pub(super) fn advise_huge(&self) {
        os::advise_huge(self.start, self.len);
    }

    /// Lets the system have a part of it when it runs short: the content may be lost, or not.
    pub(super) fn offer(&self, from: usize, len: usize) {
        debug_assert!(from + len <= self.len);
        // SAFETY: the part lies in the map.
        os::offer(unsafe { self.start.add(from) }, len);
    }

    /// Gives the memory of a part back, at once where that is possible: what was in it is there, or zero. Nobody uses what is in it,
    /// nor has a reference to it.
    pub(super) fn discard(&self, from: usize, len: usize) {
        debug_assert!(from + len <= self.len);
        let (from, end) = whole_pages(from, from + len, os::page());
        if from < end {
            // SAFETY: the part lies in the map.
            os::discard(unsafe { self.start.add(from) }, end - from);
        }
    }
}

/// The part of a range that consists of whole pages of the system's. The system would make the range larger.
fn whole_pages(from: usize, end: usize, page: usize) -> (usize, usize) {
    (from.next_multiple_of(page), end - end % page)
}

impl Drop for Map {
    fn drop(&mut self) {
        // SAFETY: as it was made; whoever drops a map has no pointers into it left.
        unsafe { os::unmap(self.start, self.len, self.raw) }
    }
}

#[cfg(all(unix, not(any(miri, gc_sanitize))))]
mod os {
    use std::ptr::{self, NonNull};
    use std::sync::atomic::{AtomicUsize, Ordering};

    /// The ends are cut off: nothing is left over.
    #[derive(Clone, Copy, Debug)]
    pub(super) struct Raw;

    pub(super) fn map(len: usize, align: usize) -> Option<(NonNull<u8>, Raw)> {
        let whole = len.checked_add(align)?;
        let (protection, flags) = (libc::PROT_READ | libc::PROT_WRITE, libc::MAP_PRIVATE | libc::MAP_ANON);
        // SAFETY: a new mapping, wherever the system likes.
        let raw = unsafe { libc::mmap(ptr::null_mut(), whole, protection, flags, -1, 0) };
        if raw == libc::MAP_FAILED {
            return None;
        }
        let raw = raw.cast::<u8>();
        let skip = raw.addr().next_multiple_of(align) - raw.addr();
        // SAFETY: [I9] both ends are ours, are whole pages of the system's, and nobody knows of them; `skip <= align`.
        unsafe {
            let start = raw.add(skip);
            cut(raw, skip);
            cut(start.add(len), align - skip);
            Some((NonNull::new_unchecked(start), Raw))
        }
    }

    /// Gives an end back. Should the system refuse, it is never touched.
    unsafe fn cut(start: *mut u8, len: usize) {
        if len > 0 {
            // SAFETY: as the caller vouches.
            unsafe { libc::munmap(start.cast(), len) };
        }
    }

    pub(super) unsafe fn unmap(start: NonNull<u8>, len: usize, _: Raw) {
        // SAFETY: as the caller vouches.
        unsafe { libc::munmap(start.as_ptr().cast(), len) };
    }

    pub(super) fn advise_huge(start: NonNull<u8>, len: usize) {
        #[cfg(target_os = "linux")]
        advise(start, len, libc::MADV_HUGEPAGE);
        #[cfg(not(target_os = "linux"))]
        let _ = (start, len);
    }

    pub(super) fn offer(start: NonNull<u8>, len: usize) {
        advise(start, len, libc::MADV_FREE);
    }

    /// The size of the system's pages, which may be larger than ours: 64 KiB on some machines.
    pub(super) fn page() -> usize {
        static PAGE: AtomicUsize = AtomicUsize::new(0);
        match PAGE.load(Ordering::Relaxed) {
            0 => {
                // SAFETY: it only asks.
                let page = usize::try_from(unsafe { libc::sysconf(libc::_SC_PAGESIZE) }).unwrap_or(1 << 16).max(1);
                PAGE.store(page, Ordering::Relaxed);
                page
            }
            page => page,
        }
    }

    /// On Linux `MADV_DONTNEED` takes it at once. Elsewhere it may do nothing; there the system takes it when it runs short.
    pub(super) fn discard(start: NonNull<u8>, len: usize) {
        #[cfg(target_os = "linux")]
        advise(start, len, libc::MADV_DONTNEED);
        #[cfg(not(target_os = "linux"))]
        offer(start, len);
    }

    /// Advice only: where it is not understood, nothing happens.
    fn advise(start: NonNull<u8>, len: usize, advice: i32) {
        // SAFETY: [I9] the range is ours, and nothing in it is in use when its content is given up.
        let _ = unsafe { libc::madvise(start.as_ptr().cast(), len, advice) };
    }
}

#[cfg(all(windows, not(any(miri, gc_sanitize))))]
mod os {
    use std::ptr::{self, NonNull};

    use windows_sys::Win32::System::Memory::{
        MEM_COMMIT, MEM_RELEASE, MEM_RESERVE, MEM_RESET, PAGE_NOACCESS, PAGE_READWRITE, VirtualAlloc, VirtualFree,
    };

    /// Where the reservation begins: its ends cannot be cut off, but are addresses only, and no memory.
    pub(super) type Raw = *mut u8;

    pub(super) fn map(len: usize, align: usize) -> Option<(NonNull<u8>, Raw)> {
        let whole = len.checked_add(align)?;
        // SAFETY: [I9] a new reservation, wherever the system likes, of which the aligned part is committed.
        unsafe {
            let raw = VirtualAlloc(ptr::null(), whole, MEM_RESERVE, PAGE_NOACCESS).cast::<u8>();
            if raw.is_null() {
                return None;
            }
            let start = raw.add(raw.addr().next_multiple_of(align) - raw.addr());
            if VirtualAlloc(start.cast(), len, MEM_COMMIT, PAGE_READWRITE).is_null() {
                VirtualFree(raw.cast(), 0, MEM_RELEASE);
                return None;
            }
            Some((NonNull::new_unchecked(start), raw))
        }
    }

    pub(super) unsafe fn unmap(_: NonNull<u8>, _: usize, raw: Raw) {
        // SAFETY: as the caller vouches.
        unsafe { VirtualFree(raw.cast(), 0, MEM_RELEASE) };
    }

    pub(super) fn advise_huge(_: NonNull<u8>, _: usize) {}

    pub(super) fn offer(start: NonNull<u8>, len: usize) {
        // SAFETY: [I9] the range is ours, and nothing in it is in use.
        let _ = unsafe { VirtualAlloc(start.as_ptr().cast(), len, MEM_RESET, PAGE_READWRITE) };
    }

    pub(super) fn page() -> usize {
        1
    }

    /// There is no call that cannot fail half-way.
    pub(super) fn discard(_: NonNull<u8>, _: usize) {}
}

#[cfg(any(miri, gc_sanitize, not(any(unix, windows))))]
mod os {
    use std::alloc::Layout;
    use std::ptr::NonNull;

    use crate::raw::memory::sys;

    pub(super) type Raw = usize;

    pub(super) fn map(len: usize, align: usize) -> Option<(NonNull<u8>, Raw)> {
        Some((sys::allocate_zeroed(Layout::from_size_align(len, align).ok()?)?, align))
    }

    pub(super) unsafe fn unmap(start: NonNull<u8>, len: usize, align: Raw) {
        if let Ok(layout) = Layout::from_size_align(len, align) {
            // SAFETY: as the caller vouches: it was allocated so.
            unsafe { sys::release(start, layout) }
        }
    }

    pub(super) fn advise_huge(_: NonNull<u8>, _: usize) {}

    pub(super) fn offer(_: NonNull<u8>, _: usize) {}

    pub(super) fn page() -> usize {
        1
    }

    pub(super) fn discard(_: NonNull<u8>, _: usize) {}
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::raw::memory::segment::{ENTRIES, SEGMENT};

    /// A page of the pool may be smaller than one of the system's, which also has pages that are in use.
    #[test]
    fn only_whole_pages_go() {
        assert_eq!(whole_pages(0, 16, 64).1, 0);
        assert_eq!(whole_pages(16, 64, 64), (64, 64));
        assert_eq!(whole_pages(16, 144, 64), (64, 128));
        assert_eq!(whole_pages(64, 128, 4), (64, 128));
    }

    #[test]
    fn what_is_mapped_is_aligned_and_zero() {
        let maps: Vec<_> = (0..3).map(|_| Map::new(SEGMENT + ENTRIES, SEGMENT).expect("memory")).collect();
        for map in &maps {
            assert!(map.start().addr().get().is_multiple_of(SEGMENT));
            for at in [0, SEGMENT - 1, SEGMENT + ENTRIES - 1] {
                // SAFETY: the byte lies in the map.
                unsafe {
                    assert_eq!(map.start().add(at).read(), 0);
                    map.start().add(at).write(1);
                }
            }
            map.advise_huge();
            map.offer(0, SEGMENT);
            map.discard(SEGMENT, ENTRIES);
            // SAFETY: as above.
            let last = unsafe { map.start().add(SEGMENT + ENTRIES - 1).read() };
            assert!(last == 0 || !cfg!(all(target_os = "linux", not(any(miri, gc_sanitize)))));
        }
    }
}
