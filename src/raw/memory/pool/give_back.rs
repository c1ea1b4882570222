//! Slots that are given back, by the pool's own thread or by others, and what becomes of their pages.

use std::ops::ControlFlow;
use std::ptr::NonNull;

use super::{Pool, SOME, SURE};
use crate::raw::memory::page::{PAGE, Page};

impl Pool {
    /// Takes a slot back. True if a page changed its place.
    ///
    /// # Safety
    ///
    /// `slot` came from [`Pool::allocate`] of a pool of this thread, carries provenance for its page, and nobody uses it
    /// any more.
    #[cfg_attr(not(debug_assertions), inline(always))]
    pub(crate) unsafe fn free(slot: NonNull<u8>) -> bool {
        // SAFETY: [I9] the slot is in a page.
        unsafe {
            let page = Page::of(slot);
            let changed = page.as_ref().push(slot);
            if changed {
                page.as_ref().pool().freed(page);
            }
            changed
        }
    }

    /// Gives a slot back to the pool of another thread.
    ///
    /// # Safety
    ///
    /// As for [`Pool::free`], but the pool is another's.
    #[cold]
    #[inline(never)]
    pub(crate) unsafe fn give_back(slot: NonNull<u8>) {
        // SAFETY: [I9] the slot is in a page; [I18] it is ours until it is given back.
        unsafe {
            let page = Page::of(slot);
            let pool = page.as_ref().pool();
            let free = |slot| {
                Pool::free(slot);
            };
            pool.tenancy.give_back(&pool.tray, Page::returned(page), slot, free, || pool.take_back_while(|| false));
        }
    }

    /// The pool's thread has ended: it keeps no page without objects, and others take back what is freed. All that has been given
    /// back is taken, and all free memory goes, unless that takes long and `goes_on` says that others wait. What is left then, whoever
    /// frees something here next takes back, or who counts what is in use.
    pub(crate) fn leave(&self, goes_on: impl Fn() -> bool) {
        self.take_back_while(&goes_on);
        self.let_go_of_current();
        self.shrink_to(0);
        for (at, segment) in self.segments.borrow().iter().enumerate() {
            if at >= SURE && !goes_on() {
                break;
            }
            segment.discard_free();
        }
        self.tenancy.leave(&self.tray, || self.take_back_while(&goes_on));
    }

    #[cfg(all(test, not(any(loom, shuttle, gc_system_alloc))))]
    pub(crate) fn is_left(&self) -> bool {
        self.tenancy.is_left()
    }

    /// The calling thread has the pool.
    pub(crate) fn hold(&self) {
        self.tenancy.hold();
    }

    /// Takes some of what others have given back, by one that holds the pool's thread outside, if it has one: otherwise somebody may
    /// tend the pool. Not all, as others wait.
    pub(crate) fn take_back_held(&self) {
        if !self.tenancy.is_left() {
            self.take_some();
        }
    }

    /// Takes what other threads have given back, or much of it, if `goes_on` says that it is to end. Whether that was all.
    fn take_back_while(&self, goes_on: impl Fn() -> bool) -> bool {
        let mut rounds = 0;
        while !self.take_some() {
            rounds += 1;
            if rounds >= SURE && !goes_on() {
                return false;
            }
        }
        true
    }

    /// Takes what other threads have given back.
    pub(crate) fn take_back(&self) {
        self.take_back_about(usize::MAX);
    }

    /// … or some of it, so that no allocation takes long. Whether that was all.
    pub(super) fn take_some(&self) -> bool {
        self.take_back_about(SOME)
    }

    fn take_back_about(&self, most: usize) -> bool {
        let mut left = most;
        // SAFETY: [I18] the pool is the calling thread's, or nobody's while the world is stopped; and so are the slots.
        unsafe {
            self.tray.collect(|_, slots| {
                let mut count = 0;
                for slot in slots {
                    Pool::free(slot);
                    count += 1;
                }
                left = left.saturating_sub(count);
                if left == 0 { ControlFlow::Break(()) } else { ControlFlow::Continue(()) }
            })
        }
    }

    /// A full page has a free slot again, or a page has no slot in use any more.
    #[cold]
    #[inline(never)]
    pub(super) fn freed(&self, page: NonNull<Page>) {
        // SAFETY: [I9] the page is in use.
        let front = unsafe { page.as_ref() };
        if front.set_aside.get() {
            self.bring_back(front);
            self.bins.link(page);
            front.watch.set(front.sparse());
            if front.used.get() > front.watch.get() {
                return;
            }
        }
        if front.used.get() > 0 {
            self.share(page);
            return;
        }
        self.bins.unlink(page);
        self.give_back_page(page);
    }

    /// A page that is on its bin's list has become nearly empty: it is for all types now.
    fn share(&self, page: NonNull<Page>) {
        // SAFETY: [I9] the page is in use.
        let front = unsafe { page.as_ref() };
        front.watch.set(0);
        if let Some(shared) = self.bins.number(front.shared_kind()) {
            self.bins.unlink(page);
            front.bin.set(shared);
            self.bins.link(page);
        }
    }

    /// A page that is on no list has no slot in use.
    pub(super) fn give_back_page(&self, page: NonNull<Page>) {
        // SAFETY: [I9] the page is in use until now.
        let front = unsafe { page.as_ref() };
        front.retire();
        let segment = front.segment;
        // SAFETY: [I10] segments live until their last page is given back, which happens here.
        let empty = unsafe {
            (*segment).give(page.cast());
            // Nobody allocates here, and nobody trims.
            if self.tenancy.is_left() && !(*segment).is_empty() {
                (*segment).discard_free();
            }
            (*segment).is_empty()
        };
        self.pages.set(self.pages.get() - 1);
        self.budget().give(PAGE);
        if empty {
            self.shrink();
        }
    }
}
