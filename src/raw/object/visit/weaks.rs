//! The visitor that looks for weak handles.

use super::{DynVisitor, ErasedTarget, ErasedVisitor};
use crate::Heap;
use crate::raw::base::erased::Fat;
use crate::raw::heap::side_table::Node;

/// Marks the weak handles with callbacks that garbage owns: their callbacks must not run.
pub(crate) struct Weaks {
    /// The collection that found the garbage; none if the garbage is condemned.
    serial: Option<u64>,
}

impl Weaks {
    /// A visitor for what collection `serial` has found, or (none) for condemned objects.
    pub(crate) fn new(serial: Option<u64>) -> Self {
        Weaks { serial }
    }

    /// This, for `trace` of objects of heap `H`.
    pub(crate) fn erased<H: Heap>(&mut self) -> DynVisitor<'_> {
        DynVisitor::of::<H>(self)
    }
}

impl ErasedVisitor for Weaks {
    fn edge(&mut self, _: ErasedTarget, _: Fat, _: *const ()) {}

    /// Marks the node of a weak handle. Another heap numbers its collections in its own way, and none of them is running for this
    /// heap's sake.
    fn weak(&mut self, node: &Node, is_of_heap: bool) {
        match self.serial {
            Some(serial) if is_of_heap => node.owned_by_garbage(serial),
            Some(_) => {}
            None => node.silence(),
        }
    }
}
