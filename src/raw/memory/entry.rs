//! Entries: one word of collector state for each object, away from the objects, in dense tables.
//!
//! ```text
//! [ edges from inside the set, or a number : 28 bits | state : 4 bits ]
//! ```
//!
//! What the states mean is for the collector to say. Zero is that of an object that nobody examines.

use std::cell::Cell;
use std::ptr::NonNull;

use super::header::{self, Object};
use crate::Heap;
use crate::raw::count::{IMMORTAL, ONE};

/// The word.
#[repr(transparent)]
#[derive(Debug)]
pub(crate) struct Entry(Cell<u32>);

const STATE: u32 = 15;
/// One, in the place of the number.
const NUMBER: u32 = 16;
/// The largest number that an entry has room for.
pub(crate) const LARGEST: u32 = u32::MAX / NUMBER;
/// One edge. With `cfg(gc_small_limits)` there are five bits for them.
const EDGE: u32 = if cfg!(gc_small_limits) { 1 << 27 } else { NUMBER };

// What has as many handles as edges is condemned, and has one handle more from then on: no count comes to its limit by that.
// (Biased counts have the lowest: one part of them becomes immortal at half of it.)
const _: () = assert!(u32::MAX / EDGE + 1 < IMMORTAL / ONE / 2);

impl Entry {
    pub(crate) const fn new(word: u32) -> Entry {
        Entry(Cell::new(word))
    }

    #[cfg_attr(not(debug_assertions), inline(always))]
    pub(crate) fn set(&self, state: u32) {
        self.0.set(state);
    }

    /// Sets the state, and a number that is no more than [`LARGEST`].
    #[cfg_attr(not(debug_assertions), inline(always))]
    pub(crate) fn set_numbered(&self, state: u32, number: u32) {
        self.0.set(number * NUMBER + state);
    }

    /// The number of an object that is open or closed.
    #[cfg_attr(not(debug_assertions), inline(always))]
    pub(crate) fn number(&self) -> u32 {
        self.0.get() / NUMBER
    }

    #[cfg_attr(not(debug_assertions), inline(always))]
    pub(crate) fn state(&self) -> u32 {
        self.0.get() & STATE
    }

    /// Counts an edge, if the object is `unseen`.
    #[cfg_attr(not(debug_assertions), inline(always))]
    pub(crate) fn count_edge(&self, unseen: u32) {
        let now = self.0.get();
        if now & STATE == unseen {
            self.0.set(now.wrapping_add(EDGE));
        }
    }

    /// Edges counted so far. Meaningful while the object is unseen.
    #[cfg_attr(not(debug_assertions), inline(always))]
    pub(crate) fn edges(&self) -> u32 {
        self.0.get() / EDGE
    }
}

/// Asks for the cache line of an entry.
#[cfg_attr(not(debug_assertions), inline(always))]
pub(crate) fn prefetch(entry: NonNull<Entry>) {
    prefetch_line(entry.as_ptr().cast());
}

/// Asks for the cache lines in which an object begins: its header, and the front of its value.
#[cfg_attr(not(debug_assertions), inline(always))]
pub(crate) fn prefetch_object<H: Heap>(object: Object<H>) {
    let value = object.value().as_ptr();
    prefetch_line(value.wrapping_sub(header::full_size::<H>()));
    prefetch_line(value.wrapping_add(24));
}

#[cfg_attr(not(debug_assertions), inline(always))]
pub(crate) fn prefetch_line(line: *const u8) {
    #[cfg(all(target_arch = "x86_64", not(miri)))]
    // SAFETY: prefetching has no effect but on caches, whatever the address.
    unsafe {
        use std::arch::x86_64::{_MM_HINT_T0, _mm_prefetch};
        _mm_prefetch::<_MM_HINT_T0>(line.cast());
    }
    #[cfg(not(all(target_arch = "x86_64", not(miri))))]
    let _ = line;
}
