//! What makes a thread stop and look around: Ctrl-C, the end of the program, other threads that wait for it.

use std::sync::atomic::{AtomicBool, AtomicU32, Ordering};
use std::sync::{Condvar, Mutex, PoisonError};
use std::time::{Duration, Instant};

use super::{R, Vm};
use crate::heap::Runtime;
use crate::memory::{self, NoMemory};

/// Set by Ctrl-C, for the main thread.
pub static INTERRUPTED: AtomicBool = AtomicBool::new(false);

/// Goes up with whatever each thread should hear of, and the heap knows nothing about: Ctrl-C, the end of the program, a
/// collection, memory that has run out. Together with the heap's word it is what CPython calls the eval breaker.
static EVENTS: AtomicU32 = AtomicU32::new(0);

static SLEEPERS: Mutex<()> = Mutex::new(());
static WAKE: Condvar = Condvar::new();

/// What the handler of Ctrl-C does.
pub fn interrupt() {
    INTERRUPTED.store(true, Ordering::Relaxed);
    wake_all();
}

/// Has all threads look around at their next checkpoint. They see what the caller has done before.
pub fn look_up() {
    EVENTS.fetch_add(1, Ordering::Release);
}

/// The same, and those who sleep do so at once.
pub fn wake_all() {
    look_up();
    let _guard = SLEEPERS.lock().unwrap_or_else(PoisonError::into_inner);
    WAKE.notify_all();
}

impl<H: Runtime> Vm<H> {
    /// Wherever a loop goes round, in Python code or in a built-in function, and where a function begins. Code of others may
    /// run: nobody who calls this has a container borrowed.
    #[inline(always)]
    pub fn checkpoint(&self) -> R<(), H> {
        if EVENTS.load(Ordering::Relaxed) != self.events.get() || H::default().is_poll_due() {
            self.look_around()
        } else {
            Ok(())
        }
    }

    #[cold]
    #[inline(never)]
    fn look_around(&self) -> R<(), H> {
        self.events.set(EVENTS.load(Ordering::Acquire));
        H::default().poll();
        self.recall.forget_after_collection();
        if memory::is_short::<H>() {
            return Err(self.no_memory(NoMemory));
        }
        self.check_interrupt()
    }

    /// Ctrl-C becomes an exception of the main thread, the end of the program one of the others.
    pub fn check_interrupt(&self) -> R<(), H> {
        if self.is_main {
            if INTERRUPTED.load(Ordering::Relaxed) {
                INTERRUPTED.store(false, Ordering::Relaxed);
                return Err(self.error_with("KeyboardInterrupt", &[]));
            }
        } else if self.is_ending() {
            return Err(self.error_with("SystemExit", &[]));
        }
        Ok(())
    }

    /// Does what may block, so that neither the other threads nor the collector wait for this one. It has no business
    /// with objects.
    pub fn outside<T>(&self, block: impl FnOnce() -> T) -> T {
        H::default().detach(block)
    }

    /// Sleeps, unless there is a reason to raise an exception.
    pub fn sleep(&self, time: Duration) -> R<(), H> {
        self.recall.forget();
        let end = Instant::now() + time;
        loop {
            self.outside(|| {
                let mut guard = SLEEPERS.lock().unwrap_or_else(PoisonError::into_inner);
                loop {
                    let left = end.saturating_duration_since(Instant::now());
                    let wanted = if self.is_main { INTERRUPTED.load(Ordering::Relaxed) } else { self.is_ending() };
                    if left.is_zero() || wanted {
                        return;
                    }
                    guard = WAKE.wait_timeout(guard, left).unwrap_or_else(PoisonError::into_inner).0;
                }
            });
            self.check_interrupt()?;
            if Instant::now() >= end {
                return Ok(());
            }
        }
    }
}
