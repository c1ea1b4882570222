//! Bins: the pages of one kind, and how the pool finds them.
//!
//! There are few leaves' kinds, one for each size class, but as many others as the program has types. So the pool looks in
//! a small table of its own first ([`Fast`]), and here only when that does not know the kind.

use std::cell::{Cell, RefCell};
use std::collections::HashMap;
use std::hash::{BuildHasherDefault, Hasher};
use std::ptr::{self, NonNull};

use super::class;
use super::page::{Kind, Page};

/// The pages of one kind that have free slots.
#[derive(Debug)]
struct Bin {
    /// The page that is allocated from, or null.
    current: Cell<*mut Page>,
    /// The first of the others.
    roomy: Cell<*mut Page>,
    /// How many objects of the kind were put on pages that types share.
    rare: Cell<u32>,
}

/// A type gets a page of its own with this many objects. Until then they live on pages that types share.
const RARE: u32 = if cfg!(miri) { 4 } else { 32 };

/// All bins of a pool. A bin is known by its number, and is never removed.
#[derive(Debug, Default)]
pub(super) struct Bins {
    bins: RefCell<Vec<Bin>>,
    numbers: RefCell<HashMap<Kind, u32, BuildHasherDefault<Mix>>>,
}

impl Bins {
    /// The number of a kind's bin. `None` when it is new and there is no memory to remember it.
    pub(super) fn number(&self, kind: Kind) -> Option<u32> {
        let mut numbers = self.numbers.borrow_mut();
        if let Some(number) = numbers.get(&kind) {
            return Some(*number);
        }
        let mut bins = self.bins.borrow_mut();
        numbers.try_reserve(1).ok()?;
        bins.try_reserve(1).ok()?;
        let number = u32::try_from(bins.len()).ok()?;
        bins.push(Bin { current: Cell::new(ptr::null_mut()), roomy: Cell::new(ptr::null_mut()), rare: Cell::new(0) });
        numbers.insert(kind, number);
        Some(number)
    }

    /// The number of a kind's bin, if there is one.
    pub(super) fn known(&self, kind: Kind) -> Option<u32> {
        self.numbers.borrow().get(&kind).copied()
    }

    /// Whether the next object of a bin's kind is still one of its first. It is counted.
    pub(super) fn is_rare(&self, bin: u32) -> bool {
        let rare = &self.bins.borrow()[bin as usize].rare;
        rare.set(rare.get() + u32::from(rare.get() < RARE));
        rare.get() < RARE
    }

    /// The kind has no page any more: what comes next are its first objects again.
    pub(super) fn forget(&self, bin: u32) {
        self.bins.borrow()[bin as usize].rare.set(0);
    }

    pub(super) fn count(&self) -> u32 {
        self.bins.borrow().len() as u32
    }

    pub(super) fn current(&self, bin: u32) -> Option<NonNull<Page>> {
        NonNull::new(self.bins.borrow()[bin as usize].current.get())
    }

    pub(super) fn set_current(&self, bin: u32, page: Option<NonNull<Page>>) {
        self.bins.borrow()[bin as usize].current.set(page.map_or(ptr::null_mut(), NonNull::as_ptr));
    }

    /// Takes a page with room out of its bin.
    pub(super) fn take_roomy(&self, bin: u32) -> Option<NonNull<Page>> {
        let page = NonNull::new(self.bins.borrow()[bin as usize].roomy.get())?;
        self.unlink(page);
        // SAFETY: [I9] the pages of a bin are in use.
        unsafe { page.as_ref() }.watch.set(0);
        Some(page)
    }

    /// Puts a page with room into its bin.
    pub(super) fn link(&self, page: NonNull<Page>) {
        let bins = self.bins.borrow();
        // SAFETY: [I9] the pages of a bin are in use.
        unsafe {
            let roomy = &bins[page.as_ref().bin.get() as usize].roomy;
            let first = roomy.replace(page.as_ptr());
            page.as_ref().next.set(first);
            page.as_ref().prev.set(ptr::null_mut());
            if let Some(first) = first.as_ref() {
                first.prev.set(page.as_ptr());
            }
        }
    }

    /// Takes a page out of its bin.
    pub(super) fn unlink(&self, page: NonNull<Page>) {
        let bins = self.bins.borrow();
        // SAFETY: [I9] the pages of a bin are in use.
        unsafe {
            let (next, prev) = (page.as_ref().next.get(), page.as_ref().prev.get());
            match prev.as_ref() {
                Some(prev) => prev.next.set(next),
                None => bins[page.as_ref().bin.get() as usize].roomy.set(next),
            }
            if let Some(next) = next.as_ref() {
                next.prev.set(prev);
            }
        }
    }
}

/// Spreads the bits of an address: only its upper half is good for anything.
#[cfg_attr(not(debug_assertions), inline(always))]
fn mix(address: usize) -> u64 {
    (address as u64).wrapping_mul(0x9E37_79B9_7F4A_7C15)
}

/// A hasher for [`Kind`]s. Nobody chooses them to collide.
#[derive(Default)]
struct Mix(u64);

impl Hasher for Mix {
    fn finish(&self) -> u64 {
        self.0 ^ self.0 >> 32
    }

    fn write(&mut self, bytes: &[u8]) {
        for byte in bytes {
            self.write_usize(usize::from(*byte));
        }
    }

    fn write_u32(&mut self, part: u32) {
        self.write_usize(part as usize);
    }

    fn write_usize(&mut self, part: usize) {
        self.0 = mix(self.0 as usize ^ part);
    }
}

/// The places for current pages of full objects.
const WAYS: usize = 256;

/// Current pages where an allocation finds them at once. Each is null or the current page of its bin; full objects of
/// different types may want the same place.
#[derive(Debug)]
pub(super) struct Fast {
    leaves: [Cell<*mut Page>; class::COUNT],
    full: [Cell<*mut Page>; WAYS],
}

impl Fast {
    pub(super) const fn new() -> Self {
        Fast {
            leaves: [const { Cell::new(ptr::null_mut()) }; class::COUNT],
            full: [const { Cell::new(ptr::null_mut()) }; WAYS],
        }
    }

    /// Where the current page of a kind may be found.
    #[cfg_attr(not(debug_assertions), inline(always))]
    pub(super) fn place(&self, kind: Kind) -> &Cell<*mut Page> {
        if kind.info.is_null() {
            &self.leaves[kind.class as usize]
        } else {
            &self.full[(mix(kind.info.addr() ^ kind.class as usize) >> (64 - WAYS.ilog2())) as usize]
        }
    }

    pub(super) fn clear(&self) {
        self.leaves.iter().chain(&self.full).for_each(|place| place.set(ptr::null_mut()));
    }
}
