//! The visitor that puts garbage in order.

use std::ptr::NonNull;

use super::{DynVisitor, ErasedTarget, ErasedVisitor};
use crate::Heap;
use crate::raw::base::erased::Fat;
use crate::raw::base::list::List;
use crate::raw::memory::entry::Entry;
use crate::raw::memory::header::Object;
use crate::raw::object::marks::{self, Ahead};
use crate::raw::object::track;

/// Follows the edges of what is white, for the search that puts it in order (`collect/parts.rs`).
pub(crate) struct Descend<'a, H: Heap> {
    path: &'a List,
    pub(crate) bounds: &'a mut Vec<u32>,
    ahead: Ahead<(NonNull<Entry>, Object<H>)>,
}

impl<'a, H: Heap> Descend<'a, H> {
    pub(crate) fn new(path: &'a List, bounds: &'a mut Vec<u32>) -> Self {
        Descend { path, bounds, ahead: Ahead::new() }
    }

    /// This, for `trace`.
    pub(crate) fn erased(&mut self) -> DynVisitor<'_> {
        DynVisitor::of::<H>(self)
    }

    /// Follows the edges that are under way.
    pub(crate) fn finish(&mut self) {
        while let Some((entry, value)) = self.ahead.pop() {
            self.arrive(entry, value);
        }
    }

    #[cfg_attr(not(debug_assertions), inline(always))]
    fn arrive(&mut self, entry: NonNull<Entry>, object: Object<H>) {
        // SAFETY: [I8] as for `Subtract`.
        let entry = unsafe { entry.as_ref() };
        let state = entry.state();
        if state == marks::INCREMENTAL.passed {
            // SAFETY: [I5] the target of an edge is alive. If its entry is somebody else's, it is moved to no harm.
            unsafe { track::move_to(object, self.path) };
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

impl<H: Heap> ErasedVisitor for Descend<'_, H> {
    fn edge(&mut self, target: ErasedTarget, _: Fat, _: *const ()) {
        let entry = target.entry::<H>();
        if let Some((entry, value)) = self.ahead.pass(entry, (entry, Object::new(target.value))) {
            self.arrive(entry, value);
        }
    }
}
