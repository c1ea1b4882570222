//! Where threads wait for the one that collects.
//!
//! They wait outside, and so are in nobody's way. But they may have what user code in the collection waits for in turn: a lock,
//! or a cell. So who sees that the collection does not get on gives up.

use std::time::Duration;

use crate::raw::base::relaxed::Number;
use crate::raw::base::sync::{Condvar, Mutex, MutexGuard, lock, wait_at_most};

/// For how long a collection may seem to stand still, if the heap is only larger than it should be,
pub(crate) const IMPATIENT: Duration = Duration::from_millis(100);
/// … and if there is no room.
pub(crate) const PATIENT: Duration = Duration::from_secs(1);

/// Where threads wait for the one that collects.
#[derive(Debug)]
pub(crate) struct Rest {
    ended: Mutex<u64>,
    end: Condvar,
    /// How far collections are. The thread that collects writes it.
    progress: Number<usize>,
}

impl Rest {
    pub(crate) fn new() -> Self {
        Rest { ended: Mutex::new(0), end: Condvar::new(), progress: Number::default() }
    }

    /// A collection gets on.
    pub(crate) fn get_on(&self) {
        self.progress.set(self.progress.get().wrapping_add(1));
    }

    /// A collection is over.
    pub(crate) fn end(&self) {
        *lock(&self.ended) += 1;
        self.end.notify_all();
    }

    /// How far they are.
    pub(crate) fn progress(&self) -> usize {
        self.progress.get()
    }

    /// Waits until a collection is over, if there is one. False if it has stood still for as long as `timeout`.
    pub(crate) fn wait(&self, timeout: Duration, is_collecting: impl Fn() -> bool) -> bool {
        let mut ended = lock(&self.ended);
        let (before, mut seen) = (*ended, self.progress.get());
        while *ended == before && is_collecting() {
            let (guard, late) = wait_at_most(&self.end, ended, timeout);
            ended = guard;
            let now = self.progress.get();
            if late && *ended == before && now == seen {
                return false;
            }
            seen = now;
        }
        true
    }

    /// Keeps others from taking the lock, in a fork.
    pub(crate) fn hold(&self) -> MutexGuard<'_, u64> {
        lock(&self.ended)
    }
}
