//! What is written down to pace full collections by. `collect/pace.rs` reads it.

use crate::raw::base::relaxed::{Flag, Number};

/// How much a heap may grow over what is alive, in percent, if nobody says anything else.
const GROWTH: usize = 100;

/// What a heap's full collections are paced by.
#[derive(Debug)]
pub(crate) struct Pace {
    /// How much the heap may grow over what is alive, in percent.
    pub(crate) growth: Number<usize>,
    /// Bytes that the last full collection found alive.
    pub(crate) live: Number<usize>,
    /// … and some of that was garbage, which has been put off.
    pub(crate) provisional: Flag,
    /// Bytes and full objects in use when they were last counted.
    pub(crate) counted: Number<usize>,
    pub(crate) objects: Number<usize>,
    /// Bytes handed out, ever, when they were last counted.
    pub(crate) handed: Number<usize>,
    /// With so many in use others wait for the thread that collects.
    pub(crate) most: Number<usize>,
    /// Suspicions when the last full collection began, as far as is known now, and how many of them since were of garbage that
    /// was collected young.
    pub(crate) suspicions_then: Number<u64>,
    pub(crate) suspicions: Number<u64>,
    pub(crate) found_young: Number<u64>,
    /// How often the last full collections that suspicion began were for nothing, and whether it began this one.
    pub(crate) backoff: Number<usize>,
    pub(crate) on_suspicion: Flag,
    /// Of an incremental collection: bytes in use and external bytes when it began, what may be allocated, objects made by then, how many
    /// may be made, and how many had been at the last step, how much of that has been used, and the bytes of garbage that it
    /// has found.
    pub(crate) start: Number<usize>,
    pub(crate) external: Number<usize>,
    pub(crate) reserve: Number<usize>,
    pub(crate) made_then: Number<usize>,
    pub(crate) most_made: Number<usize>,
    pub(crate) made: Number<usize>,
    pub(crate) used: Number<usize>,
    pub(crate) freed: Number<usize>,
    /// An incremental collection drops garbage; by how much the heap had grown when it began to, and what had been handed out by then (also of a
    /// full collection in one piece).
    pub(crate) dropping: Flag,
    pub(crate) grown_then: Number<usize>,
    pub(crate) handed_then: Number<usize>,
    /// An incremental collection was interrupted, and none has come to its end since.
    pub(crate) interrupted: Flag,
}

impl Pace {
    pub(crate) fn new() -> Self {
        Pace {
            growth: Number::new(GROWTH),
            live: Number::default(),
            provisional: Flag::new(false),
            counted: Number::default(),
            objects: Number::default(),
            handed: Number::default(),
            most: Number::new(usize::MAX),
            suspicions_then: Number::default(),
            suspicions: Number::default(),
            found_young: Number::default(),
            backoff: Number::default(),
            on_suspicion: Flag::new(false),
            start: Number::default(),
            external: Number::default(),
            reserve: Number::default(),
            made_then: Number::default(),
            most_made: Number::default(),
            made: Number::default(),
            used: Number::default(),
            freed: Number::default(),
            dropping: Flag::new(false),
            grown_then: Number::default(),
            handed_then: Number::default(),
            interrupted: Flag::new(false),
        }
    }

    /// Suspects found to be garbage before they were old.
    pub(crate) fn found_young_garbage(&self, suspects: usize) {
        self.found_young.change(|found_young| found_young + suspects as u64);
    }
}
