//! The visitor of introspection.

use super::{DynVisitor, ErasedTarget, ErasedVisitor};
use crate::Heap;
use crate::any::AnyEdge;
use crate::raw::base::erased::Fat;
use crate::raw::memory::header::Object;

/// What is called with each edge: the target's address, and a way to get a handle.
pub(crate) type EachEdge<'a, H> = dyn FnMut(AnyEdge<'_, H>) + 'a;

/// Hands each edge to a closure, as the target's address and a way to get a handle: for introspection, outside of
/// collections.
pub(crate) struct Edges<'a, H: Heap> {
    pub(crate) each: &'a mut EachEdge<'a, H>,
}

impl<H: Heap> Edges<'_, H> {
    /// This, for `trace`.
    pub(crate) fn erased(&mut self) -> DynVisitor<'_> {
        DynVisitor::of::<H>(self)
    }
}

impl<H: Heap> ErasedVisitor for Edges<'_, H> {
    fn edge(&mut self, target: ErasedTarget, pointer: Fat, table: *const ()) {
        // SAFETY: the edge is one of this heap, and still there.
        (self.each)(unsafe { AnyEdge::recall(Object::new(target.value), pointer, table) });
    }
}
