//! The visitor that marks what is reachable.

use std::ptr::NonNull;

use super::{Pass, Whose};
use crate::Heap;
use crate::raw::base::list::List;
use crate::raw::memory::entry::Entry;
use crate::raw::memory::header::Object;
use crate::raw::object::marks::{self, Ahead, Stack, States};
use crate::raw::object::track;

/// Marks targets as reachable, and remembers those that the sweep has already passed.
pub(crate) struct Reach<'a, 's, H: Heap> {
    states: States,
    whose: Whose,
    behind: Behind<'a, 's, H>,
    ahead: Ahead<(NonNull<Entry>, Object<H>)>,
}

/// What to do with objects behind the sweep's back.
pub(crate) enum Behind<'a, 's, H: Heap> {
    /// An examination, which nothing interrupts, puts them on a stack.
    Stack(&'a mut Stack<'s, H>),
    /// A cycle puts them on the list of objects that it has yet to see.
    List(&'a List),
}

impl<'a, 's, H: Heap> Reach<'a, 's, H> {
    pub(crate) fn new(states: States, whose: Whose, behind: Behind<'a, 's, H>) -> Self {
        Reach { states, whose, behind, ahead: Ahead::new() }
    }

    /// Marks the targets that are under way.
    pub(crate) fn finish(&mut self) {
        while let Some((entry, value)) = self.ahead.pop() {
            // SAFETY: [I8] as for `Subtract`.
            if unsafe { marks::reach(entry, self.states) } {
                self.go_back(value);
            }
        }
    }

    /// The next object behind the sweep's back, when nothing is under way any more.
    pub(crate) fn pop(&mut self) -> Option<Object<H>> {
        if let Some(value) = self.pop_stack() {
            return Some(value);
        }
        self.finish();
        self.pop_stack()
    }

    fn pop_stack(&mut self) -> Option<Object<H>> {
        match &mut self.behind {
            Behind::Stack(stack) => stack.pop(),
            Behind::List(_) => None,
        }
    }

    /// Whether the stack was too small since the last call.
    pub(crate) fn take_overflow(&mut self) -> bool {
        match &mut self.behind {
            Behind::Stack(stack) => std::mem::take(&mut stack.overflowed),
            Behind::List(_) => false,
        }
    }

    #[cold]
    #[inline(never)]
    fn go_back(&mut self, object: Object<H>) {
        match &mut self.behind {
            Behind::Stack(stack) => stack.push(object),
            // SAFETY: [I5] the target of an edge is alive. Its entry may be a stale one; of what is on no list nothing is moved.
            Behind::List(list) => unsafe { track::move_to(object, list) },
        }
    }
}

impl<H: Heap> Pass<H> for Reach<'_, '_, H> {
    #[cfg_attr(not(debug_assertions), inline(always))]
    fn whose(&self) -> Whose {
        self.whose
    }

    #[cfg_attr(not(debug_assertions), inline(always))]
    fn target(&mut self, entry: NonNull<Entry>, object: Object<H>) {
        if let Some((entry, object)) = self.ahead.pass(entry, (entry, object)) {
            // SAFETY: [I8] as for `Subtract`.
            if unsafe { marks::reach(entry, self.states) } {
                self.go_back(object);
            }
        }
    }
}
