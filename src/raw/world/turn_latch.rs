//! The lock of a cell on a heap that threads use in turns: whoever touches it has the global lock, so it is a plain word.

use std::cell::Cell;

use super::latch::{Deadlock, Parking, READERS, Reading, WAITERS, WRITER, Want, is_mine};
use crate::raw::sync::{lock, wait};

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

    #[inline(always)]
    fn attempt(&self, want: Want) -> bool {
        let next = want.next(self.0.get());
        if let Some(next) = next {
            self.0.set(next);
        }
        next.is_some()
    }

    /// [`Latch::read`](super::latch::Latch::read) if nobody has to be waited for, not even a writer who waits.
    #[inline(always)]
    pub(crate) fn try_read(&self, reading: &Reading) -> bool {
        let taken = self.attempt(Want::Read { barge: false });
        if taken {
            reading.add(self.addr());
        }
        taken
    }

    /// Whether there is a writer.
    #[inline(always)]
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
        let barge = parking.is_none();
        let taken = self.attempt(Want::Read { barge })
            || self.wait(Want::Read { barge: true }, me, reading, parking, outside)?;
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
        let want = Want::Write(me & READERS);
        let taken = self.attempt(want) || self.wait(want, me, reading, parking, outside)?;
        if taken {
            reading.add_written();
        }
        Ok(taken)
    }

    #[cold]
    #[inline(never)]
    fn wait(
        &self,
        want: Want,
        me: u32,
        reading: &Reading,
        parking: Option<&Parking>,
        mut outside: impl FnMut(&mut dyn FnMut()),
    ) -> Result<bool, Deadlock> {
        let want = match want {
            Want::Read { .. } => Want::Read { barge: !reading.is_empty() },
            write => write,
        };
        let Some(parking) = parking else { return Ok(false) };
        while !self.attempt(want) {
            if is_mine(self.0.get(), me, want, || reading.contains(self.addr())) {
                return Err(Deadlock);
            }
            self.0.set(self.0.get() | WAITERS);
            let bucket = parking.bucket_of(self.addr());
            // Before we go out: whoever lets go of the latch has to wait until we wait.
            let mut guard = Some(lock(&bucket.lock));
            outside(&mut || drop(guard.take().map(|guard| wait(&bucket.wake, guard))));
        }
        Ok(true)
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
        self.end(self.0.get() & WAITERS, parking);
    }

    #[inline]
    fn end(&self, word: u32, parking: &Parking) {
        self.0.set(word);
        if word == WAITERS {
            self.wake(parking);
        }
    }

    #[cold]
    #[inline(never)]
    fn wake(&self, parking: &Parking) {
        self.0.set(0);
        let bucket = parking.bucket_of(self.addr());
        let _guard = lock(&bucket.lock);
        bucket.wake.notify_all();
    }
}
