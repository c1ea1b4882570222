//! Atomic counts, for heaps that threads use in parallel.
//!
//! ```text
//! [ strong: 32 | weak: 24 | flags: 8 ]     one word, at the place of a plain count
//! ```
//!
//! The flag `WEAK` is not stored, as the weak count tells. Its bit is [`GONE`]: the strong side has let go of the memory.

use super::shared::{Down, SharedCount, Unique};
use super::{IMMORTAL, flag};
use crate::raw::sync::{AtomicU64, Ordering, acquire};

/// One strong handle.
const STRONG: u64 = 1 << 32;
/// One weak handle.
const WEAK: u64 = 1 << flag::BITS;
const WEAK_BITS: u32 = 24;
const FLAGS: u64 = WEAK - 1;
/// The value is gone and the last weak handle releases the memory.
const GONE: u64 = flag::WEAK as u64;
/// A strong count may drift by as many clones and drops as there are threads in the middle of one, and still be far from
/// `IMMORTAL` on both sides.
const IMMORTAL_START: u64 = ((IMMORTAL | IMMORTAL >> 1) as u64) << 32;
/// From here on the weak count stays, and the memory is never given back.
const WEAK_STUCK: u32 = 1 << (WEAK_BITS - 1);
/// A weak count that is stuck, far from both sides, too.
const WEAK_START: u64 = ((WEAK_STUCK | WEAK_STUCK >> 1) as u64) << flag::BITS;

/// An atomic count.
#[derive(Debug)]
#[repr(transparent)]
pub(crate) struct AtomicCount(AtomicU64);

const fn is_immortal(word: u64) -> bool {
    word.cast_signed() < 0
}

const fn strong(word: u64) -> u32 {
    (word >> 32) as u32
}

const fn weak(word: u64) -> u32 {
    (word as u32) >> flag::BITS
}

impl AtomicCount {
    /// The first decrement since the object was last cleared of suspicion. The flag and the count change together:
    /// afterwards the object may be gone.
    #[cold]
    #[inline(never)]
    fn dec_suspect(&self, mut word: u64) -> Down {
        loop {
            if is_immortal(word) {
                return Down::Alive;
            }
            let last = strong(word) == 1;
            let suspect = if last { 0 } else { u64::from(flag::SUSPECT) };
            match self.0.compare_exchange_weak(
                word,
                (word - STRONG) | suspect,
                Ordering::Release, // [O1]
                Ordering::Relaxed,
            ) {
                Ok(_) if last => {
                    acquire(&self.0); // [O2]
                    return Down::Zero;
                }
                Ok(old) if old & u64::from(flag::SUSPECT) == 0 => return Down::Suspect,
                Ok(_) => return Down::Alive,
                Err(now) => word = now,
            }
        }
    }

    #[cold]
    #[inline(never)]
    fn saturate(&self) {
        self.0.fetch_or(IMMORTAL_START, Ordering::Relaxed);
    }

    /// Changes strong count and flags while the world is stopped.
    fn change(&self, change: impl FnOnce(u64) -> u64) {
        self.0.store(change(self.0.load(Ordering::Relaxed)), Ordering::Relaxed);
    }
}

impl SharedCount for AtomicCount {
    type Who = ();

    #[inline(always)]
    fn new(flags: u32, (): ()) -> Self {
        AtomicCount(AtomicU64::new(STRONG | u64::from(flags)))
    }

    fn unborn(flags: u32) -> Self {
        AtomicCount(AtomicU64::new(WEAK | u64::from(flags)))
    }

    #[inline(always)]
    fn inc(&self, (): ()) {
        if is_immortal(self.0.load(Ordering::Relaxed)) {
            return; // nothing is written
        }
        // As in `Arc`: the caller has a handle, so nobody destroys the object.
        let old = self.0.fetch_add(STRONG, Ordering::Relaxed);
        if is_immortal(old.wrapping_add(STRONG)) {
            self.saturate();
        }
    }

    #[inline(always)]
    fn dec(&self, (): ()) -> Down {
        let word = self.0.load(Ordering::Relaxed);
        if word & u64::from(flag::SUSPECT) == 0 {
            return self.dec_suspect(word);
        }
        if is_immortal(word) {
            return Down::Alive;
        }
        let old = self.0.fetch_sub(STRONG, Ordering::Release); // [O3]
        if strong(old) != 1 {
            return Down::Alive;
        }
        acquire(&self.0); // [O4]
        Down::Zero
    }

    fn upgrade(&self, (): ()) -> bool {
        let mut word = self.0.load(Ordering::Acquire); // [O5]
        loop {
            if strong(word) == 0 || word & u64::from(flag::DYING) != 0 {
                return false;
            }
            if is_immortal(word) {
                return true;
            }
            let next = word + STRONG;
            let next = if is_immortal(next) { next | IMMORTAL_START } else { next };
            // `word` has been acquired already: the value may have been made after the weak handle.
            match self.0.compare_exchange_weak(word, next, Ordering::Relaxed, Ordering::Acquire) {
                Ok(_) => return true,
                Err(now) => word = now,
            }
        }
    }

    #[inline]
    fn unique(&self, (): ()) -> Unique {
        let word = self.0.load(Ordering::Acquire); // [O6]
        let alone = strong(word) == 1 && weak(word) == 0 && word & u64::from(flag::DYING) == 0;
        if alone { Unique::Yes } else { Unique::No }
    }

    #[inline(always)]
    fn strong(&self) -> u32 {
        strong(self.0.load(Ordering::Relaxed))
    }

    fn revive(&self) {
        self.0.fetch_add(STRONG, Ordering::Release); // [O7]
    }

    fn immortalize(&self, (): ()) -> Down {
        self.saturate();
        Down::Alive
    }

    fn condemn(&self, set: u32, clear: u32) {
        self.change(|word| (word + STRONG) & !u64::from(clear) | u64::from(set));
    }

    fn pardon(&self, set: u32, clear: u32) {
        self.change(|word| (word - STRONG) & !u64::from(clear) | u64::from(set));
    }

    fn uncondemn(&self) -> bool {
        // Only the thread that drops the garbage has handles to it.
        strong(self.0.fetch_sub(STRONG, Ordering::Relaxed)) == 1
    }

    #[inline(always)]
    fn flags(&self) -> u32 {
        let word = self.0.load(Ordering::Relaxed);
        let weak = if weak(word) == 0 { 0 } else { flag::WEAK };
        (word & FLAGS & !GONE) as u32 | weak
    }

    fn set(&self, flags: u32) {
        self.0.fetch_or(u64::from(flags), Ordering::Relaxed);
    }

    fn clear(&self, flags: u32) {
        self.0.fetch_and(!u64::from(flags), Ordering::Relaxed);
    }

    #[inline(always)]
    fn claim(&self, set: u32, clear: u32) {
        let word = self.0.load(Ordering::Relaxed);
        if weak(word) == 0 {
            // Nobody has a handle of either kind.
            self.0.store(word & !u64::from(clear) | u64::from(set), Ordering::Relaxed);
        } else {
            self.clear(clear);
            self.set(set);
        }
    }

    fn weak(&self) -> u32 {
        weak(self.0.load(Ordering::Relaxed))
    }

    fn inc_weak(&self) {
        if weak(self.0.load(Ordering::Relaxed)) >= WEAK_STUCK {
            return;
        }
        let old = self.0.fetch_add(WEAK, Ordering::Relaxed);
        if weak(old) + 1 >= WEAK_STUCK {
            self.0.fetch_or(WEAK_START, Ordering::Relaxed);
        }
    }

    fn dec_weak(&self) -> bool {
        if weak(self.0.load(Ordering::Relaxed)) >= WEAK_STUCK {
            return false; // the true number is not known any more
        }
        let old = self.0.fetch_sub(WEAK, Ordering::Release); // [O8]
        if weak(old) != 1 || old & GONE == 0 {
            return false;
        }
        acquire(&self.0); // [O9]
        true
    }

    #[inline(always)]
    fn let_go(&self) -> bool {
        // Without weak handles nobody is left to make one.
        let word = self.0.load(Ordering::Acquire); // [O10]
        if weak(word) == 0 {
            return true;
        }
        let old = self.0.fetch_or(GONE, Ordering::AcqRel); // [O11]
        weak(old) == 0
    }
}
