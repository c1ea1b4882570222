//! The pool: pages by kind, from segments; empty segments back to the system.
//!
//! Allocating pops from the *current* page of the kind; freeing pushes onto the page the slot is in. Both are a few
//! instructions, and everything else is out of line. The shape is that of mimalloc (Leijen, Zorn, de Moura, "Mimalloc:
//! Free List Sharding in Action", 2019), without its threads.

mod allocate;
mod give_back;
mod trim;
mod walk;

use std::cell::{Cell, RefCell};
use std::ptr;
use std::sync::Mutex;

use super::bin::{Bins, Fast};
use super::budget::Budget;
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

    /// The number of objects that have an allocation of their own.
    pub(crate) fn large_count(&self) -> usize {
        self.large_count.get()
    }

    /// Bytes are handed out that have not been in use. It may be time to look what is due.
    fn hand_out(&self, bytes: usize) {
        if self.budget().hand_out(bytes) {
            self.trigger.set(0);
        }
    }

    /// Bytes held from the system, without those that were offered back.
    pub(crate) fn bytes(&self) -> usize {
        let held = self.segments.borrow().iter().filter(|segment| !segment.is_empty()).count();
        held * SEGMENT + self.large_bytes.get()
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
