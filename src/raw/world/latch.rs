//! The lock of a cell on a heap that threads share: many readers or one writer, in one word.
//!
//! Taking a latch that is free is one read-modify-write, or a load and a store if the thread is alone in its world
//! ([`Seat::is_alone`](super::seat::Seat::is_alone)). Who has to wait does so outside, so that neither a collection nor
//! the global lock waits for it, and comes in before it tries again: a latch does not change hands while the world is
//! stopped.
//!
//! Those who wait are woken when the latch is free, and it is promised to them: who comes meanwhile, perhaps the one that has
//! just gone, waits until one of them has had it. Otherwise a thread that wants it again and again would keep out the others,
//! who take a while to wake up. Readers wait for writers only, also for one that waits while others read. None of this keeps
//! a thread from a latch that it could have for longer than [`RESPECT`]: nobody depends on others being polite.
//!
//! A thread that would wait for itself is told so: the word names the writer, and each thread knows what it reads
//! ([`Reading`]).

use std::cell::{Cell, RefCell};
use std::time::Duration;

use crate::raw::sync::{AtomicU32, Condvar, Mutex, MutexGuard, Ordering, const_fn, lock, wait, wait_at_most};

/// Somebody waits, and is to be woken.
pub(super) const WAITERS: u32 = 1 << 31;
/// There is a writer; the lowest bits are the number of its seat. Otherwise they are the number of readers.
pub(super) const WRITER: u32 = 1 << 30;
/// A writer waits.
pub(super) const PENDING: u32 = 1 << 29;
/// Those who waited have been woken and are on their way.
pub(super) const PROMISED: u32 = 1 << 28;
/// There is a writer among them.
pub(super) const TO_WRITER: u32 = 1 << 27;
pub(super) const READERS: u32 = TO_WRITER - 1;
/// Whoever has the latch.
pub(super) const HOLDERS: u32 = WRITER | READERS;

/// Where threads wait for latches, of which there may be more than there is room for a queue in each.
const BUCKETS: usize = if cfg!(any(loom, miri)) { 1 } else { 64 };

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
    /// As one of several readers.
    Read,
    /// As the writer in this seat.
    Write(u32),
}

/// What a thread wants, and whom it lets go first.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Claim {
    want: Want,
    /// Those who have been woken.
    after_woken: bool,
    /// As a reader, writers who wait while others read.
    after_waiting: bool,
}

impl Claim {
    /// The claim of a thread that has just come, has none of these latches, and is ready to wait.
    pub(super) const fn polite(want: Want) -> Self {
        Claim { want, after_woken: true, after_waiting: true }
    }

    /// The claim of a thread that does not wait, or has waited.
    pub(super) const fn urgent(want: Want) -> Self {
        Claim { want, after_woken: false, after_waiting: false }
    }

    /// The claim of a thread that has these latches: who waits may wait for one of them.
    pub(super) fn of(want: Want, reading: &Reading) -> Self {
        Claim { want, after_woken: true, after_waiting: reading.is_empty() }
    }

    /// The bits that say what the thread waits for.
    pub(super) fn waits(self) -> u32 {
        if self.want == Want::Read { WAITERS } else { WAITERS | PENDING }
    }

    /// The word when the thread has the latch, if it can have it.
    #[inline(always)]
    pub(super) fn next(self, word: u32) -> Option<u32> {
        // A thread that has waited keeps the promise, and one that does not wait breaks it.
        let rest = if self.after_woken { word } else { word & !(PROMISED | TO_WRITER) };
        match self.want {
            Want::Read => {
                let free = word & WRITER == 0 && word & READERS != READERS;
                let first = (self.after_woken && word & TO_WRITER != 0)
                    || (self.after_waiting && word & PENDING != 0 && word & READERS != 0);
                (free && !first).then_some(rest.wrapping_add(1))
            }
            Want::Write(me) => {
                let free = word & HOLDERS == 0;
                let first = self.after_woken && word & PROMISED != 0;
                (free && !first).then_some(rest | WRITER | me)
            }
        }
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
    #[inline(always)]
    pub(crate) fn writer(&self) -> Option<u32> {
        let word = self.0.load(Ordering::Acquire); // [O74]
        (word & WRITER != 0).then_some(word & READERS)
    }

    /// Whether `writer` is the thread whose seat has number `me`.
    pub(crate) fn is_writer(writer: u32, me: u32) -> bool {
        writer == me & READERS
    }

    /// Whether somebody waits.
    #[cfg(any(test, loom))]
    pub(crate) fn is_waited_for(&self, parking: &Parking) -> bool {
        parking.bucket_of(self.addr()).asleep().iter().any(|sleeper| sleeper.latch == self.addr())
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
        let claim = Cell::new(Claim::of(want, reading));
        while !self.attempt(claim.get()) {
            if is_mine(self.0.load(Ordering::Relaxed), me, want, || reading.contains(self.addr())) {
                return Err(Deadlock);
            }
            outside(&|| claim.set(self.sleep(claim.get(), parking)));
        }
        Ok(())
    }

    /// Sleeps until it looks as if the latch could be had. The claim of a thread that has slept, if it has.
    fn sleep(&self, mut claim: Claim, parking: &Parking) -> Claim {
        let bucket = parking.bucket_of(self.addr());
        let mut asleep = bucket.asleep();
        loop {
            let word = self.0.load(Ordering::Relaxed);
            if claim.next(word).is_some() {
                return claim;
            }
            let next = word | claim.waits();
            if word != next && self.0.compare_exchange(word, next, Ordering::Relaxed, Ordering::Relaxed).is_err() {
                continue;
            }
            (asleep, claim) = bucket.sleep(asleep, self.addr(), claim, word);
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
        let word = self.0.load(Ordering::Relaxed);
        let quiet = word & WAITERS == 0;
        if quiet {
            reading.remove_written();
            self.0.store(word & !HOLDERS, Ordering::Relaxed);
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

/// Whether a thread that wants a latch has it itself.
pub(super) fn is_mine(word: u32, me: u32, want: Want, reads: impl FnOnce() -> bool) -> bool {
    if word & WRITER != 0 {
        word & READERS == me & READERS
    } else {
        word & READERS != 0 && want != Want::Read && reads()
    }
}

/// Where threads wait for latches.
#[derive(Debug)]
pub(crate) struct Parking([Bucket; BUCKETS]);

/// A thread that sleeps.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Sleeper {
    latch: usize,
    claim: Claim,
    /// For this latch, and not for another one whose sleepers wake at the same time.
    woken: bool,
}

type Asleep = Vec<Sleeper>;

#[derive(Debug)]
#[repr(align(64))]
pub(super) struct Bucket {
    asleep: Mutex<Asleep>,
    wake: Condvar,
}

/// How long a thread lets others go first who could be first.
const RESPECT: Duration = Duration::from_millis(10);

impl Bucket {
    const_fn! {
        fn new() -> Self {
            Bucket { asleep: Mutex::new(Vec::new()), wake: Condvar::new() }
        }
    }

    pub(super) fn asleep(&self) -> MutexGuard<'_, Asleep> {
        lock(&self.asleep)
    }

    /// Sleeps until somebody is woken, and not for long if others are in the way only because the thread lets them go first,
    /// as `word` tells. The claim of the thread when it has slept.
    pub(super) fn sleep<'a>(
        &'a self,
        mut asleep: MutexGuard<'a, Asleep>,
        latch: usize,
        claim: Claim,
        word: u32,
    ) -> (MutexGuard<'a, Asleep>, Claim) {
        let urgent = Claim::urgent(claim.want);
        asleep.push(Sleeper { latch, claim, woken: false });
        let (mut asleep, late) = match urgent.next(word) {
            Some(_) => wait_at_most(&self.wake, asleep, RESPECT),
            None => (wait(&self.wake, asleep), false),
        };
        // Of those who sleep for the same, one that was woken goes first: which of them is which does not matter.
        let mine = |sleeper: &Sleeper, woken| *sleeper == Sleeper { latch, claim, woken };
        let at = |woken| asleep.iter().position(|sleeper| mine(sleeper, woken));
        let woken = at(true);
        if let Some(at) = woken.or_else(|| at(false)) {
            asleep.swap_remove(at);
        }
        (asleep, if late || woken.is_some() { urgent } else { claim })
    }

    /// Wakes those who sleep for a latch. The bits that promise it to them.
    pub(super) fn wake(&self, asleep: &mut Asleep, latch: usize) -> u32 {
        let mut promise = 0;
        for sleeper in asleep.iter_mut().filter(|sleeper| sleeper.latch == latch) {
            sleeper.woken = true;
            promise |= if sleeper.claim.want == Want::Read { PROMISED } else { PROMISED | TO_WRITER };
        }
        self.wake.notify_all();
        promise
    }
}

impl Parking {
    const_fn! {
        /// Nobody waits.
        pub(crate) fn new() -> Self {
            #[cfg(not(loom))]
            let buckets = [const { Bucket::new() }; BUCKETS];
            #[cfg(loom)]
            let buckets = std::array::from_fn(|_| Bucket::new());
            Parking(buckets)
        }
    }

    pub(super) fn bucket_of(&self, latch: usize) -> &Bucket {
        // Cells are a few words apart at least; the multiplication spreads what remains over the upper bits.
        let hash = (latch as u64 >> 3).wrapping_mul(0x9E37_79B9_7F4A_7C15) >> 32;
        &self.0[hash as usize % BUCKETS]
    }
}
