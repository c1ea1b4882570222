//! A thread and a heap: coming in, staying out, and the end.
//!
//! Each heap has a [`Here`] in a thread-local. It is a pointer and a number, and has no destructor, so it can be used as
//! long as the thread runs; a second thread-local, with a destructor, calls [`Here::end`]. After that the thread takes a
//! seat for each use of the heap, and leaves it at once: destructors of other thread-locals may still have handles.

use std::cell::Cell;

use super::seat::Seat;

/// How threads get into a heap: by the lock, or all together.
pub(crate) trait Gate<P> {
    /// A seat for the calling thread, which is not attached yet.
    fn enrol(&self, part: impl Fn() -> P) -> &Seat<P>;

    /// The calling thread, which is attached, leaves its seat.
    fn resign(&self, seat: &Seat<P>);

    /// The calling thread leaves its seat, and has never been attached.
    fn forsake(&self, seat: &Seat<P>);

    /// Waits until the thread may use the heap. Called with the thread's own seat, when it is not attached.
    fn attach(&self, seat: &Seat<P>);

    /// The thread does not use the heap for a while. Called with the thread's own seat, when it is attached.
    fn detach(&self, seat: &Seat<P>);
}

/// The calling thread, as a heap sees it.
#[derive(Debug)]
pub(crate) struct Here<'w, P> {
    seat: Cell<Option<&'w Seat<P>>>,
    /// How often the thread came in without going out. It is attached if this is not zero.
    depth: Cell<u32>,
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
            depth: Cell::new(0),
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

    /// The thread begins to fork: it seems to be outside, and does not come in. Returns how deep it was inside.
    pub(crate) fn begin_fork(&self) -> u32 {
        self.forking.set(true);
        self.depth.replace(0)
    }

    /// The fork is over, and the thread is as deep inside as it was.
    pub(crate) fn end_fork(&self, depth: u32) {
        self.depth.set(depth);
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
    pub(crate) fn alone(&self) -> Option<&'w Seat<P>> {
        self.seat.get().filter(|seat| seat.is_alone())
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
        let seat = self.sit(gate, part, arm);
        if self.depth.get() == 0 {
            gate.attach(seat);
            self.used.set(true);
        }
        self.depth.set(self.depth.get() + 1);
        seat
    }

    /// The thread's seat, which it takes if it has none.
    fn sit(&self, gate: &'w impl Gate<P>, part: impl Fn() -> P, arm: impl FnOnce() -> bool) -> &'w Seat<P> {
        self.seat.get().unwrap_or_else(|| {
            let seat = gate.enrol(part);
            self.seat.set(Some(seat));
            self.used.set(false);
            if !arm() {
                self.ended.set(true);
            }
            seat
        })
    }

    /// As [`Here::enter`], unless somebody has to be waited for: `attach` says so. After the end of the thread somebody
    /// always has.
    pub(crate) fn try_enter(
        &self,
        gate: &'w impl Gate<P>,
        part: impl Fn() -> P,
        arm: impl FnOnce() -> bool,
        attach: impl FnOnce(&Seat<P>) -> bool,
    ) -> Option<&'w Seat<P>> {
        if self.ended.get() || self.forking.get() {
            return None;
        }
        let seat = self.sit(gate, part, arm);
        if self.ended.get() {
            // It had none, and would keep it.
            self.forsake(gate, seat);
            return None;
        }
        if self.depth.get() == 0 && !attach(seat) {
            return None;
        }
        self.used.set(true);
        self.depth.set(self.depth.get() + 1);
        Some(seat)
    }

    /// Goes out. `last` is called before that, while the thread is inside: with true, if it is for good.
    pub(crate) fn exit(&self, gate: &'w impl Gate<P>, last: impl FnOnce(&Seat<P>, bool)) {
        let Some(seat) = self.attached() else { return };
        if self.depth.get() == 1 {
            let for_good = self.ended.get() && self.out.get() == 0;
            last(seat, for_good);
            if for_good {
                self.seat.set(None);
                gate.resign(seat);
            } else {
                gate.detach(seat);
            }
        }
        self.depth.set(self.depth.get() - 1);
    }

    /// Runs `f`, which may block, without keeping others waiting.
    pub(crate) fn outside<R>(&self, gate: &'w impl Gate<P>, f: impl FnOnce() -> R) -> R {
        let Some(depth) = self.step_out(gate) else { return f() };
        let _back = Back { here: self, gate, depth, part: std::marker::PhantomData };
        f()
    }

    /// Goes out, to come in again by [`Here::step_in`] with what this returns: how deep the thread was inside.
    pub(crate) fn step_out(&self, gate: &'w impl Gate<P>) -> Option<u32> {
        let seat = self.attached()?;
        self.out.set(self.out.get() + 1);
        let depth = self.depth.replace(0);
        gate.detach(seat);
        Some(depth)
    }

    /// Comes in again, as deep as it was.
    pub(crate) fn step_in(&self, gate: &'w impl Gate<P>, depth: u32) {
        gate.attach(self.seat.get().expect("it was kept"));
        self.out.set(self.out.get() - 1);
        self.depth.set(depth);
    }

    /// The thread ends. What it does with the heap later, it does from a seat of its own each time.
    /// `first` is called when it has come in, and `last` before it goes. If it never did, nobody is waited for, and the
    /// result is false.
    pub(crate) fn end(
        &self,
        gate: &'w impl Gate<P>,
        first: impl FnOnce(&Seat<P>),
        last: impl FnOnce(&Seat<P>, bool),
    ) -> bool {
        self.ended.set(true);
        let Some(seat) = self.seat.get() else { return false };
        if !self.used.get() {
            self.forsake(gate, seat);
            return false;
        }
        if self.depth.get() == 0 {
            gate.attach(seat);
            self.depth.set(1);
            first(seat);
            self.exit(gate, last);
        }
        true
    }

    /// The seat was not used.
    fn forsake(&self, gate: &'w impl Gate<P>, seat: &Seat<P>) {
        self.seat.set(None);
        gate.forsake(seat);
    }
}

/// Comes in again at the end of [`Here::outside`], also by a panic.
struct Back<'a, 'w, P, G: Gate<P>> {
    here: &'a Here<'w, P>,
    gate: &'w G,
    depth: u32,
    part: std::marker::PhantomData<P>,
}

impl<P, G: Gate<P>> Drop for Back<'_, '_, P, G> {
    fn drop(&mut self) {
        self.here.step_in(self.gate, self.depth);
    }
}
