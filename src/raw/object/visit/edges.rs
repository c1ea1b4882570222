//! The visitor of introspection.

use std::any::{Any, TypeId};

use super::{DynVisitor, ErasedEdge, ErasedVisitor, Sealed};
use crate::any::AnyEdge;
use crate::trace::Visitor;
use crate::{Gc, Heap};

/// What is called with each edge: the target's address, and a way to get a handle.
pub(crate) type EachEdge<'a, H> = dyn FnMut(AnyEdge<'_, H>) + 'a;

/// Hands each edge to a closure, as the target's address and a way to get a handle: for introspection, outside of
/// collections.
pub(crate) struct Edges<'a, H: Heap> {
    pub(crate) each: &'a mut EachEdge<'a, H>,
}

impl<H: Heap> Sealed for Edges<'_, H> {}
impl<H: Heap> Visitor for Edges<'_, H> {
    fn edge<T: ?Sized + 'static, E: Heap>(&mut self, gc: &Gc<T, E>) {
        if let Some(gc) = (gc as &dyn Any).downcast_ref::<Gc<T, H>>() {
            (self.each)(AnyEdge::of(gc));
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

impl<H: Heap> ErasedVisitor for Edges<'_, H> {
    fn heap(&self) -> TypeId {
        TypeId::of::<H>()
    }

    fn edge(&mut self, edge: ErasedEdge<'_>) {
        if edge.heap == TypeId::of::<H>() {
            // SAFETY: the edge is one of this heap, and still there.
            (self.each)(unsafe { AnyEdge::recall(edge.value, edge.pointer, edge.table) });
        }
    }
}
