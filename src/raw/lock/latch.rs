//! The lock of a cell on a heap that threads share: many readers or one writer, in one word.
//!
//! Taking a latch that is free is one read-modify-write, or a load and a store if the thread is solo in its world
//! ([`Seat::is_solo`](crate::raw::threads::seat::Seat::is_solo)). Who has to wait does so outside, so that neither a collection nor
//! the global lock waits for it, and comes in before it tries again: a latch does not change hands while the world is
//! stopped.
//!
//! A thread that would wait for itself is told so: the word names the writer, and each thread knows what it reads
//! ([`Reading`]).

use std::cell::Cell;

use super::held::Reading;
use super::parking::Parking;

use super::word::{Claim, HOLDERS, PENDING, READERS, WAITERS, WRITER, Want, is_mine, writer};
use crate::raw::base::clock::{Moment, now};
use crate::raw::base::sync::{AtomicU32, Ordering, const_fn};

/// The calling thread waits for itself.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Deadlock;

/// A lock in one word.
#[derive(Debug)]
pub(crate) struct Latch(AtomicU32);

impl Latch {
    const_fn! {
        /// A latch that nobody has.
        pub(crate) fn new() -> Self {
            Latch(AtomicU32::new(0))
        }
    }

    fn addr(&self) -> usize {
        std::ptr::from_ref(self).addr()
    }

    #[cfg_attr(not(debug_assertions), inline(always))]
    fn attempt(&self, claim: Claim) -> bool {
        let mut word = self.0.load(Ordering::Relaxed);
        // Acquire; and a writer then looks whether anybody examines (`examiners.rs`).
        let order = match claim.want {
            Want::Read => Ordering::Acquire,    // [O70]
            Want::Write(_) => Ordering::SeqCst, // [O73]
        };
        while let Some(next) = claim.next(word) {
            match self.0.compare_exchange_weak(word, next, order, Ordering::Relaxed) {
                Ok(_) => return true,
                Err(now) => word = now,
            }
        }
        false
    }

    /// The number of the writer's seat, if there is a writer. The collector asks, and if there is none, reads the value.
    #[cfg_attr(not(debug_assertions), inline(always))]
    pub(crate) fn writer(&self) -> Option<u32> {
        let word = self.0.load(Ordering::Acquire); // [O74]
        writer(word)
    }

    /// Whether `writer` is the thread whose seat has number `me`.
    pub(crate) fn is_writer(writer: u32, me: u32) -> bool {
        writer == me & READERS
    }

    /// How many wait.
    #[cfg(any(test, loom))]
    pub(crate) fn waiting(&self, parking: &Parking) -> usize {
        parking.bucket_of(self.addr()).waiting(self.addr())
    }

    /// Takes the latch for reading, if that is possible at once.
    #[inline]
    pub(crate) fn try_read(&self, reading: &Reading) -> bool {
        let taken = self.attempt(Claim::urgent(Want::Read));
        if taken {
            reading.add(self.addr());
        }
        taken
    }

    /// Takes the latch for writing, if that is possible at once. `me` is the number of the thread's seat.
    #[inline]
    pub(crate) fn try_write(&self, me: u32, reading: &Reading) -> bool {
        let taken = self.attempt(Claim::urgent(Want::Write(me & READERS)));
        if taken {
            reading.add_written();
        }
        taken
    }

    /// Takes the latch for reading. `outside` runs what it is given while others may stop the world.
    ///
    /// # Errors
    ///
    /// If the thread has the latch for writing.
    #[inline]
    pub(crate) fn read(
        &self,
        me: u32,
        reading: &Reading,
        parking: &Parking,
        outside: impl FnMut(&dyn Fn()),
    ) -> Result<(), Deadlock> {
        if !self.attempt(Claim::polite(Want::Read)) {
            self.wait(Want::Read, me, reading, parking, outside)?;
        }
        reading.add(self.addr());
        Ok(())
    }

    /// Takes the latch for writing. `outside` runs what it is given while others may stop the world.
    ///
    /// # Errors
    ///
    /// If the thread has the latch already, for whatever purpose.
    #[inline]
    pub(crate) fn write(
        &self,
        me: u32,
        reading: &Reading,
        parking: &Parking,
        outside: impl FnMut(&dyn Fn()),
    ) -> Result<(), Deadlock> {
        let want = Want::Write(me & READERS);
        if !self.attempt(Claim::polite(want)) {
            self.wait(want, me, reading, parking, outside)?;
        }
        reading.add_written();
        Ok(())
    }

    /// Waits outside until it looks as if the latch could be had, comes in, and tries.
    #[cold]
    #[inline(never)]
    fn wait(
        &self,
        want: Want,
        me: u32,
        reading: &Reading,
        parking: &Parking,
        mut outside: impl FnMut(&dyn Fn()),
    ) -> Result<(), Deadlock> {
        let claim = Cell::new(Claim::of(want, reading, || parking.bucket_of(self.addr()).is_starving(self.addr())));
        let since = now();
        while !self.attempt(claim.get()) {
            if is_mine(self.0.load(Ordering::Relaxed), me, want, || reading.contains(self.addr())) {
                return Err(Deadlock);
            }
            outside(&|| claim.set(self.sleep(claim.get(), since, parking)));
        }
        Ok(())
    }

    /// Sleeps until it looks as if the latch could be had. The claim of a thread that has slept, if it has.
    fn sleep(&self, mut claim: Claim, since: Moment, parking: &Parking) -> Claim {
        let mut asleep = parking.bucket_of(self.addr()).asleep();
        loop {
            let word = self.0.load(Ordering::Relaxed);
            if claim.next(word).is_some() {
                return claim;
            }
            let next = word | claim.waits();
            if word != next && self.0.compare_exchange(word, next, Ordering::Relaxed, Ordering::Relaxed).is_err() {
                continue;
            }
            asleep = parking.sleep(asleep, self.addr(), claim, word, since);
            claim = Claim::urgent(claim.want);
        }
    }

    /// A reader goes.
    #[inline]
    pub(crate) fn end_read(&self, reading: &Reading, parking: &Parking) {
        reading.remove(self.addr());
        let word = self.0.fetch_sub(1, Ordering::Release); // [O71]
        if word & WAITERS != 0 && word & READERS == 1 {
            self.wake(parking);
        }
    }

    /// The writer goes.
    #[inline]
    pub(crate) fn end_write(&self, reading: &Reading, parking: &Parking) {
        reading.remove_written();
        // What is there of ours does not change; somebody may begin to wait. A subtraction is one instruction.
        let ours = self.0.load(Ordering::Relaxed) & HOLDERS;
        let word = self.0.fetch_sub(ours, Ordering::Release); // [O72]
        if word & WAITERS != 0 {
            self.wake(parking);
        }
    }

    /// [`Latch::read`] by a solo thread, unless it would have to wait.
    #[cfg_attr(not(debug_assertions), inline(always))]
    pub(crate) fn read_solo(&self, reading: &Reading) -> bool {
        let word = self.0.load(Ordering::Relaxed);
        let free = word < READERS;
        if free {
            reading.add(self.addr());
            self.0.store(word + 1, Ordering::Relaxed);
        }
        free
    }

    /// [`Latch::write`] by a solo thread, unless it would have to wait.
    #[cfg_attr(not(debug_assertions), inline(always))]
    pub(crate) fn write_solo(&self, me: u32, reading: &Reading) -> bool {
        let free = self.0.load(Ordering::Relaxed) == 0;
        if free {
            reading.add_written();
            self.0.store(WRITER | (me & READERS), Ordering::Relaxed);
        }
        free
    }

    /// [`Latch::end_read`] by a solo thread, unless there is somebody to be woken.
    #[cfg_attr(not(debug_assertions), inline(always))]
    pub(crate) fn end_read_solo(&self, reading: &Reading) -> bool {
        let word = self.0.load(Ordering::Relaxed);
        let quiet = word & WAITERS == 0;
        if quiet {
            reading.remove(self.addr());
            self.0.store(word - 1, Ordering::Relaxed);
        }
        quiet
    }

    /// [`Latch::end_write`] by a solo thread, unless there is somebody to be woken.
    #[cfg_attr(not(debug_assertions), inline(always))]
    pub(crate) fn end_write_solo(&self, reading: &Reading) -> bool {
        let quiet = self.0.load(Ordering::Relaxed) & WAITERS == 0;
        if quiet {
            reading.remove_written();
            self.0.store(0, Ordering::Relaxed);
        }
        quiet
    }

    /// Wakes all who wait. The caller's borrow of the cell keeps the latch, although it is free already.
    #[cold]
    #[inline(never)]
    fn wake(&self, parking: &Parking) {
        let bucket = parking.bucket_of(self.addr());
        let mut asleep = bucket.asleep();
        self.0.fetch_or(bucket.wake(&mut asleep, self.addr()), Ordering::Relaxed);
        self.0.fetch_and(!(WAITERS | PENDING), Ordering::Relaxed);
    }
}
