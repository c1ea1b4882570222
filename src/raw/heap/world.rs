//! What all threads of a heap have in common.

use std::cell::Cell;
use std::sync::Mutex;

use super::backlog::Backlog;
use super::generations::Lists;
use super::pace::Pace;
use super::progress::Incremental;
use super::rest::Rest;
use super::side_table::Extras;
use super::slot;
use super::suspects::Suspects;
use crate::events::Callbacks;
use crate::raw::base::nesting::NO_LIMIT;
use crate::raw::base::relaxed::{Flag, Number};
use crate::raw::base::sync::lock;
use crate::raw::memory::budget::Budget;
use crate::raw::threads::examiners::Examiners;
use crate::{AnyGc, Collection, Generation, Heap, Stats, Thresholds};

/// Names the time between two full examinations of a heap, in which what is suspected stays so.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Epoch(u64);

/// How many pending bytes outside the heap bring on a full collection, at least.
pub(super) const EXTERNAL_STEP: usize = 32 * 1024 * 1024;

/// The seat of no thread.
pub(crate) const NOBODY: usize = usize::MAX;

/// What all threads of a heap have in common. What is not a [`List`] may be looked at by any of them at any time; lists
/// and an incremental collection belong to whoever has stopped the world, or, between stops, has the lock for lists `[I19]`.
pub(crate) struct World<H: Heap> {
    pub(crate) lists: Lists,
    /// The lock for lists, on heaps that threads use in parallel.
    lock: Mutex<()>,
    /// The calling thread has stopped the world: nobody else can see this.
    pub(crate) stopped: Flag,
    pub(crate) incremental: Incremental,
    /// Numbers the collections that have weak callbacks to run.
    pub(crate) serial: Number<u64>,
    /// What `collect_within` has done so far.
    pub(crate) reported: Cell<Collection>,
    pub(crate) collecting: Flag,
    /// The seat of the thread that does, if threads share the heap; [`NOBODY`]'s if none does, or it has just begun to.
    pub(crate) collector: Number<usize>,
    /// Where others wait for it.
    pub(crate) rest: Rest,
    pub(crate) enabled: Flag,
    /// The thresholds, youngest generation first.
    thresholds: [Number<usize>; 3],
    /// Collections of the younger generation since the last one of middle and old.
    pub(crate) runs: [Number<usize>; 2],
    /// No more objects than this are on the middle list.
    pub(crate) middle_size: Number<usize>,
    /// No more objects than this were taken off the lists of threads since the last collection that looked at them.
    pub(crate) gathered_size: Number<usize>,
    /// The sum of `suspicions` when each generation was last examined.
    pub(crate) examined_at: [Number<u64>; 3],
    /// Where they begin.
    pub(crate) suspects: Suspects,
    /// When full collections are due.
    pub(crate) pace: Pace,
    /// Threads that examine their own young objects.
    pub(crate) examiners: Examiners,
    pub(crate) save_all: Flag,
    /// Nothing is collected when the thread ends that the heap belongs to.
    pub(crate) leak_at_exit: Flag,
    /// What the pools may have.
    pub(crate) budget: Budget,
    pub(crate) external_limit: Number<usize>,
    pub(crate) stats: Mutex<Stats>,
    pub(crate) callbacks: Callbacks,
    pub(crate) saved: Mutex<Vec<AnyGc<H>>>,
    pub(crate) extras: Extras,
    /// Objects that are to be destroyed in later steps.
    pub(crate) backlog: Backlog,
    /// How many objects go when the last handle of one is dropped.
    pub(crate) defer_drop: Number<usize>,
}

impl<H: Heap> World<H> {
    pub(crate) fn new() -> Self {
        let Thresholds { young, middle, old } = Thresholds::default();
        World {
            lists: Lists::new(),
            lock: Mutex::new(()),
            stopped: Flag::new(false),
            incremental: Incremental::new(),
            serial: Number::default(),
            reported: Cell::new(Collection::none(Generation::Old)),
            collecting: Flag::new(false),
            collector: Number::new(NOBODY),
            rest: Rest::new(),
            enabled: Flag::new(true),
            thresholds: [young, middle, old].map(Number::new),
            runs: Default::default(),
            middle_size: Number::default(),
            gathered_size: Number::default(),
            examined_at: Default::default(),
            suspects: Suspects::new(),
            pace: Pace::new(),
            examiners: Examiners::new(),
            save_all: Flag::new(false),
            leak_at_exit: Flag::new(false),
            budget: Budget::new(),
            external_limit: Number::new(EXTERNAL_STEP),
            stats: Mutex::new(Stats::default()),
            callbacks: Callbacks::default(),
            saved: Mutex::new(Vec::new()),
            extras: Extras::default(),
            backlog: Backlog::default(),
            defer_drop: Number::new(NO_LIMIT),
        }
    }

    /// A world at its final address. It is never freed.
    pub(crate) fn make() -> *const Self {
        let this = Box::into_raw(Box::new(Self::new()));
        // SAFETY: [I10] just made: nobody else knows of it.
        unsafe { &*this }.lists.init();
        this
    }

    /// Runs `f`, which changes lists, while nobody else does. The thread is inside.
    #[cfg_attr(not(debug_assertions), inline(always))]
    pub(crate) fn locked<R>(&self, f: impl FnOnce() -> R) -> R {
        let disputed = H::SHARING.in_parallel() && slot::solo_seat::<H>().is_none();
        let _guard = disputed.then(|| lock(&self.lock));
        f()
    }

    /// Where to look for ephemerons; nowhere, if there are none.
    pub(crate) fn ephemerons(&self) -> Option<&Extras> {
        self.extras.has_ephemerons().then_some(&self.extras)
    }

    /// What time it is. It does not change while the thread is inside and passes no safepoint.
    pub(crate) fn epoch(&self) -> Epoch {
        Epoch(self.examined_at[Generation::Old as usize].get())
    }

    pub(crate) fn thresholds(&self) -> Thresholds {
        let [young, middle, old] = &self.thresholds;
        Thresholds { young: young.get(), middle: middle.get(), old: old.get() }
    }

    pub(crate) fn set_thresholds(&self, thresholds: Thresholds) {
        let Thresholds { young, middle, old } = thresholds;
        std::iter::zip(&self.thresholds, [young, middle, old]).for_each(|(place, number)| place.set(number));
    }
}
