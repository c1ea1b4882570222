//! The count word: the eight bytes in front of every value.
//!
//! [`Count`] is the strategy that a heap chooses; [`local::LocalCount`] is the plain one. Nothing outside this folder
//! knows how the bits lie.

#[cfg(any(test, loom))]
pub(crate) mod atomic;
#[cfg(any(test, loom))]
pub(crate) mod biased;
pub(crate) mod local;
#[cfg(any(test, loom))]
pub(crate) mod shared;

pub use local::LocalCount;

/// Flag bits of an object. They live in the count word.
pub(crate) mod flag {
    /// A count has gone down without reaching zero since the last full collection: the object may be the entry to
    /// garbage. Always set on leaves, so that their drops take no second branch.
    pub(crate) const SUSPECT: u32 = 1 << 0;
    /// The header has links in front of the count.
    pub(crate) const FULL: u32 = 1 << 1;
    /// The object is on one of its heap's lists.
    pub(crate) const LINKED: u32 = 1 << 2;
    /// The object has a finalizer that has not run yet.
    pub(crate) const FINALIZER: u32 = 1 << 3;
    /// The object's finalizer has run.
    pub(crate) const FINALIZED: u32 = 1 << 4;
    /// The weak count is not zero.
    pub(crate) const WEAK: u32 = 1 << 5;
    /// The heap's side table has an entry for the object.
    pub(crate) const EXTRAS: u32 = 1 << 6;
    /// The value is condemned or being dropped: no weak handle can be upgraded, and the memory belongs to whoever set
    /// the flag, or, of a condemned object, to whoever brings the count to zero.
    pub(crate) const DYING: u32 = 1 << 7;
    /// The object has an allocation of its own, outside of the pool.
    pub(crate) const ALONE: u32 = 1 << 8;
    /// The number of flag bits.
    pub(crate) const BITS: u32 = 9;
}

/// What a decrement found.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Dec {
    /// Other handles are left (or the object is immortal).
    Alive,
    /// As `Alive`, and it is the first time since the object was last cleared of suspicion.
    Suspect,
    /// That was the last one; the count now reads zero.
    Zero,
}

/// Strong count, weak count and flags of one object.
pub(crate) trait Count: Sized + 'static {
    /// A count of one handle.
    fn new(flags: u32) -> Self;

    /// One handle more. Past the limit the object becomes immortal.
    fn inc(&self);

    /// One handle less.
    fn dec(&self) -> Dec;

    /// The number of strong handles; `IMMORTAL` or more for an immortal object.
    fn strong(&self) -> u32;

    /// Overwrites the number of strong handles.
    fn set_strong(&self, strong: u32);

    /// Makes the object live for ever.
    fn immortalize(&self);

    /// The flags.
    fn flags(&self) -> u32;

    /// Sets the given flags.
    fn set(&self, flags: u32);

    /// Clears the given flags.
    fn clear(&self, flags: u32);

    /// Clears some flags and sets others, with one store. (Two would be narrow ones, and the next load of all flags would
    /// have to wait until they have left the store buffer.)
    fn change(&self, clear: u32, set: u32);

    /// The number of weak handles.
    fn weak(&self) -> u32;

    /// One weak handle more.
    fn inc_weak(&self);

    /// One weak handle less.
    fn dec_weak(&self);
}

/// Strong counts from here on mean "immortal".
pub(crate) const IMMORTAL: u32 = 1 << 31;
