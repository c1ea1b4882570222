//! How much memory a heap may have, all its pools together.

use crate::raw::base::relaxed::Number;

/// Bytes of pages in use, of allocations of their own, and outside of the heap; and the most that they may be.
#[derive(Debug)]
pub(crate) struct Budget {
    limit: Number<usize>,
    used: Number<usize>,
    pub(crate) external: Number<usize>,
    /// Empty segments that pools keep.
    kept: Number<usize>,
    /// Bytes handed out by all pools, by whole pages, since somebody counted what is in use.
    taken: Number<usize>,
    /// When it has come to this, whoever hands something out looks what is due.
    alarm: Number<usize>,
}

/// That there is none.
pub(crate) const UNLIMITED: usize = usize::MAX;

impl Budget {
    pub(crate) fn new() -> Self {
        Budget {
            limit: Number::new(UNLIMITED),
            used: Number::default(),
            external: Number::default(),
            kept: Number::default(),
            taken: Number::default(),
            alarm: Number::default(),
        }
    }

    pub(crate) fn limit(&self) -> usize {
        self.limit.get()
    }

    pub(crate) fn set_limit(&self, bytes: usize) {
        self.limit.set(bytes);
    }

    /// A pool hands out bytes that have not been in use. True if it is time to look what is due.
    #[must_use]
    pub(super) fn hand_out(&self, bytes: usize) -> bool {
        self.taken.change(|taken| taken.saturating_add(bytes));
        self.rings()
    }

    /// Bytes handed out, by whole pages, since [`Budget::forget_taken`].
    pub(crate) fn taken(&self) -> usize {
        self.taken.get()
    }

    /// What has been handed out was counted. Nobody hands out anything meanwhile.
    pub(crate) fn forget_taken(&self) {
        self.alarm.set(self.alarm.get().saturating_sub(self.taken.get()));
        self.taken.set(0);
    }

    /// Whether the bytes of [`Budget::set_alarm`] have been handed out.
    pub(crate) fn rings(&self) -> bool {
        self.taken.get() >= self.alarm.get()
    }

    /// Has threads look for what is due when they hand something out, from when `bytes` more have been.
    pub(crate) fn set_alarm(&self, bytes: usize) {
        self.alarm.set(self.taken.get().saturating_add(bytes.max(1)));
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
        let most = match self.limit() {
            UNLIMITED => Some(UNLIMITED),
            limit => limit.checked_sub(self.external.get()),
        };
        // In one step: what is refused must not be in the way of others even for a moment.
        self.used.try_change(|used| used.checked_add(bytes).filter(|sum| most.is_some_and(|most| *sum <= most)))
    }

    /// A pool has given some bytes back.
    pub(super) fn give(&self, bytes: usize) {
        self.used.change(|used| used - bytes);
    }

    /// A pool keeps an empty segment, if all of them keep fewer than `most`. Whether it does.
    #[must_use]
    pub(super) fn keep(&self, most: usize) -> bool {
        self.kept.try_change(|kept| (kept < most).then_some(kept + 1))
    }

    /// A pool uses such a segment, or gives it back.
    pub(super) fn unkeep(&self) {
        self.kept.change(|kept| kept - 1);
    }

    /// How many there are.
    #[cfg(all(test, not(any(loom, shuttle, gc_system_alloc))))]
    pub(super) fn kept(&self) -> usize {
        self.kept.get()
    }
}
