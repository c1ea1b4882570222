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
    /// The end was announced: the seat is not kept.
    ended: Cell<bool>,
}

impl<'w, P> Here<'w, P> {
    /// A thread that has not used the heap.
    pub(crate) const fn new() -> Self {
        Here { seat: Cell::new(None), depth: Cell::new(0), ended: Cell::new(false) }
    }

    /// The thread's seat, if it is attached.
    #[inline(always)]
    pub(crate) fn attached(&self) -> Option<&'w Seat<P>> {
        if self.depth.get() == 0 { None } else { self.seat.get() }
    }

    /// Comes in, until [`Here::exit`]. Nests. At its first time the thread gets a seat with `part`, and `arm` has to see
    /// to it that [`Here::end`] is called; false if it is too late for that.
    pub(crate) fn enter(
        &self,
        gate: &'w impl Gate<P>,
        part: impl Fn() -> P,
        arm: impl FnOnce() -> bool,
    ) -> &'w Seat<P> {
        let seat = self.seat.get().unwrap_or_else(|| {
            let seat = gate.enrol(part);
            self.seat.set(Some(seat));
            if !arm() {
                self.ended.set(true);
            }
            seat
        });
        if self.depth.get() == 0 {
            gate.attach(seat);
        }
        self.depth.set(self.depth.get() + 1);
        seat
    }

    /// Goes out. `hand_over` is called if it is for good, before the seat is left.
    pub(crate) fn exit(&self, gate: &'w impl Gate<P>, hand_over: impl FnOnce(&Seat<P>)) {
        let Some(seat) = self.attached() else { return };
        if self.depth.get() == 1 {
            if self.ended.get() {
                hand_over(seat); // while it lasts, the thread is inside
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
        let Some(seat) = self.attached() else { return f() };
        let _back = Back { here: self, gate, seat, depth: self.depth.replace(0), gates: std::marker::PhantomData };
        gate.detach(seat);
        f()
    }

    /// The thread ends. What it does with the heap later, it does from a seat of its own each time.
    pub(crate) fn end(&self, gate: &'w impl Gate<P>, hand_over: impl FnOnce(&Seat<P>)) {
        self.ended.set(true);
        let Some(seat) = self.seat.get() else { return };
        if self.depth.get() == 0 {
            gate.attach(seat);
            self.depth.set(1);
            self.exit(gate, hand_over);
        }
    }
}

/// Comes in again at the end of [`Here::outside`], also by a panic.
struct Back<'a, 'w, P, G: Gate<P>> {
    here: &'a Here<'w, P>,
    gate: &'w G,
    seat: &'w Seat<P>,
    depth: u32,
    gates: std::marker::PhantomData<P>,
}

impl<P, G: Gate<P>> Drop for Back<'_, '_, P, G> {
    fn drop(&mut self) {
        self.gate.attach(self.seat);
        self.here.depth.set(self.depth);
    }
}
