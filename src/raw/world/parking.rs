//! Where threads sleep that wait for cells: outside, in one of a few places, which it shares with those of other cells.

use std::time::Duration;

use super::claim::{Claim, PROMISED, TO_WRITER, Want};
use crate::raw::sync::{Condvar, Mutex, MutexGuard, const_fn, lock, now, wait, wait_at_most};

/// Where threads wait for latches, of which there may be more than there is room for a queue in each.
const BUCKETS: usize = if cfg!(any(loom, miri)) { 1 } else { 64 };

/// Where threads wait for latches.
#[derive(Debug)]
pub(crate) struct Parking([Bucket; BUCKETS]);

/// A thread that sleeps.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Sleeper {
    latch: usize,
    claim: Claim,
    /// For this latch, and not for another one whose sleepers wake at the same time.
    woken: bool,
}

type Asleep = Vec<Sleeper>;

#[derive(Debug)]
#[repr(align(64))]
pub(super) struct Bucket {
    asleep: Mutex<Asleep>,
    wake: Condvar,
}

/// How long a thread lets others go first who could be first.
pub(super) const RESPECT: Duration = Duration::from_millis(10);

impl Bucket {
    const_fn! {
        fn new() -> Self {
            Bucket { asleep: Mutex::new(Vec::new()), wake: Condvar::new() }
        }
    }

    pub(super) fn asleep(&self) -> MutexGuard<'_, Asleep> {
        lock(&self.asleep)
    }

    /// Sleeps until it is woken; and not for long if others are in the way only because it lets them go first, as `word` tells.
    pub(super) fn sleep<'a>(
        &'a self,
        mut asleep: MutexGuard<'a, Asleep>,
        latch: usize,
        claim: Claim,
        word: u32,
    ) -> MutexGuard<'a, Asleep> {
        let me = Sleeper { latch, claim, woken: false };
        asleep.push(me);
        let end = Claim::urgent(claim.want).next(word).map(|_| now() + RESPECT);
        // Others are woken here, too. Those who sleep for the same are all alike.
        let woken = Sleeper { woken: true, ..me };
        while !asleep.contains(&woken) {
            let Some(end) = end else {
                asleep = wait(&self.wake, asleep);
                continue;
            };
            let left = end.saturating_duration_since(now());
            if left.is_zero() {
                break;
            }
            asleep = wait_at_most(&self.wake, asleep, left);
        }
        let at = |one| asleep.iter().position(|sleeper| *sleeper == one);
        if let Some(at) = at(woken).or_else(|| at(me)) {
            asleep.swap_remove(at);
        }
        asleep
    }

    #[cfg(any(test, loom))]
    pub(super) fn has_asleep(&self, latch: usize) -> bool {
        self.asleep().iter().any(|sleeper| sleeper.latch == latch)
    }

    /// Wakes those who sleep for a latch. The bits that promise it to them.
    pub(super) fn wake(&self, asleep: &mut Asleep, latch: usize) -> u32 {
        let mut promise = 0;
        for sleeper in asleep.iter_mut().filter(|sleeper| sleeper.latch == latch) {
            sleeper.woken = true;
            promise |= if sleeper.claim.want == Want::Read { PROMISED } else { PROMISED | TO_WRITER };
        }
        self.wake.notify_all();
        promise
    }
}

impl Parking {
    const_fn! {
        /// Nobody waits.
        pub(crate) fn new() -> Self {
            #[cfg(not(loom))]
            let buckets = [const { Bucket::new() }; BUCKETS];
            #[cfg(loom)]
            let buckets = std::array::from_fn(|_| Bucket::new());
            Parking(buckets)
        }
    }

    pub(super) fn bucket_of(&self, latch: usize) -> &Bucket {
        // Cells are a few words apart at least; the multiplication spreads what remains over the upper bits.
        let hash = (latch as u64 >> 3).wrapping_mul(0x9E37_79B9_7F4A_7C15) >> 32;
        &self.0[hash as usize % BUCKETS]
    }
}
