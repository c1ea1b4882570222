//! Entries: one word of collector state for each object, away from the objects.
//!
//! ```text
//! [ edges from inside the set, or a number : 28 bits | state : 4 bits ]
//! ```
//!
//! An examination sets the entries of its set to `UNSEEN`, counts edges in them, and lets the sweep move them through
//! the states of [`EXAM`]; when it is over, all of them are zero. A [cycle](super::cycle) of the old generation does the
//! same bit by bit, while the program and other examinations go on, in states of its own ([`CYCLE`]), so neither takes
//! the other's for its own `[I8]`.
//!
//! Entries lie in dense tables (`alloc/page.rs`), so following a million random edges touches a few megabytes, not the
//! heap. Should the edge count wrap, the object has more strong handles than the wrapped number says, and is taken for
//! reachable: it leaks, nothing worse.

use std::cell::Cell;
use std::ptr::NonNull;

use bumpalo::Bump;
use bumpalo::collections::Vec;

use crate::raw::count::{IMMORTAL, ONE};
use crate::raw::header::Value;

/// The word.
#[repr(transparent)]
#[derive(Debug)]
pub(crate) struct Entry(Cell<u32>);

/// Not examined.
pub(crate) const OUTSIDE: u32 = 0;

/// The states of one kind of examination.
#[derive(Clone, Copy, Debug)]
pub(crate) struct States {
    /// In the set; the sweep has not come to it.
    pub(crate) unseen: u32,
    /// In the set; the sweep found no handle from outside. Garbage, unless something reachable leads to it.
    pub(crate) passed: u32,
    /// Reachable; its edges have not been followed.
    pub(crate) pending: u32,
    /// Reachable; its edges have been followed.
    pub(crate) done: u32,
}

/// The states of an examination.
pub(crate) const EXAM: States = States { unseen: 1, passed: 2, pending: 3, done: 4 };
/// The states of a cycle.
pub(crate) const CYCLE: States = States { unseen: 5, passed: 6, pending: 7, done: 8 };

/// The search that puts in order what a cycle found has come to the object, and numbered it.
pub(crate) const OPEN: u32 = 9;
/// … and knows its component, whose number that is now.
pub(crate) const CLOSED: u32 = 10;

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

    #[inline(always)]
    pub(crate) fn set(&self, state: u32) {
        self.0.set(state);
    }

    /// Sets the state, and a number that is no more than [`LARGEST`].
    #[inline(always)]
    pub(crate) fn set_numbered(&self, state: u32, number: u32) {
        self.0.set(number * NUMBER + state);
    }

    /// The number of an object that is open or closed.
    #[inline(always)]
    pub(crate) fn number(&self) -> u32 {
        self.0.get() / NUMBER
    }

    #[inline(always)]
    pub(crate) fn state(&self) -> u32 {
        self.0.get() & STATE
    }

    /// Edges counted so far. Meaningful while the object is unseen.
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
    /// Objects that were passed, and then reached after all.
    pub(crate) reached: usize,
}

impl<'a> Stack<'a> {
    /// A stack for `room` objects.
    pub(crate) fn new(scratch: &'a Bump, room: usize) -> Self {
        Stack { values: Vec::new_in(scratch), room, overflowed: false, reached: 0 }
    }

    #[cold]
    #[inline(never)]
    pub(crate) fn push(&mut self, value: Value) {
        self.reached += 1;
        if self.values.len() < self.room
            && (self.values.len() < self.values.capacity() || self.values.try_reserve(1).is_ok())
        {
            self.values.push(value);
        } else {
            self.overflowed = true;
        }
    }

    pub(crate) fn pop(&mut self) -> Option<Value> {
        self.values.pop()
    }
}

/// Counts an edge to the object that owns `entry`, if that is `unseen`.
///
/// # Safety
///
/// The entry is that of an allocated object of this thread `[I8]`.
#[inline(always)]
pub(crate) unsafe fn count_edge(entry: NonNull<Entry>, unseen: u32) {
    // SAFETY: [I8] as the caller vouches.
    let word = unsafe { &entry.as_ref().0 };
    let now = word.get();
    if now & STATE == unseen {
        word.set(now.wrapping_add(EDGE));
    }
}

/// Marks the object that owns `entry` as reachable. True if the sweep had passed it, so that somebody must go back.
///
/// # Safety
///
/// As for [`count_edge`].
#[inline(always)]
pub(crate) unsafe fn reach(entry: NonNull<Entry>, states: States) -> bool {
    // SAFETY: [I8] as the caller vouches.
    let entry = unsafe { entry.as_ref() };
    let state = entry.state();
    if state == states.unseen {
        entry.set(states.pending);
    } else if state == states.passed {
        entry.set(states.pending);
        return true;
    }
    false
}

/// How many edges are under way between the look at a handle and the look at its target's entry.
const AHEAD: usize = 32;

/// A delay line for edges. Entries are scattered, so each is asked for when the edge is found and looked at
/// [`AHEAD`] edges later, when it has arrived.
pub(crate) struct Ahead<T: Copy> {
    ring: [Option<T>; AHEAD],
    at: usize,
    len: usize,
}

impl<T: Copy> Ahead<T> {
    /// An empty line.
    pub(crate) fn new() -> Self {
        Ahead { ring: [None; AHEAD], at: 0, len: 0 }
    }

    /// Puts an edge in, and returns the one that has waited longest.
    #[inline(always)]
    pub(crate) fn pass(&mut self, entry: NonNull<Entry>, edge: T) -> Option<T> {
        prefetch(entry);
        let slot = &mut self.ring[self.at % AHEAD];
        self.at = self.at.wrapping_add(1);
        self.len = (self.len + 1).min(AHEAD);
        slot.replace(edge)
    }

    /// Takes out the one that has waited longest.
    pub(crate) fn pop(&mut self) -> Option<T> {
        self.len = self.len.checked_sub(1)?;
        self.ring[self.at.wrapping_sub(self.len + 1) % AHEAD].take()
    }
}

/// Asks for the cache line of an entry.
#[inline(always)]
fn prefetch(entry: NonNull<Entry>) {
    prefetch_line(entry.as_ptr().cast());
}

/// Asks for the cache lines in which an object begins: its header, and the front of its value.
#[inline(always)]
pub(crate) fn prefetch_object(value: Value, header: usize) {
    prefetch_line(value.as_ptr().wrapping_sub(header));
    prefetch_line(value.as_ptr().wrapping_add(24));
}

#[inline(always)]
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
