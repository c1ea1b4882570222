//! Plain data about collections: generations, thresholds, counts, statistics.

use std::ops::{Index, IndexMut};
use std::time::Duration;

/// An age group of tracked objects.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Generation {
    /// Objects created since the last collection.
    Young,
    /// Objects that survived one collection.
    Middle,
    /// Objects that survived two, or a full collection.
    Old,
}

impl Generation {
    /// All generations, youngest first.
    pub const ALL: [Generation; 3] = [Generation::Young, Generation::Middle, Generation::Old];

    /// Returns the generation to which survivors of a collection of this generation go.
    pub(crate) fn older(self) -> Generation {
        match self {
            Generation::Young => Generation::Middle,
            Generation::Middle | Generation::Old => Generation::Old,
        }
    }
}

/// When automatic collections start: CPython's `gc.set_threshold`.
///
/// ```
/// use tricycle::{Local, Thresholds};
///
/// Local.set_thresholds(Thresholds { young: 50_000, ..Thresholds::default() });
/// assert_eq!(Local.thresholds().middle, 10);
/// ```
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct Thresholds {
    /// A young collection starts when more than this many tracked objects were created, less those freed, since the
    /// last one. Zero switches automatic collection off.
    pub young: usize,
    /// The middle generation is included after more than this many young collections.
    pub middle: usize,
    /// The old generation is included after more than this many middle collections, if the heap has grown by half
    /// of what it may grow by ([`Control::set_growth`](crate::Control::set_growth)). It is included earlier if the
    /// heap would otherwise grow by more than it may, or if much of the heap is suspected to be garbage.
    pub old: usize,
}

impl Default for Thresholds {
    /// `(2000, 10, 10)`, like CPython 3.13 and later.
    fn default() -> Self {
        Thresholds { young: 2000, middle: 10, old: 10 }
    }
}

impl From<(usize, usize, usize)> for Thresholds {
    fn from((young, middle, old): (usize, usize, usize)) -> Self {
        Thresholds { young, middle, old }
    }
}

/// How far each generation is from its threshold: CPython's `gc.get_count`.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
pub struct Counts {
    /// Tracked objects created since the last collection, less those freed.
    pub young: usize,
    /// Young collections since the last one that included the middle generation.
    pub middle: usize,
    /// Middle collections since the last full one.
    pub old: usize,
}

/// The result of one collection.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct Collection {
    /// The oldest generation it included.
    pub generation: Generation,
    /// How many tracked objects were garbage and have been freed (or saved, under `save_all`). Objects that were
    /// freed by count because of that are not included.
    pub collected: usize,
    /// How many objects were kept because a [`Trace`](crate::Trace) implementation reported more edges to them than
    /// there are handles.
    pub uncollectable: usize,
    /// How many objects were examined. A full collection looks no further than from those that have lost a handle since the last
    /// one, if they do not lead to much.
    pub candidates: usize,
    /// How long the collection took, without callbacks of `on_collection`.
    pub duration: Duration,
}

impl Collection {
    /// A collection that has done nothing.
    pub(crate) fn none(generation: Generation) -> Self {
        Collection { generation, collected: 0, uncollectable: 0, candidates: 0, duration: Duration::ZERO }
    }

    /// This collection, and what another did as a part of it.
    pub(crate) fn with(self, part: &Collection) -> Self {
        Collection {
            generation: self.generation,
            collected: self.collected + part.collected,
            uncollectable: self.uncollectable + part.uncollectable,
            candidates: self.candidates + part.candidates,
            duration: self.duration + part.duration,
        }
    }
}

/// Sums over the collections of one generation: CPython's `gc.get_stats`.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
#[non_exhaustive]
pub struct GenerationStats {
    /// The number of collections.
    pub collections: u64,
    /// See [`Collection::collected`].
    pub collected: u64,
    /// See [`Collection::uncollectable`].
    pub uncollectable: u64,
    /// See [`Collection::candidates`].
    pub candidates: u64,
    /// The time spent.
    pub duration: Duration,
}

/// Statistics of a heap, by [`Generation`].
///
/// ```
/// use tricycle::{Generation, heap};
///
/// heap! { Vm: Local }
/// Vm.collect();
/// assert_eq!(Vm.stats()[Generation::Old].collections, 1);
/// ```
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
#[non_exhaustive]
pub struct Stats {
    /// One entry for each generation, youngest first.
    pub generations: [GenerationStats; 3],
}

impl Stats {
    pub(crate) fn record(&mut self, collection: &Collection) {
        let stats = &mut self[collection.generation];
        stats.collections += 1;
        stats.collected += collection.collected as u64;
        stats.uncollectable += collection.uncollectable as u64;
        stats.candidates += collection.candidates as u64;
        stats.duration += collection.duration;
    }
}

impl Index<Generation> for Stats {
    type Output = GenerationStats;

    fn index(&self, generation: Generation) -> &GenerationStats {
        &self.generations[generation as usize]
    }
}

impl IndexMut<Generation> for Stats {
    fn index_mut(&mut self, generation: Generation) -> &mut GenerationStats {
        &mut self.generations[generation as usize]
    }
}
