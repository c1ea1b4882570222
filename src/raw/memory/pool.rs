//! The pool: pages by kind, from segments; empty segments back to the system.
//!
//! Allocating pops from the *current* page of the kind; freeing pushes onto the page the slot is in. Both are a few
//! instructions, and everything else is out of line. The shape is that of mimalloc (Leijen, Zorn, de Moura, "Mimalloc:
//! Free List Sharding in Action", 2019), without its threads.

use std::cell::{Cell, RefCell};
use std::ops::ControlFlow;
use std::ptr::{self, NonNull};
use std::sync::Mutex;

use super::bin::{Bins, Fast};
use super::budget::Budget;
use super::page::{Kind, PAGE, Page};
use super::remote::Tray;
use super::segment::{SEGMENT, Segment};
use super::tenancy::Tenancy;
use crate::raw::base::list::List;
use crate::raw::base::relaxed::{Flag, Number};

/// Empty segments that are kept, by all pools of a heap together; and each may keep one. The system may take their memory
/// when it needs it; until then it is there without a page fault, which is most of what a fresh object costs.
pub(super) const KEEP: usize = match () {
    () if cfg!(any(miri, gc_sanitize)) => 1,
    () if cfg!(test) => 4,
    () => (128 << 20) / (2 << 20),
};

/// How many slots that others have given back an allocation takes back, if there are more. A page has fewer.
pub(super) const SOME: usize = if cfg!(test) { 64 } else { 2048 };

/// … and how often a thread that ends does that, or gives back the free memory of a segment, before it asks whether others wait.
const SURE: usize = 16;

/// A large part of a state. Miri keeps books on each word of what a reference leads to, whenever one is made.
#[cfg(miri)]
type Apart<T> = Box<T>;
#[cfg(not(miri))]
type Apart<T> = T;

/// The memory of one heap on one thread.
pub(crate) struct Pool {
    fast: Apart<Fast>,
    bins: Bins,
    /// Boxed, because pages point to their segment.
    #[expect(clippy::vec_box, reason = "segments must not move")]
    segments: RefCell<Vec<Box<Segment>>>,
    /// Pages in use.
    pages: Number<usize>,
    /// Those of them that were set aside as full.
    filled: Cell<usize>,
    /// There is no more memory to be had: a page that was set aside as full comes back with its first free slot. The number of
    /// pages at that time, or zero.
    scarce: Cell<usize>,
    /// There are segments whose entries have been there since they were made.
    grown: Cell<bool>,
    /// Objects with an allocation of their own, their number and their bytes; and a lock for when other threads release them.
    pub(super) large: List,
    /// Some of these may be suspected.
    pub(super) large_suspects: Flag,
    large_count: Number<usize>,
    large_bytes: Number<usize>,
    pub(super) large_lock: Mutex<()>,
    /// Bytes of a full header.
    full_header: usize,
    /// What other threads have given back.
    tray: Tray,
    /// Whether a thread has the pool.
    tenancy: Tenancy,
    /// What all pools of the heap may have together.
    budget: Cell<*const Budget>,
    /// Set when the heap's thread is going: nothing is kept for later.
    closing: Cell<bool>,
    /// Something was given back that may have been the last.
    pub(crate) attention: Cell<bool>,
    /// When so many objects have been made, it is time to see whether a collection is due.
    pub(crate) trigger: Cell<usize>,
}

/// What is in use.
#[derive(Clone, Copy, Debug, Default)]
pub(crate) struct Census {
    /// Bytes of slots, and of allocations.
    pub(crate) bytes: usize,
    /// Full objects.
    pub(crate) objects: usize,
}

impl Pool {
    #[cfg_attr(not(miri), expect(clippy::useless_conversion, reason = "a box under Miri"))]
    pub(crate) fn new(full_header: usize) -> Pool {
        Pool {
            fast: Fast::new().into(),
            bins: Bins::default(),
            segments: RefCell::new(Vec::new()),
            pages: Number::default(),
            filled: Cell::new(0),
            scarce: Cell::new(0),
            grown: Cell::new(false),
            large: List::new(),
            large_suspects: Flag::new(false),
            large_count: Number::default(),
            large_bytes: Number::default(),
            large_lock: Mutex::new(()),
            full_header,
            tray: Tray::new(),
            tenancy: Tenancy::new(),
            budget: Cell::new(ptr::null()),
            closing: Cell::new(false),
            attention: Cell::new(false),
            trigger: Cell::new(0),
        }
    }

    /// Whether an address lies in one of the pool's pages, or where pages can be.
    pub(crate) fn contains(&self, addr: usize) -> bool {
        self.segments.borrow().iter().any(|segment| segment.contains(addr))
    }

    /// To be called once the pool has its final address. `budget` is that of its heap.
    pub(crate) fn init(&self, budget: &Budget) {
        self.budget.set(budget);
        self.large.init();
    }

    pub(super) fn budget(&self) -> &Budget {
        // SAFETY: [I10] `init` has been called, and the budget is a part of the heap's world.
        unsafe { &*self.budget.get() }
    }

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
    fn bring_back(&self, front: &Page) {
        front.set_aside.set(false);
        front.watch.set(0);
        self.filled.set(self.filled.get() - 1);
    }

    /// The current page of a bin has no free slot: set it aside until one is freed.
    fn set_page_aside(&self, page: NonNull<Page>) {
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
    pub(super) fn is_left(&self) -> bool {
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
    fn take_some(&self) -> bool {
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
    fn freed(&self, page: NonNull<Page>) {
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
    fn give_back_page(&self, page: NonNull<Page>) {
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
    fn shrink(&self) {
        if self.closing.get() {
            self.attention.set(true);
        }
        self.shrink_to(if self.closing.get() || self.tenancy.is_left() { 0 } else { KEEP });
    }

    /// Gives empty segments back, but for those that may be kept: one, and as many as make up `keep` with those of other pools.
    fn shrink_to(&self, keep: usize) {
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

    pub(super) fn large_added(&self, bytes: usize) {
        self.large_count.set(self.large_count.get() + 1);
        self.large_bytes.set(self.large_bytes.get() + bytes);
        self.hand_out(bytes);
    }

    pub(super) fn large_removed(&self, bytes: usize) {
        self.large_count.set(self.large_count.get() - 1);
        self.large_bytes.set(self.large_bytes.get() - bytes);
        if self.closing.get() {
            self.attention.set(true);
        }
    }

    /// Calls `f` with each page in use.
    fn each_page(&self, mut f: impl FnMut(NonNull<Page>)) {
        for segment in self.segments.borrow().iter() {
            // SAFETY: [I9] the page is in use; the pointer came from its segment.
            segment.pages().for_each(|page| f(unsafe { Page::of(page) }));
        }
    }

    /// Calls `f` with the places of all values of full objects, in the order in which they lie in each block of memory:
    /// also of those that are gone or not there yet, which have no flags.
    #[cfg_attr(not(debug_assertions), inline(always))]
    pub(crate) fn each_value(&self, mut f: impl FnMut(NonNull<u8>)) {
        super::each_large(&self.large, self.full_header, &mut f);
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
            super::each_large_suspect(&self.large, self.full_header, &mut f)?;
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
            super::forget_large_suspects(&self.large);
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
        super::fill_large(&self.large, entry);
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

    /// The number of objects that have an allocation of their own.
    pub(crate) fn large_count(&self) -> usize {
        self.large_count.get()
    }

    /// Sets the entries of those that are first on their list, up to `most`, and moves them to the end.
    pub(crate) fn fill_large(&self, most: usize, entry: u32) {
        super::rotate_large(&self.large, most, entry);
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

    /// Bytes are handed out that have not been in use. It may be time to look what is due.
    fn hand_out(&self, bytes: usize) {
        if self.budget().hand_out(bytes) {
            self.trigger.set(0);
        }
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

    /// Bytes held from the system, without those that were offered back.
    pub(crate) fn bytes(&self) -> usize {
        let held = self.segments.borrow().iter().filter(|segment| !segment.is_empty()).count();
        held * SEGMENT + self.large_bytes.get()
    }

    /// Gives back everything that is not in use, now and from now on.
    pub(crate) fn close(&self) {
        self.closing.set(true);
        self.let_go_of_current();
        self.shrink();
        self.attention.set(true);
    }

    /// From now on no page is anybody's current one.
    fn let_go_of_current(&self) {
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

    /// Something outside of the pool counts as well: whoever allocates next has to ask.
    pub(crate) fn ask_next(&self) {
        self.fast.clear();
    }

    /// Whether everything has been given back.
    pub(crate) fn is_empty(&self) -> bool {
        self.large_count.get() == 0 && self.segments.borrow().is_empty()
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
