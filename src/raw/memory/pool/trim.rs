//! Memory that nobody uses goes back to the system.

use super::{KEEP, Pool};
use crate::raw::memory::page::Page;

impl Pool {
    /// Gives back the pages that are allocated from, and have no object.
    pub(crate) fn give_back_current(&self) {
        self.fast.clear();
        for bin in 0..self.bins.count() {
            let Some(page) = self.bins.current(bin) else { continue };
            // SAFETY: [I9] the current page is in use.
            let used = unsafe { &page.as_ref().used };
            if used.get() == 1 {
                used.set(0);
                self.bins.set_current(bin, None);
                self.bins.forget(bin);
                self.give_back_page(page);
            }
        }
    }

    /// A segment may have become empty: what is not kept for the next allocations goes back to the system.
    pub(super) fn shrink(&self) {
        if self.closing.get() {
            self.attention.set(true);
        }
        self.shrink_to(if self.closing.get() || self.tenancy.is_left() { 0 } else { KEEP });
    }

    /// Gives empty segments back, but for those that may be kept: one, and as many as make up `keep` with those of other pools.
    pub(super) fn shrink_to(&self, keep: usize) {
        let Ok(mut segments) = self.segments.try_borrow_mut() else { return };
        let (budget, mut kept) = (self.budget(), segments.iter().any(|segment| segment.is_offered()));
        segments.retain(|segment| {
            if !segment.is_empty() {
                return true;
            }
            if segment.is_offered() {
                if keep == 0 {
                    budget.unkeep();
                }
                return keep > 0;
            }
            let keeps = keep > 0 && budget.keep(if kept { keep } else { usize::MAX });
            if keeps {
                kept = true;
                segment.offer();
            }
            keeps
        });
    }

    /// Gives all memory that is not in use back to the system.
    pub(crate) fn trim(&self) {
        self.take_back();
        self.give_back_current();
        self.shrink_to(0);
        self.segments.borrow().iter().for_each(|segment| segment.discard_free());
    }

    /// Gives back the memory of the entries: nothing is being examined.
    pub(crate) fn discard_entries(&self) {
        self.grown.set(false);
        self.segments.borrow().iter().for_each(|segment| segment.discard_entries());
    }

    /// As [`Pool::discard_entries`], of segments that the pool has got since, if there are any; but not of the last one, where
    /// the next objects will be.
    pub(crate) fn discard_new_entries(&self) {
        if self.grown.replace(false) {
            let segments = self.segments.borrow();
            let older = segments.split_last().map_or(&[][..], |(_, older)| older);
            older.iter().rev().take_while(|segment| segment.is_new()).for_each(|segment| segment.discard_entries());
        }
    }

    /// Gives back everything that is not in use, now and from now on.
    pub(crate) fn close(&self) {
        self.closing.set(true);
        self.let_go_of_current();
        self.shrink();
        self.attention.set(true);
    }

    /// From now on no page is anybody's current one.
    pub(super) fn let_go_of_current(&self) {
        self.fast.clear();
        for bin in 0..self.bins.count() {
            let Some(page) = self.bins.current(bin) else { continue };
            // SAFETY: [I9] the current page is in use; the pointer came from its segment.
            let (front, has_room) = unsafe { (page.as_ref(), page.as_ref().has_free() || Page::extend(page)) };
            if !has_room {
                self.set_page_aside(page);
                continue;
            }
            self.bins.set_current(bin, None);
            front.used.set(front.used.get() - 1);
            if front.used.get() == 0 {
                self.bins.forget(bin);
                self.give_back_page(page);
            } else {
                self.bins.link(page);
            }
        }
    }
}
