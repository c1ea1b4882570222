//! What the counts of heaps that threads share have in common.
//!
//! They do what [`Count`](super::Count) does, and differ from it where a plain count relies on being alone:
//!
//! - A decrement that leaves other handles sets `SUSPECT` itself, before or while it counts. Afterwards the object may be
//!   gone.
//! - A decrement may have to be finished by the object's owner ([`Down::Queue`]).
//! - The memory goes with whoever comes last, the value's side ([`SharedCount::let_go`]) or a weak handle
//!   ([`SharedCount::dec_weak`]). With plain counts it is enough to look at `DYING` and the counts one after the other.
//! - `upgrade` is one operation.

/// Names the owner of an object: a thread.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Owner(pub(crate) u32);

impl Owner {
    /// The owner of objects whose counts are merged. No thread is called so.
    pub(crate) const NOBODY: Owner = Owner(0);
    /// What a thread is called that has run out of names: it owns nothing, and its objects are born merged.
    pub(crate) const STRANGER: Owner = Owner(u32::MAX);
}

/// What a decrement came to.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Down {
    /// Other handles are left (or the object is immortal).
    Alive,
    /// As `Alive`, and nobody had suspected the object since it was last cleared: the heap's suspicions go up.
    Suspect,
    /// That was the last handle. The object is the caller's.
    Zero,
    /// The caller cannot tell. It sends the object to its owner, who calls `merge`.
    Queue(Owner),
}

/// Whether a handle is the only one.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Unique {
    Yes,
    No,
    /// To be asked again when the counts are merged: by the owner, or in a stop.
    Unknown,
}

/// Strong count, weak count and flags of an object that threads share.
///
/// A thread that calls one of these is attached. *Alone* means: nobody else has a strong handle, or the world is stopped.
pub(crate) trait SharedCount: Sized + Send + Sync + 'static {
    /// What the count has to know of the calling thread.
    type Who: Copy;

    /// A count of one handle.
    fn new(flags: u32, who: Self::Who) -> Self;

    /// A count of no handle and one weak one, for an object whose value is being made.
    fn unborn(flags: u32) -> Self;

    /// One handle more. Past the limit the object becomes immortal.
    fn inc(&self, who: Self::Who);

    /// One handle less.
    fn dec(&self, who: Self::Who) -> Down;

    /// One handle more, if there is one and the object is not `DYING`.
    fn upgrade(&self, who: Self::Who) -> bool;

    /// Whether the caller's handle is the only one, and there are no weak ones.
    fn unique(&self, who: Self::Who) -> Unique;

    /// The number of handles; `IMMORTAL` or more for an immortal object. Exact when the world is stopped.
    fn strong(&self) -> u32;

    /// The first handle of an object that has none: the value is there, or is to be finalized. Alone.
    fn revive(&self);

    /// Makes the object live for ever. `Queue` if the owner has to be told.
    fn immortalize(&self, who: Self::Who) -> Down;

    /// Makes the count one of which [`SharedCount::unique`] can tell. The world is stopped, and inboxes are empty.
    fn settle(&self);

    /// One handle more, which nobody has, so that no drop reaches zero; sets and clears flags. The world is
    /// stopped, and inboxes are empty.
    fn condemn(&self, set: u32, clear: u32);

    /// Takes back [`SharedCount::condemn`]. The world is stopped.
    fn pardon(&self, set: u32, clear: u32);

    /// The handle that [`SharedCount::condemn`] made goes. True if it was the last.
    fn uncondemn(&self) -> bool;

    /// The flags.
    fn flags(&self) -> u32;

    /// Sets the given flags.
    fn set(&self, flags: u32);

    /// Clears the given flags.
    fn clear(&self, flags: u32);

    /// Sets and clears flags of an object without handles, without an atomic read-modify-write if it can. Alone.
    fn claim(&self, set: u32, clear: u32);

    /// The number of weak handles.
    fn weak(&self) -> u32;

    /// One weak handle more. The caller has a handle or a weak one.
    fn inc_weak(&self);

    /// One weak handle less. True if the memory is the caller's to release.
    fn dec_weak(&self) -> bool;

    /// The value is gone, and with it the strong side's claim to the memory. True if that is the caller's to release.
    fn let_go(&self) -> bool;
}
