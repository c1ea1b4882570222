//! Segments: the blocks in which the pool gets its memory, cut into pages, with the entries of the objects behind them.
//!
//! ```text
//! [ page | page | … ][ entries: one word for each 32 bytes of the pages ][ suspects: one bit for each ]
//!   2 MiB              256 KiB                                            8 KiB
//! ```
//!
//! A segment is aligned to the bytes of its pages, so the entry of an object is found by arithmetic on its address. Entries
//! are apart from what they stand for, so that they take memory only while, and where, the collector uses them.
//!
//! The bits say which objects may be suspected: each that is has its bit set, and one that is set may mean nothing any more.

use std::cell::Cell;
use std::ops::ControlFlow;
use std::ptr::NonNull;
use std::sync::atomic::{AtomicU32, Ordering};

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
/// Where the bits are that say which objects may be suspected, in words,
const SUSPECTS: usize = SEGMENT + ENTRIES;
/// … how many bits have a word,
const WORD: usize = u32::BITS as usize;
/// … and how many words a page.
const PAGE_WORDS: usize = PAGE / GRANULE / WORD;
/// Bytes of a segment with all of that. What the system maps is whole pages, of which those that are not touched take no memory; what an
/// allocator gives out does.
pub(super) const WHOLE: usize =
    (SUSPECTS + SEGMENT / GRANULE / 8).next_multiple_of(if cfg!(any(unix, windows)) { PAGE } else { 8 });

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

/// The word with the bit of a pooled value, and the bit.
///
/// # Safety
///
/// As for [`entry`].
#[cfg_attr(not(debug_assertions), inline(always))]
unsafe fn suspect_bit<'a>(value: NonNull<u8>) -> (&'a AtomicU32, u32) {
    let granule = (value.addr().get() & (SEGMENT - 1)) / GRANULE;
    let word = value.as_ptr().map_addr(|addr| (addr & !(SEGMENT - 1)) + SUSPECTS + granule / WORD * size_of::<u32>());
    // SAFETY: [I9] the bits lie behind the entries of each segment, and are only shared.
    (unsafe { &*word.cast() }, 1 << (granule % WORD))
}

/// Notes down that the object of a pooled value is suspected. `shared`: other threads may do the same at this time.
///
/// # Safety
///
/// As for [`entry`].
#[cfg_attr(not(debug_assertions), inline(always))]
pub(super) unsafe fn suspect(value: NonNull<u8>, shared: bool) {
    // SAFETY: as the caller vouches.
    let (word, bit) = unsafe { suspect_bit(value) };
    if shared {
        word.fetch_or(bit, Ordering::Relaxed);
    } else {
        word.store(word.load(Ordering::Relaxed) | bit, Ordering::Relaxed);
    }
}

/// Whether that was done, and has not been forgotten since.
///
/// # Safety
///
/// As for [`entry`].
pub(super) unsafe fn is_suspect(value: NonNull<u8>) -> bool {
    // SAFETY: as the caller vouches.
    let (word, bit) = unsafe { suspect_bit(value) };
    word.load(Ordering::Relaxed) & bit != 0
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
        let map = Map::new(WHOLE, SEGMENT)?;
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
            self.map.discard(SEGMENT, WHOLE - SEGMENT);
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

    /// The words with the bits of a page's values. Nobody else uses the heap.
    fn suspects_of(&self, page: NonNull<u8>) -> &[AtomicU32] {
        let index = (page.addr().get() - self.start().addr().get()) / PAGE;
        // SAFETY: [I9] the bits of all pages lie behind the entries.
        unsafe {
            let words = self.start().add(SUSPECTS).cast::<AtomicU32>().add(index * PAGE_WORDS);
            std::slice::from_raw_parts(words.as_ptr(), PAGE_WORDS)
        }
    }

    /// Calls `f` with each page and with the place there, in bytes, of each piece of [`GRANULE`] bytes in which the value of an
    /// object may begin that is suspected, until that breaks off.
    pub(super) fn each_suspect(&self, mut f: impl FnMut(NonNull<u8>, usize) -> ControlFlow<()>) -> ControlFlow<()> {
        for page in self.pages() {
            for (index, word) in self.suspects_of(page).iter().enumerate() {
                let mut word = word.load(Ordering::Relaxed);
                while word != 0 {
                    let bit = word.trailing_zeros() as usize;
                    word &= word - 1;
                    f(page, (index * WORD + bit) * GRANULE)?;
                }
            }
        }
        ControlFlow::Continue(())
    }

    /// How often [`Segment::each_suspect`] calls.
    pub(super) fn count_suspects(&self) -> usize {
        let words = self.pages().flat_map(|page| self.suspects_of(page));
        words.map(|word| word.load(Ordering::Relaxed).count_ones() as usize).sum()
    }

    /// From now on nobody is suspected.
    pub(super) fn forget_suspects(&self) {
        for page in self.pages() {
            for word in self.suspects_of(page) {
                // What nobody has written to takes no memory, and is to stay so.
                if word.load(Ordering::Relaxed) != 0 {
                    word.store(0, Ordering::Relaxed);
                }
            }
        }
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
