//! What makes a thread stop and look around: Ctrl-C, the end of the program, other threads that wait for it.

use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Condvar, Mutex, PoisonError};
use std::time::{Duration, Instant};

use super::{R, Vm};
use crate::heap::Runtime;

/// Set by Ctrl-C, for the main thread.
pub static INTERRUPTED: AtomicBool = AtomicBool::new(false);

static SLEEPERS: Mutex<()> = Mutex::new(());
static WAKE: Condvar = Condvar::new();

/// So many loops and calls go by between two looks around.
const OFTEN: u32 = 64;

/// What the handler of Ctrl-C does.
pub fn interrupt() {
    INTERRUPTED.store(true, Ordering::Relaxed);
    wake_sleepers();
}

/// Has those who sleep look around.
pub fn wake_sleepers() {
    let _guard = SLEEPERS.lock().unwrap_or_else(PoisonError::into_inner);
    WAKE.notify_all();
}

impl<H: Runtime> Vm<H> {
    /// Wherever a loop goes round and a function begins.
    #[inline(always)]
    pub fn checkpoint(&self) -> R<(), H> {
        let left = self.ticks.get();
        self.ticks.set(left.wrapping_sub(1));
        if left == 0 { self.look_around() } else { Ok(()) }
    }

    #[cold]
    #[inline(never)]
    fn look_around(&self) -> R<(), H> {
        self.ticks.set(OFTEN);
        H::default().poll();
        self.recall.forget_after_collection();
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
