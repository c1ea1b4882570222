//! The lock of a cell on a heap that threads use in turns: whoever touches it has the global lock, so it is a plain word.

use std::cell::Cell;

use super::held::Reading;
use super::latch::Deadlock;
use super::parking::Parking;
use super::word::{Claim, HOLDERS, PENDING, READERS, WAITERS, WRITER, Want, is_mine};
use crate::raw::base::clock::now;

/// A [`Latch`](super::latch::Latch) for threads that take turns.
#[derive(Debug)]
pub(crate) struct TurnLatch(Cell<u32>);

impl TurnLatch {
    /// A latch that nobody has.
    pub(crate) const fn new() -> Self {
        TurnLatch(Cell::new(0))
    }

    fn addr(&self) -> usize {
        std::ptr::from_ref(self).addr()
    }

    #[cfg_attr(not(debug_assertions), inline(always))]
    fn attempt(&self, claim: Claim) -> bool {
        let next = claim.next(self.0.get());
        if let Some(next) = next {
            self.0.set(next);
        }
        next.is_some()
    }

    /// [`Latch::read`](super::latch::Latch::read) if nobody has to be waited for, not even a writer who waits.
    #[cfg_attr(not(debug_assertions), inline(always))]
    pub(crate) fn try_read(&self, reading: &Reading) -> bool {
        let taken = self.attempt(Claim::polite(Want::Read));
        if taken {
            reading.add(self.addr());
        }
        taken
    }

    /// [`Latch::write`](super::latch::Latch::write) likewise: after those who have been woken.
    #[cfg_attr(not(debug_assertions), inline(always))]
    pub(crate) fn try_write(&self, me: u32, reading: &Reading) -> bool {
        let taken = self.attempt(Claim::polite(Want::Write(me & READERS)));
        if taken {
            reading.add_written();
        }
        taken
    }

    /// Whether there is a writer.
    #[cfg_attr(not(debug_assertions), inline(always))]
    pub(crate) fn has_writer(&self) -> bool {
        self.0.get() & WRITER != 0
    }

    /// As [`Latch::read`](super::latch::Latch::read); without `parking`, only if that is possible at once.
    #[inline]
    pub(crate) fn read(
        &self,
        me: u32,
        reading: &Reading,
        parking: Option<&Parking>,
        outside: impl FnMut(&mut dyn FnMut()),
    ) -> Result<bool, Deadlock> {
        let taken = self.take(Want::Read, me, reading, parking, outside)?;
        if taken {
            reading.add(self.addr());
        }
        Ok(taken)
    }

    /// As [`Latch::write`](super::latch::Latch::write); without `parking`, only if that is possible at once.
    #[inline]
    pub(crate) fn write(
        &self,
        me: u32,
        reading: &Reading,
        parking: Option<&Parking>,
        outside: impl FnMut(&mut dyn FnMut()),
    ) -> Result<bool, Deadlock> {
        let taken = self.take(Want::Write(me & READERS), me, reading, parking, outside)?;
        if taken {
            reading.add_written();
        }
        Ok(taken)
    }

    #[cfg_attr(not(debug_assertions), inline(always))]
    fn take(
        &self,
        want: Want,
        me: u32,
        reading: &Reading,
        parking: Option<&Parking>,
        outside: impl FnMut(&mut dyn FnMut()),
    ) -> Result<bool, Deadlock> {
        let Some(parking) = parking else { return Ok(self.attempt(Claim::urgent(want))) };
        if !self.attempt(Claim::polite(want)) {
            self.wait(want, me, reading, parking, outside)?;
        }
        Ok(true)
    }

    #[cold]
    #[inline(never)]
    fn wait(
        &self,
        want: Want,
        me: u32,
        reading: &Reading,
        parking: &Parking,
        mut outside: impl FnMut(&mut dyn FnMut()),
    ) -> Result<(), Deadlock> {
        let mut claim = Claim::of(want, reading, || parking.bucket_of(self.addr()).is_starving(self.addr()));
        let since = now();
        while !self.attempt(claim) {
            let word = self.0.get();
            if is_mine(word, me, want, || reading.contains(self.addr())) {
                return Err(Deadlock);
            }
            self.0.set(word | claim.waits());
            // Before we go out: whoever lets go of the latch has to wait until we wait.
            let mut asleep = Some(parking.bucket_of(self.addr()).asleep());
            outside(&mut || drop(asleep.take().map(|asleep| parking.sleep(asleep, self.addr(), claim, word, since))));
            claim = Claim::urgent(want);
        }
        Ok(())
    }

    /// As [`Latch::end_read`](super::latch::Latch::end_read).
    #[inline]
    pub(crate) fn end_read(&self, reading: &Reading, parking: &Parking) {
        reading.remove(self.addr());
        self.end(self.0.get() - 1, parking);
    }

    /// As [`Latch::end_write`](super::latch::Latch::end_write).
    #[inline]
    pub(crate) fn end_write(&self, reading: &Reading, parking: &Parking) {
        reading.remove_written();
        self.end(self.0.get() & !HOLDERS, parking);
    }

    #[inline]
    fn end(&self, word: u32, parking: &Parking) {
        self.0.set(word);
        if word & WAITERS != 0 && word & HOLDERS == 0 {
            self.wake(parking);
        }
    }

    #[cold]
    #[inline(never)]
    fn wake(&self, parking: &Parking) {
        let bucket = parking.bucket_of(self.addr());
        let mut asleep = bucket.asleep();
        self.0.set(self.0.get() & !(WAITERS | PENDING) | bucket.wake(&mut asleep, self.addr()));
    }
}
