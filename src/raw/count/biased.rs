//! Biased counts (PEP 703): the owner of an object counts without atomic read-modify-writes, everybody else atomically.
//!
//! ```text
//! [ local: 32 | owner: 32 ][ count: 32, signed | weak: 19 | touched: 1 | flags: 10 | state: 2 ]
//!   the owner writes         the shared word: anybody writes
//! ```
//!
//! The number of handles is `local + count`. A handle that the owner made may be dropped by another thread and the other
//! way round, so neither part says much alone: `count` may even be negative.
//!
//! | state | who may bring the object to its end |
//! |---|---|
//! | default | the owner, when `local` and `count` are both zero |
//! | [`QUEUED`] | as default; the object is in its owner's inbox, which holds one of the handles |
//! | [`MERGED`] | whoever brings `count` to zero; there is no owner any more, and `local` is zero |
//!
//! `docs/INTERNALS.md`, "Biased counts", has the diagram and shows why the owner may believe a `count` of zero that it
//! reads without a read-modify-write.

mod word;

use self::word::*;
use super::{Count, Down, IMMORTAL, ONE, Owner, Suspicion, Unique, flag};
use crate::raw::base::sync::{AtomicU32, AtomicU64, Ordering, acquire};

/// A biased count.
#[derive(Debug)]
#[repr(C, align(8))]
pub struct BiasedCount {
    /// The owner's part. From `IMMORTAL` on it is not written any more, by nobody; nor is the shared count then.
    local: AtomicU32,
    owner: AtomicU32,
    shared: AtomicU64,
}

impl BiasedCount {
    #[cfg_attr(not(debug_assertions), inline(always))]
    fn is_mine(&self, me: Owner) -> bool {
        self.owner.load(Ordering::Relaxed) == me.0
    }

    #[inline]
    fn inc_shared(&self) {
        // Immortal? The other word tells, too, and can be loaded at once: this one may just have been written.
        if self.local.load(Ordering::Relaxed) >= IMMORTAL {
            return; // nothing is written
        }
        let old = self.shared.fetch_add(STRONG, Ordering::Relaxed);
        if is_immortal(old.wrapping_add(STRONG)) {
            self.saturate_shared();
        }
    }

    /// The shared count is immortal, or becomes so. If there is no owner, the other word says so from now on.
    #[cold]
    #[inline(never)]
    fn saturate_shared(&self) {
        let update = |word| Some(with_count(word, 0) | SHARED_START);
        let word = self.shared.fetch_update(Ordering::Relaxed, Ordering::Relaxed, update).unwrap_or_else(|word| word);
        if word & STATE == MERGED {
            self.local.store(LOCAL_START, Ordering::Relaxed);
        }
    }

    /// The owner's count is immortal, or becomes so.
    #[cold]
    #[inline(never)]
    fn saturate_local(&self) {
        if self.local.load(Ordering::Relaxed) < IMMORTAL {
            self.local.store(LOCAL_START, Ordering::Relaxed);
            self.saturate_shared();
        }
    }

    /// A decrement by somebody else than the owner, which leaves `traces`.
    #[inline(never)]
    fn dec_shared(&self, traces: u64, suspicion: Suspicion) -> Down {
        let mut word = self.shared.load(Ordering::Relaxed);
        let mut raised = false;
        loop {
            if is_immortal(word) {
                return Down::Alive;
            }
            let (state, left) = (word & STATE, count(word) - 1);
            let (next, down) = if state == 0 && left < 0 {
                // The handle is one that the owner counts, and may be the last. The inbox keeps it.
                ((word | QUEUED), Down::Queue(Owner(self.owner.load(Ordering::Relaxed))))
            } else if state == MERGED && left == 0 {
                (with_count(word, 0), Down::Zero)
            } else {
                let next = with_count(word, left) | traces;
                (next, if traces & !word & SUSPECT != 0 { Down::Suspect } else { Down::Alive })
            };
            if down == Down::Suspect && !std::mem::replace(&mut raised, true) {
                // Before we count: afterwards the object may be gone. If somebody else is first after all, it is raised twice.
                suspicion.raise();
            }
            match self.shared.compare_exchange_weak(
                word,
                next,
                Ordering::Release, // [O20]
                Ordering::Relaxed,
            ) {
                Ok(_) => {
                    if down == Down::Zero {
                        acquire(|order| self.shared.load(order)); // [O21]
                    } else if down == Down::Queue(Owner::NOBODY) {
                        return self.dec_shared(traces, suspicion); // it is being merged at this moment
                    }
                    return down;
                }
                Err(now) => word = now,
            }
        }
    }

    /// The owner's count has come to `left`, which is zero or immortal.
    #[cold]
    #[inline(never)]
    fn dec_local(&self, left: u32, suspicion: Suspicion) -> Down {
        if left != 0 {
            return Down::Alive; // immortal: nothing is written
        }
        let word = self.shared.load(Ordering::Acquire); // [O22]
        if word & !(FLAGS | TOUCHED) == 0 {
            // No other handle, and no weak one that could be upgraded.
            self.local.store(0, Ordering::Relaxed);
            return Down::Zero;
        }
        self.fold(0, 0, suspicion)
    }

    /// Adds the owner's part, less some handles that go, to the shared one. The object is then owned by nobody. Only the
    /// owner may do this, or who stands in for it.
    #[inline(never)]
    fn fold(&self, local: u32, less: i64, suspicion: Suspicion) -> Down {
        // Before the state changes: afterwards somebody else may destroy the object.
        self.local.store(0, Ordering::Relaxed);
        self.owner.store(Owner::NOBODY.0, Ordering::Relaxed);
        let mut word = self.shared.load(Ordering::Relaxed);
        let mut raised = false;
        loop {
            let next = merged(word, local, -less);
            let immortal = is_immortal(next);
            let (next, down) = if immortal {
                (next, Down::Alive)
            } else if count(next) == 0 {
                (next, Down::Zero)
            } else {
                (next | SUSPECT, if word & SUSPECT == 0 { Down::Suspect } else { Down::Alive })
            };
            if down == Down::Suspect && !std::mem::replace(&mut raised, true) {
                suspicion.raise(); // as in `dec_shared`
            }
            match self.shared.compare_exchange_weak(
                word,
                next,
                Ordering::Release, // [O23]
                Ordering::Relaxed,
            ) {
                Ok(_) => {
                    if immortal {
                        self.local.store(LOCAL_START, Ordering::Relaxed);
                    } else if down == Down::Zero {
                        acquire(|order| self.shared.load(order)); // [O24]
                    }
                    return down;
                }
                Err(now) => word = now,
            }
        }
    }

    /// The shared word, if it is to say all, and `more` handles besides. The world is stopped.
    #[cfg_attr(not(debug_assertions), inline(always))]
    fn merged_first(&self, more: i64) -> u64 {
        let word = merged(self.shared.load(Ordering::Relaxed), self.local.load(Ordering::Relaxed), more);
        self.local.store(if is_immortal(word) { LOCAL_START } else { 0 }, Ordering::Relaxed);
        self.owner.store(Owner::NOBODY.0, Ordering::Relaxed);
        word
    }

    /// One handle more, and all of them are `who`'s, if that has a name. What the shared word is to be.
    #[inline(never)]
    fn adopt(&self, who: Owner) -> u64 {
        let word = self.merged_first(1);
        if who == Owner::STRANGER || is_immortal(word) {
            return word;
        }
        self.owner.store(who.0, Ordering::Relaxed);
        self.local.store(count(word) as u32 * ONE, Ordering::Relaxed);
        with_count(word & !STATE, 0)
    }
}

impl Count for BiasedCount {
    type Who = Owner;

    #[cfg_attr(not(debug_assertions), inline(always))]
    fn who(owner: impl FnOnce() -> Owner, _: fn() -> bool) -> Owner {
        owner()
    }

    const PRIVATE: bool = true;

    #[cfg_attr(not(debug_assertions), inline(always))]
    fn private(&self, who: Owner) -> Option<u32> {
        let word = self.shared.load(Ordering::Relaxed);
        let local = self.local.load(Ordering::Relaxed);
        let private = count(word) == 0 && word & (STATE | TOUCHED) == 0 && local < IMMORTAL && self.is_mine(who);
        private.then_some(local / ONE)
    }

    fn is_private_without(&self, who: Owner, flags: u32) -> bool {
        let word = self.shared.load(Ordering::Relaxed);
        let local = self.local.load(Ordering::Relaxed);
        word & !(FLAGS & !shift(flags)) == 0 && local < IMMORTAL && self.is_mine(who)
    }

    #[cfg_attr(not(debug_assertions), inline(always))]
    fn new(flags: u32, who: Owner) -> Self {
        let (local, owner, shared) =
            if who == Owner::STRANGER { (0, Owner::NOBODY, STRONG | MERGED) } else { (ONE, who, 0) };
        BiasedCount {
            local: AtomicU32::new(local),
            owner: AtomicU32::new(owner.0),
            shared: AtomicU64::new(shared | shift(flags)),
        }
    }

    fn unborn(flags: u32) -> Self {
        BiasedCount {
            local: AtomicU32::new(0),
            owner: AtomicU32::new(Owner::NOBODY.0),
            shared: AtomicU64::new(MERGED | WEAK | shift(flags)),
        }
    }

    #[cfg_attr(not(debug_assertions), inline(always))]
    fn inc(&self, who: Owner) {
        if !self.is_mine(who) {
            return self.inc_shared();
        }
        let next = self.local.load(Ordering::Relaxed).wrapping_add(ONE);
        if next.cast_signed() < 0 {
            self.saturate_local();
        } else {
            self.local.store(next, Ordering::Relaxed);
        }
    }

    #[cfg_attr(not(debug_assertions), inline(always))]
    fn dec(&self, who: Owner, suspicion: Suspicion) -> Down {
        if !self.is_mine(who) {
            return self.dec_shared(SUSPECT | TOUCHED, suspicion);
        }
        let next = self.local.load(Ordering::Relaxed).wrapping_sub(ONE);
        if next.cast_signed() <= 0 {
            return self.dec_local(next, suspicion);
        }
        self.local.store(next, Ordering::Relaxed);
        // While there is a local count only we can bring the object to its end, so it may be touched after the decrement.
        if self.shared.load(Ordering::Relaxed) & SUSPECT == 0 {
            self.set(flag::SUSPECT);
            suspicion.raise();
            return Down::Suspect;
        }
        Down::Alive
    }

    fn dec_quietly(&self, who: Owner, suspicion: Suspicion) -> Down {
        if !self.is_mine(who) {
            return self.dec_shared(TOUCHED, suspicion);
        }
        let next = self.local.load(Ordering::Relaxed).wrapping_sub(ONE);
        if next.cast_signed() <= 0 {
            return self.dec_local(next, suspicion);
        }
        self.local.store(next, Ordering::Relaxed);
        Down::Alive
    }

    fn merge(&self, suspicion: Suspicion) -> Down {
        // Merged already, by the owner: `local` is zero.
        self.fold(self.local.load(Ordering::Relaxed), 1, suspicion)
    }

    fn is_strange(&self, who: Owner) -> bool {
        self.shared.load(Ordering::Relaxed) & STATE != MERGED && !self.is_mine(who)
    }

    fn dec_last(&self, who: Owner) -> Unique {
        let mut word = self.shared.load(Ordering::Relaxed);
        let local = match word & STATE {
            MERGED => 0,
            0 if self.is_mine(who) => self.local.load(Ordering::Relaxed),
            _ => return Unique::Unknown,
        };
        // `merged` says neither of an immortal object.
        let last = |word| count(merged(word, local, 0)) == 1 && word & DYING == 0;
        if !last(word) {
            return Unique::No;
        }
        if local == ONE && weak(word) == 0 {
            // As in `dec_local`: this is the only handle of either kind.
            self.shared.load(Ordering::Acquire); // [O33]
            self.local.store(0, Ordering::Relaxed);
            return Unique::Yes;
        }
        if word & STATE == 0 {
            self.local.store(0, Ordering::Relaxed);
            self.owner.store(Owner::NOBODY.0, Ordering::Relaxed);
        }
        loop {
            let unique = if last(word) { Unique::Yes } else { Unique::No };
            let next = merged(word, local, -i64::from(unique == Unique::Yes));
            // Relaxed: if there are other handles, the caller's is still among them.
            match self.shared.compare_exchange_weak(word, next, Ordering::Relaxed, Ordering::Relaxed) {
                Ok(_) => {
                    if unique == Unique::Yes {
                        acquire(|order| self.shared.load(order)); // [O34]
                    } else if is_immortal(next) {
                        self.local.store(LOCAL_START, Ordering::Relaxed);
                    }
                    return unique;
                }
                Err(now) => word = now,
            }
        }
    }

    fn upgrade(&self, who: Owner) -> bool {
        let mut word = self.shared.load(Ordering::Acquire); // [O25]
        if self.is_mine(who) {
            let alive = self.local.load(Ordering::Relaxed) != 0 && word & DYING == 0;
            if alive {
                self.inc(who);
            }
            return alive;
        }
        loop {
            if word & DYING != 0 || (word & STATE == MERGED && count(word) == 0) {
                return false;
            }
            if is_immortal(word) {
                return true;
            }
            // Not merged: the owner, which sees the weak count, merges before it destroys, and finds what we add.
            let next = word.wrapping_add(STRONG);
            let next = if is_immortal(next) { next | SHARED_START } else { next };
            match self.shared.compare_exchange_weak(
                word,
                next,
                Ordering::Relaxed,
                Ordering::Acquire, // [O32]
            ) {
                Ok(_) => return true,
                Err(now) => word = now,
            }
        }
    }

    fn unique(&self, who: Owner) -> Unique {
        let word = self.shared.load(Ordering::Acquire); // [O26]
        let local = match word & STATE {
            MERGED => 0,
            0 if self.is_mine(who) => self.local.load(Ordering::Relaxed),
            // The inbox has a handle, or the owner may be counting at this moment.
            _ => return Unique::Unknown,
        };
        let unique = count(merged(word, local, 0)) == 1 && weak(word) == 0 && word & DYING == 0;
        if unique { Unique::Yes } else { Unique::No }
    }

    #[cfg_attr(not(debug_assertions), inline(always))]
    fn strong(&self) -> u32 {
        let word = self.shared.load(Ordering::Relaxed);
        let local = self.local.load(Ordering::Relaxed);
        let total = count(word) + handles(local);
        // Two parts that are not immortal may be so many together. They are still counted.
        if is_immortal(word) || local >= IMMORTAL || total >= handles(IMMORTAL) {
            return LOCAL_START;
        }
        u32::try_from(total).unwrap_or(0)
    }

    fn revive(&self) {
        if self.owner.load(Ordering::Relaxed) == Owner::NOBODY.0 {
            self.shared.fetch_add(STRONG, Ordering::Release); // [O27]
        } else {
            self.local.store(ONE, Ordering::Relaxed);
        }
    }

    fn immortalize(&self, who: Owner) -> Down {
        if self.is_mine(who) {
            self.saturate_local();
            return Down::Alive;
        }
        let owner = Owner(self.owner.load(Ordering::Relaxed));
        self.saturate_shared();
        // The owner goes on counting until it is told.
        let update = |word| (word & STATE == 0).then_some(word | QUEUED);
        let tell = self.shared.fetch_update(Ordering::Relaxed, Ordering::Relaxed, update).is_ok();
        if tell && owner != Owner::NOBODY { Down::Queue(owner) } else { Down::Alive }
    }

    fn merge_in_stop(&self) {
        self.shared.store(self.merged_first(0), Ordering::Relaxed);
    }

    /// The object becomes the calling thread's, so that it need not count atomically when it drops the garbage.
    #[cfg_attr(not(debug_assertions), inline(always))]
    fn condemn(&self, who: Owner, set: u32, clear: u32) {
        let word = self.shared.load(Ordering::Relaxed);
        let word = if word & STATE == 0 && count(word) == 0 && self.is_mine(who) {
            self.local.store(self.local.load(Ordering::Relaxed) + ONE, Ordering::Relaxed);
            word
        } else {
            self.adopt(who)
        };
        self.shared.store(word & !shift(clear) | shift(set), Ordering::Relaxed);
    }

    fn pardon(&self, set: u32, clear: u32) {
        let word = self.merged_first(-1);
        self.shared.store(word & !shift(clear) | shift(set), Ordering::Relaxed);
    }

    #[cfg_attr(not(debug_assertions), inline(always))]
    fn uncondemn(&self, who: Owner) -> bool {
        self.dec(who, Suspicion::none()) == Down::Zero
    }

    #[cfg_attr(not(debug_assertions), inline(always))]
    fn flags(&self) -> u32 {
        let word = self.shared.load(Ordering::Relaxed);
        let weak = if weak(word) == 0 { 0 } else { flag::WEAK };
        ((word & FLAGS & !GONE) >> FLAG_SHIFT) as u32 | weak
    }

    fn set(&self, flags: u32) {
        self.shared.fetch_or(shift(flags), Ordering::Relaxed);
    }

    fn clear(&self, flags: u32) {
        self.shared.fetch_and(!shift(flags), Ordering::Relaxed);
    }

    #[cfg_attr(not(debug_assertions), inline(always))]
    fn mark(&self, set: u32, clear: u32) {
        self.shared.store(self.shared.load(Ordering::Relaxed) & !shift(clear) | shift(set), Ordering::Relaxed);
    }

    #[cfg_attr(not(debug_assertions), inline(always))]
    fn claim(&self, set: u32, clear: u32) {
        // The store hides from `let_go` what the last weak handle has released.
        let word = self.shared.load(Ordering::Acquire); // [O105]
        if weak(word) == 0 {
            // Nobody has a handle of either kind.
            self.shared.store(word & !shift(clear) | shift(set), Ordering::Relaxed);
        } else {
            self.clear(clear);
            self.set(set);
        }
    }

    fn weak(&self) -> u32 {
        weak(self.shared.load(Ordering::Relaxed))
    }

    fn inc_weak(&self) {
        // Counted and made to stick in one step: others must not find a count at the limit that can still go down.
        let update = |word| match weak(word) + 1 {
            WEAK_STUCK => Some(word & !WEAKS | WEAK_START),
            more => (more < WEAK_STUCK).then_some(word + WEAK),
        };
        let _ = self.shared.fetch_update(Ordering::Relaxed, Ordering::Relaxed, update);
    }

    fn dec_weak(&self) -> bool {
        if weak(self.shared.load(Ordering::Relaxed)) >= WEAK_STUCK {
            return false; // the true number is not known any more
        }
        let old = self.shared.fetch_sub(WEAK, Ordering::Release); // [O28]
        if weak(old) != 1 || old & GONE == 0 {
            return false;
        }
        acquire(|order| self.shared.load(order)); // [O29]
        true
    }

    #[cfg_attr(not(debug_assertions), inline(always))]
    fn let_go(&self) -> bool {
        // Without weak handles nobody is left to make one.
        let word = self.shared.load(Ordering::Acquire); // [O30]
        if weak(word) == 0 {
            return true;
        }
        let old = self.shared.fetch_or(GONE, Ordering::AcqRel); // [O31]
        weak(old) == 0
    }
}

#[cfg(test)]
impl BiasedCount {
    /// So many weak handles stick.
    pub(crate) const MOST_WEAK: u32 = WEAK_STUCK;

    /// A count of so many handles, `local` of them the owner's.
    pub(crate) fn of(owner: Owner, local: u32, shared: i64, weak: u32) -> Self {
        BiasedCount {
            local: AtomicU32::new(local * ONE),
            owner: AtomicU32::new(owner.0),
            shared: AtomicU64::new(with_count(u64::from(weak) * WEAK, shared)),
        }
    }
}

#[cfg(all(test, not(loom)))]
mod tests;
