//! What the threads of a heap have in common, and how they get in: one at a time, or all at once.

use std::sync::atomic::Ordering;
use std::time::Duration;
use std::{fmt, ptr};

use super::slow;
use super::state::{Home, State};
use super::world::World;
use crate::Heap;
use crate::raw::heap::deferred_drop::DeferredDrop;
use crate::raw::heap::sharing::Sharing;
use crate::raw::heap::slot::{self, Seated};
use crate::raw::lock::parking::Parking;
use crate::raw::threads::gil::Gil;
use crate::raw::threads::inbox::Inbox;
use crate::raw::threads::presence::{GateKind, HeapGate};
use crate::raw::threads::seat::Seat;

/// What the threads of a heap have in common.
pub struct Commons<H: Heap> {
    /// How they get in.
    pub(crate) gate: <H::Gate as GateKind>::Of<Seated<H>>,
    /// If they take turns: the heap's state.
    home: *const State<H>,
    /// What the states have in common; there is one state if threads take turns.
    world: *const World<H>,
    /// Handles that detached threads dropped.
    pub(crate) deferred_drops: Inbox<DeferredDrop>,
    /// Where threads wait for cells.
    pub(crate) parking: Parking,
}

// SAFETY: [I19] the state and the world are used by the thread that has the lock, or as the world says.
unsafe impl<H: Heap> Send for Commons<H> {}
// SAFETY: [I19] as above.
unsafe impl<H: Heap> Sync for Commons<H> {}

impl<H: Heap> Commons<H> {
    /// An empty heap.
    #[expect(clippy::new_without_default, reason = "used in statics only")]
    pub fn new() -> Self {
        let mut home = ptr::null();
        let world;
        if H::SHARING == Sharing::Turns {
            home = Home::make();
            // SAFETY: [I10] just made, and never freed.
            world = &raw const **unsafe { &*home };
        } else {
            world = World::make();
        }
        let gate = HeapGate::reporting_to(slow::report::<H>);
        let parking = Parking::new().reporting_to(slow::report::<H>);
        Commons { gate, home, world, deferred_drops: Inbox::new(), parking }
    }

    /// Whether something was put off, as far as one can tell without looking.
    pub(crate) fn has_backlog(&self) -> bool {
        // SAFETY: [I10] a world is never freed. Others may be using it; only a flag is read that any thread may look at.
        unsafe { &*self.world }.backlog.is_waiting()
    }

    /// … and nobody has a seat.
    pub(crate) fn is_deserted_with_backlog(&self) -> bool {
        self.gate.population() == 0 && self.has_backlog()
    }

    /// The state that the thread in `seat` uses.
    pub(crate) fn state_of(&self, seat: &Seat<Seated<H>>) -> *const State<H> {
        if H::SHARING == Sharing::Turns {
            return self.home;
        }
        if let Some(state) = seat.part.state() {
            return state;
        }
        let this = Box::into_raw(Box::new(State::new(self.world)));
        // SAFETY: [I10] just made, by the thread that has the seat.
        unsafe { &*this }.init();
        seat.part.state.store(this, Ordering::Release); // [O91]
        this
    }
}

impl<H: Heap> fmt::Debug for Commons<H> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Commons")
    }
}

/// How long a thread may keep the lock, if there is one.
pub(crate) fn switch_interval<H: Heap>() -> Duration {
    slot::expect_none::<H>();
    let gil = if H::SHARING.is_shared() { H::commons().gate.turns() } else { None };
    gil.map_or(Duration::ZERO, Gil::interval)
}

pub(crate) fn set_switch_interval<H: Heap>(interval: Duration) {
    slot::expect_none::<H>();
    if H::SHARING == Sharing::Turns
        && let Some(gil) = H::commons().gate.turns()
    {
        gil.set_interval(interval);
    }
}
