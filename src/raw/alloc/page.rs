//! Pages: 64 KiB of slots of one size, for full objects of one type or for leaves of any.
//!
//! ```text
//! [ … Page … | entries, one word for each 32 bytes of the page ][ slot | slot | … ]
//!   1 KiB      7 KiB                                              56 KiB
//! ```
//!
//! Pages are aligned to their size, so the page of a value, and the entry of an object, are found by arithmetic on its
//! address. Values of full objects are at least 32 bytes apart, so no two share an entry `[I9]`.
//!
//! The [`Page`] is at one of eight places in its kibibyte, which the address of the page decides. At the same place in all
//! of them, pages would contend for a few lines of every cache, whatever its size.

use std::cell::Cell;
use std::ptr::{self, NonNull};

use super::pool::Pool;
use super::segment::Segment;
use crate::raw::collect::entry::{Entry, prefetch_line};
use crate::raw::world::remote::Returned;

/// Bytes of a page.
pub(crate) const PAGE: usize = 64 * 1024;
/// Each entry stands for this many bytes.
pub(super) const GRANULE: usize = 32;
/// Bytes in front of the first slot.
const SLOTS: usize = PAGE / GRANULE * size_of::<Entry>();
/// Where the table really begins: the entries of the page's own front are never used.
const TABLE: usize = SLOTS / GRANULE * size_of::<Entry>();
/// Where slots must end: an empty value, which has the address of its slot's end, is still in the page.
const END: usize = PAGE - 8;
/// The distance of the places where the front may be, and their number.
const FRONT: usize = 128;
const PLACES: usize = TABLE / FRONT;
/// How many bytes ahead a page is read.
const SOON: usize = 1024;
/// Free slots are strung together in batches of about this many bytes, so that a fresh page is touched bit by bit.
const BATCH: usize = 4096;

/// A free slot.
struct Free {
    next: *mut Free,
}

/// What the slots of a page are for.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub(crate) struct Kind {
    /// The [`TypeInfo`](crate::raw::info::TypeInfo) of the full objects; null for leaves.
    pub(crate) info: *const (),
    /// The size class.
    pub(crate) class: u32,
    /// Where in a slot the value begins; the same for all objects of a type.
    pub(crate) value: u32,
}

/// The front of a page.
#[repr(C)]
pub(crate) struct Page {
    free: Cell<*mut Free>,
    /// Slots in use, plus one while the pool allocates from this page.
    pub(super) used: Cell<u32>,
    /// When `used` falls to this, [`Pool`] wants to know.
    pub(super) watch: Cell<u32>,
    pub(super) kind: Kind,
    pool: *const Pool,
    pub(super) segment: *const Segment,
    /// Neighbours in the pool's list of pages with room.
    pub(super) next: Cell<*mut Page>,
    pub(super) prev: Cell<*mut Page>,
    pub(super) full: Cell<bool>,
    /// The number of the pool's bin that the page belongs to.
    pub(super) bin: u32,
    slot: u32,
    /// Where the slots that have never been used begin.
    fresh: Cell<u32>,
    /// Slots that other threads have given back.
    returned: Returned,
}

const _: () = assert!(size_of::<Page>() <= FRONT && PLACES == 8);

impl Page {
    /// The page around a pooled value or slot.
    ///
    /// # Safety
    ///
    /// `inside` is in a page and carries provenance for it `[I1]`.
    #[inline(always)]
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

    /// The entry of a pooled value.
    ///
    /// # Safety
    ///
    /// As for [`Page::of`].
    #[inline(always)]
    pub(crate) unsafe fn entry(value: NonNull<u8>) -> NonNull<Entry> {
        let entry =
            value.as_ptr().map_addr(|addr| (addr & !(PAGE - 1)) | ((addr & (PAGE - 1)) / GRANULE * size_of::<Entry>()));
        // SAFETY: [I9] as above.
        unsafe { NonNull::new_unchecked(entry.cast()) }
    }

    /// Makes a page of raw memory.
    ///
    /// # Safety
    ///
    /// `start` is [`PAGE`] bytes of unused memory, aligned to [`PAGE`]; if `used`, it was a page before, and its entries are initialised.
    pub(super) unsafe fn init(
        start: NonNull<u8>,
        used: bool,
        pool: *const Pool,
        segment: *const Segment,
        kind: Kind,
        bin: u32,
    ) -> NonNull<Page> {
        // SAFETY: the caller's promise; the table lies between the front and the slots.
        unsafe {
            let page = Page::of(start);
            if !used {
                start.add(TABLE).write_bytes(0, SLOTS - TABLE);
            }
            page.write(Page {
                free: Cell::new(ptr::null_mut()),
                used: Cell::new(0),
                watch: Cell::new(0),
                kind,
                pool,
                segment,
                next: Cell::new(ptr::null_mut()),
                prev: Cell::new(ptr::null_mut()),
                full: Cell::new(false),
                bin,
                slot: super::class::bytes(kind.class as usize) as u32,
                fresh: Cell::new(SLOTS as u32),
                returned: Returned::new(),
            });
            page
        }
    }

    #[inline(always)]
    pub(crate) fn pool<'a>(&self) -> &'a Pool {
        // SAFETY: [I10] the pool outlives its pages.
        unsafe { &*self.pool }
    }

    /// Whether a slot is at hand.
    pub(super) fn has_free(&self) -> bool {
        !self.free.get().is_null()
    }

    /// A free slot, if the page has one at hand.
    #[inline(always)]
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
    #[inline(always)]
    pub(super) unsafe fn push(&self, slot: NonNull<u8>) -> bool {
        let free = slot.cast::<Free>();
        // SAFETY: [I9] the slot is at least as large as a link, and ours again.
        unsafe { free.write(Free { next: self.free.get() }) };
        self.free.set(free.as_ptr());
        let used = self.used.get() - 1;
        self.used.set(used);
        used == self.watch.get()
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
        let count = room.min((BATCH / slot).max(4));
        if count == 0 {
            return false;
        }
        let mut next = page.free.get();
        for i in (0..count).rev() {
            // SAFETY: [I9] slot `i` lies inside the page and has never been used.
            unsafe {
                let at = Page::start(this).add(start + i * slot);
                // What has not been an object yet has no flags for `each_value` to see.
                at.add(page.kind.value as usize - size_of::<u64>()).cast::<u64>().write(0);
                let free = at.cast::<Free>();
                free.write(Free { next });
                next = free.as_ptr();
            }
        }
        page.free.set(next);
        page.fresh.set((start + count * slot) as u32);
        true
    }

    /// Sets all entries to `entry`.
    ///
    /// # Safety
    ///
    /// `this` carries provenance for the page.
    pub(super) unsafe fn fill(this: NonNull<Page>, entry: u32) {
        // SAFETY: [I9] the table lies between the front and the slots.
        unsafe {
            let table = Page::start(this).add(TABLE).cast::<u32>();
            std::slice::from_raw_parts_mut(table.as_ptr(), (SLOTS - TABLE) / 4).fill(entry);
        }
    }

    /// Calls `f` with the places of all values, also of those that are gone or not there yet.
    ///
    /// # Safety
    ///
    /// `this` carries provenance for the page.
    #[inline(always)]
    pub(super) unsafe fn each_value(this: NonNull<Page>, f: &mut impl FnMut(NonNull<u8>)) {
        // SAFETY: [I9] the page is initialised.
        let page = unsafe { this.as_ref() };
        let (mut slot, end) = (SLOTS, page.fresh.get() as usize);
        while slot < end {
            prefetch_line(Page::start(this).as_ptr().wrapping_add(slot + SOON));
            // SAFETY: [I9] the slot is in the page, and the value in the slot.
            f(unsafe { Page::start(this).add(slot + page.kind.value as usize) });
            slot += page.slot as usize;
        }
    }

    /// Whether the page holds full objects.
    pub(super) fn holds_full(&self) -> bool {
        !self.kind.info.is_null()
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

    /// Slots in use.
    pub(super) fn live(&self, current: bool) -> usize {
        self.used.get() as usize - usize::from(current)
    }
}
