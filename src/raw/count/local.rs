//! Plain counts, for heaps that one thread uses at a time.

use std::cell::Cell;

use super::{Count, Down, IMMORTAL, ONE, Owner, Suspicion, Unique, flag, handles, weak_spare};

/// Where the weak count stays once it is reached: the memory of such an object is never given back.
const WEAK_MAX: u32 = u32::MAX / WEAK;

/// One weak handle.
const WEAK: u32 = 1 << (flag::BITS + weak_spare(32 - flag::BITS));

/// A count may drift by one clone or drop per instruction and still be far from `IMMORTAL` on both sides.
const IMMORTAL_START: u32 = IMMORTAL | IMMORTAL >> 1;

/// 32 bits of strong count; 10 of flags and 22 of weak count.
///
/// `inc` and `dec` cost what `Rc`'s cost: a load, an addition, a branch on its sign, a store. The flags are in a word of
/// their own, so that reading them does not wait for the store to the strong count.
#[repr(C, align(8))]
#[derive(Debug)]
pub struct LocalCount {
    strong: Cell<u32>,
    /// Flags, and from bit [`flag::BITS`] on the weak count.
    rest: Cell<u32>,
}

impl LocalCount {
    #[cold]
    #[inline(never)]
    fn saturate(&self) {
        if self.strong.get() < IMMORTAL {
            self.strong.set(IMMORTAL_START);
        }
    }
}

impl Count for LocalCount {
    type Who = ();

    #[cfg_attr(not(debug_assertions), inline(always))]
    fn who(_: impl FnOnce() -> Owner, _: fn() -> bool) {}

    #[cfg_attr(not(debug_assertions), inline(always))]
    fn new(flags: u32, (): ()) -> Self {
        LocalCount { strong: Cell::new(ONE), rest: Cell::new(flags) }
    }

    fn unborn(flags: u32) -> Self {
        LocalCount { strong: Cell::new(0), rest: Cell::new(flags | flag::WEAK | WEAK) }
    }

    #[cfg_attr(not(debug_assertions), inline(always))]
    fn inc(&self, (): ()) {
        let next = self.strong.get().wrapping_add(ONE);
        if next.cast_signed() < 0 {
            self.saturate();
        } else {
            self.strong.set(next);
        }
    }

    /// `SUSPECT` is left to who raises the suspicion: it is set out of line.
    #[cfg_attr(not(debug_assertions), inline(always))]
    fn dec(&self, (): (), suspicion: Suspicion) -> Down {
        let next = self.strong.get().wrapping_sub(ONE);
        if next.cast_signed() <= 0 {
            if next != 0 {
                return Down::Alive; // immortal: nothing is written
            }
            self.strong.set(0);
            return Down::Zero;
        }
        self.strong.set(next);
        if self.rest.get() & flag::SUSPECT == 0 {
            suspicion.raise();
            return Down::Suspect;
        }
        Down::Alive
    }

    fn dec_quietly(&self, (): (), _: Suspicion) -> Down {
        match self.dec((), Suspicion::none()) {
            Down::Suspect => Down::Alive,
            down => down,
        }
    }

    fn dec_last(&self, (): ()) -> Unique {
        if self.strong.get() != ONE || self.rest.get() & flag::DYING != 0 {
            return Unique::No;
        }
        self.strong.set(0);
        Unique::Yes
    }

    #[inline]
    fn upgrade(&self, (): ()) -> bool {
        let alive = self.strong.get() != 0 && self.rest.get() & flag::DYING == 0;
        if alive {
            self.inc(());
        }
        alive
    }

    fn unique(&self, (): ()) -> Unique {
        let unique = self.strong.get() == ONE && self.rest.get() & (flag::WEAK | flag::DYING) == 0;
        if unique { Unique::Yes } else { Unique::No }
    }

    #[cfg_attr(not(debug_assertions), inline(always))]
    fn strong(&self) -> u32 {
        handles(self.strong.get())
    }

    fn revive(&self) {
        self.strong.set(ONE);
    }

    fn immortalize(&self, (): ()) -> Down {
        self.strong.set(IMMORTAL_START);
        Down::Alive
    }

    fn merge_in_stop(&self) {}

    #[cfg_attr(not(debug_assertions), inline(always))]
    fn condemn(&self, (): (), set: u32, clear: u32) {
        self.strong.set(self.strong.get() + ONE);
        self.claim(set, clear);
    }

    fn pardon(&self, set: u32, clear: u32) {
        self.strong.set(self.strong.get() - ONE);
        self.claim(set, clear);
    }

    #[cfg_attr(not(debug_assertions), inline(always))]
    fn uncondemn(&self, (): ()) -> bool {
        self.strong.set(self.strong.get() - ONE);
        self.strong.get() == 0
    }

    #[cfg_attr(not(debug_assertions), inline(always))]
    fn flags(&self) -> u32 {
        self.rest.get() & ((1 << flag::BITS) - 1)
    }

    #[cfg_attr(not(debug_assertions), inline(always))]
    fn set(&self, flags: u32) {
        self.rest.set(self.rest.get() | flags);
    }

    #[cfg_attr(not(debug_assertions), inline(always))]
    fn clear(&self, flags: u32) {
        self.rest.set(self.rest.get() & !flags);
    }

    #[cfg_attr(not(debug_assertions), inline(always))]
    fn mark(&self, set: u32, clear: u32) {
        self.claim(set, clear);
    }

    /// One store. (Two would be narrow ones, and the next load of all flags would have to wait until they have left the
    /// store buffer.)
    #[cfg_attr(not(debug_assertions), inline(always))]
    fn claim(&self, set: u32, clear: u32) {
        self.rest.set(self.rest.get() & !clear | set);
    }

    #[inline]
    fn weak(&self) -> u32 {
        self.rest.get() / WEAK
    }

    #[inline]
    fn inc_weak(&self) {
        if self.weak() < WEAK_MAX {
            self.rest.set(self.rest.get() + WEAK);
        }
        self.set(flag::WEAK);
    }

    #[inline]
    fn dec_weak(&self) -> bool {
        let weak = self.weak();
        if weak == WEAK_MAX {
            return false; // saturated: the true number is not known any more
        }
        self.rest.set(self.rest.get() - WEAK);
        if weak == 1 {
            self.clear(flag::WEAK);
        }
        self.strong.get() == 0 && self.rest.get() & (flag::WEAK | flag::DYING) == 0
    }

    #[cfg_attr(not(debug_assertions), inline(always))]
    fn let_go(&self) -> bool {
        let weak = self.rest.get() & flag::WEAK != 0;
        if weak {
            self.clear(flag::DYING);
        }
        !weak
    }
}

#[cfg(all(test, not(loom)))]
mod tests {
    use super::*;

    #[test]
    fn overflow_makes_immortal() {
        let count = LocalCount::new(0, ());
        count.strong.set(IMMORTAL - ONE);
        count.inc(());
        assert!(count.strong() >= IMMORTAL);
        let before = count.strong();
        count.inc(());
        assert_eq!(count.dec((), Suspicion::none()), Down::Alive);
        assert_eq!(count.dec((), Suspicion::none()), Down::Alive);
        assert_eq!(count.strong(), before, "an immortal count is never written");
    }

    #[test]
    fn zero_and_suspect_are_reported() {
        let count = LocalCount::new(0, ());
        count.inc(());
        assert_eq!(count.dec((), Suspicion::none()), Down::Suspect);
        count.set(flag::SUSPECT);
        count.inc(());
        assert_eq!(count.dec((), Suspicion::none()), Down::Alive);
        assert_eq!(count.dec((), Suspicion::none()), Down::Zero);
        assert_eq!(count.strong(), 0);
    }

    #[test]
    fn weak_saturates() {
        let count = LocalCount::new(0, ());
        for _ in 0..3 {
            count.inc_weak();
        }
        count.dec_weak();
        assert_eq!((count.weak(), count.flags()), (2, flag::WEAK));
        count.rest.set(WEAK_MAX * WEAK);
        count.inc_weak();
        count.dec_weak();
        assert_eq!(count.weak(), WEAK_MAX);
    }

    #[test]
    fn random_walks() {
        use super::super::walk::{LIMIT, walk};
        walk(&[()], LIMIT, |_| (LocalCount::new(flag::FULL, ()), 1));
        walk(&[()], LIMIT, |seed| {
            let count = LocalCount::new(flag::FULL, ());
            count.strong.set(IMMORTAL - ONE * (seed % 8 + 1) as u32);
            (count, LIMIT - seed % 8 - 1)
        });
    }
}
