//! How far a full collection in steps is. `collect/incremental.rs` takes the steps.

use std::cell::{Cell, RefCell};
use std::time::Duration;

use crate::raw::memory::segment::SEGMENT;

/// Objects looked at between two looks at the clock.
pub(crate) const STRETCH: usize = 512;

/// To prepare a block of memory takes as long as to look at so many objects: its entries may be fresh memory.
pub(crate) const BLOCK: usize = SEGMENT / 256;

/// How often an object that seems to be garbage is looked at to put it in order, to examine it and to drop it, more or less.
const ORDER: usize = 3;
pub(crate) const EXAMINE: usize = 4;
const DROP: usize = 2;

/// What an incremental collection is doing.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Step {
    Idle,
    Prepare,
    Count,
    Mark,
    Order,
    Examine,
    Drop,
}

/// How far the incremental collection of a heap is.
#[derive(Debug)]
pub(crate) struct Incremental {
    pub(crate) step: Cell<Step>,
    /// Only blocks of memory with smaller numbers than this have yet to be prepared; they are taken from the last to the first.
    pub(crate) block: Cell<usize>,
    /// How many objects that have an allocation of their own have yet to be prepared.
    pub(crate) large: Cell<usize>,
    pub(crate) candidates: Cell<usize>,
    /// Objects that have been counted, marked, put in order (in so many steps), and examined.
    pub(crate) counted: Cell<usize>,
    pub(crate) marked: Cell<usize>,
    pub(crate) ordered: Cell<usize>,
    pub(crate) examined: Cell<usize>,
    /// Objects that have ever been white.
    pub(crate) white: Cell<usize>,
    /// Objects that are condemned, and have not been dropped.
    pub(crate) condemned: Cell<usize>,
    /// How many of the white objects have finalizers, more or less.
    pub(crate) loud: Cell<usize>,
    /// How many full collections have begun, in one piece or in steps; the number of the last one that came to its end; and that
    /// of the one which has to, before what was garbage when `collect_within` was first called is gone.
    pub(crate) begun: Cell<u64>,
    pub(crate) ended: Cell<u64>,
    pub(crate) series: Cell<Option<u64>>,
    pub(crate) search: Search,
    /// Time spent on it since the last report.
    pub(crate) spent: Cell<Duration>,
}

impl Incremental {
    pub(crate) fn new() -> Self {
        Incremental {
            step: Cell::new(Step::Idle),
            block: Cell::new(0),
            large: Cell::new(0),
            candidates: Cell::new(0),
            counted: Cell::new(0),
            marked: Cell::new(0),
            ordered: Cell::new(0),
            examined: Cell::new(0),
            white: Cell::new(0),
            condemned: Cell::new(0),
            loud: Cell::new(0),
            begun: Cell::new(0),
            ended: Cell::new(0),
            series: Cell::new(None),
            search: Search::default(),
            spent: Cell::new(Duration::ZERO),
        }
    }

    pub(crate) fn is_running(&self) -> bool {
        self.step.get() != Step::Idle
    }

    /// How many objects are yet to be looked at, if there are `objects` in all, of which `garbage` are garbage, as far as one
    /// can tell at the beginning.
    pub(crate) fn work_left(&self, objects: usize, garbage: usize) -> usize {
        let (mark, white) = (objects, garbage.max(self.white.get()));
        let doom = white * (ORDER + EXAMINE + DROP);
        match self.step.get() {
            Step::Idle => 0,
            Step::Prepare => self.block.get() * BLOCK + self.large.get() + objects + mark + doom,
            Step::Count => objects.saturating_sub(self.counted.get()) + mark + doom,
            Step::Mark => mark.saturating_sub(self.marked.get()) + doom,
            Step::Order => {
                let order = (self.white.get() * ORDER).saturating_sub(self.ordered.get());
                order + self.white.get() * (EXAMINE + DROP)
            }
            Step::Examine | Step::Drop => {
                self.white.get().saturating_sub(self.examined.get()) * (EXAMINE + DROP) + self.condemned.get() * DROP
            }
        }
    }

    /// A full collection begins.
    pub(crate) fn has_begun(&self) {
        self.begun.set(self.begun.get() + 1);
    }

    /// The one that has begun has come to its end.
    pub(crate) fn has_ended(&self) {
        self.ended.set(self.begun.get());
    }

    /// Whether one that begins after this is asked for the first time has come to its end.
    pub(crate) fn is_series_over(&self) -> bool {
        let needed = self.series.get().unwrap_or_else(|| self.begun.get() + 1);
        self.series.set(Some(needed));
        self.ended.get() >= needed
    }

    /// The number of the last full collection that came to its end.
    pub(crate) fn last_ended(&self) -> u64 {
        self.ended.get()
    }

    pub(crate) fn reset(&self) {
        let Incremental { candidates, counted, marked, ordered, examined, white, condemned, loud, .. } = self;
        let numbers = [candidates, counted, marked, ordered, examined, white, condemned, loud];
        numbers.into_iter().for_each(|number| number.set(0));
        self.search.reset();
        self.spent.set(Duration::ZERO);
    }
}

/// The search that puts in order what an incremental collection found (`collect/parts.rs`).
#[derive(Debug, Default)]
pub(crate) struct Search {
    /// Objects opened so far.
    pub(crate) opened: Cell<u32>,
    /// Components found so far.
    pub(crate) components: Cell<u32>,
    pub(crate) bounds: RefCell<Vec<u32>>,
}

impl Search {
    /// Forgets everything.
    pub(crate) fn reset(&self) {
        self.opened.set(0);
        self.components.set(0);
        drop(self.bounds.take());
    }
}
