//! The visitor that goes ahead of drops.

use std::any::TypeId;
use std::marker::PhantomData;

use super::{DynVisitor, ErasedEdge, ErasedVisitor, Sealed};
use crate::raw::memory::entry::prefetch_line;
use crate::trace::Visitor;
use crate::{Gc, Heap};

/// Asks for the cache lines that targets have their counts in.
pub(crate) struct Fetch<H>(pub(crate) PhantomData<H>);

impl<H> Sealed for Fetch<H> {}
impl<H: Heap> Visitor for Fetch<H> {
    #[cfg_attr(not(debug_assertions), inline(always))]
    fn edge<T: ?Sized + 'static, E: Heap>(&mut self, gc: &Gc<T, E>) {
        prefetch_line(gc.handle().erased().as_ptr().wrapping_sub(size_of::<E::Count>()));
    }

    #[cfg_attr(not(debug_assertions), inline(always))]
    fn heap(&self) -> TypeId {
        TypeId::of::<H>()
    }

    fn erase(&mut self) -> DynVisitor<'_> {
        DynVisitor(self, true)
    }
}

impl<H: Heap> ErasedVisitor for Fetch<H> {
    fn heap(&self) -> TypeId {
        TypeId::of::<H>()
    }

    fn edge(&mut self, _: ErasedEdge<'_>) {} // `DynVisitor` does it
}
