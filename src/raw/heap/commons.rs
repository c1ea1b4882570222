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
use crate::raw::threads::presence;
use crate::raw::threads::seat::{Left, Seat};
use crate::raw::threads::stop_the_world::StopTheWorld;
use crate::raw::threads::watch::Watch;

/// How threads get in.
pub(crate) enum Gate<H: Heap> {
    Turns(Gil<Seated<H>>),
    Parallel(StopTheWorld<Seated<H>>),
}

impl<H: Heap> presence::Gate<Seated<H>> for Gate<H> {
    fn register(&self, part: impl Fn() -> Seated<H>) -> &Seat<Seated<H>> {
        match self {
            Gate::Turns(gil) => gil.register(part),
            Gate::Parallel(threads) => threads.register(part),
        }
    }

    fn resume(&self, seat: &Seat<Seated<H>>) {
        match self {
            Gate::Turns(gil) => gil.resume(seat),
            Gate::Parallel(threads) => threads.resume(seat),
        }
    }

    fn unregister(&self, seat: &Seat<Seated<H>>, left: Left) {
        match self {
            Gate::Turns(gil) => gil.unregister(seat, left),
            Gate::Parallel(threads) => threads.unregister(seat, left),
        }
    }

    fn unregister_detached(&self, seat: &Seat<Seated<H>>, left: Left) {
        match self {
            Gate::Turns(gil) => gil.unregister_detached(seat, left),
            Gate::Parallel(threads) => threads.unregister_detached(seat, left),
        }
    }

    fn attach_or_abandon(&self, seat: &Seat<Seated<H>>, left: Left) -> bool {
        match self {
            Gate::Turns(gil) => gil.attach_or_abandon(seat, left),
            Gate::Parallel(threads) => threads.attach_or_abandon(seat, left),
        }
    }

    fn attach(&self, seat: &Seat<Seated<H>>) {
        match self {
            Gate::Turns(gil) => gil.attach(seat),
            Gate::Parallel(threads) => threads.attach(seat),
        }
    }

    fn detach(&self, seat: &Seat<Seated<H>>) {
        match self {
            Gate::Turns(gil) => gil.detach(seat),
            Gate::Parallel(threads) => threads.detach(seat),
        }
    }
}

impl<H: Heap> Gate<H> {
    pub(crate) fn try_attach(&self, seat: &Seat<Seated<H>>) -> bool {
        match self {
            Gate::Turns(gil) => gil.try_attach(seat),
            Gate::Parallel(threads) => threads.try_attach(seat),
        }
    }

    /// Whether nobody is there who would see to what has been left, or waits to be. (On a heap that is used in parallel, whoever has
    /// been told sees to it.)
    pub(crate) fn is_idle(&self) -> bool {
        match self {
            Gate::Turns(gil) => gil.is_idle(),
            Gate::Parallel(_) => true,
        }
    }

    /// Whether no more than one thread has a seat.
    pub(crate) fn is_last(&self) -> bool {
        match self {
            Gate::Turns(gil) => gil.population() <= 1,
            Gate::Parallel(threads) => threads.population() <= 1,
        }
    }

    /// For `elsewhere`.
    pub(crate) fn rank(&self) -> usize {
        match self {
            Gate::Turns(gil) => gil.rank(),
            Gate::Parallel(threads) => threads.rank(),
        }
    }

    pub(crate) fn watch(&self) -> &Watch {
        match self {
            Gate::Turns(gil) => &gil.watch,
            Gate::Parallel(threads) => &threads.watch,
        }
    }

    /// The seat with an index.
    pub(crate) fn seat(&self, index: u32) -> Option<&Seat<Seated<H>>> {
        match self {
            Gate::Turns(gil) => gil.seats().get(index),
            Gate::Parallel(threads) => threads.seats().get(index),
        }
    }

    /// Whether a thread has ended, and left its seat to others.
    pub(crate) fn is_any_abandoned(&self) -> bool {
        matches!(self, Gate::Parallel(threads) if threads.is_any_abandoned())
    }

    /// Lets those go first who have asked for it.
    pub(crate) fn poll(&self, seat: &Seat<Seated<H>>) {
        match self {
            Gate::Turns(gil) => gil.poll(seat),
            Gate::Parallel(threads) => threads.poll(seat),
        }
    }
}

/// What the threads of a heap have in common.
pub struct Commons<H: Heap> {
    pub(crate) gate: Gate<H>,
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
        let gate = if H::SHARING == Sharing::Turns {
            home = Home::make();
            // SAFETY: [I10] just made, and never freed.
            world = &raw const **unsafe { &*home };
            Gate::Turns(Gil::new().reporting_to(slow::report::<H>))
        } else {
            world = World::make();
            Gate::Parallel(StopTheWorld::new().reporting_to(slow::report::<H>))
        };
        Commons { gate, home, world, deferred_drops: Inbox::new(), parking: Parking::new() }
    }

    /// Whether nobody has a seat, and something was put off.
    pub(crate) fn is_deserted_with_backlog(&self) -> bool {
        let is_deserted = match &self.gate {
            Gate::Turns(gil) => gil.population() == 0,
            Gate::Parallel(threads) => threads.population() == 0,
        };
        // SAFETY: [I10] a world is never freed. Others may be using it; only a flag is read that any thread may look at.
        is_deserted && unsafe { &*self.world }.backlog.is_waiting()
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
    if H::SHARING == Sharing::Turns
        && let Gate::Turns(gil) = &H::commons().gate
    {
        return gil.interval();
    }
    Duration::ZERO
}

pub(crate) fn set_switch_interval<H: Heap>(interval: Duration) {
    slot::expect_none::<H>();
    if H::SHARING == Sharing::Turns
        && let Gate::Turns(gil) = &H::commons().gate
    {
        gil.set_interval(interval);
    }
}
