//! The visitor that counts edges.

use std::any::TypeId;
use std::marker::PhantomData;
use std::ptr::NonNull;

use super::{DynVisitor, ErasedEdge, ErasedVisitor, Sealed, Whose, entry_of, home_of, same_heap};
use crate::raw::memory::entry::Entry;
use crate::raw::object::marks::{self, Ahead};
use crate::trace::Visitor;
use crate::{Gc, Heap};

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

    /// Counts an edge, some time later.
    #[cfg_attr(not(debug_assertions), inline(always))]
    fn count(&mut self, target: NonNull<Entry>) {
        if let Some(entry) = self.ahead.pass(target, target) {
            // SAFETY: [I8] the entry of an allocated object, on the thread that owns the heap: nothing is released while
            // the visitor lives.
            unsafe { marks::count_edge(entry, self.unseen) };
        }
    }

    /// Counts the edges that are under way.
    pub(crate) fn finish(&mut self) {
        while let Some(entry) = self.ahead.pop() {
            // SAFETY: [I8] as above.
            unsafe { marks::count_edge(entry, self.unseen) };
        }
    }
}

impl<H: Heap> Sealed for Subtract<H> {}
impl<H: Heap> Visitor for Subtract<H> {
    #[cfg_attr(not(debug_assertions), inline(always))]
    fn edge<T: ?Sized + 'static, E: Heap>(&mut self, gc: &Gc<T, E>) {
        if same_heap::<H, E>() && self.whose.includes::<H>(|| home_of(gc)) {
            self.count(entry_of(gc));
        }
    }

    #[cfg_attr(not(debug_assertions), inline(always))]
    fn heap(&self) -> TypeId {
        TypeId::of::<H>()
    }

    fn erase(&mut self) -> DynVisitor<'_> {
        DynVisitor(self, false)
    }
}

impl<H: Heap> ErasedVisitor for Subtract<H> {
    fn heap(&self) -> TypeId {
        TypeId::of::<H>()
    }

    fn edge(&mut self, edge: ErasedEdge<'_>) {
        if edge.heap == TypeId::of::<H>() && self.whose.includes::<H>(edge.home) {
            self.count(edge.entry);
        }
    }
}
