//! The pool: free lists by size class, pages from segments, empty segments back to the system.
//!
//! Allocating pops from the *current* page of the class; freeing pushes onto the page the slot is in. Both are a few
//! instructions, and everything else is out of line. The shape is that of mimalloc (Leijen, Zorn, de Moura, "Mimalloc:
//! Free List Sharding in Action", 2019), without its threads.

use std::cell::{Cell, RefCell};
use std::ptr::{self, NonNull};

use super::class;
use super::page::{PAGE, Page};
use super::segment::{SEGMENT, Segment};
use crate::raw::list::List;

/// Empty segments that are kept. The system may take their memory when it needs it; until then it is there without a
/// page fault, which is most of what a fresh object costs.
const KEEP: usize = if cfg!(any(miri, gc_sanitize)) { 1 } else { 64 };

/// The memory of one heap on one thread.
pub(crate) struct Pool {
    /// The page that each class allocates from, or null.
    current: [Cell<*mut Page>; class::COUNT],
    /// Other pages of the class with free slots.
    roomy: [Cell<*mut Page>; class::COUNT],
    /// Boxed, because pages point to their segment.
    #[expect(clippy::vec_box, reason = "segments must not move")]
    segments: RefCell<Vec<Box<Segment>>>,
    /// Pages in use.
    pages: Cell<usize>,
    /// Objects with an allocation of their own, their number and their bytes.
    pub(super) alone: List,
    alone_count: Cell<usize>,
    alone_bytes: Cell<usize>,
    /// Set when the heap's thread is going: nothing is kept for later, and `emptied` is called when all is gone.
    closing: Cell<bool>,
    /// Something was given back that may have been the last.
    pub(crate) attention: Cell<bool>,
}

impl Pool {
    pub(crate) fn new() -> Pool {
        Pool {
            current: [const { Cell::new(ptr::null_mut()) }; class::COUNT],
            roomy: [const { Cell::new(ptr::null_mut()) }; class::COUNT],
            segments: RefCell::new(Vec::new()),
            pages: Cell::new(0),
            alone: List::new(),
            alone_count: Cell::new(0),
            alone_bytes: Cell::new(0),
            closing: Cell::new(false),
            attention: Cell::new(false),
        }
    }

    /// To be called once the pool has its final address.
    pub(crate) fn init(&self) {
        self.alone.init();
    }

    /// A slot of the given class, or `None` when the system has no more memory.
    #[inline(always)]
    pub(crate) fn allocate(&self, class: usize) -> Option<NonNull<u8>> {
        if let Some(page) = NonNull::new(self.current[class].get()) {
            // SAFETY: [I9] the current page is initialised and in use.
            if let Some(slot) = unsafe { page.as_ref() }.pop() {
                return Some(slot);
            }
        }
        self.allocate_slow(class)
    }

    #[cold]
    #[inline(never)]
    fn allocate_slow(&self, class: usize) -> Option<NonNull<u8>> {
        if let Some(page) = NonNull::new(self.current[class].get()) {
            // SAFETY: [I9] as above; the pointer came from the segment.
            unsafe {
                if Page::extend(page) {
                    return page.as_ref().pop();
                }
            }
            self.retire_full(class, page);
        }
        let page = match NonNull::new(self.roomy[class].get()) {
            Some(page) => {
                self.unlink(class, page);
                page
            }
            None => self.fresh_page(class).or_else(|| self.page_with_a_slot(class))?,
        };
        self.current[class].set(page.as_ptr());
        // SAFETY: [I9] pages with room, and fresh ones, are initialised.
        unsafe {
            let front = page.as_ref();
            front.used.set(front.used.get() + 1); // the pool's own, so that `used` is never zero here
            front.pop().or_else(|| if Page::extend(page) { front.pop() } else { None })
        }
    }

    /// The class's current page has no free slot: set it aside until one is freed.
    fn retire_full(&self, class: usize, page: NonNull<Page>) {
        // SAFETY: [I9] as above.
        let front = unsafe { page.as_ref() };
        let used = front.used.get() - 1;
        front.used.set(used);
        front.full.set(true);
        // Not at the first free slot: a page is worth coming back to once an eighth of it is free.
        front.watch.set(used - (used / 8).max(1));
        self.current[class].set(ptr::null_mut());
    }

    fn fresh_page(&self, class: usize) -> Option<NonNull<Page>> {
        let mut segments = self.segments.borrow_mut();
        let at = match segments.iter().rposition(|segment| segment.has_room()) {
            Some(at) => at,
            None => {
                // A small heap is not worth a huge page; from the second block on it is.
                let segment = Segment::allocate(!segments.is_empty())?;
                segments.push(Box::new(segment));
                segments.len() - 1
            }
        };
        let segment: &Segment = &segments[at];
        let (start, zeroed) = segment.take()?;
        self.pages.set(self.pages.get() + 1);
        // SAFETY: [I9] `take` gives out whole, aligned, unused pages.
        Some(unsafe { Page::init(start, zeroed, self, segment, class) })
    }

    /// When there is no more memory: a page that was set aside as full, and has had a slot freed since.
    #[cold]
    fn page_with_a_slot(&self, class: usize) -> Option<NonNull<Page>> {
        let mut found = None;
        self.each_page(|page| {
            // SAFETY: [I9] the page is in use.
            let front = unsafe { page.as_ref() };
            if found.is_none() && front.class as usize == class && front.full.get() && front.has_free() {
                front.full.set(false);
                front.watch.set(0);
                found = Some(page);
            }
        });
        found
    }

    /// Takes a slot back. True if a page changed its place.
    ///
    /// # Safety
    ///
    /// `slot` came from [`Pool::allocate`] of a pool of this thread, carries provenance for its page, and nobody uses it
    /// any more.
    #[inline(always)]
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

    /// A full page has a free slot again, or a page has no slot in use any more.
    #[cold]
    #[inline(never)]
    fn freed(&self, page: NonNull<Page>) {
        // SAFETY: [I9] the page is in use.
        let front = unsafe { page.as_ref() };
        let class = front.class as usize;
        if front.full.get() {
            front.full.set(false);
            front.watch.set(0);
            self.link(class, page);
        }
        if front.used.get() > 0 {
            return;
        }
        self.unlink(class, page);
        let segment = front.segment;
        // SAFETY: [I10] segments live until their last page is given back, which happens here.
        unsafe { (*segment).give(page.cast()) };
        self.pages.set(self.pages.get() - 1);
        self.shrink();
    }

    /// A segment may have become empty: what is not kept for the next allocations goes back to the system.
    fn shrink(&self) {
        if self.closing.get() {
            self.attention.set(true);
        }
        let Ok(mut segments) = self.segments.try_borrow_mut() else { return };
        let mut keep = if self.closing.get() { 0 } else { KEEP };
        segments.retain(|segment| {
            if segment.is_empty() {
                if keep == 0 {
                    return false;
                }
                keep -= 1;
                segment.offer();
            }
            true
        });
    }

    /// Gives all empty segments back to the system.
    pub(crate) fn trim(&self) {
        self.segments.borrow_mut().retain(|segment| !segment.is_empty());
    }

    fn link(&self, class: usize, page: NonNull<Page>) {
        let first = self.roomy[class].get();
        // SAFETY: [I9] the pages on the list are in use.
        unsafe {
            page.as_ref().next.set(first);
            page.as_ref().prev.set(ptr::null_mut());
            if let Some(first) = first.as_ref() {
                first.prev.set(page.as_ptr());
            }
        }
        self.roomy[class].set(page.as_ptr());
    }

    fn unlink(&self, class: usize, page: NonNull<Page>) {
        // SAFETY: [I9] the pages on the list are in use.
        unsafe {
            let (next, prev) = (page.as_ref().next.get(), page.as_ref().prev.get());
            match prev.as_ref() {
                Some(prev) => prev.next.set(next),
                None => self.roomy[class].set(next),
            }
            if let Some(next) = next.as_ref() {
                next.prev.set(prev);
            }
        }
    }

    pub(super) fn alone_added(&self, bytes: usize) {
        self.alone_count.set(self.alone_count.get() + 1);
        self.alone_bytes.set(self.alone_bytes.get() + bytes);
    }

    pub(super) fn alone_removed(&self, bytes: usize) {
        self.alone_count.set(self.alone_count.get() - 1);
        self.alone_bytes.set(self.alone_bytes.get() - bytes);
        if self.closing.get() {
            self.attention.set(true);
        }
    }

    /// Calls `f` with each page in use.
    fn each_page(&self, mut f: impl FnMut(NonNull<Page>)) {
        for segment in self.segments.borrow().iter() {
            segment.pages().for_each(|page| f(page.cast()));
        }
    }

    /// Sets the entries of all full objects.
    pub(crate) fn fill_entries(&self, entry: u32) {
        super::fill_alone(&self.alone, entry);
        self.each_page(|page| {
            // SAFETY: [I9] the page is in use; the pointer came from its segment.
            unsafe {
                if page.as_ref().holds_full() {
                    Page::fill(page, entry);
                }
            }
        });
    }

    /// The number of objects whose memory has not been given back.
    pub(crate) fn live(&self) -> usize {
        let mut live = self.alone_count.get();
        self.each_page(|page| {
            // SAFETY: [I9] the page is in use.
            let front = unsafe { page.as_ref() };
            let current = ptr::eq(self.current[front.class as usize].get(), page.as_ptr());
            live += front.live(current);
        });
        live
    }

    /// Bytes of pages and allocations in use: what the heap's growth is measured by.
    pub(crate) fn in_use(&self) -> usize {
        self.pages.get() * PAGE + self.alone_bytes.get()
    }

    /// Bytes held from the system, without those that were offered back.
    pub(crate) fn bytes(&self) -> usize {
        let held = self.segments.borrow().iter().filter(|segment| !segment.is_empty()).count();
        held * SEGMENT + self.alone_bytes.get()
    }

    /// Gives back everything that is not in use, now and from now on.
    pub(crate) fn close(&self) {
        self.closing.set(true);
        for class in 0..class::COUNT {
            let Some(page) = NonNull::new(self.current[class].get()) else { continue };
            // SAFETY: [I9] the current page is in use; the pointer came from its segment.
            let (front, has_room) = unsafe { (page.as_ref(), page.as_ref().has_free() || Page::extend(page)) };
            if !has_room {
                self.retire_full(class, page);
                continue;
            }
            self.current[class].set(ptr::null_mut());
            front.used.set(front.used.get() - 1);
            self.link(class, page);
            if front.used.get() == 0 {
                self.freed(page);
            }
        }
        self.shrink();
        self.attention.set(true);
    }

    /// Whether everything has been given back.
    pub(crate) fn is_empty(&self) -> bool {
        self.alone_count.get() == 0 && self.segments.borrow().is_empty()
    }
}
