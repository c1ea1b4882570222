//! The lists that a heap keeps its tracked objects on.

use crate::Generation;
use crate::raw::base::list::List;

/// Where the lists are: the generations, oldest last, and the ones of a running collection.
#[derive(Debug)]
pub(crate) struct Lists {
    /// The middle and the old generation. What is young is on lists of its threads' own ([`State::young`](super::state::State::young)).
    generations: [List; 2],
    /// Young objects that a collector took off those, on heaps that threads use in parallel.
    pub(crate) gathered: List,
    /// Frozen objects.
    pub(crate) permanent: List,
    /// What is being examined.
    pub(crate) examined: List,
    /// What has been found to be garbage.
    pub(crate) garbage: List,
    /// Garbage whose finalizers have been seen to.
    pub(crate) finalized: List,
    /// An incremental collection's: old objects that it has seen.
    pub(crate) swept: List,
    /// An incremental collection's: old objects that may be garbage.
    pub(crate) white: List,
    /// … on the stack of the search that puts them in order.
    pub(crate) path: List,
    /// … behind the search, but not in order yet.
    pub(crate) waiting: List,
    /// … in the order in which they are to be examined.
    pub(crate) ordered: List,
    /// Garbage whose values are to be dropped.
    pub(crate) condemned: List,
}

impl Lists {
    pub(crate) fn new() -> Self {
        Lists {
            generations: [const { List::new() }; 2],
            gathered: List::new(),
            permanent: List::new(),
            examined: List::new(),
            garbage: List::new(),
            finalized: List::new(),
            swept: List::new(),
            white: List::new(),
            path: List::new(),
            waiting: List::new(),
            ordered: List::new(),
            condemned: List::new(),
        }
    }

    pub(crate) fn init(&self) {
        let Lists { generations, gathered, permanent, examined, garbage, finalized, condemned, .. } = self;
        generations.iter().chain(self.of_incremental()).for_each(List::init);
        for list in [gathered, permanent, examined, garbage, finalized, condemned] {
            list.init();
        }
    }

    /// The lists on which an incremental collection has old objects.
    pub(crate) fn of_incremental(&self) -> [&List; 5] {
        [&self.swept, &self.white, &self.path, &self.waiting, &self.ordered]
    }

    /// The list of the middle or the old generation.
    pub(crate) fn of(&self, generation: Generation) -> &List {
        &self.generations[generation as usize - 1]
    }
}
