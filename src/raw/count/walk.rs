//! Random walks: one thread after the other does something to a count, next to an oracle that is a plain number.
//!
//! They begin near the limits of a count, and with `cfg(gc_small_limits)` a walk from one handle comes to these, too.

use super::{Count, Down, IMMORTAL, ONE, Owner, Suspicion, Unique, flag};

/// A generator of random numbers (xorshift).
struct Random(u64);

impl Random {
    fn below(&mut self, n: u64) -> u64 {
        self.0 ^= self.0 << 13;
        self.0 ^= self.0 >> 7;
        self.0 ^= self.0 << 17;
        self.0 % n
    }
}

/// A count, and what is known of it.
struct Walk<'a, C: Count> {
    count: C,
    who: &'a [C::Who],
    /// Handles, queued ones included.
    handles: u64,
    queued: u64,
    weak: u64,
    /// From so many handles on it may have become immortal.
    limit: u64,
    may_be_immortal: bool,
    may_be_stuck: bool,
}

/// So many weak handles may stick: the least that any of the counts has room for.
const MOST_WEAK: u64 = if cfg!(gc_small_limits) { 32 } else { 1 << 18 };

impl<C: Count> Walk<'_, C> {
    fn is_immortal(&self) -> bool {
        self.count.strong() >= IMMORTAL
    }

    /// A handle has gone, and the count says what that came to.
    fn gone(&mut self, down: Down) -> bool {
        match down {
            Down::Queue(_) => self.queued += 1,
            Down::Zero => {
                self.handles -= 1;
                assert_eq!((self.handles, self.queued), (0, 0), "it says that there are no handles");
                return true;
            }
            Down::Alive | Down::Suspect => {
                self.handles -= 1;
                assert!(self.handles > 0 || self.is_immortal(), "that was the last handle");
            }
        }
        false
    }

    fn check(&mut self) {
        self.may_be_immortal |= self.handles >= self.limit;
        self.may_be_stuck |= self.weak >= MOST_WEAK;
        let (strong, weak) = (u64::from(self.count.strong()), u64::from(self.count.weak()));
        assert!(strong == self.handles || self.may_be_immortal && self.is_immortal(), "{strong} of {}", self.handles);
        assert!(weak == self.weak || self.may_be_stuck && weak >= MOST_WEAK, "{weak} weak ones of {}", self.weak);
        assert_eq!(
            self.count.flags() & !(flag::SUSPECT | flag::WEAK),
            flag::FULL,
            "the counts have run into the flags"
        );
    }

    /// One step. True if that was the end.
    fn step(&mut self, random: &mut Random, grow: bool) -> bool {
        let who = self.who[random.below(self.who.len() as u64) as usize];
        let free = self.handles - self.queued;
        match random.below(24) {
            0..6 if free > 0 && grow => {
                self.count.inc(who);
                self.handles += 1;
            }
            0..9 if free > 0 && !(grow && free == 1) => {
                let quietly = random.below(2) == 0;
                let down = if quietly {
                    self.count.dec_quietly(who, Suspicion::none())
                } else {
                    self.count.dec(who, Suspicion::none())
                };
                return self.gone(down);
            }
            9..11 if self.weak > 0 => {
                let upgraded = self.count.upgrade(who);
                assert_eq!(upgraded, self.handles > 0 || self.is_immortal());
                self.handles += u64::from(upgraded);
            }
            11..14 if grow && self.weak < 2 * MOST_WEAK => {
                self.count.inc_weak();
                self.weak += 1;
            }
            14..16 if self.weak > 0 => {
                assert!(!self.count.dec_weak(), "the memory belongs to the handles");
                self.weak -= 1;
            }
            16..18 if self.queued > 0 => {
                self.queued -= 1;
                let down = self.count.merge(Suspicion::none());
                return self.gone(down);
            }
            18 if self.queued == 0 => self.count.merge_in_stop(),
            19 if self.queued == 0 && self.handles + 1 < self.limit / 2 && !self.is_immortal() => {
                self.count.condemn(who, flag::DYING, 0);
                assert_eq!(u64::from(self.count.strong()), self.handles + 1);
                self.count.pardon(0, flag::DYING);
            }
            20..22 if free > 0 => {
                let unique = self.count.unique(who);
                let is = self.handles == 1 && self.weak == 0 && self.queued == 0 && !self.is_immortal();
                assert!(unique == Unique::Unknown || (unique == Unique::Yes) == is, "unique: {unique:?}");
            }
            22 if free == 1 && !grow => match self.count.dec_last(who) {
                Unique::Yes => {
                    self.handles -= 1;
                    assert_eq!(self.handles, 0, "the last handle was not the last");
                    return true;
                }
                Unique::No => assert!(self.handles > 1 || self.is_immortal()),
                Unique::Unknown => {}
            },
            _ => {}
        }
        false
    }

    /// All handles are gone: the memory goes with the last weak one, unless their number is not known any more.
    fn end(&mut self) {
        assert!(!self.count.upgrade(self.who[0]));
        let mut free = self.count.let_go();
        assert!(if free { self.weak == 0 } else { self.weak > 0 || self.may_be_stuck });
        while self.weak > 0 {
            assert!(!free, "there are weak handles");
            free = self.count.dec_weak();
            self.weak -= 1;
        }
        assert!(free || self.may_be_stuck, "the memory is never given back");
    }
}

/// Many walks from the counts that `make` makes, of so many handles. Those of `who` take part. With `limit` handles an object
/// may become immortal.
pub(super) fn walk<C: Count>(who: &[C::Who], limit: u64, make: impl Fn(u64) -> (C, u64)) {
    let (walks, steps): (u64, u32) = if cfg!(miri) { (4, 300) } else { (200, 3000) };
    for seed in 1..=walks {
        let mut random = Random(seed.wrapping_mul(0x9e37_79b9_7f4a_7c15));
        let (count, handles) = make(seed);
        let mut walk =
            Walk { count, who, handles, queued: 0, weak: 0, limit, may_be_immortal: false, may_be_stuck: false };
        walk.check();
        let mut grow = true;
        for _ in 0..steps {
            if random.below(150) == 0 {
                grow = !grow;
            }
            if walk.step(&mut random, grow) {
                walk.end();
                break;
            }
            walk.check();
        }
    }
}

/// The number of handles with which a word becomes immortal.
pub(super) const LIMIT: u64 = (IMMORTAL / ONE) as u64;

/// The owners of the walks.
pub(super) const OWNERS: [Owner; 3] = [Owner(1), Owner(2), Owner::STRANGER];
