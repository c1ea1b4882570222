//! Where threads sleep that wait for cells: outside, in one of a few places, which it shares with those of other cells.

use std::time::Duration;

use super::word::{Claim, PROMISED, TO_WRITER, Want, writer};
use crate::raw::base::clock::{Moment, now};
use crate::raw::base::sync::{Condvar, Mutex, MutexGuard, const_fn, lock, wait, wait_at_most};
use crate::raw::base::watch::{Alarm, Report, Wait, Watch};

/// Where threads wait for latches, of which there may be more than there is room for a queue in each.
const BUCKETS: usize = if cfg!(any(loom, miri)) { 1 } else { 64 };

/// Where threads wait for latches.
#[derive(Debug)]
pub(crate) struct Parking {
    buckets: [Bucket; BUCKETS],
    pub(crate) watch: Watch,
}

/// A thread that sleeps.
#[derive(Debug)]
struct Sleeper {
    /// No two have the same: who comes later is not to be taken for one that has been woken.
    ticket: u64,
    latch: usize,
    want: Want,
    /// When it came.
    since: Moment,
    /// For this latch, and not for another one whose sleepers wake at the same time.
    woken: bool,
    /// How many have waited for so long that they went first.
    overtaken: u32,
}

/// Those who sleep in one place.
#[derive(Debug)]
pub(super) struct Asleep {
    sleepers: Vec<Sleeper>,
    tickets: u64,
}

#[derive(Debug)]
#[repr(align(64))]
pub(super) struct Bucket {
    asleep: Mutex<Asleep>,
    wake: Condvar,
    /// Who has waited for so long is promised the latch.
    prompt: Duration,
    /// A writer that has waited for so long starves.
    starving: Duration,
}

/// How long a thread lets others go first who could be first.
pub(super) const RESPECT: Duration = Duration::from_millis(10);
/// Twice as long for a writer that somebody has overtaken already, and so on, but not more often than that: readers that
/// have the latch for longer would follow each other without end.
const DOUBLINGS: u32 = 6;

/// Who has waited for so long is promised the latch. If everybody were, two threads that want it all the time would go to sleep
/// for each use of it.
const PROMPT: Duration = Duration::from_millis(1);

/// Readers that have other latches let a writer go first that has waited for so long: between them they may have the latch at every
/// moment. Before that they do not, as it may be waiting for one of those latches, and they would wait for nothing.
const STARVING: Duration = RESPECT;

impl Asleep {
    fn add(&mut self, latch: usize, want: Want, since: Moment) -> u64 {
        self.tickets += 1;
        let ticket = self.tickets;
        self.sleepers.push(Sleeper { ticket, latch, want, since, woken: false, overtaken: 0 });
        ticket
    }

    /// Whether the sleeper had been woken.
    fn remove(&mut self, ticket: u64) -> bool {
        let at = self.sleepers.iter().position(|sleeper| sleeper.ticket == ticket);
        at.is_some_and(|at| self.sleepers.swap_remove(at).woken)
    }

    fn is_woken(&self, ticket: u64) -> bool {
        self.sleepers.iter().any(|sleeper| sleeper.ticket == ticket && sleeper.woken)
    }

    fn waiting_for(&mut self, latch: usize) -> impl Iterator<Item = &mut Sleeper> {
        self.sleepers.iter_mut().filter(move |sleeper| sleeper.latch == latch)
    }

    /// Writers that wait for a latch.
    fn writers(&mut self, latch: usize) -> impl Iterator<Item = &mut Sleeper> {
        self.waiting_for(latch).filter(|sleeper| sleeper.want != Want::Read)
    }

    /// How long a newcomer that could have the latch lets others go first.
    fn respect(&mut self, latch: usize) -> Duration {
        let overtaken = self.writers(latch).map(|writer| writer.overtaken).max().unwrap_or(0);
        RESPECT * 2_u32.pow(overtaken.min(DOUBLINGS))
    }
}

impl Bucket {
    const_fn! {
        fn new(prompt: Duration, starving: Duration) -> Self {
            let asleep = Mutex::new(Asleep { sleepers: Vec::new(), tickets: 0 });
            Bucket { asleep, wake: Condvar::new(), prompt, starving }
        }
    }

    pub(super) fn asleep(&self) -> MutexGuard<'_, Asleep> {
        lock(&self.asleep)
    }

    /// Whether a writer has waited for the latch for so long that all who read let it go first.
    pub(super) fn is_starving(&self, latch: usize) -> bool {
        let now = now();
        self.asleep().writers(latch).any(|writer| now - writer.since >= self.starving)
    }

    #[cfg(any(test, loom))]
    pub(super) fn waiting(&self, latch: usize) -> usize {
        self.asleep().waiting_for(latch).count()
    }

    /// Wakes those who sleep for a latch. The bits that promise it to those of them who have waited for long.
    pub(super) fn wake(&self, asleep: &mut Asleep, latch: usize) -> u32 {
        let (mut promise, now) = (0, now());
        for sleeper in asleep.waiting_for(latch) {
            sleeper.woken = true;
            if now - sleeper.since >= self.prompt {
                promise |= if sleeper.want == Want::Read { PROMISED } else { PROMISED | TO_WRITER };
            }
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
            let buckets = [const { Bucket::new(PROMPT, STARVING) }; BUCKETS];
            #[cfg(loom)]
            let buckets = std::array::from_fn(|_| Bucket::new(PROMPT, STARVING));
            Parking { buckets, watch: Watch::new() }
        }
    }

    /// A model's: no time passes in one.
    #[cfg(any(test, loom, shuttle))]
    pub(crate) fn promising_after(prompt: Duration) -> Self {
        Parking { buckets: std::array::from_fn(|_| Bucket::new(prompt, STARVING)), watch: Watch::new() }
    }

    /// A model's, in which every writer that waits starves.
    #[cfg(any(test, loom, shuttle))]
    pub(crate) fn starving() -> Self {
        Parking { buckets: std::array::from_fn(|_| Bucket::new(PROMPT, Duration::ZERO)), watch: Watch::new() }
    }

    /// Has `report` told of those that wait for long.
    pub(crate) fn reporting_to(mut self, report: Report) -> Self {
        self.watch = Watch::reporting_to(report);
        self
    }

    /// Sleeps until it is woken, having come at `since`; and not for long if others are in the way only because it lets them go
    /// first, as `word` tells.
    pub(super) fn sleep<'a>(
        &'a self,
        mut asleep: MutexGuard<'a, Asleep>,
        latch: usize,
        claim: Claim,
        word: u32,
        since: Moment,
    ) -> MutexGuard<'a, Asleep> {
        let bucket = self.bucket_of(latch);
        let end = Claim::urgent(claim.want).next(word).map(|_| now() + asleep.respect(latch));
        let mut alarm = self.watch.go_on(Wait::Cell, since);
        let me = asleep.add(latch, claim.want, since);
        // Others are woken here, too.
        while !asleep.is_woken(me) {
            let (respect, left) = (end.map(|end| end - now()), alarm.as_ref().map(Alarm::left));
            let Some(time) = respect.into_iter().chain(left).min() else {
                asleep = wait(&bucket.wake, asleep);
                continue;
            };
            let late;
            (asleep, late) = wait_at_most(&bucket.wake, asleep, time);
            // Without a clock only the one who was to wake us knows.
            if late && respect == Some(time) {
                break;
            }
            if let Some(alarm) = &mut alarm {
                // Who has the latch has had it all the time, or we would have been woken.
                asleep = self.watch.ring(alarm, &bucket.asleep, asleep, |_| writer(word).into_iter().collect());
            }
        }
        if !asleep.remove(me) {
            asleep.writers(latch).for_each(|writer| writer.overtaken += 1);
        }
        asleep
    }

    /// Keeps those who sleep asleep, and others from joining them.
    pub(crate) fn hold(&self) -> Held<'_> {
        Held(self.buckets.iter().map(Bucket::asleep).collect())
    }

    pub(super) fn bucket_of(&self, latch: usize) -> &Bucket {
        // Cells are a few words apart at least; the multiplication spreads what remains over the upper bits.
        let hash = (latch as u64 >> 3).wrapping_mul(0x9E37_79B9_7F4A_7C15) >> 32;
        &self.buckets[hash as usize % BUCKETS]
    }
}

/// Nobody falls asleep or wakes up as long as this lives.
pub(crate) struct Held<'a>(Vec<MutexGuard<'a, Asleep>>);

impl Held<'_> {
    /// All other threads are gone.
    pub(crate) fn forget_others(&mut self) {
        self.0.iter_mut().for_each(|asleep| asleep.sleepers.clear());
    }
}

#[cfg(all(test, not(any(loom, shuttle))))]
mod tests {
    use super::*;

    /// All who wait for a latch are woken, and who has waited for long is promised it.
    #[test]
    fn promises() {
        let (bucket, start) = (Bucket::new(PROMPT, STARVING), now());
        let (late, early) = (start + Duration::from_secs(3600), start);
        while now() < start + PROMPT {}
        let other = bucket.asleep().add(16, Want::Write(2), early);
        let promise = |sleepers: &[(Want, Moment)]| {
            let mut asleep = bucket.asleep();
            let tickets: Vec<_> = sleepers.iter().map(|&(want, since)| asleep.add(8, want, since)).collect();
            let promise = bucket.wake(&mut asleep, 8);
            assert!(tickets.into_iter().all(|ticket| asleep.remove(ticket)) && !asleep.is_woken(other));
            promise
        };
        assert_eq!(promise(&[(Want::Read, late), (Want::Write(1), late)]), 0);
        assert_eq!(promise(&[(Want::Read, early), (Want::Write(1), late)]), PROMISED);
        assert_eq!(promise(&[(Want::Read, late), (Want::Write(1), early)]), PROMISED | TO_WRITER);
    }
}
