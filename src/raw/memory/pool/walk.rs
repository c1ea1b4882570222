//! Walks over all pages, for the collector and for those who count.

use std::ops::ControlFlow;
use std::ptr::NonNull;

use super::{Census, Pool};
use crate::raw::memory::page::Page;
use crate::raw::memory::{each_large, each_large_suspect, fill_large, forget_large_suspects, rotate_large};

impl Pool {
    /// Calls `f` with each page in use.
    pub(super) fn each_page(&self, mut f: impl FnMut(NonNull<Page>)) {
        for segment in self.segments.borrow().iter() {
            // SAFETY: [I9] the page is in use; the pointer came from its segment.
            segment.pages().for_each(|page| f(unsafe { Page::of(page) }));
        }
    }

    /// Calls `f` with the places of all values of full objects, in the order in which they lie in each block of memory:
    /// also of those that are gone or not there yet, which have no flags.
    #[cfg_attr(not(debug_assertions), inline(always))]
    pub(crate) fn each_value(&self, mut f: impl FnMut(NonNull<u8>)) {
        each_large(&self.large, self.full_header, &mut f);
        for segment in self.segments.borrow().iter() {
            for page in segment.pages() {
                // SAFETY: [I9] the page is in use; the pointer came from its segment.
                unsafe {
                    let page = Page::of(page);
                    if page.as_ref().holds_full() {
                        Page::each_value(page, &mut f);
                    }
                }
            }
        }
    }

    /// Calls `f` with the places of the values of full objects that may be suspected, in the order in which they lie in each block
    /// of memory, until that breaks off: with all that are, and also with some that are gone, or not there yet, which have no
    /// flags. Nobody else uses the heap.
    pub(crate) fn each_suspect(&self, mut f: impl FnMut(NonNull<u8>) -> ControlFlow<()>) -> ControlFlow<()> {
        if self.large_suspects.get() {
            each_large_suspect(&self.large, self.full_header, &mut f)?;
        }
        for segment in self.segments.borrow().iter() {
            segment.each_suspect(|page, at| {
                // SAFETY: [I9] the page is in use; the pointer came from its segment.
                match unsafe { Page::value_in(Page::of(page), at) } {
                    Some(value) => f(value),
                    None => ControlFlow::Continue(()),
                }
            })?;
        }
        ControlFlow::Continue(())
    }

    /// How many pooled objects [`Pool::each_suspect`] finds, or more.
    pub(crate) fn count_suspects(&self) -> usize {
        self.segments.borrow().iter().map(|segment| segment.count_suspects()).sum()
    }

    /// From now on nobody is suspected. Nobody else uses the heap.
    pub(crate) fn forget_suspects(&self) {
        if self.large_suspects.replace(false) {
            forget_large_suspects(&self.large);
        }
        self.segments.borrow().iter().for_each(|segment| segment.forget_suspects());
    }

    /// How many slots of full objects are in use, and how many there are.
    pub(crate) fn fullness(&self) -> (usize, usize) {
        let (mut used, mut slots) = (0, 0);
        self.each_page(|page| {
            // SAFETY: [I9] the page is in use.
            let front = unsafe { page.as_ref() };
            if front.holds_full() {
                used += front.used.get() as usize;
                slots += front.slots();
            }
        });
        (used, slots)
    }

    /// Sets the entries of all full objects.
    pub(crate) fn fill_entries(&self, entry: u32) {
        fill_large(&self.large, entry);
        (0..self.blocks()).for_each(|at| self.fill_block(at, entry));
    }

    /// The number of blocks of memory. Blocks are numbered from zero. When some are given back, others get smaller numbers,
    /// never larger ones; new ones come last.
    pub(crate) fn blocks(&self) -> usize {
        self.segments.borrow().len()
    }

    /// Sets the entries of the full objects in the block with number `at`, if there is one.
    pub(crate) fn fill_block(&self, at: usize, entry: u32) {
        if let Some(segment) = self.segments.borrow().get(at) {
            segment.pages().for_each(|page| fill(page, entry));
        }
    }

    /// Sets the entries of those that are first on their list, up to `most`, and moves them to the end.
    pub(crate) fn fill_large(&self, most: usize, entry: u32) {
        rotate_large(&self.large, most, entry);
    }

    /// The number of objects whose memory has not been given back.
    pub(crate) fn live(&self) -> usize {
        let mut live = self.large_count.get();
        self.each_page(|page| {
            // SAFETY: [I9] the page is in use.
            let front = unsafe { page.as_ref() };
            live += front.live(self.bins.current(front.bin.get()) == Some(page));
        });
        live
    }

    /// Counts what is in use. Takes time in proportion to the number of pages.
    pub(crate) fn census(&self) -> Census {
        let mut census = Census { bytes: self.large_bytes.get(), objects: self.large_count.get() };
        self.each_page(|page| {
            // SAFETY: [I9] the page is in use.
            let front = unsafe { page.as_ref() };
            let used = front.used.get() as usize;
            census.bytes += used * front.slot_bytes();
            census.objects += if front.holds_full() { used } else { 0 };
        });
        census
    }
}

/// Sets the entries of a page of full objects.
fn fill(page: NonNull<u8>, entry: u32) {
    // SAFETY: [I9] the page is in use; the pointer came from its segment.
    unsafe {
        let page = Page::of(page);
        if page.as_ref().holds_full() {
            Page::fill(page, entry);
        }
    }
}
