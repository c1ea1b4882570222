//! What threads wait for: locks, and the ends of other threads.
//!
//! Waiting here is plain Rust. Whoever waits has left the heap first ([`Vm::outside`](crate::vm::Vm::outside)), and comes
//! back now and then to see whether there is a reason to give up.

use std::sync::{Condvar, Mutex, MutexGuard, PoisonError};
use std::thread::JoinHandle;
use std::time::Duration;

use tricycle::Trace;

/// How long a thread waits before it looks around: what wakes it early is not the program's lock.
pub const SLICE: Duration = Duration::from_millis(20);

fn lock<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}

/// A lock: the thread that holds it, and how often.
#[derive(Default, Trace)]
pub struct Lock {
    #[trace(skip)]
    holder: Mutex<(u64, usize)>,
    #[trace(skip)]
    released: Condvar,
}

impl Lock {
    /// Takes the lock if it is free or, with `reentrant`, the caller's already.
    pub fn try_acquire(&self, me: u64, reentrant: bool) -> bool {
        Self::take(&mut lock(&self.holder), me, reentrant)
    }

    fn take(holder: &mut (u64, usize), me: u64, reentrant: bool) -> bool {
        let free = holder.1 == 0 || reentrant && holder.0 == me;
        if free {
            *holder = (me, holder.1 + 1);
        }
        free
    }

    /// As `try_acquire`, but waits for a while if somebody else has it.
    pub fn wait(&self, me: u64, reentrant: bool, time: Duration) -> bool {
        let mut holder = lock(&self.holder);
        if Self::take(&mut holder, me, reentrant) {
            return true;
        }
        holder = self.released.wait_timeout(holder, time).unwrap_or_else(PoisonError::into_inner).0;
        Self::take(&mut holder, me, reentrant)
    }

    /// Lets go of it, once; false if it is not held, or not by `by`.
    pub fn release(&self, by: Option<u64>) -> bool {
        let mut holder = lock(&self.holder);
        let held = holder.1 > 0 && by.is_none_or(|me| holder.0 == me);
        if held {
            holder.1 -= 1;
            if holder.1 == 0 {
                drop(holder);
                self.released.notify_one();
            }
        }
        held
    }

    /// Lets go of it however often it is held; how often that was.
    pub fn release_all(&self) -> usize {
        let times = std::mem::take(&mut lock(&self.holder).1);
        self.released.notify_one();
        times
    }

    /// Holds it `times` times. The caller has just acquired it.
    pub fn hold(&self, times: usize) {
        lock(&self.holder).1 = times;
    }

    pub fn is_held(&self) -> bool {
        lock(&self.holder).1 > 0
    }

    pub fn is_held_by(&self, me: u64) -> bool {
        let holder = lock(&self.holder);
        holder.1 > 0 && holder.0 == me
    }
}

/// A thread that was started.
#[derive(Default, Trace)]
pub struct Handle {
    /// Its last Python code has run.
    #[trace(skip)]
    ended: Mutex<bool>,
    #[trace(skip)]
    end: Condvar,
    /// For the rest of it.
    #[trace(skip)]
    join: Mutex<Option<JoinHandle<()>>>,
    /// Whether the program ends without waiting for it.
    pub daemon: bool,
}

impl Handle {
    pub fn new(daemon: bool) -> Self {
        Handle { daemon, ..Handle::default() }
    }

    pub fn started(&self, join: JoinHandle<()>) {
        *lock(&self.join) = Some(join);
    }

    /// Said by the thread itself.
    pub fn ends(&self) {
        *lock(&self.ended) = true;
        self.end.notify_all();
    }

    pub fn has_ended(&self) -> bool {
        *lock(&self.ended)
    }

    /// Waits for the end, but no longer than `time`; whether the thread has gone, with all that it had.
    pub fn wait(&self, time: Duration) -> bool {
        let ended = lock(&self.ended);
        let waited = self.end.wait_timeout_while(ended, time, |ended| !*ended);
        let ended = *waited.unwrap_or_else(PoisonError::into_inner).0;
        if ended {
            self.join();
        }
        ended
    }

    /// Waits for the thread to go. It has said that it ends, so that does not take long.
    fn join(&self) {
        let mut join = lock(&self.join);
        if let Some(join) = join.take_if(|join| join.thread().id() != std::thread::current().id()) {
            // A panic in it has been reported by its hook.
            let _ = join.join();
        }
    }
}
