//! Guards that keep a thread attached ([`Attached`](crate::Attached)), as the thread counts them.
//!
//! A guard may be dropped anywhere, or never. While the thread is outside ([`Here::outside`](super::presence::Here::outside)) the
//! guards that it has are suspended, and those that it makes end with that. So guards have the number of an *era*, which begins with
//! each time outside, and goes on afterwards.

use std::cell::{Cell, RefCell};
use std::mem::ManuallyDrop;

/// The guards of a thread.
#[derive(Debug)]
pub(crate) struct Guards {
    era: Cell<u64>,
    /// The latest era that has begun.
    latest: Cell<u64>,
    /// Those of this era.
    count: Cell<u32>,
    /// Eras of guards that were dropped while they were suspended. No destructor, or the thread-local that it lies in would have one.
    late: ManuallyDrop<RefCell<Vec<u64>>>,
}

/// An era that is suspended.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Suspended {
    era: u64,
    count: u32,
}

impl Guards {
    pub(crate) const fn new() -> Self {
        let late = ManuallyDrop::new(RefCell::new(Vec::new()));
        Guards { era: Cell::new(0), latest: Cell::new(0), count: Cell::new(0), late }
    }

    /// Whether there is none, and the first era lasts.
    pub(crate) fn are_as_new(&self) -> bool {
        self.latest.get() == 0 && self.count.get() == 0
    }

    /// How many there are that keep the thread attached.
    pub(crate) fn count(&self) -> u32 {
        self.count.get()
    }

    /// One more. Its era.
    pub(crate) fn add(&self) -> u64 {
        self.count.set(self.count.get().checked_add(1).expect("too many guards"));
        self.era.get()
    }

    /// One of an era goes. True if it kept the thread attached.
    pub(crate) fn remove(&self, era: u64) -> bool {
        let now = era == self.era.get();
        if now {
            self.count.set(self.count.get() - 1);
        }
        now
    }

    /// One of an era goes, which is suspended or over.
    pub(crate) fn remove_late(&self, era: u64) {
        self.late.borrow_mut().push(era);
    }

    /// A new era begins. All guards that there are are void, if the one before is not resumed.
    pub(crate) fn suspend(&self) -> Suspended {
        self.latest.set(self.latest.get() + 1);
        Suspended { era: self.era.replace(self.latest.get()), count: self.count.replace(0) }
    }

    /// An era goes on. How many of its guards have been dropped meanwhile.
    pub(crate) fn resume(&self, suspended: Suspended) -> u32 {
        self.era.set(suspended.era);
        self.count.set(suspended.count);
        self.forget_dropped()
    }

    /// How many guards of this era have been dropped late.
    pub(crate) fn forget_dropped(&self) -> u32 {
        let mut late = self.late.borrow_mut();
        let before = late.len();
        late.retain(|era| *era != self.era.get());
        let ended = (before - late.len()) as u32;
        if self.era.get() == 0 {
            *late = Vec::new(); // the others were void
        }
        self.count.set(self.count.get() - ended);
        ended
    }
}

#[cfg(all(test, not(any(loom, shuttle))))]
mod tests {
    use super::*;

    /// Guards of three eras, dropped in their own, in a later one, and when that is over.
    #[test]
    fn eras() {
        let guards = Guards::new();
        let [first, second] = [(); 2].map(|()| guards.add());
        let outer = guards.suspend();
        assert_eq!(guards.count(), 0);
        let third = guards.add();
        let inner = guards.suspend();
        let outlives = guards.add();
        assert!(!guards.remove(first) && !guards.remove(third));
        guards.remove_late(first);
        guards.remove_late(third);
        assert_eq!((guards.resume(inner), guards.count()), (1, 0));
        assert!(!guards.remove(outlives));
        guards.remove_late(outlives);
        assert_eq!((guards.resume(outer), guards.count()), (1, 1));
        assert!(guards.remove(second) && guards.count() == 0 && guards.late.borrow().is_empty());
    }
}
