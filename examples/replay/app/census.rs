//! How much of the replayed heap is alive, by the heap's own counts.

use tricycle::Heap;

/// The heap's counts at one moment, with whatever else lives there taken off.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Census {
    /// Objects of all kinds.
    pub(crate) objects: usize,
    /// Those among them that are tracked.
    pub(crate) tracked: usize,
}

impl Census {
    /// Counts everything.
    pub(crate) fn of(heap: impl Heap) -> Self {
        Self { objects: heap.live_allocations(), tracked: heap.live_objects() }
    }

    /// What has come since an `earlier` count.
    pub(crate) fn since(self, earlier: Self) -> Self {
        let more = |now: usize, then: usize| now.saturating_sub(then);
        Self { objects: more(self.objects, earlier.objects), tracked: more(self.tracked, earlier.tracked) }
    }
}
