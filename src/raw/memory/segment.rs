//! Segments: the blocks in which the pool gets its memory, cut into pages, with the entries of the objects behind them.
//!
//! ```text
//! [ page | page | … ][ entries: one word for each 32 bytes of the pages ]
//!   2 MiB              256 KiB
//! ```
//!
//! A segment is aligned to the bytes of its pages, so the entry of an object is found by arithmetic on its address. Entries
//! are apart from what they stand for, so that they take memory only while, and where, the collector uses them.

use std::cell::Cell;
use std::ptr::NonNull;

use super::entry::Entry;
use super::map::Map;
use super::page::PAGE;

/// Bytes of the pages of a segment: one huge page; little where memory is.
pub(crate) const SEGMENT: usize = if cfg!(miri) || !cfg!(target_pointer_width = "64") { 4 * PAGE } else { 2 << 20 };
const PAGES: usize = SEGMENT / PAGE;
/// Each entry stands for this many bytes.
pub(super) const GRANULE: usize = 32;
/// Bytes of the entries.
pub(super) const ENTRIES: usize = SEGMENT / GRANULE * size_of::<Entry>();

const ALL: u32 = u32::MAX >> (32 - PAGES);

/// The entry of a pooled value.
///
/// # Safety
///
/// `value` lies in a page, and carries provenance for its segment `[I1]`.
#[cfg_attr(not(debug_assertions), inline(always))]
pub(crate) unsafe fn entry(value: NonNull<u8>) -> NonNull<Entry> {
    let entry = value.as_ptr().map_addr(|addr| {
        let (start, at) = (addr & !(SEGMENT - 1), addr & (SEGMENT - 1));
        start + SEGMENT + at / GRANULE * size_of::<Entry>()
    });
    // SAFETY: [I9] the entries lie behind the pages of each segment.
    unsafe { NonNull::new_unchecked(entry.cast()) }
}

/// One block of memory.
#[derive(Debug)]
pub(crate) struct Segment {
    map: Map,
    /// A bit for each page that is not in use.
    free: Cell<u32>,
    /// A bit for each page that was used since its memory was given back.
    touched: Cell<u32>,
    /// The system was told that it may have the memory.
    offered: Cell<bool>,
    /// The memory of the entries has not been given back since the segment was made.
    new: Cell<bool>,
}

impl Segment {
    /// Asks the system for a block.
    pub(super) fn allocate(huge: bool) -> Option<Segment> {
        let map = Map::new(SEGMENT + ENTRIES, SEGMENT)?;
        if huge {
            map.advise_huge();
        }
        Some(Segment {
            map,
            free: Cell::new(ALL),
            touched: Cell::new(0),
            offered: Cell::new(false),
            new: Cell::new(true),
        })
    }

    fn start(&self) -> NonNull<u8> {
        self.map.start()
    }

    /// An unused page.
    pub(super) fn take(&self) -> Option<NonNull<u8>> {
        let free = self.free.get();
        if free == 0 {
            return None;
        }
        self.offered.set(false);
        let index = free.trailing_zeros() as usize;
        self.free.set(free & (free - 1));
        self.touched.set(self.touched.get() | 1 << index);
        // SAFETY: [I9] the page lies inside the segment.
        Some(unsafe { self.start().add(index * PAGE) })
    }

    /// Gives a page back.
    pub(super) fn give(&self, page: NonNull<u8>) {
        let index = (page.addr().get() - self.start().addr().get()) / PAGE;
        self.free.set(self.free.get() | 1 << index);
    }

    /// Tells the system that it may take the memory of this empty segment when it runs short.
    pub(super) fn offer(&self) {
        if !self.offered.replace(true) {
            self.map.offer(0, SEGMENT);
            self.map.discard(SEGMENT, ENTRIES);
        }
    }

    #[cfg(all(test, not(any(loom, shuttle, gc_system_alloc))))]
    pub(super) fn has_memory_of_free_pages(&self) -> bool {
        self.free.get() & self.touched.get() != 0
    }

    pub(super) fn is_offered(&self) -> bool {
        self.offered.get()
    }

    /// Gives the memory of the pages that are not in use back to the system.
    pub(super) fn discard_free(&self) {
        let unused = self.free.get() & self.touched.get();
        for index in (0..PAGES).filter(|index| unused & 1 << index != 0) {
            self.map.discard(index * PAGE, PAGE);
        }
        self.touched.set(self.touched.get() & !unused);
    }

    /// Gives the memory of the entries back: nothing is being examined. Whatever they were, they are initialised.
    pub(super) fn discard_entries(&self) {
        self.new.set(false);
        self.map.discard(SEGMENT, ENTRIES);
    }

    pub(super) fn is_new(&self) -> bool {
        self.new.get()
    }

    pub(super) fn contains(&self, addr: usize) -> bool {
        addr & !(SEGMENT - 1) == self.start().addr().get()
    }

    pub(super) fn has_room(&self) -> bool {
        self.free.get() != 0
    }

    pub(super) fn is_empty(&self) -> bool {
        self.free.get() == ALL
    }

    /// The pages in use.
    pub(super) fn pages(&self) -> impl Iterator<Item = NonNull<u8>> + '_ {
        (0..PAGES).filter(|index| self.free.get() & (1 << index) == 0).map(|index| {
            // SAFETY: [I9] the page lies inside the segment.
            unsafe { self.start().add(index * PAGE) }
        })
    }
}
