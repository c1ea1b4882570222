//! Threads that examine their own young objects while the others go on.
//!
//! What such a thread looks at must not change under its eyes: no other thread takes a handle out of one of its objects, or
//! puts one in. Handles are in cells, so the others keep out of its cells: whoever has taken a cell for writing asks whether
//! anybody examines ([`Examiners::any`]), and if so lets go of it again unless it can tell that the cell is not one of
//! theirs, and waits until they are done.
//!
//! The examiner says that it examines and then looks at a cell; the writer takes the cell and then looks whether anybody
//! examines. Both are in the one order of all sequentially consistent operations, so at least one of them sees the other.

use crate::raw::base::sync::{AtomicU32, Condvar, Mutex, MutexGuard, Ordering, const_fn, fence, in_order, lock, wait};

/// The threads of a heap that examine their own.
#[derive(Debug)]
pub(crate) struct Examiners {
    /// How many there are.
    running: AtomicU32,
    /// Writers that wait for them.
    waiting: AtomicU32,
    lock: Mutex<()>,
    done: Condvar,
}

impl Examiners {
    const_fn! {
        /// Nobody examines.
        pub(crate) fn new() -> Self {
            Examiners {
                running: AtomicU32::new(0),
                waiting: AtomicU32::new(0),
                lock: Mutex::new(()),
                done: Condvar::new(),
            }
        }
    }

    /// The calling thread examines, until the result is dropped. `None` if a writer waits: else, of many threads one could
    /// always be examining.
    pub(crate) fn begin(&self) -> Option<Examining<'_>> {
        self.running.fetch_add(1, Ordering::SeqCst); // [O100]
        fence(Ordering::SeqCst); // [O95]
        let examining = Examining(self);
        (self.waiting.load(Ordering::Relaxed) == 0).then_some(examining)
    }

    /// Whether anybody examines. The caller has taken a cell for writing.
    #[cfg_attr(not(debug_assertions), inline(always))]
    pub(crate) fn any(&self) -> bool {
        in_order(); // [O96]
        self.running.load(Ordering::SeqCst) != 0 // [O98]
    }

    /// A writer waits: no more examinations begin until the result is dropped.
    pub(crate) fn hold_off(&self) -> HoldOff<'_> {
        self.waiting.fetch_add(1, Ordering::SeqCst); // [O101]
        HoldOff(self)
    }

    /// Keeps those who wait from going to sleep or waking up.
    pub(crate) fn hold(&self) -> MutexGuard<'_, ()> {
        lock(&self.lock)
    }

    /// All other threads are gone, and the calling one does not examine.
    pub(crate) fn forget_others(&self) {
        self.running.store(0, Ordering::Relaxed);
        self.waiting.store(0, Ordering::Relaxed);
    }

    #[cold]
    #[inline(never)]
    fn wake(&self) {
        let _guard = lock(&self.lock);
        self.done.notify_all();
    }
}

/// The calling thread examines.
#[derive(Debug)]
pub(crate) struct Examining<'a>(&'a Examiners);

impl Drop for Examining<'_> {
    fn drop(&mut self) {
        // What we have read, we have read before anybody writes.
        self.0.running.fetch_sub(1, Ordering::SeqCst); // [O97]
        in_order();
        let waiting = self.0.waiting.load(Ordering::SeqCst); // [O102]
        if waiting != 0 {
            self.0.wake();
        }
    }
}

/// A writer waits.
#[derive(Debug)]
pub(crate) struct HoldOff<'a>(&'a Examiners);

impl HoldOff<'_> {
    /// Waits until nobody examines. The caller is outside, and has let go of the cell.
    pub(crate) fn wait(&self) {
        let mut guard = lock(&self.0.lock);
        in_order();
        let anybody = || self.0.running.load(Ordering::SeqCst) != 0; // [O103]
        while anybody() {
            guard = wait(&self.0.done, guard);
        }
    }
}

impl Drop for HoldOff<'_> {
    fn drop(&mut self) {
        // The thread may have forked since, in a destructor, and nobody is counted then.
        let fewer = |waiting: u32| waiting.checked_sub(1);
        let _ = self.0.waiting.fetch_update(Ordering::Relaxed, Ordering::Relaxed, fewer);
    }
}

#[cfg(all(test, not(any(loom, shuttle))))]
mod tests {
    use super::*;

    /// A thread that holds examiners off forks: it is counted no more, and does not count itself off.
    #[test]
    fn held_off_over_a_fork() {
        let examiners = Examiners::new();
        let before = examiners.hold_off();
        examiners.forget_others();
        drop(before);
        assert!(examiners.begin().is_some());
    }
}
