//! Entries: one word of collector state for each object, away from the objects.
//!
//! ```text
//! [ edges from inside the set : 29 bits | state : 3 bits ]
//! ```
//!
//! Outside of an examination every entry is zero `[I8]`. An examination sets the entries of its set to `UNSEEN`, counts
//! edges in them, and lets the sweep move them through the states. Entries lie in dense tables (`alloc/page.rs`), so
//! following a million random edges touches a few megabytes, not the heap. Should the edge count wrap, the object has
//! more strong handles than the wrapped number says, and is taken for reachable: it leaks, nothing worse.

use std::cell::Cell;
use std::ptr::NonNull;

use bumpalo::Bump;
use bumpalo::collections::Vec;

use crate::raw::header::Value;

/// The word.
#[repr(transparent)]
#[derive(Debug)]
pub(crate) struct Entry(Cell<u32>);

/// Not examined.
pub(crate) const OUTSIDE: u32 = 0;
/// In the set; the sweep has not come to it.
pub(crate) const UNSEEN: u32 = 1;
/// In the set; the sweep found no handle from outside. Garbage, unless something reachable leads to it.
pub(crate) const PASSED: u32 = 2;
/// Reachable; its edges have not been followed.
pub(crate) const PENDING: u32 = 3;
/// Reachable; its edges have been followed.
pub(crate) const DONE: u32 = 4;

const STATE: u32 = 7;
const EDGE: u32 = 8;

impl Entry {
    pub(crate) const fn new(word: u32) -> Entry {
        Entry(Cell::new(word))
    }

    #[inline(always)]
    pub(crate) fn set(&self, state: u32) {
        self.0.set(state);
    }

    #[inline(always)]
    pub(crate) fn state(&self) -> u32 {
        self.0.get() & STATE
    }

    /// Edges counted so far. Meaningful while the object is `UNSEEN`.
    #[inline(always)]
    pub(crate) fn edges(&self) -> u32 {
        self.0.get() / EDGE
    }
}

/// Objects that became reachable behind the sweep's back. Its room is bounded; what does not fit is found by another
/// sweep.
#[derive(Debug)]
pub(crate) struct Stack<'a> {
    values: Vec<'a, Value>,
    room: usize,
    pub(crate) overflowed: bool,
    /// Objects that are `PASSED` now.
    pub(crate) passed: usize,
}

impl<'a> Stack<'a> {
    /// A stack for `room` objects.
    pub(crate) fn new(scratch: &'a Bump, room: usize) -> Self {
        Stack { values: Vec::new_in(scratch), room, overflowed: false, passed: 0 }
    }

    #[cold]
    #[inline(never)]
    fn push(&mut self, value: Value) {
        self.passed -= 1;
        if self.values.len() < self.room && (self.values.len() < self.values.capacity() || self.values.try_reserve(1).is_ok()) {
            self.values.push(value);
        } else {
            self.overflowed = true;
        }
    }

    pub(crate) fn pop(&mut self) -> Option<Value> {
        self.values.pop()
    }
}

/// Counts an edge to the object that owns `entry`.
///
/// # Safety
///
/// The entry is that of an allocated object of this thread `[I8]`.
#[inline(always)]
pub(crate) unsafe fn count_edge(entry: NonNull<Entry>) {
    // SAFETY: [I8] as the caller vouches.
    let word = unsafe { &entry.as_ref().0 };
    let now = word.get();
    if now != OUTSIDE {
        word.set(now.wrapping_add(EDGE));
    }
}

/// Marks the object that owns `entry` as reachable.
///
/// # Safety
///
/// As for [`count_edge`], and `value` is that object.
#[inline(always)]
pub(crate) unsafe fn reach(entry: NonNull<Entry>, value: Value, stack: &mut Stack<'_>) {
    // SAFETY: [I8] as the caller vouches.
    let entry = unsafe { entry.as_ref() };
    match entry.state() {
        UNSEEN => entry.set(PENDING),
        PASSED => {
            entry.set(PENDING);
            stack.push(value);
        }
        _ => {}
    }
}

/// How many edges are under way between the look at a handle and the look at its target's entry.
const AHEAD: usize = 32;

/// A delay line for edges. Entries are scattered, so each is asked for when the edge is found and looked at
/// [`AHEAD`] edges later, when it has arrived.
pub(crate) struct Ahead<T: Copy> {
    ring: [Option<T>; AHEAD],
    at: usize,
}

impl<T: Copy> Ahead<T> {
    /// An empty line.
    pub(crate) fn new() -> Self {
        Ahead { ring: [None; AHEAD], at: 0 }
    }

    /// Puts an edge in, and returns the one that has waited longest.
    #[inline(always)]
    pub(crate) fn pass(&mut self, entry: NonNull<Entry>, edge: T) -> Option<T> {
        prefetch(entry);
        let slot = &mut self.ring[self.at % AHEAD];
        self.at = self.at.wrapping_add(1);
        slot.replace(edge)
    }

    /// What is still under way, oldest first.
    pub(crate) fn drain(&mut self) -> impl Iterator<Item = T> + use<T> {
        let (ring, at) = (std::mem::replace(&mut self.ring, [None; AHEAD]), self.at);
        (0..AHEAD).filter_map(move |i| ring[at.wrapping_add(i) % AHEAD])
    }
}

/// Asks for the cache line of an entry.
#[inline(always)]
fn prefetch(entry: NonNull<Entry>) {
    #[cfg(all(target_arch = "x86_64", not(miri)))]
    // SAFETY: prefetching has no effect but on caches.
    unsafe {
        use std::arch::x86_64::{_MM_HINT_T0, _mm_prefetch};
        _mm_prefetch::<_MM_HINT_T0>(entry.as_ptr().cast());
    }
    #[cfg(not(all(target_arch = "x86_64", not(miri))))]
    let _ = entry;
}
