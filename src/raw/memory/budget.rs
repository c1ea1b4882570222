//! How much memory a heap may have, all its pools together.

use crate::raw::base::relaxed::Number;

/// Bytes of pages in use, of allocations of their own, and outside of the heap; and the most that they may be.
#[derive(Debug)]
pub(crate) struct Budget {
    limit: Number<usize>,
    used: Number<usize>,
    pub(crate) external: Number<usize>,
}

/// That there is none.
pub(crate) const UNLIMITED: usize = usize::MAX;

impl Budget {
    pub(crate) fn new() -> Self {
        Budget { limit: Number::new(UNLIMITED), used: Number::default(), external: Number::default() }
    }

    pub(crate) fn limit(&self) -> usize {
        self.limit.get()
    }

    pub(crate) fn set_limit(&self, bytes: usize) {
        self.limit.set(bytes);
    }

    /// What there is.
    pub(crate) fn total(&self) -> usize {
        self.used.get().saturating_add(self.external.get())
    }

    /// Whether there is a limit, and the heap is above it.
    pub(crate) fn is_over(&self) -> bool {
        self.total() > self.limit()
    }

    /// Takes some bytes for a pool. False if the heap would have more than it may.
    #[must_use]
    pub(super) fn take(&self, bytes: usize) -> bool {
        self.used.change(|used| used + bytes);
        let fits = !self.is_over();
        if !fits {
            self.give(bytes);
        }
        fits
    }

    /// A pool has given some bytes back.
    pub(super) fn give(&self, bytes: usize) {
        self.used.change(|used| used - bytes);
    }
}
