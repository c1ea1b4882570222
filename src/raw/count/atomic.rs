//! Atomic counts, for heaps that threads use in parallel.
//!
//! ```text
//! [ strong: 32 ][ weak: 20 | LOCKED | IMMORTAL | flags: 10 ]
//! ```
//!
//! Cloning and dropping a handle write the first word and look at the second one. They never load the word that they write:
//! right behind an atomic operation that takes as long as half another one, and would make them half as slow again as
//! `Arc`. A solo thread writes it without atomic operations.
//!
//! The flag `WEAK` is not stored, as the weak count tells. Its bit is [`GONE`]: the strong side has let go of the memory.

use super::{Count, Down, IMMORTAL, ONE, Owner, Suspicion, Unique, flag, handles, weak_spare};
use crate::raw::base::sync::{AtomicU32, Ordering, acquire, spin};

/// The value is gone and the last weak handle releases the memory.
const GONE: u32 = flag::WEAK;
/// The object lives for ever: the first word is not written.
const FOR_EVER: u32 = 1 << flag::BITS;
/// Somebody makes sure that its handle is the only one; no weak handle can be made meanwhile.
const LOCKED: u32 = FOR_EVER << 1;
/// One weak handle.
const WEAK: u32 = LOCKED << (1 + weak_spare(31 - LOCKED.trailing_zeros()));
const WEAK_BITS: u32 = 32 - WEAK.trailing_zeros();
/// From here on the weak count stays, and the memory is never given back. It is then moved away from this limit, to which
/// threads in the middle of a drop can bring it back otherwise.
const WEAK_STUCK: u32 = 1 << (WEAK_BITS - 1);
const WEAK_START: u32 = (WEAK_STUCK | WEAK_STUCK >> 1) * WEAK;

/// An atomic count.
#[derive(Debug)]
#[repr(C, align(8))]
pub struct AtomicCount {
    strong: AtomicU32,
    rest: AtomicU32,
}

const fn weak(rest: u32) -> u32 {
    rest / WEAK
}

impl AtomicCount {
    /// A decrement of an object that is immortal, or not yet suspected.
    #[cold]
    #[inline(never)]
    fn dec_slow(&self, rest: u32, solo: fn() -> bool, suspicion: Suspicion) -> Down {
        if rest & FOR_EVER != 0 {
            return Down::Alive;
        }
        let mut strong = self.strong.load(Ordering::Relaxed);
        while strong == ONE {
            // The last handle, as it seems: no suspicion. Somebody may be upgrading a weak one.
            // Relaxed: if it is the last, nobody waits to hear from us.
            match self.strong.compare_exchange(ONE, 0, Ordering::Relaxed, Ordering::Relaxed) {
                Ok(_) => {
                    acquire(|order| self.strong.load(order)); // [O2]
                    return Down::Zero;
                }
                Err(now) => strong = now,
            }
        }
        // Before we count: afterwards the object may be gone.
        let first = self.rest.fetch_or(flag::SUSPECT, Ordering::Relaxed) & flag::SUSPECT == 0;
        if first {
            suspicion.raise();
        }
        match self.count_down(solo) {
            Down::Alive if first => Down::Suspect,
            down => down,
        }
    }

    /// The strong count before something was added to it, by a solo thread.
    #[cfg_attr(not(debug_assertions), inline(always))]
    fn add(&self, more: u32) -> u32 {
        let old = self.strong.load(Ordering::Relaxed);
        self.strong.store(old.wrapping_add(more), Ordering::Relaxed);
        old
    }

    #[cfg_attr(not(debug_assertions), inline(always))]
    fn count_down(&self, solo: fn() -> bool) -> Down {
        let old = if solo() {
            self.add(ONE.wrapping_neg())
        } else {
            self.strong.fetch_sub(ONE, Ordering::Release) // [O3]
        };
        if old != ONE {
            return Down::Alive;
        }
        acquire(|order| self.strong.load(order)); // [O4]
        Down::Zero
    }

    #[cold]
    #[inline(never)]
    fn saturate(&self) {
        // Release: who sees the object immortal, and upgrades without looking at its count, sees its value, too.
        self.rest.fetch_or(FOR_EVER, Ordering::Release); // [O13]
    }

    /// Changes flags and the strong count when the world is stopped.
    #[cfg_attr(not(debug_assertions), inline(always))]
    fn change(&self, more: u32, set: u32, clear: u32) {
        self.add(more);
        self.rest.store(self.rest.load(Ordering::Relaxed) & !clear | set, Ordering::Relaxed);
    }
}

impl Count for AtomicCount {
    /// Tells whether it is solo, if that matters: immortal objects do not ask.
    type Who = fn() -> bool;

    #[cfg_attr(not(debug_assertions), inline(always))]
    fn who(_: impl FnOnce() -> Owner, solo: fn() -> bool) -> fn() -> bool {
        solo
    }

    #[cfg_attr(not(debug_assertions), inline(always))]
    fn new(flags: u32, _: fn() -> bool) -> Self {
        AtomicCount { strong: AtomicU32::new(ONE), rest: AtomicU32::new(flags) }
    }

    fn unborn(flags: u32) -> Self {
        AtomicCount { strong: AtomicU32::new(0), rest: AtomicU32::new(WEAK | flags) }
    }

    #[cfg_attr(not(debug_assertions), inline(always))]
    fn inc(&self, solo: fn() -> bool) {
        if self.rest.load(Ordering::Relaxed) & FOR_EVER != 0 {
            return; // nothing is written
        }
        // As in `Arc`: the caller has a handle, so nobody destroys the object.
        let old = if solo() { self.add(ONE) } else { self.strong.fetch_add(ONE, Ordering::Relaxed) };
        if old.wrapping_add(ONE).cast_signed() < 0 {
            self.saturate();
        }
    }

    #[cfg_attr(not(debug_assertions), inline(always))]
    fn dec(&self, solo: fn() -> bool, suspicion: Suspicion) -> Down {
        let rest = self.rest.load(Ordering::Relaxed);
        if rest & (flag::SUSPECT | FOR_EVER) != flag::SUSPECT {
            return self.dec_slow(rest, solo, suspicion);
        }
        self.count_down(solo)
    }

    fn dec_quietly(&self, solo: fn() -> bool, _: Suspicion) -> Down {
        let immortal = self.rest.load(Ordering::Relaxed) & FOR_EVER != 0;
        if immortal { Down::Alive } else { self.count_down(solo) }
    }

    fn dec_last(&self, _: fn() -> bool) -> Unique {
        if self.rest.load(Ordering::Relaxed) & (flag::DYING | FOR_EVER) != 0 {
            return Unique::No;
        }
        match self.strong.compare_exchange(ONE, 0, Ordering::Relaxed, Ordering::Relaxed) {
            Ok(_) => {
                acquire(|order| self.strong.load(order)); // [O17]
                Unique::Yes
            }
            Err(_) => Unique::No,
        }
    }

    fn upgrade(&self, _: fn() -> bool) -> bool {
        let rest = self.rest.load(Ordering::Acquire); // [O12]
        if rest & (flag::DYING | FOR_EVER) != 0 {
            return rest & flag::DYING == 0;
        }
        let mut strong = self.strong.load(Ordering::Relaxed);
        while strong != 0 {
            // Acquire: the value may have been made after the weak handle.
            match self.strong.compare_exchange_weak(
                strong,
                strong + ONE,
                Ordering::Acquire, // [O5]
                Ordering::Relaxed,
            ) {
                Ok(_) => {
                    if (strong + ONE).cast_signed() < 0 {
                        self.saturate();
                    }
                    return true;
                }
                Err(now) => strong = now,
            }
        }
        false
    }

    /// As `Arc` does it: with the weak count locked, so that nobody can make a weak handle of a strong one, drop that, and
    /// upgrade, all between two of our looks.
    fn unique(&self, _: fn() -> bool) -> Unique {
        let rest = self.rest.load(Ordering::Relaxed);
        if weak(rest) != 0 || rest & (flag::DYING | LOCKED | FOR_EVER) != 0 {
            return Unique::No;
        }
        // Acquire: the last weak handle may have gone after it was upgraded. If the word changes, there is somebody else.
        let locked = self.rest.compare_exchange(
            rest,
            rest | LOCKED,
            Ordering::Acquire, // [O14]
            Ordering::Relaxed,
        );
        if locked.is_err() {
            return Unique::No;
        }
        let strong = self.strong.load(Ordering::Acquire); // [O6]
        self.rest.fetch_and(!LOCKED, Ordering::Release); // [O15]
        if strong == ONE { Unique::Yes } else { Unique::No }
    }

    #[cfg_attr(not(debug_assertions), inline(always))]
    fn strong(&self) -> u32 {
        let immortal = self.rest.load(Ordering::Relaxed) & FOR_EVER != 0;
        if immortal { IMMORTAL } else { handles(self.strong.load(Ordering::Relaxed)) }
    }

    fn revive(&self) {
        self.strong.store(ONE, Ordering::Release); // [O7]
    }

    fn immortalize(&self, _: fn() -> bool) -> Down {
        self.saturate();
        Down::Alive
    }

    fn merge_in_stop(&self) {}

    #[cfg_attr(not(debug_assertions), inline(always))]
    fn condemn(&self, _: fn() -> bool, set: u32, clear: u32) {
        self.change(ONE, set, clear);
    }

    fn pardon(&self, set: u32, clear: u32) {
        self.change(ONE.wrapping_neg(), set, clear);
    }

    #[cfg_attr(not(debug_assertions), inline(always))]
    fn uncondemn(&self, _: fn() -> bool) -> bool {
        // Only the thread that drops the garbage has handles to it: also parts of the values stay with it until all are dropped.
        let left = self.strong.load(Ordering::Relaxed) - ONE;
        self.strong.store(left, Ordering::Relaxed);
        left == 0
    }

    #[cfg_attr(not(debug_assertions), inline(always))]
    fn flags(&self) -> u32 {
        let rest = self.rest.load(Ordering::Relaxed);
        let weak = if weak(rest) == 0 { 0 } else { flag::WEAK };
        rest & ((1 << flag::BITS) - 1) & !GONE | weak
    }

    fn set(&self, flags: u32) {
        self.rest.fetch_or(flags, Ordering::Relaxed);
    }

    fn clear(&self, flags: u32) {
        self.rest.fetch_and(!flags, Ordering::Relaxed);
    }

    #[cfg_attr(not(debug_assertions), inline(always))]
    fn mark(&self, set: u32, clear: u32) {
        self.rest.store(self.rest.load(Ordering::Relaxed) & !clear | set, Ordering::Relaxed);
    }

    #[cfg_attr(not(debug_assertions), inline(always))]
    fn claim(&self, set: u32, clear: u32) {
        // The store hides from `let_go` what the last weak handle has released.
        let rest = self.rest.load(Ordering::Acquire); // [O106]
        if weak(rest) == 0 {
            // Nobody has a handle of either kind.
            self.rest.store(rest & !clear | set, Ordering::Relaxed);
        } else {
            self.clear(clear);
            self.set(set);
        }
    }

    fn weak(&self) -> u32 {
        weak(self.rest.load(Ordering::Relaxed))
    }

    fn inc_weak(&self) {
        let mut rest = self.rest.load(Ordering::Relaxed);
        while weak(rest) < WEAK_STUCK {
            if rest & LOCKED != 0 {
                spin();
                rest = self.rest.load(Ordering::Relaxed);
                continue;
            }
            let stuck = if weak(rest) + 1 == WEAK_STUCK { WEAK_START } else { 0 };
            // Acquire: who has locked the count before does not see what we do from now on.
            match self.rest.compare_exchange_weak(
                rest,
                (rest + WEAK) | stuck,
                Ordering::Acquire, // [O16]
                Ordering::Relaxed,
            ) {
                Ok(_) => return,
                Err(now) => rest = now,
            }
        }
    }

    fn dec_weak(&self) -> bool {
        if weak(self.rest.load(Ordering::Relaxed)) >= WEAK_STUCK {
            return false; // the true number is not known any more
        }
        let old = self.rest.fetch_sub(WEAK, Ordering::Release); // [O8]
        if weak(old) != 1 || old & GONE == 0 {
            return false;
        }
        acquire(|order| self.rest.load(order)); // [O9]
        true
    }

    #[cfg_attr(not(debug_assertions), inline(always))]
    fn let_go(&self) -> bool {
        // Without weak handles nobody is left to make one.
        let rest = self.rest.load(Ordering::Acquire); // [O10]
        if weak(rest) == 0 {
            return true;
        }
        let old = self.rest.fetch_or(GONE, Ordering::AcqRel); // [O11]
        weak(old) == 0
    }
}

#[cfg(test)]
impl AtomicCount {
    /// So many weak handles stick.
    pub(crate) const MOST_WEAK: u32 = WEAK_STUCK;

    /// A count of so many handles.
    pub(crate) fn of(strong: u32, weak: u32) -> Self {
        AtomicCount { strong: AtomicU32::new(strong * ONE), rest: AtomicU32::new(weak * WEAK) }
    }
}

#[cfg(all(test, not(loom)))]
mod tests;
