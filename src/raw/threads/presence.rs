//! A thread and a heap: coming in, staying out, and the end.
//!
//! Each heap has a [`Here`] in a thread-local. It is a pointer and a number, and has no destructor, so it can be used as
//! long as the thread runs; a second thread-local, with a destructor, calls [`Here::end`]. After that the thread takes a
//! seat for each use of the heap, and leaves it at once: destructors of other thread-locals may still have handles.

use std::cell::Cell;

use super::gil::Gil;
use super::guards::{Guards, Suspended};
use super::seat::{Left, Seat, Seats};
use super::stop_the_world::StopTheWorld;
use crate::raw::base::watch::{Report, Watch};

/// How threads get into a heap: by the lock, or all together.
pub(crate) trait Gate<P> {
    /// A seat for the calling thread, which is not attached yet.
    fn register(&self, part: impl Fn() -> P) -> &Seat<P>;

    /// As [`Gate::register`]: the seat that the thread has left while its borrows last. True if what it does when it leaves a seat is
    /// not done: it could not come in for that ([`Gate::attach_or_abandon`]), and nobody has done it in its place.
    fn resume(&self, seat: &Seat<P>) -> bool;

    /// The calling thread, which is attached, leaves its seat. Nobody is waited for.
    fn unregister(&self, seat: &Seat<P>, left: Left);

    /// The calling thread leaves its seat, and has not been attached since it took it.
    fn unregister_detached(&self, seat: &Seat<P>, left: Left);

    /// The calling thread, which is not attached, ends. It is attached if nobody has to be waited for. If not, others leave the seat
    /// in its place, now or as soon as they can, and the result is false.
    fn attach_or_abandon(&self, seat: &Seat<P>, left: Left) -> bool;

    /// Waits until the thread may use the heap. Called with the thread's own seat, when it is not attached.
    fn attach(&self, seat: &Seat<P>);

    /// The thread does not use the heap for a while. Called with the thread's own seat, when it is attached.
    fn detach(&self, seat: &Seat<P>);
}

/// What else a heap asks of its gate.
pub(crate) trait HeapGate<P>: Gate<P> + Sized {
    /// No threads. `report` is told of those that wait for long.
    fn reporting_to(report: Report) -> Self;

    /// The lock, if there is one.
    fn turns(&self) -> Option<&Gil<P>> {
        None
    }

    /// The threads, if they use the heap in parallel.
    fn parallel(&self) -> Option<&StopTheWorld<P>> {
        None
    }

    fn seats(&self) -> &Seats<P>;

    /// How many threads have a seat.
    fn population(&self) -> usize;

    fn watch(&self) -> &Watch;

    /// For [`elsewhere`](super::elsewhere).
    fn rank(&self) -> usize {
        std::ptr::from_ref(self).addr()
    }

    /// Attaches, or takes the lock, if that is possible at once. If it is not, whoever is in the way is asked to see to what is left for it,
    /// as soon as it can.
    fn try_attach(&self, seat: &Seat<P>) -> bool;

    /// Whether nobody is there who would see to what has been left, or waits to be. (On a heap that is used in parallel, whoever has
    /// been told sees to it.)
    fn is_idle(&self) -> bool {
        true
    }

    /// Whether a thread has ended, and left its seat to others.
    fn is_any_abandoned(&self) -> bool {
        false
    }

    /// A safepoint: lets those go first who have asked for it.
    fn poll(&self, seat: &Seat<P>);

    /// The lock under which anything here is changed.
    type Held<'a>
    where
        Self: 'a;

    /// Keeps others from changing anything here. The caller, who is about to fork, waits for nobody until the result is dropped.
    fn hold(&self) -> Self::Held<'_>;

    /// This is the child of a fork, and all other threads are gone: the seats that they had. The caller has `seat`, and no other thread used
    /// the heap. What becomes of such a seat, `left` says.
    fn forget_others(&self, held: Self::Held<'_>, seat: &Seat<P>, left: impl Fn(&Seat<P>) -> Left) -> Vec<&Seat<P>>;
}

/// Which gate a heap has, whatever is on its seats.
pub(crate) trait GateKind {
    type Of<P>: HeapGate<P>;
}

/// Threads take turns. (And what a heap that is not shared says, which has no gate.)
#[derive(Debug)]
pub struct Turns;

impl GateKind for Turns {
    type Of<P> = Gil<P>;
}

/// Threads use the heap in parallel.
#[derive(Debug)]
pub struct Parallel;

impl GateKind for Parallel {
    type Of<P> = StopTheWorld<P>;
}

/// The calling thread, as a heap sees it.
#[derive(Debug)]
pub(crate) struct Here<'w, P> {
    seat: Cell<Option<&'w Seat<P>>>,
    /// The seat that it has left for good while its borrows last: cells know it by that.
    kept: Cell<Option<&'w Seat<P>>>,
    /// How often the thread came in without going out. It is attached if this is not zero.
    depth: Cell<u32>,
    /// Guards, each of which is one of these times.
    guards: Guards,
    /// How often it went out to come in again ([`Here::outside`]): it needs its seat for that.
    out: Cell<u32>,
    /// The end was announced: the seat is not kept.
    ended: Cell<bool>,
    /// The thread has come in since it took the seat.
    used: Cell<bool>,
    /// The thread is inside, but does nothing there: the process forks.
    forking: Cell<bool>,
}

impl<'w, P> Here<'w, P> {
    /// A thread that has not used the heap.
    pub(crate) const fn new() -> Self {
        Here {
            seat: Cell::new(None),
            kept: Cell::new(None),
            depth: Cell::new(0),
            guards: Guards::new(),
            out: Cell::new(0),
            ended: Cell::new(false),
            used: Cell::new(false),
            forking: Cell::new(false),
        }
    }

    /// Whether the end of the thread was announced.
    pub(crate) fn has_ended(&self) -> bool {
        self.ended.get()
    }

    /// Whether the thread has not come in yet with the seat that it has, or has none.
    pub(crate) fn is_new(&self) -> bool {
        self.seat.get().is_none() || !self.used.get()
    }

    /// The thread begins to fork: it seems to be outside, and does not come in. Returns how deep it was inside.
    pub(crate) fn begin_fork(&self) -> u32 {
        self.forking.set(true);
        self.depth.replace(0)
    }

    /// The fork is over, and the thread is as deep inside as it was.
    pub(crate) fn end_fork(&self, depth: u32) {
        self.depth.set(depth - self.guards.forget_dropped());
        self.forking.set(false);
    }

    /// Whether the thread is between the two: it has locks of the heap's.
    pub(crate) fn is_forking(&self) -> bool {
        self.forking.get()
    }

    /// The thread is about to use the heap.
    pub(crate) fn expect_no_fork(&self) {
        assert!(!self.is_forking(), "a heap was used while `Control::fork` had the process fork");
    }

    /// Whether it makes no difference if the thread begins with a new one: it has no seat, none is kept for borrows that last, and
    /// there may be no guard that counts itself among those of an era.
    pub(crate) fn is_as_new(&self) -> bool {
        let has_no_seat = self.seat.get().is_none() && self.kept.get().is_none();
        has_no_seat && self.depth.get() == 0 && self.out.get() == 0 && !self.is_forking() && self.guards.are_as_new()
    }

    /// The thread's seat, if it has one.
    pub(crate) fn seat(&self) -> Option<&'w Seat<P>> {
        self.seat.get()
    }

    /// The thread's seat, if it is attached.
    #[cfg_attr(not(debug_assertions), inline(always))]
    pub(crate) fn attached(&self) -> Option<&'w Seat<P>> {
        if self.depth.get() == 0 { None } else { self.seat.get() }
    }

    /// The thread's seat, if nobody else comes in while the thread is inside, which is not asked here.
    #[cfg_attr(not(debug_assertions), inline(always))]
    pub(crate) fn solo(&self) -> Option<&'w Seat<P>> {
        self.seat.get().filter(|seat| seat.is_solo())
    }

    /// Comes in, until [`Here::exit`]. Nests. At its first time the thread gets a seat with `part`, and `arm` has to see
    /// to it that [`Here::end`] is called; false if it is too late for that.
    pub(crate) fn enter(
        &self,
        gate: &'w impl Gate<P>,
        part: impl Fn() -> P,
        arm: impl FnOnce() -> bool,
    ) -> &'w Seat<P> {
        self.expect_no_fork();
        let (seat, _) = self.seat_or_register(gate, part, arm);
        let depth = self.deeper();
        if self.depth.get() == 0 {
            gate.attach(seat);
            self.used.set(true);
        }
        self.depth.set(depth);
        seat
    }

    /// A guard does not let the thread go out that has just come in. Returns what [`Here::let_go`] is to be told.
    pub(crate) fn hold(&self) -> u64 {
        self.guards.add()
    }

    /// A guard is dropped. True if the thread is to [`exit`](Here::exit) for it.
    pub(crate) fn let_go(&self, era: u64) -> bool {
        let now = !self.forking.get() && self.guards.remove(era);
        if !now && (self.out.get() > 0 || self.forking.get()) {
            self.guards.remove_late(era);
        }
        now
    }

    /// Whether the thread is attached, and only guards keep it so. Then it is in the middle of nothing, and nothing of ours relies on
    /// being inside: a guard may be dropped anywhere.
    pub(crate) fn is_only_held(&self) -> bool {
        self.depth.get() != 0 && self.depth.get() == self.guards.count()
    }

    /// The thread's seat, which it takes if it has none; and whether that is one that it has abandoned.
    fn seat_or_register(
        &self,
        gate: &'w impl Gate<P>,
        part: impl Fn() -> P,
        arm: impl FnOnce() -> bool,
    ) -> (&'w Seat<P>, bool) {
        if let Some(seat) = self.seat.get() {
            return (seat, false);
        }
        let (seat, abandoned) = match self.kept.take() {
            Some(seat) => (seat, gate.resume(seat)),
            None => (gate.register(part), false),
        };
        self.seat.set(Some(seat));
        self.used.set(false);
        if !arm() {
            self.ended.set(true);
        }
        (seat, abandoned)
    }

    /// As [`Here::enter`], unless somebody has to be waited for: `attach` says so.
    ///
    /// A thread that has ended takes a seat for this, and gives it up again if it cannot come in. Whoever has left meanwhile may have
    /// found that seat taken, and so not been the last to go. So `is_deserted` is asked then, whether nobody is there who would see to
    /// what is left: if so, the thread tries again.
    pub(crate) fn try_enter(
        &self,
        gate: &'w impl Gate<P>,
        part: impl Fn() -> P,
        arm: impl Fn() -> bool,
        attach: impl Fn(&Seat<P>) -> bool,
        is_deserted: impl Fn() -> bool,
    ) -> Option<&'w Seat<P>> {
        if self.forking.get() {
            return None;
        }
        let left = if self.kept.get().is_some() { Left::Aside } else { Left::Free };
        let had_none = self.seat.get().is_none();
        let seat = loop {
            let (seat, abandoned) = self.seat_or_register(gate, &part, &arm);
            if self.depth.get() != 0 || attach(seat) {
                break seat;
            }
            if !had_none || !self.ended.get() {
                return None;
            }
            // It would keep it.
            if !abandoned {
                gate.unregister_detached(seat, left);
            } else if gate.attach_or_abandon(seat, left) {
                break seat;
            }
            self.give_up(seat, left);
            if !is_deserted() {
                return None;
            }
        };
        self.used.set(true);
        self.depth.set(self.deeper());
        Some(seat)
    }

    /// How deep the thread is when it comes in once more.
    ///
    /// # Panics
    ///
    /// If there is no number for that: guards can be leaked.
    fn deeper(&self) -> u32 {
        self.depth.get().checked_add(1).expect("too many guards keep the thread attached")
    }

    /// Goes out. `last` is called before that, while the thread is inside: with true, if it is for good. It says whether the thread
    /// still has borrows then.
    pub(crate) fn exit(&self, gate: &'w impl Gate<P>, last: impl FnOnce(&Seat<P>, bool) -> Left) {
        let Some(seat) = self.attached() else { return };
        if self.depth.get() == 1 {
            let for_good = self.ended.get() && self.out.get() == 0;
            let left = last(seat, for_good);
            if for_good {
                self.give_up(seat, left);
                gate.unregister(seat, left);
            } else {
                gate.detach(seat);
            }
        }
        self.depth.set(self.depth.get() - 1);
    }

    /// The thread has no seat from now on.
    fn give_up(&self, seat: &'w Seat<P>, left: Left) {
        self.seat.set(None);
        self.kept.set((left == Left::Aside).then_some(seat));
    }

    /// Runs `f`, which may block, without keeping others waiting.
    pub(crate) fn outside<R>(&self, gate: &'w impl Gate<P>, f: impl FnOnce() -> R) -> R {
        let Some(depth) = self.step_out(gate) else { return f() };
        let _back = Back { here: self, gate, depth, part: std::marker::PhantomData };
        f()
    }

    /// Goes out, to come in again by [`Here::step_in`] with what this returns: how deep the thread was inside.
    pub(crate) fn step_out(&self, gate: &'w impl Gate<P>) -> Option<Depth> {
        let seat = self.attached()?;
        self.out.set(self.out.get() + 1);
        let depth = Depth { all: self.depth.replace(0), guards: self.guards.suspend() };
        gate.detach(seat);
        Some(depth)
    }

    /// Comes in again, as deep as it was, but for guards that have been dropped meanwhile.
    pub(crate) fn step_in(&self, gate: &'w impl Gate<P>, depth: Depth) {
        let seat = self.seat.get().expect("it was kept");
        // A guard that was made meanwhile may be there still.
        if self.depth.get() == 0 {
            gate.attach(seat);
        }
        self.out.set(self.out.get() - 1);
        let depth = depth.all - self.guards.resume(depth.guards);
        self.depth.set(depth);
        if depth == 0 {
            gate.detach(seat);
        }
    }

    /// The thread ends. What it does with the heap later, it does from a seat of its own each time.
    ///
    /// Nobody is waited for: the process may be about to end, and whoever is inside stay there. If the thread can come in at once,
    /// `first` is called then, and `last` before it goes. Otherwise others leave its seat for it; `borrows` says what becomes of that.
    /// False if it had no seat: then nobody can have taken it for one who would see to what is left.
    pub(crate) fn end(
        &self,
        gate: &'w impl Gate<P>,
        borrows: impl FnOnce(&Seat<P>) -> Left,
        first: impl FnOnce(&Seat<P>),
        last: impl FnOnce(&Seat<P>, bool) -> Left,
    ) -> bool {
        self.ended.set(true);
        let Some(seat) = self.seat.get() else { return false };
        if !self.used.get() {
            self.give_up(seat, Left::Free);
            gate.unregister_detached(seat, Left::Free);
            return true;
        }
        // If it is inside, or has gone out to come in again, the process ends in the middle of that, and its seat with it. Guards are
        // in the middle of nothing: they were leaked, or are in thread-locals.
        if self.out.get() != 0 {
            return true;
        }
        if self.is_only_held() {
            self.guards.suspend();
            self.depth.set(1);
            first(seat);
            self.exit(gate, last);
        } else if self.depth.get() == 0 {
            let left = borrows(seat);
            if gate.attach_or_abandon(seat, left) {
                self.depth.set(1);
                first(seat);
                self.exit(gate, last);
            } else {
                self.give_up(seat, left);
            }
        }
        true
    }
}

/// How deep a thread was inside.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Depth {
    all: u32,
    guards: Suspended,
}

/// Comes in again at the end of [`Here::outside`], also by a panic.
struct Back<'a, 'w, P, G: Gate<P>> {
    here: &'a Here<'w, P>,
    gate: &'w G,
    depth: Depth,
    part: std::marker::PhantomData<P>,
}

impl<P, G: Gate<P>> Drop for Back<'_, '_, P, G> {
    fn drop(&mut self) {
        self.here.step_in(self.gate, self.depth);
    }
}

#[cfg(all(test, not(any(loom, shuttle))))]
mod tests {
    use super::*;
    use crate::raw::threads::stop_the_world::StopTheWorld;

    /// Guards may be leaked until there is no number for one more. That one changes nothing.
    #[test]
    fn too_deep() {
        let world = StopTheWorld::new();
        let here = Here::new();
        here.enter(&world, || (), || true);
        here.depth.set(u32::MAX);
        let deeper = || here.enter(&world, || (), || true).index();
        assert!(std::panic::catch_unwind(std::panic::AssertUnwindSafe(deeper)).is_err());
        assert_eq!((here.depth.get(), here.attached().is_some()), (u32::MAX, true));
        here.depth.set(1);
        here.exit(&world, |_, _| Left::Free);
        assert!(here.attached().is_none());
    }
}
