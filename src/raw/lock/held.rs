//! What cells a thread has, so that it is told when it would wait for itself.

use std::cell::{Cell, RefCell};

use crate::raw::base::sync::const_fn;

/// The latches that a thread has: which ones for reading.
#[derive(Debug, Default)]
pub(crate) struct Reading {
    /// One of them, or zero. As a rule there are no others.
    one: Cell<usize>,
    others: RefCell<Vec<usize>>,
    /// How many it has for writing.
    written: Cell<u32>,
}

impl Reading {
    const_fn! {
        /// None.
        pub(crate) fn new() -> Self {
            Reading { one: Cell::new(0), others: RefCell::new(Vec::new()), written: Cell::new(0) }
        }
    }

    /// The thread is gone.
    pub(crate) fn forget(&self) {
        self.one.set(0);
        self.others.borrow_mut().clear();
        self.written.set(0);
    }

    #[cfg_attr(not(debug_assertions), inline(always))]
    pub(super) fn add(&self, latch: usize) {
        if self.one.get() == 0 {
            self.one.set(latch);
        } else {
            self.add_other(latch);
        }
    }

    #[inline(never)]
    fn add_other(&self, latch: usize) {
        self.others.borrow_mut().push(latch);
    }

    #[cfg_attr(not(debug_assertions), inline(always))]
    pub(super) fn remove(&self, latch: usize) {
        if self.one.get() == latch {
            self.one.set(0);
        } else {
            self.remove_other(latch);
        }
    }

    #[inline(never)]
    fn remove_other(&self, latch: usize) {
        let mut others = self.others.borrow_mut();
        // As a rule the one that was taken last.
        if let Some(at) = others.iter().rposition(|addr| *addr == latch) {
            others.swap_remove(at);
        }
    }

    pub(super) fn contains(&self, latch: usize) -> bool {
        self.one.get() == latch || self.others.borrow().contains(&latch)
    }

    /// Whether it has none.
    pub(crate) fn is_empty(&self) -> bool {
        self.written.get() == 0 && self.one.get() == 0 && self.others.borrow().is_empty()
    }

    #[inline]
    pub(super) fn add_written(&self) {
        self.written.set(self.written.get().saturating_add(1));
    }

    /// A leaked borrow of another thread that had the seat may have ended here.
    #[inline]
    pub(super) fn remove_written(&self) {
        self.written.set(self.written.get().saturating_sub(1));
    }
}
