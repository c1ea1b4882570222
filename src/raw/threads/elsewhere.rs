//! The heaps that one thread is inside of: while it waits for one of them, it keeps nobody waiting in the others.
//!
//! Who waits for a heap (to come in, at a safepoint, to stop the world) waits for threads that are inside of it. If these wait for
//! other heaps in turn, nothing must come round. So heaps have a *rank*, and a thread waits for one only while it is inside of heaps
//! of lower rank: it goes out of all others before, as `detach` does, and comes in again afterwards ([`above`]). Take the threads of a
//! circle, each inside of the heap that the one before it waits for: the ranks of these heaps would go up all the way round.
//!
//! What ends by user code (a cell that another thread has borrowed, a collection that others wait for) has no rank: who waits for that
//! is outside of all heaps ([`all`]).
//!
//! To step out runs no user code, waits for nobody, and does not look for what others may have left in the last moment: that is found
//! at the next safepoint. It is done where user code may run, as far as the other heap is concerned: what runs there uses this one.

use std::cell::Cell;
use std::ptr;

use super::presence::Depth;
use crate::raw::base::thread_slot::{ThreadRef, thread_ref};

/// A heap, as one thread sees it.
pub(crate) trait Site {
    /// Tells heaps apart, and puts them in order.
    fn rank(&self) -> usize;

    /// Goes out, if the thread is inside. To be given to [`Site::step_in`].
    fn step_out(&self) -> Option<Inside>;

    /// Comes in again.
    fn step_in(&self, inside: Inside);
}

/// How a thread was inside of a heap.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Inside {
    pub(crate) depth: Depth,
    /// What its slot had.
    pub(crate) state: *const (),
}

/// A place in the list of the heaps that a thread uses. It lies where the thread has the heap, and stays as long as it runs.
pub(crate) struct Link {
    site: Cell<Option<&'static dyn Site>>,
    next: Cell<Option<&'static Link>>,
}

thread_ref! {
    // It stays as long as the slots do: what thread-locals use that are destroyed late they may use in any order.
    static FIRST: Link
}

impl Link {
    pub(crate) const fn new() -> Self {
        Link { site: Cell::new(None), next: Cell::new(None) }
    }

    /// The calling thread uses this heap from now on.
    pub(crate) fn enlist(&'static self, site: &'static dyn Site) {
        if self.site.replace(Some(site)).is_none() {
            self.next.set(FIRST.get());
            FIRST.set(Some(self));
        }
    }

    /// It does not use it any more.
    pub(crate) fn delist(&self) {
        if self.site.take().is_none() {
            return;
        }
        let mut before: Option<&Link> = None;
        let mut at = FIRST.get();
        while let Some(link) = at {
            if ptr::eq(link, self) {
                let next = self.next.take();
                return before.map_or_else(|| FIRST.set(next), |before| before.next.set(next));
            }
            before = at;
            at = link.next.get();
        }
    }
}

/// The calling thread is outside of some heaps, and comes in again when this goes.
#[must_use]
pub(crate) struct Away(Vec<(&'static dyn Site, Inside)>);

impl Away {
    /// Of none.
    pub(crate) const fn nowhere() -> Self {
        Away(Vec::new())
    }

    /// Also of those above `rank`.
    pub(crate) fn and_above(&mut self, rank: usize) {
        let mut more = above(rank);
        self.0.append(&mut more.0);
    }
}

impl std::fmt::Debug for Away {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "Away({})", self.0.len())
    }
}

impl Drop for Away {
    fn drop(&mut self) {
        // Each waits while the thread is inside of those before it, whose ranks are lower.
        for (site, inside) in self.0.drain(..) {
            site.step_in(inside);
        }
    }
}

/// The calling thread is about to wait for the heap of this rank: goes out of those above it.
pub(crate) fn above(rank: usize) -> Away {
    leave(|other| other > rank)
}

/// The calling thread is about to wait for somebody's code: goes out of all heaps.
pub(crate) fn all() -> Away {
    leave(|_| true)
}

#[cold]
#[inline(never)]
fn leave(which: impl Fn(usize) -> bool) -> Away {
    let mut away = Vec::new();
    let mut next = FIRST.get();
    while let Some(link) = next {
        next = link.next.get();
        let Some(site) = link.site.get().filter(|site| which(site.rank())) else { continue };
        away.extend(site.step_out().map(|inside| (site, inside)));
    }
    away.sort_unstable_by_key(|(site, _)| site.rank());
    Away(away)
}
