//! The count word: the eight bytes in front of every value.
//!
//! [`Count`] is the strategy that a heap chooses. Nothing outside this folder knows how the bits lie.
//!
//! The operations are those that threads need which use an object in parallel:
//!
//! - After a decrement that leaves other handles the object may be gone. So it is the count that raises a [`Suspicion`], before
//!   it counts, and atomic counts set `SUSPECT` themselves, before or while they count.
//! - A decrement may have to be finished by the object's owner ([`Down::Queue`]).
//! - The memory goes with whoever comes last, the value's side ([`Count::let_go`]) or a weak handle ([`Count::dec_weak`]).
//! - `upgrade` is one operation.

pub(crate) mod atomic;
pub(crate) mod biased;
pub(crate) mod local;
#[cfg(all(test, not(loom)))]
mod walk;

use std::ptr::NonNull;

pub use atomic::AtomicCount;
pub use biased::BiasedCount;
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
    pub(crate) const LARGE: u32 = 1 << 8;
    /// The object is on no thread's own list, but on one of the world's. On a heap that is not used in parallel only objects
    /// that a guard has given back have it: when a collection has come by since, so that they are young no more.
    pub(crate) const COMMON: u32 = 1 << 9;
    /// The number of flag bits.
    pub(crate) const BITS: u32 = 10;
}

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
    /// As `Alive`, and nobody had suspected the object since it was last cleared: the [`Suspicion`] has been raised.
    Suspect,
    /// That was the last handle. The object is the caller's.
    Zero,
    /// The caller cannot tell. It sends the object to its owner, who calls `merge`.
    Queue(Owner),
}

/// What a decrement does that is the first, since the object was last cleared of suspicion, to leave other handles. It does so
/// while the object is there for certain: before it counts, or where nobody else can bring the object to its end.
#[derive(Clone, Copy)]
pub(crate) struct Suspicion {
    place: NonNull<u8>,
    raise: fn(NonNull<u8>),
}

impl Suspicion {
    /// One of the object whose value is at `place`, which is raised by `raise`.
    #[cfg_attr(not(debug_assertions), inline(always))]
    pub(crate) const fn new(place: NonNull<u8>, raise: fn(NonNull<u8>)) -> Self {
        Suspicion { place, raise }
    }

    /// One that nobody hears of.
    pub(crate) const fn none() -> Self {
        Suspicion::new(NonNull::dangling(), |_| {})
    }

    #[cfg_attr(not(debug_assertions), inline(always))]
    fn raise(self) {
        (self.raise)(self.place);
    }
}

/// Whether a handle is the only one.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Unique {
    Yes,
    No,
    /// To be asked again when the counts are merged: by the owner, or in a stop.
    Unknown,
}

/// Strong count, weak count and flags of one object.
///
/// A thread that calls one of these is attached. *Undisturbed* means: nobody else has a strong handle, or the world is stopped;
/// on a heap that one thread uses at a time it always is so.
pub(crate) trait Count: Sized + 'static {
    /// What the count has to know of the calling thread.
    type Who: Copy;

    /// … which is called `owner`, and may be `solo` in its world: nobody else is inside.
    fn who(owner: impl FnOnce() -> Owner, solo: fn() -> bool) -> Self::Who;

    /// A count of one handle.
    fn new(flags: u32, who: Self::Who) -> Self;

    /// A count of no handle and one weak one, for an object whose value is being made.
    fn unborn(flags: u32) -> Self;

    /// One handle more. Past the limit the object becomes immortal.
    fn inc(&self, who: Self::Who);

    /// One handle less.
    fn dec(&self, who: Self::Who, suspicion: Suspicion) -> Down;

    /// As `dec`, and leaves the object unsuspected, if it can: the handle was not one that matters.
    fn dec_quietly(&self, who: Self::Who, suspicion: Suspicion) -> Down;

    /// Finishes a decrement that came to [`Down::Queue`]: to be called once, by the owner, or, if it has left, by whoever
    /// was told so, or in a stop.
    fn merge(&self, _: Suspicion) -> Down {
        Down::Alive
    }

    /// Whether `dec` might come to [`Down::Queue`]. Not after [`Count::merge_in_stop`].
    fn is_strange(&self, _: Self::Who) -> bool {
        false
    }

    /// As `dec`, but only if the caller's handle is the only one: then the object is the caller's, as after
    /// [`Down::Zero`].
    fn dec_last(&self, who: Self::Who) -> Unique;

    /// One handle more, if there is one and the object is not `DYING`.
    fn upgrade(&self, who: Self::Who) -> bool;

    /// Whether there are objects whose handles the owner can count without a stop.
    const PRIVATE: bool = false;

    /// The number of handles, if the object is the calling thread's, and no other thread has made or dropped a handle of it
    /// yet.
    fn private(&self, _: Self::Who) -> Option<u32> {
        None
    }

    /// Whether [`Count::private`] can tell, there are no weak handles and none of these flags: asked at one moment.
    fn is_private_without(&self, _: Self::Who, _: u32) -> bool {
        false
    }

    /// Whether the caller's handle is the only one, and there are no weak ones.
    fn unique(&self, who: Self::Who) -> Unique;

    /// The number of handles; `IMMORTAL` or more for an immortal object. Exact when the world is stopped.
    fn strong(&self) -> u32;

    /// The first handle of an object that has none: the value is there, or is to be finalized. Undisturbed.
    fn revive(&self);

    /// Makes the object live for ever. `Queue` if the owner has to be told.
    fn immortalize(&self, who: Self::Who) -> Down;

    /// Makes the count one of which [`Count::unique`] can tell. The world is stopped, and inboxes are empty.
    fn merge_in_stop(&self);

    /// One handle more, which nobody has, so that no drop reaches zero; sets and clears flags. The world is
    /// stopped, and inboxes are empty. From now on only this thread has handles.
    fn condemn(&self, who: Self::Who, set: u32, clear: u32);

    /// Takes back [`Count::condemn`]. The world is stopped.
    fn pardon(&self, set: u32, clear: u32);

    /// The handle that [`Count::condemn`] made goes. True if it was the last.
    fn uncondemn(&self, who: Self::Who) -> bool;

    /// The flags.
    fn flags(&self) -> u32;

    /// Sets the given flags.
    fn set(&self, flags: u32);

    /// Clears the given flags.
    fn clear(&self, flags: u32);

    /// Sets and clears flags while the world is stopped.
    fn mark(&self, set: u32, clear: u32);

    /// Sets and clears flags of an object without handles, without an atomic read-modify-write if it can. Undisturbed.
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

/// Words with a strong count mean "immortal" from here on.
pub(crate) const IMMORTAL: u32 = 1 << 31;

/// One handle in such a word. With `cfg(gc_small_limits)` a word has only eight bits for them, so that counts come to their
/// limits after a few handles, and wrap, where they do, as they would after 2³².
pub(crate) const ONE: u32 = if cfg!(gc_small_limits) { 1 << 24 } else { 1 };

/// How many of the lowest bits a weak count goes without: none, or so many that six are left.
pub(crate) const fn weak_spare(bits: u32) -> u32 {
    if cfg!(gc_small_limits) { bits - 6 } else { 0 }
}

/// The number of handles in a word with a strong count; [`IMMORTAL`] or more if it is immortal.
#[cfg_attr(not(debug_assertions), inline(always))]
pub(crate) const fn handles(word: u32) -> u32 {
    if word >= IMMORTAL { word } else { word / ONE }
}
