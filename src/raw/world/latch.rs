//! The lock of a cell on a heap that threads share: many readers or one writer, in one word.
//!
//! Taking a latch that is free is one read-modify-write, or a load and a store if the thread is alone in its world
//! ([`Seat::is_alone`](super::seat::Seat::is_alone)). Who has to wait does so outside, so that neither a collection nor
//! the global lock waits for it, and comes in before it tries again: a latch does not change hands while the world is
//! stopped.
//!
//! A thread that would wait for itself is told so: the word names the writer, and each thread knows what it reads
//! ([`Reading`]).

use std::cell::{Cell, RefCell};

use crate::raw::sync::{AtomicU32, Condvar, Mutex, Ordering, const_fn, lock, wait};

/// Somebody waits.
pub(super) const WAITERS: u32 = 1 << 31;
/// There is a writer; the bits below are the number of its seat. Otherwise they are the number of readers.
pub(super) const WRITER: u32 = 1 << 30;
pub(super) const READERS: u32 = WRITER - 1;

/// Where threads wait for latches, of which there may be more than there is room for a queue in each.
const BUCKETS: usize = if cfg!(loom) { 1 } else { 64 };

/// The calling thread waits for itself.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Deadlock;

/// A lock in one word.
#[derive(Debug)]
pub(crate) struct Latch(AtomicU32);

/// The latches that a thread has: which ones for reading.
#[derive(Debug, Default)]
pub(crate) struct Reading {
    /// One of them, or zero. As a rule there are no others.
    one: Cell<usize>,
    others: RefCell<Vec<usize>>,
    /// How many it has for writing.
    written: Cell<u32>,
}

impl Reading {
    const_fn! {
        /// None.
        pub(crate) fn new() -> Self {
            Reading { one: Cell::new(0), others: RefCell::new(Vec::new()), written: Cell::new(0) }
        }
    }

    #[inline(always)]
    pub(super) fn add(&self, latch: usize) {
        if self.one.get() == 0 {
            self.one.set(latch);
        } else {
            self.add_other(latch);
        }
    }

    #[inline(never)]
    fn add_other(&self, latch: usize) {
        self.others.borrow_mut().push(latch);
    }

    #[inline(always)]
    pub(super) fn remove(&self, latch: usize) {
        if self.one.get() == latch {
            self.one.set(0);
        } else {
            self.remove_other(latch);
        }
    }

    #[inline(never)]
    fn remove_other(&self, latch: usize) {
        let mut others = self.others.borrow_mut();
        // As a rule the one that was taken last.
        if let Some(at) = others.iter().rposition(|addr| *addr == latch) {
            others.swap_remove(at);
        }
    }

    pub(super) fn contains(&self, latch: usize) -> bool {
        self.one.get() == latch || self.others.borrow().contains(&latch)
    }

    pub(super) fn is_empty(&self) -> bool {
        self.written.get() == 0 && self.one.get() == 0 && self.others.borrow().is_empty()
    }

    #[inline]
    pub(super) fn add_written(&self) {
        self.written.set(self.written.get() + 1);
    }

    /// A leaked borrow of another thread that had the seat may have ended here.
    #[inline]
    pub(super) fn remove_written(&self) {
        self.written.set(self.written.get().saturating_sub(1));
    }
}

/// How a thread wants a latch.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Want {
    /// As one of several readers; `barge` past writers that wait, for one of them may be waiting for us.
    Read { barge: bool },
    /// As the writer in this seat.
    Write(u32),
}

impl Want {
    /// The word when we have the latch, if we can have it.
    #[inline(always)]
    pub(super) fn next(self, word: u32) -> Option<u32> {
        let free = match self {
            Want::Read { barge } => {
                word & WRITER == 0 && word & READERS != READERS && (barge || word & WAITERS == 0 || word & READERS == 0)
            }
            Want::Write(_) => word & !WAITERS == 0,
        };
        free.then_some(match self {
            Want::Read { .. } => word.wrapping_add(1),
            Want::Write(me) => word | WRITER | me,
        })
    }
}

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

    #[inline(always)]
    fn attempt(&self, want: Want) -> bool {
        let mut word = self.0.load(Ordering::Relaxed);
        // Acquire; and a writer then looks whether anybody examines (`examiners.rs`).
        let order = match want {
            Want::Read { .. } => Ordering::Acquire, // [O70]
            Want::Write(_) => Ordering::SeqCst,     // [O73]
        };
        while let Some(next) = want.next(word) {
            match self.0.compare_exchange_weak(word, next, order, Ordering::Relaxed) {
                Ok(_) => return true,
                Err(now) => word = now,
            }
        }
        false
    }

    /// The number of the writer's seat, if there is a writer. The collector asks, and if there is none, reads the value.
    #[inline(always)]
    pub(crate) fn writer(&self) -> Option<u32> {
        let word = self.0.load(Ordering::Acquire); // [O74]
        (word & WRITER != 0).then_some(word & READERS)
    }

    /// Whether `writer` is the thread whose seat has number `me`.
    pub(crate) fn is_writer(writer: u32, me: u32) -> bool {
        writer == me & READERS
    }

    /// Takes the latch for reading, if that is possible at once.
    #[inline]
    pub(crate) fn try_read(&self, reading: &Reading) -> bool {
        let taken = self.attempt(Want::Read { barge: true });
        if taken {
            reading.add(self.addr());
        }
        taken
    }

    /// Takes the latch for writing, if that is possible at once. `me` is the number of the thread's seat.
    #[inline]
    pub(crate) fn try_write(&self, me: u32, reading: &Reading) -> bool {
        let taken = self.attempt(Want::Write(me & READERS));
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
        if !self.attempt(Want::Read { barge: false }) {
            self.wait(Want::Read { barge: !reading.is_empty() }, me, reading, parking, outside)?;
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
        if !self.try_write(me, reading) {
            self.wait(Want::Write(me & READERS), me, reading, parking, outside)?;
            reading.add_written();
        }
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
        while !self.attempt(want) {
            if is_mine(self.0.load(Ordering::Relaxed), me, want, || reading.contains(self.addr())) {
                return Err(Deadlock);
            }
            outside(&|| self.sleep(want, parking));
        }
        Ok(())
    }

    fn sleep(&self, want: Want, parking: &Parking) {
        let bucket = parking.bucket(self);
        let mut guard = lock(&bucket.lock);
        loop {
            let word = self.0.load(Ordering::Relaxed);
            if want.next(word).is_some() {
                return;
            }
            let next = word | WAITERS;
            if word != next && self.0.compare_exchange(word, next, Ordering::Relaxed, Ordering::Relaxed).is_err() {
                continue;
            }
            guard = wait(&bucket.wake, guard);
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
        let ours = self.0.load(Ordering::Relaxed) & !WAITERS;
        let word = self.0.fetch_sub(ours, Ordering::Release); // [O72]
        if word & WAITERS != 0 {
            self.wake(parking);
        }
    }

    /// [`Latch::read`] by a thread that is alone, unless it would have to wait.
    #[inline(always)]
    pub(crate) fn read_alone(&self, reading: &Reading) -> bool {
        let word = self.0.load(Ordering::Relaxed);
        let free = word < READERS;
        if free {
            reading.add(self.addr());
            self.0.store(word + 1, Ordering::Relaxed);
        }
        free
    }

    /// [`Latch::write`] by a thread that is alone, unless it would have to wait.
    #[inline(always)]
    pub(crate) fn write_alone(&self, me: u32, reading: &Reading) -> bool {
        let free = self.0.load(Ordering::Relaxed) == 0;
        if free {
            reading.add_written();
            self.0.store(WRITER | (me & READERS), Ordering::Relaxed);
        }
        free
    }

    /// [`Latch::end_read`] by a thread that is alone, unless there is somebody to be woken.
    #[inline(always)]
    pub(crate) fn end_read_alone(&self, reading: &Reading) -> bool {
        let word = self.0.load(Ordering::Relaxed);
        let quiet = word & WAITERS == 0;
        if quiet {
            reading.remove(self.addr());
            self.0.store(word - 1, Ordering::Relaxed);
        }
        quiet
    }

    /// [`Latch::end_write`] by a thread that is alone, unless there is somebody to be woken.
    #[inline(always)]
    pub(crate) fn end_write_alone(&self, reading: &Reading) -> bool {
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
        let bucket = parking.bucket(self);
        let _guard = lock(&bucket.lock);
        self.0.fetch_and(!WAITERS, Ordering::Relaxed);
        bucket.wake.notify_all();
    }
}

/// Whether a thread that wants a latch has it itself.
pub(super) fn is_mine(word: u32, me: u32, want: Want, reads: impl FnOnce() -> bool) -> bool {
    if word & WRITER != 0 {
        word & READERS == me & READERS
    } else {
        word & READERS != 0 && matches!(want, Want::Write(_)) && reads()
    }
}

/// Where threads wait for latches.
#[derive(Debug)]
pub(crate) struct Parking([Bucket; BUCKETS]);

#[derive(Debug)]
#[repr(align(64))]
pub(super) struct Bucket {
    pub(super) lock: Mutex<()>,
    pub(super) wake: Condvar,
}

impl Parking {
    const_fn! {
        /// Nobody waits.
        pub(crate) fn new() -> Self {
            #[cfg(not(loom))]
            let buckets = [const { Bucket { lock: Mutex::new(()), wake: Condvar::new() } }; BUCKETS];
            #[cfg(loom)]
            let buckets = std::array::from_fn(|_| Bucket { lock: Mutex::new(()), wake: Condvar::new() });
            Parking(buckets)
        }
    }

    fn bucket(&self, latch: &Latch) -> &Bucket {
        self.bucket_of(latch.addr())
    }

    pub(super) fn bucket_of(&self, latch: usize) -> &Bucket {
        // Cells are a few words apart at least; the multiplication spreads what remains over the upper bits.
        let hash = (latch as u64 >> 3).wrapping_mul(0x9E37_79B9_7F4A_7C15) >> 32;
        &self.0[hash as usize % BUCKETS]
    }
}
