//! The visitor that gathers what suspects lead to.

use std::ptr::NonNull;

use bumpalo::Bump;
use bumpalo::collections::Vec;

use super::{Pass, Whose};
use crate::Heap;
use crate::raw::count::{Count, IMMORTAL, flag};
use crate::raw::memory::entry::{Entry, prefetch_line};
use crate::raw::memory::header::Object;
use crate::raw::object::marks::{Ahead, EXAM};

/// Puts the targets of edges into a set that is to be examined, and counts those edges, as `Subtract` does. Left out are frozen and
/// immortal objects, and what is on no list.
pub(crate) struct Gather<'s, H: Heap> {
    /// The set. Its room is bounded.
    pub(crate) members: Vec<'s, Object<H>>,
    room: usize,
    /// It was not enough.
    pub(crate) overflowed: bool,
    ahead: Ahead<(NonNull<Entry>, Object<H>)>,
}

impl<'s, H: Heap> Gather<'s, H> {
    pub(crate) fn new(scratch: &'s Bump, room: usize) -> Self {
        Gather { members: Vec::new_in(scratch), room, overflowed: false, ahead: Ahead::new() }
    }

    /// Puts an object into the set, with one edge from there, or none.
    pub(crate) fn admit(&mut self, entry: &Entry, object: Object<H>, edge: bool) {
        if self.members.len() >= self.room || self.members.try_reserve(1).is_err() {
            self.overflowed = true;
            return;
        }
        self.members.push(object);
        entry.set(EXAM.unseen);
        if edge {
            entry.count_edge(EXAM.unseen);
        }
    }

    /// Looks at the targets that are under way.
    pub(crate) fn finish(&mut self) {
        while let Some((entry, value)) = self.ahead.pop() {
            self.look(entry, value);
        }
    }

    fn look(&mut self, entry: NonNull<Entry>, object: Object<H>) {
        // SAFETY: [I8] as for `Subtract`; [I6] the target of an edge is there.
        let (entry, count) = unsafe { (entry.as_ref(), object.count()) };
        if entry.state() == EXAM.unseen {
            return entry.count_edge(EXAM.unseen);
        }
        // All suspects are members before the first edge is followed, but for frozen objects, which look like suspects.
        if count.flags() & (flag::LINKED | flag::SUSPECT) == flag::LINKED && count.strong() < IMMORTAL {
            self.admit(entry, object, true);
        }
    }
}

impl<H: Heap> Pass<H> for Gather<'_, H> {
    #[cfg_attr(not(debug_assertions), inline(always))]
    fn whose(&self) -> Whose {
        Whose::ALL
    }

    /// (Out of line, as this is once for each heap, and not for each type; few edges are looked at.)
    #[inline(never)]
    fn target(&mut self, entry: NonNull<Entry>, object: Object<H>) {
        prefetch_line(object.value().as_ptr().wrapping_sub(size_of::<H::Count>()));
        if let Some((entry, object)) = self.ahead.pass(entry, (entry, object)) {
            self.look(entry, object);
        }
    }
}
