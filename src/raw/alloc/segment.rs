//! Segments: the 2 MiB blocks in which the pool gets its memory, cut into pages.

use std::alloc::Layout;
use std::cell::Cell;
use std::ptr::NonNull;

use super::page::PAGE;
use super::sys;

/// Bytes of a segment: one huge page.
pub(crate) const SEGMENT: usize = if cfg!(miri) { 4 * PAGE } else { 2 * 1024 * 1024 };
const PAGES: usize = SEGMENT / PAGE;

const LAYOUT: Layout = match Layout::from_size_align(SEGMENT, SEGMENT) {
    Ok(layout) => layout,
    Err(_) => panic!("a segment is a power of two"),
};

/// One block of memory.
#[derive(Debug)]
pub(crate) struct Segment {
    start: NonNull<u8>,
    /// A bit for each page that is not in use.
    free: Cell<u32>,
    /// A bit for each page that was used before: its entries are initialised `[I8]`, also if the system took the memory.
    used: Cell<u32>,
    /// The system was told that it may have the memory.
    offered: Cell<bool>,
}

impl Segment {
    /// Asks the system for a block.
    pub(super) fn allocate(huge: bool) -> Option<Segment> {
        let start = sys::allocate(LAYOUT)?;
        if huge {
            sys::advise_huge(start, SEGMENT);
        }
        let free = Cell::new(u32::MAX >> (32 - PAGES));
        Some(Segment { start, free, used: Cell::new(0), offered: Cell::new(false) })
    }

    /// An unused page, and whether it was used before.
    pub(super) fn take(&self) -> Option<(NonNull<u8>, bool)> {
        let free = self.free.get();
        if free == 0 {
            return None;
        }
        self.offered.set(false);
        let index = free.trailing_zeros() as usize;
        self.free.set(free & (free - 1));
        let used = self.used.get();
        self.used.set(used | 1 << index);
        // SAFETY: [I9] the page lies inside the segment.
        Some((unsafe { self.start.add(index * PAGE) }, used & 1 << index != 0))
    }

    /// Gives a page back.
    pub(super) fn give(&self, page: NonNull<u8>) {
        let index = (page.addr().get() - self.start.addr().get()) / PAGE;
        self.free.set(self.free.get() | 1 << index);
    }

    /// Tells the system that it may take the memory of this empty segment when it runs short.
    pub(super) fn offer(&self) {
        if !self.offered.replace(true) {
            sys::advise_free(self.start, SEGMENT);
        }
    }

    pub(super) fn contains(&self, addr: usize) -> bool {
        addr & !(SEGMENT - 1) == self.start.addr().get()
    }

    pub(super) fn has_room(&self) -> bool {
        self.free.get() != 0
    }

    pub(super) fn is_empty(&self) -> bool {
        self.free.get() == u32::MAX >> (32 - PAGES)
    }

    /// The pages in use.
    pub(super) fn pages(&self) -> impl Iterator<Item = NonNull<u8>> + '_ {
        (0..PAGES).filter(|index| self.free.get() & (1 << index) == 0).map(|index| {
            // SAFETY: [I9] the page lies inside the segment.
            unsafe { self.start.add(index * PAGE) }
        })
    }
}

impl Drop for Segment {
    fn drop(&mut self) {
        // SAFETY: [I10] a segment is dropped when none of its pages is in use.
        unsafe { sys::release(self.start, LAYOUT) }
    }
}
