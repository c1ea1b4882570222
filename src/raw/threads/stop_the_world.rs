//! Stopping the world: for a while only one thread uses the heap.
//!
//! All is decided by one word for each thread, its seat's: who wants to come in sets `ATTACHED` if `STOP` is not there, and
//! who stops the world sets `STOP` and sees whether `ATTACHED` is. Both are read-modify-writes of the same word, so one of
//! them comes first, and no fence is needed to keep them from missing each other. An attached thread that is told to stop
//! says so at its next safepoint, or when it detaches, under the world's lock.
//!
//! Threads that wait are attached by whoever starts the world, so the next stop has to wait for their next safepoint:
//! nobody starves, however often the world is stopped.
//!
//! A thread may be *solo*, and do without read-modify-writes ([`Seat::is_solo`]): if nobody else has a seat, or all others are
//! outside when it collects. They have `STOP` in their words then, and so has whoever takes a seat later; who wants to come in
//! stops the world to tell the solo one. If that happens soon, it takes more collections the next time.
//!
//! A thread that ends waits for nobody. If the world is stopped as it leaves its seat, whoever starts the world frees that; if it cannot
//! come in to leave it, the seat is *abandoned*, and one that is inside leaves it ([`StopTheWorld::leave_abandoned`]).

mod ends;

use std::marker::PhantomData;

use super::elsewhere::{self, Away};
use super::presence::{Gate, HeapGate};
use super::seat::{ATTACHED, Left, STOP, Seat, Seats, TASK, Taken};
use crate::raw::base::sync::{AtomicU32, Condvar, Mutex, MutexGuard, Ordering, const_fn, lock};
use crate::raw::base::watch::{Report, Wait, Watch};

/// The threads of a heap that they use in parallel.
#[derive(Debug)]
pub(crate) struct StopTheWorld<P> {
    seats: Seats<P>,
    /// How many seats are abandoned, or about to be. Written under the lock.
    abandoned: AtomicU32,
    inner: Mutex<Inner>,
    /// The last thread that was waited for has stopped.
    quiet: Condvar,
    pub(crate) watch: Watch,
}

#[derive(Debug)]
pub(crate) struct Inner {
    taken: Taken,
    /// Some thread stops the world, or has. Every taken seat but its own then has `STOP`.
    stopping: bool,
    /// The seat of that thread.
    stopper: u32,
    /// Somebody could not come in meanwhile, and has left something for whoever starts the world.
    left: bool,
    /// Threads that were attached then, and have not yet said that they stop.
    running: usize,
    /// Stops so far.
    stops: u64,
    /// The seat of the solo thread. All others that are taken have `STOP`.
    solo: Option<u32>,
    /// Collections in a row that found all others outside, or that the solo one has made.
    solo_collections: u32,
    /// How many of them make a thread solo, if it does not have the only seat.
    solo_after: u32,
    /// Seats of threads that have left while the world was stopped, and what becomes of them.
    unregistered: Vec<(u32, Left)>,
    /// Seats of threads that have ended outside, and could not come in to leave them.
    abandoned: Vec<(u32, Left)>,
}

/// How many it takes at first.
const SOLO_AFTER: u32 = if cfg!(any(test, loom)) { 2 } else { 8 };

/// With more seats than this it takes too long to look at all of them.
const FEW: usize = 64;
/// The most collections that it takes to be solo again.
const MOST_SOLO_AFTER: u32 = 1 << 10;

impl<P> StopTheWorld<P> {
    const_fn! {
        /// No threads.
        pub(crate) fn new() -> Self {
            let inner = Inner {
                taken: Taken::new(),
                stopping: false,
                stopper: 0,
                left: false,
                running: 0,
                stops: 0,
                solo: None,
                solo_collections: 0,
                solo_after: SOLO_AFTER,
                unregistered: Vec::new(),
                abandoned: Vec::new(),
            };
            StopTheWorld {
                seats: Seats::new(),
                abandoned: AtomicU32::new(0),
                inner: Mutex::new(inner),
                quiet: Condvar::new(),
                watch: Watch::new(),
            }
        }
    }

    /// Stops so far.
    #[cfg(any(test, loom))]
    pub(crate) fn stops(&self) -> u64 {
        lock(&self.inner).stops
    }

    fn try_attach_at_once(&self, seat: &Seat<P>) -> bool {
        let enter = |word| (word & STOP == 0).then_some(word | ATTACHED);
        seat.word.fetch_update(Ordering::Acquire, Ordering::Relaxed, enter).is_ok() // [O60]
    }

    /// Somebody stops the world, has stopped it, or is solo. Nobody is waited for: the solo one is told if it is outside,
    /// and otherwise asked to see to what is left for it, as is whoever has stopped the world.
    #[cold]
    #[inline(never)]
    fn try_attach_slow(&self, seat: &Seat<P>, inner: &mut Inner) -> bool {
        if inner.stopping {
            inner.left = true;
            return false;
        }
        if let Some(other) = self.solo_but(inner, seat) {
            loop {
                let held = other.word.fetch_update(Ordering::Acquire, Ordering::Relaxed, hold); // [O67]
                if held.is_ok() {
                    break;
                }
                // If it goes out before it hears of it, it looks for what is left after that, and finds it.
                let word = other.word.fetch_or(TASK, Ordering::AcqRel); // [O104]
                if word & ATTACHED != 0 {
                    return false;
                }
            }
            self.leave_solo_for_another(inner);
            other.word.fetch_and(!STOP, Ordering::Release); // [O68]
        }
        attach_under_lock(seat);
        true
    }

    /// The solo thread, unless it has `seat`.
    fn solo_but(&self, inner: &Inner, seat: &Seat<P>) -> Option<&Seat<P>> {
        self.seats.get(inner.solo.filter(|index| *index != seat.index())?)
    }

    /// Nobody is solo any more. Whoever was has stopped, or is outside and cannot come in.
    fn leave_solo(&self, inner: &mut Inner) {
        if let Some(seat) = inner.solo.take().and_then(|index| self.seats.get(index)) {
            seat.solo.store(0, Ordering::Relaxed);
            inner.solo_collections = 0;
        }
    }

    /// As [`StopTheWorld::leave_solo`], because somebody wants to come in.
    fn leave_solo_for_another(&self, inner: &mut Inner) {
        let short = inner.solo_collections <= inner.solo_after;
        inner.solo_after =
            if short { MOST_SOLO_AFTER.min(inner.solo_after * 2) } else { SOLO_AFTER.max(inner.solo_after / 2) };
        self.leave_solo(inner);
    }

    /// The calling thread collects, and is solo from now on if all others are outside.
    pub(crate) fn count_collection(&self, seat: &Seat<P>) {
        let mut inner = lock(&self.inner);
        if !inner.stopping {
            self.try_solo(seat, &mut inner);
        }
    }

    /// The thread in `seat`, which is the caller and attached, is solo from now on if all others are outside, and have been for
    /// as many collections as it takes. Whether it is solo.
    fn try_solo(&self, seat: &Seat<P>, inner: &mut Inner) -> bool {
        if inner.solo == Some(seat.index()) {
            inner.solo_collections = inner.solo_collections.saturating_add(1);
            return true;
        }
        let outside = inner.taken.count() <= FEW && self.others(seat, inner).all(|other| !other.is_attached());
        inner.solo_collections = if outside { inner.solo_collections.saturating_add(1) } else { 0 };
        if !outside || (inner.solo_collections < inner.solo_after && inner.taken.count() > 1) {
            return false;
        }
        // Who waits for a cell may be about to say so in its word. If we give up, those who have been held have `STOP` for nothing,
        // and come in by the slow path.
        let held = |other: &Seat<P>| other.word.fetch_update(Ordering::Acquire, Ordering::Relaxed, hold).is_ok(); // [O69]
        if !self.others(seat, inner).all(|other| held(other) && !other.is_asleep()) {
            return false;
        }
        inner.solo_collections = 0;
        self.enter_solo(inner, seat);
        true
    }

    /// Calls `f` while the thread in `other` is outside and stays there: what is on its seat is the caller's, which is inside and has
    /// not stopped the world, for that moment. `f` must not wait for anybody, or run user code: others need the world's lock.
    /// False if the thread is inside: then nothing has happened.
    ///
    /// Somebody may be about to stop the world, but has to wait for the caller, who is inside. (Whoever comes in and has the one stop
    /// that is solo merges nothing.) The other one keeps its `STOP` then, and is let in under the world's lock.
    ///
    /// The other one may have been told of more than `f` sees to, and not have looked yet. Then the caller, which is in the seat `me`, is
    /// told in its place.
    pub(crate) fn hold(&self, me: &Seat<P>, other: &Seat<P>, f: impl FnOnce()) -> bool {
        let inner = lock(&self.inner);
        let Ok(word) = other.word.fetch_update(Ordering::Acquire, Ordering::Relaxed, hold) else { return false }; // [O177]
        f();
        // Beside a solo one it keeps its `STOP`. Who tells it of something queued after that holds it, too.
        other.word.fetch_and(!TASK & (!STOP | word), Ordering::Release); // [O178]
        if word & TASK != 0 {
            me.ask(TASK);
        }
        drop(inner);
        true
    }

    /// The seats that somebody has.
    pub(crate) fn taken(&self) -> Vec<&Seat<P>> {
        lock(&self.inner).taken.each(&self.seats).collect()
    }

    fn others<'a>(&'a self, seat: &Seat<P>, inner: &Inner) -> impl Iterator<Item = &'a Seat<P>> {
        let me = seat.index();
        inner.taken.each(&self.seats).filter(move |other| other.index() != me)
    }

    /// The thread in `seat`, which is the caller, is solo.
    fn enter_solo(&self, inner: &mut Inner, seat: &Seat<P>) {
        inner.solo = Some(seat.index());
        seat.solo.store(1, Ordering::Relaxed);
    }

    #[cold]
    #[inline(never)]
    fn park(&self, seat: &Seat<P>) {
        let _away = elsewhere::above(self.rank());
        // Nobody takes `STOP` back before we have stopped.
        drop(self.stand_by(seat, lock(&self.inner)));
    }

    /// An attached thread that was told to stop does so, until it is attached again.
    fn stand_by<'a>(&'a self, seat: &Seat<P>, mut inner: MutexGuard<'a, Inner>) -> MutexGuard<'a, Inner> {
        seat.word.fetch_and(!ATTACHED, Ordering::Relaxed);
        self.stopped(&mut inner);
        self.wait(seat, inner)
    }

    fn stopped(&self, inner: &mut Inner) {
        inner.running -= 1;
        if inner.running == 0 {
            self.quiet.notify_all();
        }
    }

    /// Waits to be attached by whoever starts the world.
    fn wait<'a>(&'a self, seat: &Seat<P>, mut inner: MutexGuard<'a, Inner>) -> MutexGuard<'a, Inner> {
        seat.waiting.store(1, Ordering::Relaxed);
        let mut alarm = self.watch.begin(Wait::Attach);
        while seat.waiting.load(Ordering::Relaxed) != 0 {
            inner = self.watch.wait(&mut alarm, &seat.wake, &self.inner, inner, |inner| vec![inner.stopper]);
        }
        inner
    }

    #[cold]
    #[inline(never)]
    fn attach_slow(&self, seat: &Seat<P>) {
        let (mut away, mut inner) = (Away::nowhere(), lock(&self.inner));
        if inner.stopping || self.solo_but(&inner, seat).is_some() {
            inner = self.unlocked(inner, || away = elsewhere::above(self.rank()));
        }
        if inner.stopping {
            drop(self.wait(seat, inner));
            return;
        }
        if self.solo_but(&inner, seat).is_some() {
            self.tell_to_stop(seat, &mut inner);
            inner = self.wait_for_others(inner);
            self.leave_solo_for_another(&mut inner);
            self.start(seat, &mut inner);
        }
        attach_under_lock(seat);
        drop(inner);
        drop(away);
    }

    /// Runs `f`, which needs locks of other heaps, while others may have the lock.
    fn unlocked<'a>(&'a self, inner: MutexGuard<'a, Inner>, f: impl FnOnce()) -> MutexGuard<'a, Inner> {
        drop(inner);
        f();
        lock(&self.inner)
    }

    /// The seat is free.
    fn leave(&self, seat: &Seat<P>, inner: &mut Inner, left: Left) {
        if inner.solo == Some(seat.index()) {
            self.leave_solo(inner);
        }
        seat.word.store(0, Ordering::Relaxed);
        inner.taken.leave(&self.seats, seat, left);
    }

    #[cold]
    #[inline(never)]
    fn detached_in_stop(&self) {
        self.stopped(&mut lock(&self.inner));
    }

    /// Stops the world, when nobody else does.
    ///
    /// The calling thread has `seat` and is attached. Its word does not change: it may be at a safepoint while it has
    /// stopped the world.
    pub(crate) fn stop<'a>(&'a self, seat: &'a Seat<P>) -> Stopped<'a, P> {
        let (mut away, mut inner) = (Away::nowhere(), lock(&self.inner));
        if inner.stopping {
            inner = self.unlocked(inner, || away = elsewhere::above(self.rank()));
        }
        while inner.stopping {
            inner = self.stand_by(seat, inner);
        }
        inner.stops += 1;
        self.tell_to_stop(seat, &mut inner);
        if inner.running > 0 {
            inner = self.unlocked(inner, || away.and_above(self.rank()));
        }
        drop(self.wait_for_others(inner));
        Stopped { threads: self, seat, _away: away, thread: PhantomData }
    }

    /// Tells all other threads to stop.
    fn tell_to_stop(&self, seat: &Seat<P>, inner: &mut Inner) {
        (inner.stopping, inner.stopper) = (true, seat.index());
        let words = self.others(seat, inner).map(|other| other.word.fetch_or(STOP, Ordering::Acquire)); // [O62]
        inner.running = words.filter(|word| word & ATTACHED != 0).count();
    }

    /// Waits until they have.
    fn wait_for_others<'a>(&'a self, mut inner: MutexGuard<'a, Inner>) -> MutexGuard<'a, Inner> {
        let mut alarm = self.watch.begin(Wait::Stop);
        let others = |inner: &Inner| {
            let running = |other: &&Seat<P>| other.index() != inner.stopper && other.is_attached();
            inner.taken.each(&self.seats).filter(running).map(Seat::index).collect()
        };
        while inner.running > 0 {
            inner = self.watch.wait(&mut alarm, &self.quiet, &self.inner, inner, others);
        }
        inner
    }

    /// Lets all others go on, whom the thread in `seat` has stopped to collect.
    fn start_or_stay_solo(&self, seat: &Seat<P>) {
        let mut inner = lock(&self.inner);
        let anybody = self.others(seat, &inner).any(|other| other.waiting.load(Ordering::Relaxed) != 0);
        if anybody || !self.try_solo(seat, &mut inner) {
            if inner.solo.is_some() {
                self.leave_solo_for_another(&mut inner);
            }
            return self.start(seat, &mut inner);
        }
        // They are outside, and keep their `STOP`s.
        self.end_stop(seat, &mut inner);
    }

    fn end_stop(&self, seat: &Seat<P>, inner: &mut Inner) {
        inner.stopping = false;
        self.free_unregistered(inner);
        if std::mem::take(&mut inner.left) {
            seat.ask(TASK);
        }
    }

    /// Lets all others go on. The thread in `seat` has stopped them.
    fn start(&self, seat: &Seat<P>, inner: &mut Inner) {
        self.end_stop(seat, inner);
        for other in self.others(seat, inner) {
            if other.waiting.load(Ordering::Relaxed) != 0 {
                other.waiting.store(0, Ordering::Relaxed);
                other.word.fetch_or(ATTACHED, Ordering::Relaxed);
                other.word.fetch_and(!STOP, Ordering::Relaxed);
                other.wake.notify_one();
            } else {
                other.word.fetch_and(!STOP, Ordering::Release); // [O63]
            }
        }
    }
}

impl<P> HeapGate<P> for StopTheWorld<P> {
    fn reporting_to(report: Report) -> Self {
        StopTheWorld { watch: Watch::reporting_to(report), ..StopTheWorld::new() }
    }

    fn parallel(&self) -> Option<&Self> {
        Some(self)
    }

    fn watch(&self) -> &Watch {
        &self.watch
    }

    fn seats(&self) -> &Seats<P> {
        &self.seats
    }

    fn population(&self) -> usize {
        lock(&self.inner).taken.count()
    }

    fn try_attach(&self, seat: &Seat<P>) -> bool {
        self.try_attach_at_once(seat) || self.try_attach_slow(seat, &mut lock(&self.inner))
    }

    #[cfg_attr(not(debug_assertions), inline(always))]
    fn poll(&self, seat: &Seat<P>) {
        if seat.word.load(Ordering::Relaxed) & STOP != 0 {
            self.park(seat);
        }
    }

    type Held<'a>
        = MutexGuard<'a, Inner>
    where
        Self: 'a;

    fn hold(&self) -> MutexGuard<'_, Inner> {
        let mut inner = lock(&self.inner);
        self.free_unregistered(&mut inner);
        inner
    }

    fn forget_others(
        &self,
        mut inner: MutexGuard<'_, Inner>,
        seat: &Seat<P>,
        left: impl Fn(&Seat<P>) -> Left,
    ) -> Vec<&Seat<P>> {
        if self.solo_but(&inner, seat).is_some() {
            self.leave_solo(&mut inner);
        }
        inner.abandoned.clear();
        self.abandoned.store(0, Ordering::Relaxed);
        inner.taken.leave_all_but(seat, &self.seats, left)
    }

    #[cfg_attr(not(debug_assertions), inline(always))]
    fn is_any_abandoned(&self) -> bool {
        self.abandoned.load(Ordering::Relaxed) != 0
    }
}

impl<P> Gate<P> for StopTheWorld<P> {
    fn register(&self, part: impl Fn() -> P) -> &Seat<P> {
        let mut inner = lock(&self.inner);
        let seat = inner.taken.take(&self.seats, part);
        if inner.stopping || inner.solo.is_some() {
            seat.word.fetch_or(STOP, Ordering::Relaxed);
        } else if inner.taken.count() == 1 {
            self.enter_solo(&mut inner, seat);
        }
        seat
    }

    fn resume(&self, seat: &Seat<P>) -> bool {
        self.take_back(seat)
    }

    fn unregister(&self, seat: &Seat<P>, left: Left) {
        self.leave_soon(seat, left);
    }

    fn unregister_detached(&self, seat: &Seat<P>, left: Left) {
        self.leave(seat, &mut lock(&self.inner), left);
    }

    fn attach_or_abandon(&self, seat: &Seat<P>, left: Left) -> bool {
        self.try_attach_at_once(seat) || self.try_attach_or_abandon(seat, left)
    }

    #[inline]
    fn attach(&self, seat: &Seat<P>) {
        let calm = seat.word.compare_exchange(0, ATTACHED, Ordering::Acquire, Ordering::Relaxed); // [O64]
        if calm.is_err() {
            self.attach_slow(seat);
        }
    }

    #[inline]
    fn detach(&self, seat: &Seat<P>) {
        // Acquire: what was left for us before we went out is found after that.
        let word = seat.word.fetch_and(!ATTACHED, Ordering::AcqRel); // [O61]
        if word & STOP != 0 {
            self.detached_in_stop();
        }
    }
}

/// `STOP` for a thread that is outside.
fn hold(word: u32) -> Option<u32> {
    (word & ATTACHED == 0).then_some(word | STOP)
}

/// The thread comes in, under the world's lock. Nobody stops the world without it.
fn attach_under_lock<P>(seat: &Seat<P>) {
    seat.word.fetch_or(ATTACHED, Ordering::Relaxed);
    seat.word.fetch_and(!STOP, Ordering::Relaxed);
}

/// The world stands still. It is started again when this is dropped, also by a panic.
#[derive(Debug)]
pub(crate) struct Stopped<'a, P> {
    threads: &'a StopTheWorld<P>,
    seat: &'a Seat<P>,
    /// The heaps that the thread has left to wait for the others. It uses none of them before the world is started.
    _away: Away,
    /// It is the thread that stopped the world which may look around.
    thread: PhantomData<*mut ()>,
}

impl<P> Stopped<'_, P> {
    /// Calls `each` with every seat, also those that nobody has.
    #[cfg(any(test, loom))]
    pub(crate) fn each(&self, each: impl FnMut(&Seat<P>)) {
        (0..).map_while(|index| self.threads.seats.get(index)).for_each(each);
    }
}

impl<P> Drop for Stopped<'_, P> {
    fn drop(&mut self) {
        self.threads.start_or_stay_solo(self.seat);
    }
}
