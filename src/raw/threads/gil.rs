//! The global lock: of the threads of a heap only one runs at a time.
//!
//! The protocol is CPython's (`Python/ceval_gil.c`). When the holder has had the lock for a *switch interval*, and others
//! wait, one of them asks it to give way. The holder does so at its next safepoint, and does not get the lock back
//! before another thread has had it. A lock that is given up because its holder goes out to wait for something is free for
//! whoever comes first, so that a thread which comes back at once does not have to wait for others to wake up.
//!
//! We differ where CPython leaves the choice to the system:
//!
//! - Threads that gave way queue up, and each gets the lock in its turn.
//! - Threads that come in from outside have a queue of their own, which goes first: they waited for something, and as a rule
//!   do not stay long. Those that do have to give way, and are in the other queue then. If they take up all of the time
//!   together, each second turn still goes to the other queue.
//! - Of those who wait only the next in turn has an alarm clock; the others sleep until their turn comes.

use std::collections::VecDeque;
use std::time::Duration;

use super::elsewhere::{self, Away};
use super::presence::{Gate, HeapGate};
use super::seat::{ATTACHED, Left, Seat, Seats, TASK, Taken, YIELD};
use crate::raw::base::clock::{Moment, now};
use crate::raw::base::sync::{Mutex, MutexGuard, Ordering, const_fn, lock, wait_timeout};
use crate::raw::base::watch::{Report, Wait, Watch};

/// How long a thread may keep the lock when others want it, if nobody says otherwise.
pub(crate) const INTERVAL: Duration = Duration::from_millis(5);

/// The threads of a heap that they use in turns.
#[derive(Debug)]
pub(crate) struct Gil<P> {
    seats: Seats<P>,
    inner: Mutex<Inner>,
    pub(crate) watch: Watch,
}

#[derive(Debug)]
pub(crate) struct Inner {
    taken: Taken,
    /// The seat of the thread that has the lock.
    holder: Option<u32>,
    /// The last thread that had it.
    last: Option<u32>,
    /// Times that the lock went from one thread to another.
    switches: u64,
    /// The holder was asked to give way.
    asked: bool,
    /// A holder went out, and had not seen to what was left for it: the next one is told.
    left: bool,
    /// Those who came in from outside, and those who gave way, first in turn first.
    arrived: VecDeque<u32>,
    yielded: VecDeque<u32>,
    /// Which of the two goes first at the next turn. Settled when a turn begins, so that all agree who sets an alarm clock.
    yielded_first: bool,
    /// When one of those who gave way last had a turn, or the first of them gave way.
    yielded_at: Option<Moment>,
    /// When somebody who had waited last had a turn, or the first began to wait.
    turn_at: Option<Moment>,
    /// When the holder took the lock, if somebody was waiting then, or when somebody began to.
    held_since: Option<Moment>,
    interval: Duration,
}

impl Inner {
    /// Whose turn it is, if anybody waits.
    fn next(&self) -> Option<u32> {
        let (first, second) =
            if self.yielded_first { (&self.yielded, &self.arrived) } else { (&self.arrived, &self.yielded) };
        first.front().or_else(|| second.front()).copied()
    }

    /// A thread without the lock waits from now on.
    fn enqueue(&mut self, index: u32, yields: bool) {
        let now = Some(now());
        if self.next().is_none() {
            self.turn_at = now;
        }
        self.held_since = self.held_since.or(now);
        if yields {
            if self.yielded.is_empty() {
                self.yielded_at = now;
            }
            self.yielded.push_back(index);
        } else {
            self.arrived.push_back(index);
        }
    }

    /// The lock goes to somebody who may have waited for it.
    fn take(&mut self, index: u32) {
        debug_assert!(self.holder.is_none());
        self.holder = Some(index);
        self.held_since = self.next().map(|_| now());
        if self.last.replace(index) != Some(index) {
            self.switches += 1;
        }
    }
}

impl<P> Gil<P> {
    const_fn! {
        /// A lock that nobody has.
        pub(crate) fn new() -> Self {
            let inner = Inner {
                taken: Taken::new(),
                holder: None,
                last: None,
                switches: 0,
                asked: false,
                left: false,
                arrived: VecDeque::new(),
                yielded: VecDeque::new(),
                yielded_first: false,
                yielded_at: None,
                turn_at: None,
                held_since: None,
                interval: INTERVAL,
            };
            Gil { seats: Seats::new(), inner: Mutex::new(inner), watch: Watch::new() }
        }
    }

    pub(crate) fn interval(&self) -> Duration {
        lock(&self.inner).interval
    }

    /// How long a thread may keep the lock when others want it. Not less than a microsecond.
    pub(crate) fn set_interval(&self, interval: Duration) {
        let mut inner = lock(&self.inner);
        inner.interval = interval.max(Duration::from_micros(1));
        // Its alarm clock is set to the old one.
        self.wake_next(&inner);
    }

    /// Times that the lock went from one thread to another.
    #[cfg(all(test, not(any(loom, shuttle, miri))))]
    pub(crate) fn switches(&self) -> u64 {
        lock(&self.inner).switches
    }

    #[cold]
    #[inline(never)]
    fn give_way(&self, seat: &Seat<P>) {
        let _away = elsewhere::above(self.rank());
        let mut inner = lock(&self.inner);
        self.leave(seat, &mut inner);
        inner.enqueue(seat.index(), true);
        // The forced switch: the lock is handed over before it is free for everybody.
        self.hand_over(&mut inner);
        drop(self.wait(seat, inner));
    }

    /// Waits for the lock. The thread is in a queue.
    fn wait<'a>(&'a self, seat: &Seat<P>, mut inner: MutexGuard<'a, Inner>) -> MutexGuard<'a, Inner> {
        let me = seat.index();
        let holder = |inner: &Inner| inner.holder.into_iter().collect();
        let mut alarm = self.watch.begin(Wait::Attach);
        loop {
            if inner.holder == Some(me) {
                return inner;
            }
            if inner.next() != Some(me) || inner.asked {
                inner = self.watch.wait(&mut alarm, &seat.wake, &self.inner, inner, holder);
            } else if inner.holder.is_none() {
                self.hand_over(&mut inner);
            } else {
                let switches = inner.switches;
                let held = inner.held_since.map_or(Duration::ZERO, |since| now() - since);
                let turn = inner.interval.saturating_sub(held);
                let left = alarm.as_ref().map_or(turn, |alarm| turn.min(alarm.left()));
                let (guard, late) = wait_timeout(&seat.wake, inner, left);
                inner = guard;
                if late && left == turn && inner.switches == switches && inner.next() == Some(me) {
                    self.ask(&mut inner);
                }
                if let Some(alarm) = &mut alarm {
                    inner = self.watch.ring(alarm, &self.inner, inner, holder);
                }
            }
        }
    }

    /// Asks the holder to give way.
    fn ask(&self, inner: &mut Inner) {
        if let Some(holder) = inner.holder.and_then(|holder| self.seats.get(holder)) {
            inner.asked = true;
            holder.ask(YIELD);
        }
    }

    /// The lock is free, and goes to the first of those who wait, if anybody does.
    fn hand_over(&self, inner: &mut Inner) {
        let Some(seat) = inner.next().and_then(|next| self.seats.get(next)) else { return };
        let now = now();
        inner.turn_at = Some(now);
        if inner.yielded.front() == Some(&seat.index()) {
            inner.yielded.pop_front();
            inner.yielded_at = Some(now);
        } else {
            inner.arrived.pop_front();
        }
        let limit = inner.interval.saturating_mul(2);
        inner.yielded_first = inner.yielded_at.is_some_and(|since| now - since >= limit);
        self.enter(seat, inner);
        seat.wake.notify_one();
    }

    fn enter(&self, seat: &Seat<P>, inner: &mut Inner) {
        let task = if std::mem::take(&mut inner.left) { TASK } else { 0 };
        seat.word.fetch_or(ATTACHED | task, Ordering::Relaxed);
        inner.take(seat.index());
        // Whoever is next now sets its alarm clock.
        self.wake_next(inner);
    }

    fn leave(&self, seat: &Seat<P>, inner: &mut Inner) {
        let word = seat.word.fetch_and(!(ATTACHED | YIELD | TASK), Ordering::Relaxed);
        inner.left |= word & TASK != 0;
        debug_assert_eq!(inner.holder, Some(seat.index()));
        inner.holder = None;
        inner.asked = false;
    }

    /// The holder goes out of its own accord. The lock is free for whoever comes first, unless somebody has asked for it, or
    /// those who wait have seen others go first for long enough.
    fn set_free(&self, seat: &Seat<P>, inner: &mut Inner) {
        let asked = inner.asked;
        self.leave(seat, inner);
        if inner.next().is_none() {
            return;
        }
        if asked || inner.turn_at.is_some_and(|since| now() - since >= inner.interval) {
            self.hand_over(inner);
        } else {
            self.wake_next(inner);
        }
    }

    fn wake_next(&self, inner: &Inner) {
        if let Some(next) = inner.next().and_then(|next| self.seats.get(next)) {
            next.wake.notify_one();
        }
    }
}

impl<P> HeapGate<P> for Gil<P> {
    fn reporting_to(report: Report) -> Self {
        Gil { watch: Watch::reporting_to(report), ..Gil::new() }
    }

    fn turns(&self) -> Option<&Self> {
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
        let mut inner = lock(&self.inner);
        let holder = inner.holder.and_then(|holder| self.seats.get(holder));
        match holder {
            Some(holder) => _ = holder.ask(TASK),
            None => self.enter(seat, &mut inner),
        }
        holder.is_none()
    }

    fn is_idle(&self) -> bool {
        let inner = lock(&self.inner);
        inner.holder.is_none() && inner.next().is_none()
    }

    #[cfg_attr(not(debug_assertions), inline(always))]
    fn poll(&self, seat: &Seat<P>) {
        if seat.word.load(Ordering::Relaxed) & YIELD != 0 {
            self.give_way(seat);
        }
    }

    type Held<'a>
        = MutexGuard<'a, Inner>
    where
        Self: 'a;

    fn hold(&self) -> MutexGuard<'_, Inner> {
        lock(&self.inner)
    }

    fn forget_others(
        &self,
        mut inner: MutexGuard<'_, Inner>,
        seat: &Seat<P>,
        left: impl Fn(&Seat<P>) -> Left,
    ) -> Vec<&Seat<P>> {
        inner.arrived.clear();
        inner.yielded.clear();
        inner.yielded_first = false;
        (inner.yielded_at, inner.turn_at, inner.held_since) = (None, None, None);
        inner.asked = false;
        seat.word.fetch_and(!YIELD, Ordering::Relaxed);
        inner.taken.leave_all_but(seat, &self.seats, left)
    }
}

impl<P> Gate<P> for Gil<P> {
    fn register(&self, part: impl Fn() -> P) -> &Seat<P> {
        lock(&self.inner).taken.take(&self.seats, part)
    }

    fn resume(&self, seat: &Seat<P>) -> bool {
        lock(&self.inner).taken.take_back(seat);
        false
    }

    fn unregister(&self, seat: &Seat<P>, left: Left) {
        let mut inner = lock(&self.inner);
        self.set_free(seat, &mut inner);
        seat.word.store(0, Ordering::Relaxed);
        inner.taken.leave(&self.seats, seat, left);
    }

    fn unregister_detached(&self, seat: &Seat<P>, left: Left) {
        lock(&self.inner).taken.leave(&self.seats, seat, left);
    }

    /// Whoever has the lock need not see to the seat: there is nothing on it but what the thread has taken with it.
    fn attach_or_abandon(&self, seat: &Seat<P>, left: Left) -> bool {
        let attached = self.try_attach(seat);
        if !attached {
            seat.word.store(0, Ordering::Relaxed);
            self.unregister_detached(seat, left);
        }
        attached
    }

    fn attach(&self, seat: &Seat<P>) {
        let (mut away, mut inner) = (Away::nowhere(), lock(&self.inner));
        if inner.holder.is_some() {
            drop(inner);
            away = elsewhere::above(self.rank());
            inner = lock(&self.inner);
        }
        if inner.holder.is_none() {
            self.enter(seat, &mut inner);
        } else {
            inner.enqueue(seat.index(), false);
            inner = self.wait(seat, inner);
        }
        drop(inner);
        drop(away);
    }

    fn detach(&self, seat: &Seat<P>) {
        let mut inner = lock(&self.inner);
        self.set_free(seat, &mut inner);
    }
}
