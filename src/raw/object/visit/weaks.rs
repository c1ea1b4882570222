//! The visitor that looks for weak handles.

use std::any::TypeId;
use std::marker::PhantomData;

use super::{DynVisitor, ErasedEdge, ErasedVisitor, Sealed, same_heap};
use crate::raw::heap::side_table::Node;
use crate::trace::Visitor;
use crate::{Gc, Heap, Weak};

/// Marks the weak handles with callbacks that garbage owns: their callbacks must not run.
pub(crate) struct Weaks<H> {
    /// The collection that found the garbage; none if the garbage is condemned.
    serial: Option<u64>,
    heap: PhantomData<H>,
}

impl<H> Weaks<H> {
    /// A visitor for what collection `serial` has found, or (none) for condemned objects.
    pub(crate) fn new(serial: Option<u64>) -> Self {
        Weaks { serial, heap: PhantomData }
    }

    /// Marks the node of a weak handle to an object of this heap, or of another one, if it is not `ours`. Another heap
    /// numbers its collections in its own way, and none of them is running for this heap's sake.
    fn node(&self, node: &Node, ours: bool) {
        match self.serial {
            Some(serial) if ours => node.owned_by_garbage(serial),
            Some(_) => {}
            None => node.silence(),
        }
    }
}

impl<H: Heap> Sealed for Weaks<H> {}
impl<H: Heap> Visitor for Weaks<H> {
    #[cfg_attr(not(debug_assertions), inline(always))]
    fn edge<T: ?Sized + 'static, E: Heap>(&mut self, _: &Gc<T, E>) {}

    fn weak<T: ?Sized + 'static, E: Heap>(&mut self, weak: &Weak<T, E>) {
        if let Some(node) = weak.node() {
            self.node(node, same_heap::<H, E>());
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

impl<H: Heap> ErasedVisitor for Weaks<H> {
    fn heap(&self) -> TypeId {
        TypeId::of::<H>()
    }

    fn edge(&mut self, _: ErasedEdge<'_>) {}

    fn weak(&mut self, node: &Node, heap: TypeId) {
        self.node(node, heap == TypeId::of::<H>());
    }
}
