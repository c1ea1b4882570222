//! What a full collection has to know before it starts from suspects. `collect/suspects.rs` does that.

use crate::raw::base::relaxed::{Flag, Number};

/// After as many searches in a row that led to too much, two to the power of this many collections go without one, at most.
const MOST_FAILURES: usize = if cfg!(gc_small_limits) { 0 } else { 3 };

/// How far suspects can be relied on, and whether it is worth while.
#[derive(Debug)]
pub(crate) struct Suspects {
    /// Something may be garbage that no suspect leads to.
    pub(crate) unsure: Flag,
    /// How many searches in a row have led to too much,
    failures: Number<usize>,
    /// … from how many suspicions, the last time,
    most: Number<u64>,
    /// … and how many collections do without one for that, if they have as many.
    pause: Number<usize>,
}

impl Suspects {
    pub(crate) fn new() -> Self {
        Suspects {
            unsure: Flag::new(false),
            failures: Number::default(),
            most: Number::default(),
            pause: Number::default(),
        }
    }

    /// Whether a full collection is to look for what suspects lead to, if so many suspicions have been raised since the last one.
    pub(crate) fn are_worth_it(&self, suspicions: u64) -> bool {
        let pause = self.pause.get();
        self.pause.set(pause.saturating_sub(1));
        !self.unsure.get() && (pause == 0 || suspicions < self.most.get() / 2)
    }

    /// So many suspicions have led to so little that nothing else has to be examined, or not.
    pub(crate) fn have_led(&self, to_little: bool, suspicions: u64) {
        let failures = if to_little { 0 } else { (self.failures.get() + 1).min(MOST_FAILURES) };
        self.failures.set(failures);
        self.most.set(suspicions);
        self.pause.set(if to_little { 0 } else { (1 << failures) - 1 });
    }
}
