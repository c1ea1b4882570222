//! The visitor that counts edges.

use std::marker::PhantomData;
use std::ptr::NonNull;

use super::{Pass, Whose};
use crate::Heap;
use crate::raw::memory::entry::Entry;
use crate::raw::memory::header::Object;
use crate::raw::object::marks::{self, Ahead};

/// Counts, at each target, the edges from inside the examined set.
pub(crate) struct Subtract<H> {
    unseen: u32,
    whose: Whose,
    ahead: Ahead<NonNull<Entry>>,
    heap: PhantomData<H>,
}

impl<H> Subtract<H> {
    /// A visitor that counts edges to objects in state `unseen`.
    pub(crate) fn new(unseen: u32, whose: Whose) -> Self {
        Subtract { unseen, whose, ahead: Ahead::new(), heap: PhantomData }
    }

    /// Counts the edges that are under way.
    pub(crate) fn finish(&mut self) {
        while let Some(entry) = self.ahead.pop() {
            // SAFETY: [I8] as above.
            unsafe { marks::count_edge(entry, self.unseen) };
        }
    }
}

impl<H: Heap> Pass<H> for Subtract<H> {
    #[cfg_attr(not(debug_assertions), inline(always))]
    fn whose(&self) -> Whose {
        self.whose
    }

    #[cfg_attr(not(debug_assertions), inline(always))]
    fn target(&mut self, entry: NonNull<Entry>, _: Object<H>) {
        if let Some(entry) = self.ahead.pass(entry, entry) {
            // SAFETY: [I8] the entry of an allocated object, on the thread that owns the heap: nothing is released while
            // the visitor lives.
            unsafe { marks::count_edge(entry, self.unseen) };
        }
    }
}
