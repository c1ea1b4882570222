//! Entries: one word of collector state for each object, away from the objects.
//!
//! An examination sets the entries of its set to `UNSEEN`, counts edges in them, and lets the sweep move them through
//! the states of [`EXAM`]; when it is over, all of them are zero. An [incremental collection](crate::raw::collect::incremental) of the old generation does the
//! same bit by bit, while the program and other examinations go on, in states of its own ([`INCREMENTAL`]), so neither takes
//! the other's for its own `[I8]`.
//!
//! Entries lie in dense tables (`memory/page.rs`), so following a million random edges touches a few megabytes, not the
//! heap. Should the edge count wrap, the object has more strong handles than the wrapped number says, and is taken for
//! reachable: it leaks, nothing worse.

use std::ptr::NonNull;

use bumpalo::Bump;
use bumpalo::collections::Vec;

use crate::Heap;
use crate::raw::count::{Count, flag};
use crate::raw::memory;
use crate::raw::memory::entry::{Entry, prefetch};
use crate::raw::memory::header::Object;

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
/// The states of an incremental collection.
pub(crate) const INCREMENTAL: States = States { unseen: 5, passed: 6, pending: 7, done: 8 };

/// The search that puts in order what an incremental collection found has come to the object, and numbered it.
pub(crate) const OPEN: u32 = 9;
/// … and knows its component, whose number that is now.
pub(crate) const CLOSED: u32 = 10;

impl<H: Heap> Object<H> {
    /// The entry of a full object that is on a list.
    #[cfg_attr(not(debug_assertions), inline(always))]
    pub(crate) fn entry<'a>(self) -> &'a Entry {
        // SAFETY: [I5], [I9] objects on a list are allocated, and their flags say where.
        unsafe { memory::entry(self, self.count().flags() & flag::LARGE == 0).as_ref() }
    }
}

/// Objects that became reachable behind the sweep's back. Its room is bounded; what does not fit is found by another
/// sweep.
#[derive(Debug)]
pub(crate) struct Stack<'a, H: Heap> {
    objects: Vec<'a, Object<H>>,
    room: usize,
    pub(crate) overflowed: bool,
    /// Objects that were passed, and then reached after all.
    pub(crate) reached: usize,
}

impl<'a, H: Heap> Stack<'a, H> {
    /// A stack for `room` objects.
    pub(crate) fn new(scratch: &'a Bump, room: usize) -> Self {
        Stack { objects: Vec::new_in(scratch), room, overflowed: false, reached: 0 }
    }

    #[cold]
    #[inline(never)]
    pub(crate) fn push(&mut self, object: Object<H>) {
        self.reached += 1;
        if self.objects.len() < self.room
            && (self.objects.len() < self.objects.capacity() || self.objects.try_reserve(1).is_ok())
        {
            self.objects.push(object);
        } else {
            self.overflowed = true;
        }
    }

    pub(crate) fn pop(&mut self) -> Option<Object<H>> {
        self.objects.pop()
    }
}

/// Counts an edge to the object that owns `entry`, if that is `unseen`.
///
/// # Safety
///
/// The entry is that of an allocated object of this thread `[I8]`.
#[cfg_attr(not(debug_assertions), inline(always))]
pub(crate) unsafe fn count_edge(entry: NonNull<Entry>, unseen: u32) {
    // SAFETY: [I8] as the caller vouches.
    unsafe { entry.as_ref() }.count_edge(unseen);
}

/// Marks the object that owns `entry` as reachable. True if the sweep had passed it, so that somebody must go back.
///
/// # Safety
///
/// As for [`count_edge`].
#[cfg_attr(not(debug_assertions), inline(always))]
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
    #[cfg_attr(not(debug_assertions), inline(always))]
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
