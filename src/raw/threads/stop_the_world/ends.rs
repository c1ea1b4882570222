//! The ends of threads, which wait for nobody.

use super::{Inner, StopTheWorld};
use crate::raw::base::sync::{Ordering, lock};
use crate::raw::threads::seat::{ATTACHED, Left, STOP, Seat};

impl<P> StopTheWorld<P> {
    /// Leaves the seats of threads that have ended, and could not come in. `f` does what such a thread would have done inside; what is on
    /// its seat is the caller's meanwhile, which is inside. It must not wait for anybody, or run user code, as with [`StopTheWorld::hold`].
    pub(crate) fn leave_abandoned(&self, mut f: impl FnMut(&Seat<P>)) {
        let mut inner = lock(&self.inner);
        if inner.stopping {
            inner.left = true; // whoever starts the world does this
            return;
        }
        for (index, left) in std::mem::take(&mut inner.abandoned) {
            if let Some(seat) = self.seats.get(index) {
                f(seat);
                self.leave(seat, &mut inner, left);
            }
        }
        self.abandoned.store(0, Ordering::Relaxed);
    }

    /// The thread, which is outside, ends. It comes in, unless somebody has to be waited for: then the one that has stopped the world,
    /// or is solo, leaves the seat for it.
    pub(super) fn try_attach_or_abandon(&self, seat: &Seat<P>, left: Left) -> bool {
        let mut inner = lock(&self.inner);
        // Before whoever is solo is told: if it has gone out by then it looks.
        self.abandoned.fetch_add(1, Ordering::Relaxed);
        let attached = self.try_attach_slow(seat, &mut inner);
        if attached {
            self.abandoned.fetch_sub(1, Ordering::Relaxed);
        } else {
            inner.abandoned.push((seat.index(), left));
        }
        attached
    }

    /// The thread, which is attached, leaves its seat; if the world is being stopped, when it is started.
    pub(super) fn leave_soon(&self, seat: &Seat<P>, left: Left) {
        let mut inner = lock(&self.inner);
        if inner.stopping {
            // Whoever has stopped the world may be looking at the seat.
            inner.unregistered.push((seat.index(), left));
            seat.word.fetch_and(!ATTACHED, Ordering::Relaxed);
            self.stopped(&mut inner);
        } else {
            self.leave(seat, &mut inner, left);
        }
    }

    /// The thread takes the seat that it has left while its borrows last. True if it has abandoned that, and nobody has left it yet.
    pub(super) fn take_back(&self, seat: &Seat<P>) -> bool {
        let mut inner = lock(&self.inner);
        let is_it = |(index, _): &(u32, Left)| *index == seat.index();
        if let Some(at) = inner.abandoned.iter().position(is_it) {
            inner.abandoned.swap_remove(at);
            self.abandoned.fetch_sub(1, Ordering::Relaxed);
            return true;
        }
        if let Some(at) = inner.unregistered.iter().position(is_it) {
            let (_, left) = inner.unregistered.swap_remove(at);
            self.leave(seat, &mut inner, left);
        }
        inner.taken.take_back(seat);
        if inner.stopping || inner.solo.is_some() {
            seat.word.fetch_or(STOP, Ordering::Relaxed);
        }
        false
    }

    /// Frees the seats of threads that have left since the world was stopped.
    pub(super) fn free_unregistered(&self, inner: &mut Inner) {
        for (index, left) in std::mem::take(&mut inner.unregistered) {
            if let Some(seat) = self.seats.get(index) {
                self.leave(seat, inner, left);
            }
        }
    }
}
