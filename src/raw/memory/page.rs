//! Pages: 64 KiB of slots of one size, for full objects or for leaves.
//!
//! ```text
//! [ … Page … ][ slot | slot | … ]
//!   1 KiB       63 KiB
//! ```
//!
//! Pages are aligned to their size, so the page of a value is found by arithmetic on its address.
//!
//! A page of full objects belongs to one type, as a rule, and knows its table. A *shared* page has objects of any type whose
//! values begin at the same place of a slot; it has a map with the table of each slot's object. That is where types live
//! that have few objects, and how the holes of a page that has become nearly empty are used for other types.
//!
//! The [`Page`] is at one of eight places in its kibibyte, which the address of the page decides. At the same place in all
//! of them, pages would contend for a few lines of every cache, whatever its size.

use std::alloc::Layout;
use std::cell::Cell;
use std::ptr::{self, NonNull};
use std::sync::atomic::{AtomicPtr, Ordering};

use super::class;
use super::entry::prefetch_line;
use super::pool::Pool;
use super::remote::Returned;
use super::segment::{self, GRANULE, Segment};
use super::sys;

/// Bytes of a page.
pub(crate) const PAGE: usize = if cfg!(target_pointer_width = "64") { 64 * 1024 } else { 16 * 1024 };
/// Where the first slot begins.
const SLOTS: usize = 1024;
/// Where slots must end: an empty value, which has the address of its slot's end, is still in the page.
const END: usize = PAGE - 8;
/// The distance of the places where the front may be, and their number.
const FRONT: usize = 128;
const PLACES: usize = SLOTS / FRONT;
/// How many bytes ahead a page is read.
const SOON: usize = 1024;
/// Free slots are strung together in batches that end at about a multiple of this, so that a fresh page is touched bit by
/// bit.
const BATCH: usize = 4096;
/// A page with no more than one slot in this many in use is for all types.
const SPARSE: u32 = 4;

/// In the place of a type's table: the page is shared.
const SHARED: *const () = ptr::without_provenance(1);

/// A free slot.
struct Free {
    next: *mut Free,
}

/// What slots are for.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub(crate) struct Kind {
    /// The [`TypeInfo`](crate::raw::object::type_info::TypeInfo) of the full objects; null for leaves.
    pub(crate) info: *const (),
    /// The size class.
    pub(crate) class: u32,
    /// Where in a slot the value begins; the same for all objects of a type.
    pub(crate) value: u32,
    /// Whether full objects have an alignment of more than 8, which the slots of some classes do not keep. (Leaves are on
    /// pages of their own class only.)
    pub(crate) wide: bool,
}

impl Kind {
    pub(crate) fn is_leaf(self) -> bool {
        self.info.is_null()
    }

    /// That of pages that are shared by all types, with slots of some class.
    pub(super) fn shared(self, class: u32) -> Kind {
        Kind { info: SHARED, class, value: self.value, wide: false }
    }

    /// The classes whose slots will do for this kind, and are not too large: half as large again at most.
    pub(super) fn classes(self) -> impl Iterator<Item = u32> {
        let bytes = class::bytes(self.class as usize);
        let largest = (class::index(bytes + bytes / 2) as u32).min(class::COUNT as u32 - 1);
        (self.class..=largest).filter(move |class| !self.wide || class::is_wide(*class as usize))
    }
}

/// The front of a page.
#[repr(C)]
pub(crate) struct Page {
    free: Cell<*mut Free>,
    /// Slots in use, plus one while the pool allocates from this page.
    pub(super) used: Cell<u32>,
    /// When `used` falls to this, [`Pool`] wants to know.
    pub(super) watch: Cell<u32>,
    /// The table of all its full objects; null for leaves, or [`SHARED`]. Changes once at most, to that.
    info: AtomicPtr<()>,
    /// The size class.
    pub(super) class: u32,
    /// Where in a slot the value begins.
    pub(super) value: u32,
    pool: *const Pool,
    pub(super) segment: *const Segment,
    /// If the page is shared: the table of each slot's object.
    map: Cell<*mut *const ()>,
    /// … and the kind that the pool allocates from it; none in particular if its table is [`SHARED`].
    taker: Cell<(*const (), u32)>,
    /// Neighbours in the pool's list of pages with room.
    pub(super) next: Cell<*mut Page>,
    pub(super) prev: Cell<*mut Page>,
    pub(super) set_aside: Cell<bool>,
    /// The number of the pool's bin that the page belongs to.
    pub(super) bin: Cell<u32>,
    slot: u32,
    /// Where the slots that have never been used begin.
    fresh: Cell<u32>,
    /// Slots that other threads have given back.
    returned: Returned,
}

const _: () = assert!(size_of::<Page>() <= FRONT && PLACES == 8 && segment::SEGMENT.is_multiple_of(PAGE));

impl Page {
    /// The page around a pooled value or slot.
    ///
    /// # Safety
    ///
    /// `inside` is in a page and carries provenance for it `[I1]`.
    #[cfg_attr(not(debug_assertions), inline(always))]
    pub(crate) unsafe fn of(inside: NonNull<u8>) -> NonNull<Page> {
        let page = inside.as_ptr().map_addr(|addr| {
            let number = addr / PAGE;
            (addr & !(PAGE - 1)) + (number ^ (number / PLACES)) % PLACES * FRONT
        });
        // SAFETY: [I9] pages are aligned to their size and do not start at zero.
        unsafe { NonNull::new_unchecked(page.cast()) }
    }

    /// Where other threads put the slots that they give back.
    ///
    /// # Safety
    ///
    /// `this` is a page in use.
    pub(super) unsafe fn returned(this: NonNull<Page>) -> NonNull<Returned> {
        // SAFETY: [I9] a field of an initialised page.
        unsafe { NonNull::new_unchecked(&raw mut (*this.as_ptr()).returned) }
    }

    /// The start of a page.
    fn start(this: NonNull<Page>) -> NonNull<u8> {
        let start = this.as_ptr().map_addr(|addr| addr & !(PAGE - 1));
        // SAFETY: [I9] as above.
        unsafe { NonNull::new_unchecked(start.cast()) }
    }

    /// The slot that the object whose value is at `value` has, whatever it is.
    ///
    /// # Safety
    ///
    /// `value` is that of an object in a page.
    pub(super) unsafe fn slot(value: NonNull<u8>) -> NonNull<u8> {
        // SAFETY: [I9] the byte in front of a value, which is the last of its count, is in its slot.
        unsafe {
            let page = Page::of(value.sub(1));
            let at = (value.addr().get() - 1) & (PAGE - 1);
            let back = (at - SLOTS) % page.as_ref().slot as usize;
            value.sub(1 + back)
        }
    }

    /// Makes a page of raw memory. `None` if it is to be shared, and there is no memory for its map.
    ///
    /// # Safety
    ///
    /// `start` is [`PAGE`] bytes of unused memory, aligned to [`PAGE`].
    pub(super) unsafe fn init(
        start: NonNull<u8>,
        pool: *const Pool,
        segment: *const Segment,
        kind: Kind,
        bin: u32,
    ) -> Option<NonNull<Page>> {
        let slot = class::bytes(kind.class as usize);
        let map = if kind.info == SHARED { sys::allocate(map_layout(slot))?.as_ptr().cast() } else { ptr::null_mut() };
        // SAFETY: the caller's promise.
        unsafe {
            let page = Page::of(start);
            page.write(Page {
                free: Cell::new(ptr::null_mut()),
                used: Cell::new(0),
                watch: Cell::new(0),
                info: AtomicPtr::new(kind.info.cast_mut()),
                class: kind.class,
                value: kind.value,
                pool,
                segment,
                map: Cell::new(map),
                taker: Cell::new((SHARED, kind.class)),
                next: Cell::new(ptr::null_mut()),
                prev: Cell::new(ptr::null_mut()),
                set_aside: Cell::new(false),
                bin: Cell::new(bin),
                slot: slot as u32,
                fresh: Cell::new(SLOTS as u32),
                returned: Returned::new(),
            });
            Some(page)
        }
    }

    /// The page is given back: what it has besides its memory goes.
    pub(super) fn retire(&self) {
        if let Some(map) = NonNull::new(self.map.replace(ptr::null_mut())) {
            // SAFETY: [I9] the map was allocated so, and no slot is in use.
            unsafe { sys::release(map.cast(), map_layout(self.slot as usize)) }
        }
    }

    /// The table of the full object whose value is at `value`, or null for a leaf.
    ///
    /// # Safety
    ///
    /// `value` is that of an object in this page.
    #[cfg_attr(not(debug_assertions), inline(always))]
    pub(crate) unsafe fn info(&self, value: NonNull<u8>) -> *const () {
        let info = self.info.load(Ordering::Acquire).cast_const(); // [O170]
        if info != SHARED {
            return info;
        }
        // SAFETY: [I9] a shared page has a map, in which the object's table was written down.
        unsafe { self.map.get().add(self.index(value)).read() }
    }

    /// The number of the slot that a value is in.
    #[cfg_attr(not(debug_assertions), inline(always))]
    fn index(&self, value: NonNull<u8>) -> usize {
        let at = (value.addr().get() & (PAGE - 1)) as u32 - SLOTS as u32 - self.value;
        (at / self.slot) as usize
    }

    fn is_shared(&self) -> bool {
        self.info.load(Ordering::Relaxed).cast_const() == SHARED
    }

    /// What pages are for that take the place of this one when all types may use it.
    pub(super) fn shared_kind(&self) -> Kind {
        Kind { info: SHARED, class: self.class, value: self.value, wide: false }
    }

    /// Whether the page has objects of this kind only.
    #[cfg_attr(not(debug_assertions), inline(always))]
    pub(super) fn is_for(&self, kind: Kind, sized: bool) -> bool {
        // The current page of leaves is found by its class.
        kind.info.is_null()
            || self.info.load(Ordering::Relaxed).cast_const() == kind.info && (sized || self.class == kind.class)
    }

    /// Whether the page is shared, and the pool allocates objects of this kind from it.
    pub(super) fn serves(&self, kind: Kind) -> bool {
        self.is_shared() && self.taker.get() == (kind.info, kind.class)
    }

    /// From now on objects of this kind are allocated from the page. False if that is not possible: there is no memory for a
    /// map.
    pub(super) fn take_for(this: NonNull<Page>, kind: Kind) -> bool {
        // SAFETY: [I9] pages that the pool knows of are in use.
        let page = unsafe { this.as_ref() };
        if !page.is_shared() {
            if page.is_for(kind, false) {
                return true;
            }
            let layout = map_layout(page.slot as usize);
            let Some(map) = sys::allocate(layout) else { return false };
            let map = map.cast::<*const ()>().as_ptr();
            let info = page.info.load(Ordering::Relaxed).cast_const();
            for index in 0..page.slots() {
                // SAFETY: [I9] the map has room for the table of each slot.
                unsafe { map.add(index).write(info) };
            }
            page.map.set(map);
            // Other threads may ask about objects in the page at this time: they find the old table, or the map.
            page.info.store(SHARED.cast_mut(), Ordering::Release); // [O171]
        }
        page.taker.set((kind.info, kind.class));
        true
    }

    /// Writes down what the object in a slot will be, if the page does not say it.
    ///
    /// # Safety
    ///
    /// `slot` is a slot of this page that was just taken.
    #[cfg_attr(not(debug_assertions), inline(always))]
    pub(super) unsafe fn note(&self, slot: NonNull<u8>, info: *const ()) {
        if self.is_shared() {
            // SAFETY: [I9] a shared page has a map, with a place for each slot; whoever asks about other slots reads other
            // places.
            unsafe { self.map.get().add(self.index(slot.add(self.value as usize))).write(info) };
        }
    }

    #[cfg_attr(not(debug_assertions), inline(always))]
    pub(crate) fn pool<'a>(&self) -> &'a Pool {
        // SAFETY: [I10] the pool outlives its pages.
        unsafe { &*self.pool }
    }

    /// Whether a slot is at hand.
    pub(super) fn has_free(&self) -> bool {
        !self.free.get().is_null()
    }

    /// A free slot, if the page has one at hand.
    #[cfg_attr(not(debug_assertions), inline(always))]
    pub(super) fn pop(&self) -> Option<NonNull<u8>> {
        let slot = NonNull::new(self.free.get())?;
        // SAFETY: [I9] slots on the free list are unused and hold a link.
        self.free.set(unsafe { slot.as_ref() }.next);
        self.used.set(self.used.get() + 1);
        Some(slot.cast())
    }

    /// Takes a slot back. True if the pool wants to know.
    ///
    /// # Safety
    ///
    /// `slot` is a slot of this page, in use until now.
    #[cfg_attr(not(debug_assertions), inline(always))]
    pub(super) unsafe fn push(&self, slot: NonNull<u8>) -> bool {
        debug_assert!(self.is_slot(slot), "that is not where a slot begins");
        let free = slot.cast::<Free>();
        // SAFETY: [I9] the slot is at least as large as a link, and ours again.
        unsafe { free.write(Free { next: self.free.get() }) };
        self.free.set(free.as_ptr());
        let used = self.used.get() - 1;
        self.used.set(used);
        used == self.watch.get()
    }

    /// Whether a slot in use may begin there.
    fn is_slot(&self, at: NonNull<u8>) -> bool {
        let start = (at.addr().get() & (PAGE - 1)).wrapping_sub(SLOTS);
        start < self.fresh.get() as usize - SLOTS && start.is_multiple_of(self.slot as usize)
    }

    /// Strings the next batch of fresh slots together. False if the page has no more.
    ///
    /// # Safety
    ///
    /// `this` carries provenance for the page.
    pub(super) unsafe fn extend(this: NonNull<Page>) -> bool {
        // SAFETY: [I9] the page is initialised.
        let page = unsafe { this.as_ref() };
        let (slot, start) = (page.slot as usize, page.fresh.get() as usize);
        let room = (END - start) / slot;
        let count = room.min(((BATCH - start % BATCH) / slot).max(4));
        if count == 0 {
            return false;
        }
        let mut next = page.free.get();
        for i in (0..count).rev() {
            // SAFETY: [I9] slot `i` lies inside the page and has never been used.
            unsafe {
                let at = Page::start(this).add(start + i * slot);
                // What has not been an object yet has no flags for `each_value` to see.
                at.add(page.value as usize - size_of::<u64>()).cast::<u64>().write(0);
                let free = at.cast::<Free>();
                free.write(Free { next });
                next = free.as_ptr();
            }
        }
        page.free.set(next);
        page.fresh.set((start + count * slot) as u32);
        true
    }

    /// Sets the entries of all its objects to `entry`.
    ///
    /// # Safety
    ///
    /// `this` carries provenance for the segment.
    pub(super) unsafe fn fill(this: NonNull<Page>, entry: u32) {
        // SAFETY: [I9] the page is initialised, and its entries lie next to each other, behind the segment's pages.
        unsafe {
            let len = (this.as_ref().fresh.get() as usize / GRANULE + 1).min(PAGE / GRANULE);
            let table = segment::entry(Page::start(this)).cast::<u32>();
            std::slice::from_raw_parts_mut(table.as_ptr(), len).fill(entry);
        }
    }

    /// Calls `f` with the places of all values, also of those that are gone or not there yet.
    ///
    /// # Safety
    ///
    /// `this` carries provenance for the page.
    #[cfg_attr(not(debug_assertions), inline(always))]
    pub(super) unsafe fn each_value(this: NonNull<Page>, f: &mut impl FnMut(NonNull<u8>)) {
        // SAFETY: [I9] the page is initialised.
        let page = unsafe { this.as_ref() };
        let (mut slot, end) = (SLOTS, page.fresh.get() as usize);
        while slot < end {
            prefetch_line(Page::start(this).as_ptr().wrapping_add(slot + SOON));
            // SAFETY: [I9] the slot is in the page, and the value in the slot.
            f(unsafe { Page::start(this).add(slot + page.value as usize) });
            slot += page.slot as usize;
        }
    }

    /// The full object whose value is at a place in a piece of [`GRANULE`] bytes that begins at `at`, if one can be there: it may be
    /// gone, or not there yet, and has no flags then.
    ///
    /// # Safety
    ///
    /// `this` carries provenance for the page.
    pub(super) unsafe fn value_in(this: NonNull<Page>, at: usize) -> Option<NonNull<u8>> {
        // SAFETY: [I9] the page is initialised.
        let page = unsafe { this.as_ref() };
        let (first, slot) = (SLOTS + page.value as usize, page.slot as usize);
        let index = at.saturating_sub(first).div_ceil(slot);
        let value = first + index * slot;
        let is_there = page.holds_full() && value < at + GRANULE && index < page.slots();
        // SAFETY: [I9] the slot is in the page, and the value in the slot.
        is_there.then(|| unsafe { Page::start(this).add(value) })
    }

    /// Whether the page holds full objects.
    pub(super) fn holds_full(&self) -> bool {
        !self.info.load(Ordering::Relaxed).is_null()
    }

    /// Slots that [`Page::each_value`] goes over.
    pub(super) fn slots(&self) -> usize {
        (self.fresh.get() as usize - SLOTS) / self.slot as usize
    }

    /// Bytes of a slot.
    pub(super) fn slot_bytes(&self) -> usize {
        self.slot as usize
    }

    /// Bytes of slots that are not in use.
    pub(super) fn free_bytes(&self) -> usize {
        (END - SLOTS).saturating_sub(self.used.get() as usize * self.slot_bytes())
    }

    /// With no more slots in use than this, the page is for all types. Leaves are of all types anyway.
    pub(super) fn sparse(&self) -> u32 {
        if self.holds_full() { self.slots() as u32 / SPARSE } else { 0 }
    }

    /// Slots in use.
    pub(super) fn live(&self, current: bool) -> usize {
        self.used.get() as usize - usize::from(current)
    }
}

/// The layout of the map of a page with slots of `slot` bytes.
fn map_layout(slot: usize) -> Layout {
    match Layout::array::<*const ()>((END - SLOTS) / slot) {
        Ok(layout) => layout,
        Err(_) => unreachable!("smaller than a page"),
    }
}
