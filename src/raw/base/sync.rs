//! Atomics, locks and threads: std's, or loom's under `cfg(loom)`, or shuttle's under `cfg(shuttle)`.
//!
//! What threads do to each other is written against this module only, so that `ci/loom.sh` can run the very same code
//! through every interleaving, and `ci/shuttle.sh` larger programs through many. Orderings carry a mark such as `[O1]`; the
//! chapter "Orderings" of `docs/INTERNALS.md` says for each what it is paired with, and which model fails without it.
//! What each thread has of its own is in `thread_slot`.

#[cfg(loom)]
pub(crate) use loom::sync::atomic::{AtomicPtr, AtomicU32, AtomicU64, Ordering, fence};
#[cfg(loom)]
pub(crate) use loom::sync::{Condvar, Mutex, MutexGuard};
#[cfg(shuttle)]
pub(crate) use shuttle::sync::atomic::{AtomicPtr, AtomicU32, AtomicU64, Ordering, fence};
#[cfg(shuttle)]
pub(crate) use shuttle::sync::{Condvar, Mutex, MutexGuard};
#[cfg(not(any(loom, shuttle)))]
pub(crate) use std::sync::atomic::{AtomicPtr, AtomicU32, AtomicU64, Ordering, fence};
#[cfg(not(any(loom, shuttle)))]
pub(crate) use std::sync::{Condvar, Mutex, MutexGuard};

use std::time::Duration;

/// Declares functions that are `const` except under loom, whose primitives cannot be made in constants.
macro_rules! const_fn {
    ($(#[$attr:meta])* $vis:vis fn $($rest:tt)*) => {
        #[cfg(not(loom))]
        $(#[$attr])*
        $vis const fn $($rest)*
        #[cfg(loom)]
        $(#[$attr])*
        $vis fn $($rest)*
    };
}
pub(crate) use const_fn;

/// Locks. A panic of user code never happens under our locks, so there is no poison to care about.
#[inline]
pub(crate) fn lock<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(|poison| poison.into_inner())
}

/// Waits to be notified.
pub(crate) fn wait<'a, T>(condvar: &Condvar, guard: MutexGuard<'a, T>) -> MutexGuard<'a, T> {
    condvar.wait(guard).unwrap_or_else(|poison| poison.into_inner())
}

/// Waits to be notified, but no longer than `time`. True if the time was up.
#[cfg(not(any(loom, shuttle)))]
pub(crate) fn wait_timeout<'a, T>(
    condvar: &Condvar,
    guard: MutexGuard<'a, T>,
    time: Duration,
) -> (MutexGuard<'a, T>, bool) {
    let (guard, result) = condvar.wait_timeout(guard, time).unwrap_or_else(|poison| poison.into_inner());
    (guard, result.timed_out())
}

/// Loom and shuttle have no clock: there the time is always up.
#[cfg(any(loom, shuttle))]
pub(crate) fn wait_timeout<'a, T>(_: &Condvar, guard: MutexGuard<'a, T>, _: Duration) -> (MutexGuard<'a, T>, bool) {
    (guard, true)
}

/// As [`wait_timeout`]; but under loom and shuttle as long as it takes, as somebody will notify.
pub(crate) fn wait_at_most<'a, T>(
    condvar: &Condvar,
    guard: MutexGuard<'a, T>,
    time: Duration,
) -> (MutexGuard<'a, T>, bool) {
    if cfg!(any(loom, shuttle)) { (wait(condvar, guard), false) } else { wait_timeout(condvar, guard, time) }
}

/// The acquiring half of a decrement to zero. ThreadSanitizer does not understand fences, and gets a load of the word.
#[cfg_attr(not(debug_assertions), inline(always))]
pub(crate) fn acquire<T>(load: impl FnOnce(Ordering) -> T) {
    if cfg!(gc_sanitize) {
        load(Ordering::Acquire);
    } else {
        fence(Ordering::Acquire);
    }
}

/// Loom does not know of the one order of all sequentially consistent operations, only of fences: this is one. It stands
/// between an operation and a look at another word.
#[cfg_attr(not(debug_assertions), inline(always))]
pub(crate) fn in_order() {
    #[cfg(loom)]
    fence(Ordering::SeqCst);
}

/// Another thread will go on in a moment.
pub(crate) fn spin() {
    #[cfg(loom)]
    loom::thread::yield_now();
    #[cfg(shuttle)]
    shuttle::thread::yield_now();
    #[cfg(not(any(loom, shuttle)))]
    std::hint::spin_loop();
}

/// … or in a while.
pub(crate) fn give_way() {
    #[cfg(any(loom, shuttle))]
    spin();
    #[cfg(not(any(loom, shuttle)))]
    std::thread::yield_now();
}

/// Plain memory that its users hand to each other by other means; loom notices if they do not.
#[derive(Debug)]
pub(crate) struct Handed<T>(#[cfg(loom)] loom::cell::UnsafeCell<T>, #[cfg(not(loom))] std::cell::UnsafeCell<T>);

impl<T: Copy> Handed<T> {
    const_fn! {
        pub(crate) fn new(value: T) -> Self {
            #[cfg(loom)]
            let cell = loom::cell::UnsafeCell::new(value);
            #[cfg(not(loom))]
            let cell = std::cell::UnsafeCell::new(value);
            Handed(cell)
        }
    }

    /// # Safety
    ///
    /// Nobody writes at this time: all that was written happened before, or happens after.
    pub(crate) unsafe fn get(&self) -> T {
        // SAFETY: as the caller vouches.
        #[cfg(loom)]
        return self.0.with(|at| unsafe { *at });
        // SAFETY: as the caller vouches.
        #[cfg(not(loom))]
        unsafe {
            *self.0.get()
        }
    }

    /// # Safety
    ///
    /// Nobody reads or writes at this time.
    pub(crate) unsafe fn set(&self, value: T) {
        // SAFETY: as the caller vouches.
        #[cfg(loom)]
        self.0.with_mut(|at| unsafe { *at = value });
        // SAFETY: as the caller vouches.
        #[cfg(not(loom))]
        unsafe {
            *self.0.get() = value;
        }
    }
}
