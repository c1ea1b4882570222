//! The visitor that puts garbage in order.

use std::any::TypeId;
use std::marker::PhantomData;
use std::ptr::NonNull;

use super::{DynVisitor, ErasedEdge, ErasedVisitor, Sealed, entry_of, same_heap};
use crate::raw::base::list::List;
use crate::raw::memory::entry::Entry;
use crate::raw::object::marks::{self, Ahead};
use crate::raw::object::track;
use crate::trace::Visitor;
use crate::{Gc, Heap};

/// Follows the edges of what is white, for the search that puts it in order (`collect/parts.rs`).
pub(crate) struct Descend<'a, H> {
    path: &'a List,
    pub(crate) bounds: &'a mut Vec<u32>,
    ahead: Ahead<(NonNull<Entry>, NonNull<u8>)>,
    heap: PhantomData<H>,
}

impl<'a, H: Heap> Descend<'a, H> {
    pub(crate) fn new(path: &'a List, bounds: &'a mut Vec<u32>) -> Self {
        Descend { path, bounds, ahead: Ahead::new(), heap: PhantomData }
    }

    #[cfg_attr(not(debug_assertions), inline(always))]
    fn follow(&mut self, entry: NonNull<Entry>, value: NonNull<u8>) {
        if let Some((entry, value)) = self.ahead.pass(entry, (entry, value)) {
            self.arrive(entry, value);
        }
    }

    /// Follows the edges that are under way.
    pub(crate) fn finish(&mut self) {
        while let Some((entry, value)) = self.ahead.pop() {
            self.arrive(entry, value);
        }
    }

    #[cfg_attr(not(debug_assertions), inline(always))]
    fn arrive(&mut self, entry: NonNull<Entry>, value: NonNull<u8>) {
        // SAFETY: [I8] as for `Subtract`.
        let entry = unsafe { entry.as_ref() };
        let state = entry.state();
        if state == marks::INCREMENTAL.passed {
            // SAFETY: [I5] the target of an edge is alive. If its entry is somebody else's, it is moved to no harm.
            unsafe { track::move_to::<H>(value, self.path) };
        } else if state == marks::OPEN {
            self.close_to(entry.number());
        }
    }

    /// Joins the components that begin behind `number`.
    #[cfg_attr(not(debug_assertions), inline(always))]
    pub(crate) fn close_to(&mut self, number: u32) {
        while self.bounds.last().is_some_and(|bound| *bound > number) {
            self.bounds.pop();
        }
    }
}

impl<H: Heap> Sealed for Descend<'_, H> {}
impl<H: Heap> Visitor for Descend<'_, H> {
    #[cfg_attr(not(debug_assertions), inline(always))]
    fn edge<T: ?Sized + 'static, E: Heap>(&mut self, gc: &Gc<T, E>) {
        if same_heap::<H, E>() {
            self.follow(entry_of(gc), gc.handle().erased());
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

impl<H: Heap> ErasedVisitor for Descend<'_, H> {
    fn heap(&self) -> TypeId {
        TypeId::of::<H>()
    }

    fn edge(&mut self, edge: ErasedEdge<'_>) {
        if edge.heap == TypeId::of::<H>() {
            self.follow(edge.entry, edge.value);
        }
    }
}
