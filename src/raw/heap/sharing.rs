//! How threads use a heap together.

/// How threads use a heap together.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Sharing {
    /// Each has a heap of its own.
    Nobody,
    /// One at a time: the one that has the lock.
    Turns,
    /// All at once.
    Parallel,
}

impl Sharing {
    #[cfg_attr(not(debug_assertions), inline(always))]
    pub(crate) const fn in_parallel(self) -> bool {
        matches!(self, Sharing::Parallel)
    }

    #[cfg_attr(not(debug_assertions), inline(always))]
    pub(crate) const fn is_shared(self) -> bool {
        !matches!(self, Sharing::Nobody)
    }
}
