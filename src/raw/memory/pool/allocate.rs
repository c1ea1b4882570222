//! Allocation: from the current page of a kind, and how another one becomes that.

use std::ptr::{self, NonNull};

use super::Pool;
use crate::raw::memory::page::{Kind, PAGE, Page};
use crate::raw::memory::segment::Segment;

impl Pool {
    /// A slot of the given kind, or `None` when the system has no more memory. `sized`: the type decides the class.
    #[cfg_attr(not(debug_assertions), inline(always))]
    pub(crate) fn allocate(&self, kind: Kind, sized: bool) -> Option<NonNull<u8>> {
        if let Some(page) = NonNull::new(self.fast.place(kind).get()) {
            // SAFETY: [I9] current pages are initialised and in use.
            let page = unsafe { page.as_ref() };
            if page.is_for(kind, sized)
                && let Some(slot) = page.pop()
            {
                return Some(slot);
            }
        }
        self.allocate_slow(kind)
    }

    #[cold]
    #[inline(never)]
    fn allocate_slow(&self, kind: Kind) -> Option<NonNull<u8>> {
        let is_all = self.take_some();
        if let Some(slot) = self.find_slot(kind) {
            return Some(slot);
        }
        if is_all {
            return None;
        }
        self.take_back();
        self.find_slot(kind)
    }

    fn find_slot(&self, kind: Kind) -> Option<NonNull<u8>> {
        if self.budget().is_over() {
            return None;
        }
        if self.closing.get() {
            return self.allocate_late(kind);
        }
        let place = self.fast.place(kind);
        // SAFETY: [I9] as above.
        let bin = match unsafe { place.get().as_ref() } {
            Some(page) if page.serves(kind) && page.has_free() => return take_slot(NonNull::from(page), kind),
            Some(page) if page.serves(kind) || page.is_for(kind, false) => page.bin.get(),
            _ => self.bins.number(kind)?,
        };
        if let Some(page) = self.bins.current(bin) {
            if let Some(slot) = take_slot(page, kind) {
                place.set(page.as_ptr());
                return Some(slot);
            }
            self.set_page_aside(page);
            if place.get() == page.as_ptr() {
                place.set(ptr::null_mut());
            }
        }
        let page = if let Some(page) = self.roomy(kind, bin) {
            page
        } else {
            let is_rare = !kind.is_leaf() && self.bins.is_rare(bin);
            if let Some(slot) = is_rare.then(|| self.allocate_rare(kind)).flatten() {
                return Some(slot);
            }
            self.take_sparse(kind, bin)
                .or_else(|| self.fresh_page(kind, bin))
                .or_else(|| self.page_with_a_slot(kind, bin))?
        };
        self.make_current(page, bin);
        place.set(page.as_ptr());
        take_slot(page, kind)
    }

    fn make_current(&self, page: NonNull<Page>, bin: u32) {
        self.bins.set_current(bin, Some(page));
        // SAFETY: [I9] the page is initialised.
        let front = unsafe { page.as_ref() };
        self.hand_out(front.free_bytes());
        front.used.set(front.used.get() + 1); // the pool's own, so that `used` is never zero here
    }

    /// A page with room in a kind's bin.
    fn roomy(&self, kind: Kind, bin: u32) -> Option<NonNull<Page>> {
        let page = self.bins.take_roomy(bin)?;
        if Page::take_for(page, kind) {
            return Some(page);
        }
        self.bins.link(page);
        None
    }

    /// A slot for one of the first objects of a type, on a page that types share: one with slots that are not much too large.
    #[cold]
    fn allocate_rare(&self, kind: Kind) -> Option<NonNull<u8>> {
        for class in kind.classes() {
            let shared = kind.shared(class);
            let Some(bin) = self.bins.known(shared) else { continue };
            if let Some(page) = self.bins.current(bin) {
                if let Some(slot) = take_slot(page, kind) {
                    return Some(slot);
                }
                self.set_page_aside(page);
            }
            if let Some(page) = self.roomy(shared, bin) {
                self.make_current(page, bin);
                return take_slot(page, kind);
            }
        }
        let shared = kind.shared(kind.class);
        let bin = self.bins.number(shared)?;
        let page = self.fresh_page(shared, bin)?;
        self.make_current(page, bin);
        take_slot(page, kind)
    }

    /// A page that has become nearly empty, whatever is on it, with slots that are not much too large. The objects there
    /// stay.
    fn take_sparse(&self, kind: Kind, bin: u32) -> Option<NonNull<Page>> {
        if kind.is_leaf() {
            return None;
        }
        for class in kind.classes() {
            let Some(shared) = self.bins.known(kind.shared(class)) else { continue };
            if let Some(page) = self.roomy(kind, shared) {
                // SAFETY: [I9] the page is in use.
                unsafe { page.as_ref() }.bin.set(bin);
                return Some(page);
            }
        }
        None
    }

    /// After the end of the thread was announced no page is anybody's current one: each goes with its last object.
    #[cold]
    fn allocate_late(&self, kind: Kind) -> Option<NonNull<u8>> {
        let bin = self.bins.number(kind)?;
        let page = self
            .roomy(kind, bin)
            .or_else(|| self.fresh_page(kind, bin))
            .or_else(|| self.page_with_a_slot(kind, bin))?;
        let slot = take_slot(page, kind)?;
        // SAFETY: [I9] pages with room, and fresh ones, are initialised; the pointer came from the segment.
        unsafe {
            let front = page.as_ref();
            if front.has_free() || Page::extend(page) {
                self.bins.link(page);
            } else {
                self.set_aside(front, front.used.get() - 1);
            }
        }
        Some(slot)
    }

    /// A page has no free slot: until `watch` are in use, it is on no list.
    fn set_aside(&self, front: &Page, watch: u32) {
        front.set_aside.set(true);
        front.watch.set(watch);
        self.filled.set(self.filled.get() + 1);
    }

    /// A page that was set aside has free slots.
    pub(super) fn bring_back(&self, front: &Page) {
        front.set_aside.set(false);
        front.watch.set(0);
        self.filled.set(self.filled.get() - 1);
    }

    /// The current page of a bin has no free slot: set it aside until one is freed.
    pub(super) fn set_page_aside(&self, page: NonNull<Page>) {
        // SAFETY: [I9] as above.
        let front = unsafe { page.as_ref() };
        let used = front.used.get() - 1;
        front.used.set(used);
        // Not at the first free slot: a page is worth coming back to once an eighth of it is free.
        let few = if self.is_scarce() { 1 } else { (used / 8).max(1) };
        self.set_aside(front, used - few);
        self.bins.set_current(front.bin.get(), None);
    }

    fn fresh_page(&self, kind: Kind, bin: u32) -> Option<NonNull<Page>> {
        let mut segments = self.segments.borrow_mut();
        let at = match segments.iter().rposition(|segment| segment.has_room()) {
            Some(at) => at,
            None => {
                // Huge pages are for heaps that fill them.
                let fills = self.filled.get() > self.pages.get() / 2;
                segments.try_reserve(1).ok()?;
                let segment = Segment::allocate(fills && !segments.is_empty())?;
                segments.push(Box::new(segment));
                self.grown.set(true);
                segments.len() - 1
            }
        };
        let segment: &Segment = &segments[at];
        if !self.budget().take(PAGE) {
            return None;
        }
        if segment.is_offered() {
            self.budget().unkeep();
        }
        let Some(start) = segment.take() else {
            self.budget().give(PAGE);
            return None;
        };
        // SAFETY: [I9] `take` gives out whole, aligned, unused pages.
        let page = unsafe { Page::init(start, self, segment, kind, bin) };
        match page {
            Some(_) => {
                self.pages.set(self.pages.get() + 1);
                if self.pages.get() < self.scarce.get() / 8 * 7 {
                    self.scarce.set(0);
                }
            }
            None => {
                segment.give(start);
                self.budget().give(PAGE);
            }
        }
        page
    }

    fn is_scarce(&self) -> bool {
        self.scarce.get() > 0
    }

    /// When there is no more memory: a page that was set aside as full, and has had a slot freed since. All such pages are
    /// looked for once; from then on they come back by themselves.
    #[cold]
    fn page_with_a_slot(&self, kind: Kind, bin: u32) -> Option<NonNull<Page>> {
        if self.is_scarce() {
            return None;
        }
        self.scarce.set(self.pages.get().max(1));
        self.each_page(|page| {
            // SAFETY: [I9] the page is in use.
            let front = unsafe { page.as_ref() };
            if front.set_aside.get() {
                if front.has_free() {
                    self.freed(page);
                } else {
                    front.watch.set(front.used.get() - 1);
                }
            }
        });
        self.roomy(kind, bin)
    }
}

/// A free slot of a page from which objects of this kind may be allocated.
fn take_slot(page: NonNull<Page>, kind: Kind) -> Option<NonNull<u8>> {
    // SAFETY: [I9] pages that the pool knows of are initialised; their pointers came from the segment.
    unsafe {
        let front = page.as_ref();
        let slot = front.pop().or_else(|| if Page::extend(page) { front.pop() } else { None })?;
        front.note(slot, kind.info);
        Some(slot)
    }
}
