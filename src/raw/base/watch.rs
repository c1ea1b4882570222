//! Who is waited for, if that takes long.
//!
//! Whoever waits for other threads to let it in, or to stop, says so when that has taken as long as somebody has set, and again when
//! it has taken twice as long, and so on. What is said, and to whom, is for the heap to know.

use std::fmt;
use std::time::Duration;

use crate::raw::base::clock::{Moment, now};
use crate::raw::base::sync::{AtomicU64, Condvar, Mutex, MutexGuard, Ordering, const_fn, lock, wait, wait_timeout};

/// What a thread waits for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Wait {
    /// To be attached: for the lock, or for the world to be started.
    Attach,
    /// For others to stop.
    Stop,
    /// For a cell.
    Cell,
}

/// Tells of a thread that has waited for so long, for the threads in these seats.
pub(crate) type Report = fn(Wait, Duration, &[u32]);

/// Whether waits are reported.
pub(crate) struct Watch {
    /// In nanoseconds. `u64::MAX`: they are not.
    after: AtomicU64,
    report: Report,
}

impl fmt::Debug for Watch {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Watch").field("after", &self.after()).finish_non_exhaustive()
    }
}

/// Rings when somebody has waited for too long.
#[derive(Debug)]
pub(crate) struct Alarm {
    wait: Wait,
    since: Moment,
    at: Duration,
}

impl Alarm {
    /// The time until it rings.
    pub(crate) fn left(&self) -> Duration {
        self.at.saturating_sub(self.since.elapsed())
    }
}

impl Watch {
    const_fn! {
        /// Nobody is told.
        pub(crate) fn new() -> Self {
            Watch { after: AtomicU64::new(u64::MAX), report: |_, _, _| () }
        }
    }

    pub(crate) fn reporting_to(report: Report) -> Self {
        Watch { report, ..Watch::new() }
    }

    /// After what time a wait is reported, if it is.
    pub(crate) fn after(&self) -> Option<Duration> {
        let nanos = self.after.load(Ordering::Relaxed);
        (nanos != u64::MAX).then(|| Duration::from_nanos(nanos))
    }

    pub(crate) fn set_after(&self, time: Option<Duration>) {
        let nanos = time.map_or(u64::MAX, |time| u64::try_from(time.as_nanos()).unwrap_or(u64::MAX).max(1));
        self.after.store(nanos, Ordering::Relaxed);
    }

    /// Somebody begins to wait.
    pub(crate) fn begin(&self, wait: Wait) -> Option<Alarm> {
        self.go_on(wait, now())
    }

    /// Somebody goes on to wait, and has waited `since`.
    pub(crate) fn go_on(&self, wait: Wait, since: Moment) -> Option<Alarm> {
        let waited = since.elapsed();
        self.after().map(|after| Alarm {
            wait,
            since,
            at: if waited < after { after } else { waited.saturating_mul(2) },
        })
    }

    /// Waits to be notified, or for no particular reason. If the alarm rings, it is for `others`.
    pub(crate) fn wait<'a, T>(
        &self,
        alarm: &mut Option<Alarm>,
        condvar: &Condvar,
        mutex: &'a Mutex<T>,
        guard: MutexGuard<'a, T>,
        others: impl FnOnce(&T) -> Vec<u32>,
    ) -> MutexGuard<'a, T> {
        let Some(alarm) = alarm else { return wait(condvar, guard) };
        let (guard, _) = wait_timeout(condvar, guard, alarm.left());
        self.ring(alarm, mutex, guard, others)
    }

    /// Reports, if it is time to.
    pub(crate) fn ring<'a, T>(
        &self,
        alarm: &mut Alarm,
        mutex: &'a Mutex<T>,
        guard: MutexGuard<'a, T>,
        others: impl FnOnce(&T) -> Vec<u32>,
    ) -> MutexGuard<'a, T> {
        let waited = alarm.since.elapsed();
        if waited < alarm.at {
            return guard;
        }
        alarm.at = waited.saturating_mul(2);
        let others = others(&guard);
        drop(guard);
        (self.report)(alarm.wait, waited, &others);
        lock(mutex)
    }
}
