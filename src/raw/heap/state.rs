//! The state of one heap on one thread: its pool, its generations, its counters.
//!
//! A state is made at first use and never moves. It goes when its thread has ended *and* its last object is gone:
//! handles in other thread-locals may outlive the thread-local that announces the end `[I10]`.

use std::cell::{Cell, RefCell};
use std::ops::Deref;
use std::ptr;

use bumpalo::Bump;

use super::stack::Stack;
use super::world::{EXTERNAL_STEP, World};
use crate::raw::base::list::List;
use crate::raw::base::nesting::NO_LIMIT;
use crate::raw::count::{Count, Owner, flag};
use crate::raw::heap::merge_queue::Queued;
use crate::raw::heap::sharing::Sharing;
use crate::raw::heap::slot;
use crate::raw::memory::header::{self, Object};
use crate::raw::memory::pool::Pool;
use crate::raw::threads::inbox::Inbox;
use crate::{Generation, Heap};

/// The young list holds no more than this many times the threshold, even if as many objects die as are created.
const MOST_BIRTHS: usize = 2;

/// An incremental collection makes so many steps while as many objects are made as the young threshold says.
const STEPS: usize = 4;

/// While something is put off, a step is done each time that so many objects have been made.
const STEP_BIRTHS: usize = if cfg!(miri) { 4 } else { 512 };

/// What allocating an object may set off.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Due {
    Nothing,
    /// The pool has handed out much, or it is time for a step of an incremental collection.
    Look,
    Collection,
    Promotion,
}

/// The births at which the counters begin anew.
const FAR: usize = if cfg!(gc_small_limits) { 1 << 7 } else { usize::MAX / 2 };

/// More tracked objects than memory could hold.
const ADDRESSABLE: usize = usize::MAX / 16;

/// What a heap keeps for one thread; on a [`Locked`](crate::Locked) heap, for all of them. It dereferences to what
/// all threads have in common.
pub(crate) struct State<H: Heap> {
    world: *const World<H>,
    /// Tracked objects created since the last collection.
    pub(crate) births: Cell<usize>,
    /// Tracked objects of any age freed since then, but no more than were created.
    pub(crate) deaths: Cell<usize>,
    /// `births` when the young list was last emptied without being examined.
    pub(crate) promoted: Cell<usize>,
    /// … and when it was last taken for the world's.
    pub(crate) gathered: Cell<usize>,
    /// Objects created up to then, ever.
    born_before: Cell<usize>,
    /// `births` at the last step of an incremental collection.
    pub(crate) stepped: Cell<usize>,
    /// … and when this thread last destroyed some of what was put off.
    pub(crate) worked_off: Cell<usize>,
    /// Suspicions raised, ever.
    pub(crate) suspicions: Cell<u64>,
    /// How many of them the world knows of.
    pub(crate) suspicions_told: Cell<u64>,
    /// `suspicions` when the young list was last examined.
    pub(crate) examined_young_at: Cell<u64>,
    /// Objects created since the last collection.
    pub(crate) young: List,
    /// Young objects that guards have given back since the last collection.
    pub(crate) returned: List,
    /// On a heap whose threads examine their own: objects that are of middle age, but not yet on the world's list.
    pub(crate) survivors: List,
    /// … and those of them that are garbage.
    pub(crate) own_garbage: List,
    /// The thread examines its own, or clears what it has found.
    pub(crate) busy: Cell<bool>,
    /// A collector met a cell that another thread writes to.
    pub(crate) saw_foreign_writer: Cell<bool>,
    /// Scratch memory of collections.
    pub(crate) scratch: RefCell<Bump>,
    pub(crate) pool: Pool,
    stack: Stack,
    /// What the thread is called.
    pub(crate) owner: Cell<Owner>,
    /// Objects whose counts only this thread can merge.
    pub(crate) merge_queue: Inbox<Queued>,
    /// References to this state that somebody holds while user code may run.
    pub(crate) pins: Cell<u32>,
    pub(crate) closing: Cell<bool>,
}

impl<H: Heap> Deref for State<H> {
    type Target = World<H>;

    #[cfg_attr(not(debug_assertions), inline(always))]
    fn deref(&self) -> &World<H> {
        // SAFETY: [I10] a heap's world lives as long as each of its states.
        unsafe { &*self.world }
    }
}

impl<H: Heap> State<H> {
    /// A state that is part of `world`. [`State::init`] must be called when it has its final address.
    pub(crate) fn new(world: *const World<H>) -> Self {
        State {
            world,
            births: Cell::new(0),
            deaths: Cell::new(0),
            promoted: Cell::new(0),
            gathered: Cell::new(0),
            born_before: Cell::new(0),
            stepped: Cell::new(0),
            worked_off: Cell::new(0),
            suspicions: Cell::new(0),
            suspicions_told: Cell::new(0),
            examined_young_at: Cell::new(0),
            young: List::new(),
            returned: List::new(),
            survivors: List::new(),
            own_garbage: List::new(),
            busy: Cell::new(false),
            saw_foreign_writer: Cell::new(false),
            scratch: RefCell::new(Bump::new()),
            pool: Pool::new(header::full_size::<H>()),
            stack: Stack::new(),
            owner: Cell::new(Owner::STRANGER),
            merge_queue: Inbox::shut(),
            pins: Cell::new(0),
            closing: Cell::new(false),
        }
    }

    pub(crate) fn init(&self) {
        [&self.young, &self.returned, &self.survivors, &self.own_garbage].into_iter().for_each(List::init);
        self.pool.init(&self.budget);
        self.arm_trigger();
    }

    /// What belongs to the calling thread's stack.
    #[cfg_attr(not(debug_assertions), inline(always))]
    pub(crate) fn stack(&self) -> &Stack {
        if H::SHARING == Sharing::Turns { slot::seated_stack::<H>() } else { &self.stack }
    }

    /// The thread that had this state is gone; `heir` sees to what it has put off.
    pub(crate) fn give_to(&self, heir: &Stack) {
        heir.inherit(&self.stack);
        self.pins.set(0);
        if self.busy.replace(false) {
            // Some of what is on the list may be gone. What is not leaks.
            self.own_garbage.init();
        }
    }

    /// The list of a generation.
    pub(crate) fn list(&self, generation: Generation) -> &List {
        if generation == Generation::Young { &self.young } else { self.lists.of(generation) }
    }

    /// The lists that the objects of a generation are on: the old ones may be spread over those of an incremental collection.
    pub(crate) fn parts(&self, generation: Generation) -> impl Iterator<Item = &List> {
        let more = match generation {
            Generation::Young => vec![&self.returned, &self.lists.gathered],
            Generation::Middle => vec![],
            Generation::Old => self.lists.of_incremental().to_vec(),
        };
        std::iter::once(self.list(generation)).chain(more)
    }

    /// Works out what is due now, and when to ask again: when the heap can have grown by more objects than the threshold
    /// says, or the young list can have become long.
    pub(crate) fn arm_trigger(&self) -> Due {
        if self.births.get() >= FAR {
            self.begin_anew();
        }
        let due = self.arm_trigger_for();
        self.pool.trigger.set(self.pool.trigger.get().min(self.births.get().saturating_add(FAR)));
        due
    }

    /// Subtracts from the counters what is in all of them, so that they never come to their end, however long nothing is
    /// collected.
    #[cold]
    #[inline(never)]
    fn begin_anew(&self) {
        let births = self.births.get();
        let (young, grown) = (births - self.promoted.get(), self.grown());
        // There is no memory for more.
        let left = young.min(ADDRESSABLE).max(grown.min(ADDRESSABLE));
        self.born_before.set(self.born_before.get().wrapping_add(births - left));
        self.births.set(left);
        self.deaths.set(left - grown.min(ADDRESSABLE));
        self.promoted.set(left - young.min(ADDRESSABLE));
        for passed in [&self.gathered, &self.stepped, &self.worked_off] {
            passed.set(left.saturating_sub(births - passed.get()));
        }
    }

    fn arm_trigger_for(&self) -> Due {
        let threshold = self.thresholds().young;
        let next_of_backlog = if self.backlog.is_waiting() {
            self.worked_off.get().saturating_add(STEP_BIRTHS)
        } else if H::SHARING.in_parallel() {
            // Another thread may put something off at any time, which does not arm this one's.
            self.births.get().saturating_add(STEP_BIRTHS)
        } else {
            usize::MAX
        };
        if self.collecting.get() && !H::SHARING.in_parallel() {
            self.pool.trigger.set(usize::MAX);
            return Due::Nothing;
        }
        if !self.enabled.get() || threshold == 0 {
            self.pool.trigger.set(next_of_backlog);
            return Due::Nothing;
        }
        if self.collecting.get() || self.busy.get() {
            // Another thread, maybe: ask again later.
            self.pool.trigger.set(self.births.get().saturating_add(threshold).min(next_of_backlog));
            return Due::Nothing;
        }
        let (births, grown) = (self.births.get(), self.grown());
        let full = self.promoted.get().saturating_add(threshold.saturating_mul(MOST_BIRTHS));
        let next_step = if H::SHARING.in_parallel() || !self.incremental.is_running() {
            usize::MAX
        } else {
            self.stepped.get().saturating_add((threshold / STEPS).max(1))
        };
        let due = if grown >= threshold || self.is_heavy() && (next_step == usize::MAX || births >= next_step) {
            Due::Collection
        } else if births >= full {
            Due::Promotion
        } else if births >= next_step || self.budget.rings() {
            Due::Look
        } else {
            Due::Nothing
        };
        let next = full.min(births.saturating_add(threshold.saturating_sub(grown))).min(next_step).min(next_of_backlog);
        self.pool.trigger.set(if due == Due::Nothing { next } else { 0 });
        due
    }

    /// Whether it is time for a step of what was put off: the thread has made some objects since the last one, or much memory
    /// has been handed out.
    pub(crate) fn is_step_due(&self) -> bool {
        self.backlog.is_waiting() && (self.births.get() - self.worked_off.get() >= STEP_BIRTHS || self.budget.rings())
    }

    /// Whether the thread is ending.
    pub(crate) fn is_closing(&self) -> bool {
        self.closing.get()
    }

    /// The collection gets on, if this thread's is the one that others may wait for.
    pub(crate) fn get_on(&self) {
        if H::SHARING.is_shared() && self.is_collecting_itself() {
            self.rest.get_on();
        }
    }

    /// Whether this thread collects.
    pub(crate) fn is_collecting_itself(&self) -> bool {
        let here = || self.collector.get() == slot::seat::<H>().index() as usize;
        self.collecting.get() && (!H::SHARING.is_shared() || here())
    }

    /// Whether another thread collects.
    pub(crate) fn is_another_collecting(&self) -> bool {
        H::SHARING.is_shared() && self.collecting.get() && !self.is_collecting_itself()
    }

    /// Tracked objects created since the last collection, less those freed.
    pub(crate) fn grown(&self) -> usize {
        self.births.get() - self.deaths.get()
    }

    /// Whether there is so much external memory that a full collection is due. Sums and limits stay at the largest number
    /// there is, and nothing is more than that.
    pub(crate) fn is_heavy(&self) -> bool {
        self.budget.external.get() > self.external_limit.get()
    }

    /// Tracked objects created, ever.
    pub(crate) fn made(&self) -> usize {
        self.born_before.get().wrapping_add(self.births.get())
    }

    /// By how much external memory may grow until a full collection is due.
    pub(crate) fn external_step(&self) -> usize {
        EXTERNAL_STEP.max(self.budget.external.get() / 4)
    }

    /// Sets the amount of external memory that brings on the next full collection: a quarter more than there is.
    pub(crate) fn arm_external(&self) {
        let external = self.budget.external.get();
        self.external_limit.set(external.saturating_add(self.external_step()));
        self.arm_trigger();
    }

    /// Sets the external bytes of an object, known by its address.
    pub(crate) fn set_external(&self, object: usize, bytes: usize) {
        if bytes > self.extras.set_external(object, bytes, &self.budget.external) {
            if self.budget.is_over() {
                self.pool.ask_next();
            }
            self.arm_trigger();
        }
    }

    /// An object was put on the young list.
    #[cfg_attr(not(debug_assertions), inline(always))]
    pub(crate) fn born(&self) {
        self.births.set(self.births.get() + 1);
    }

    /// An object was taken off its list.
    #[cfg_attr(not(debug_assertions), inline(always))]
    pub(crate) fn died(&self) {
        let deaths = self.deaths.get();
        if deaths < self.births.get() {
            self.deaths.set(deaths + 1);
        }
    }

    /// A collection comes by: what guards have given back becomes like other young objects, and the next guard knows that it is
    /// young no more. Returns how many there are. (On a heap that is used in parallel, `gather` does this.)
    pub(crate) fn see_returned(&self) -> usize {
        let mut size = 0;
        for links in self.returned.iter() {
            // SAFETY: [I5] what is on the list is allocated.
            unsafe { Object::<H>::of(links).count() }.mark(flag::COMMON, 0);
            size += 1;
        }
        self.young.append(&self.returned);
        size
    }

    /// The young list goes into an examination: counting starts anew. Returns how many objects it has at most.
    pub(crate) fn new_epoch(&self) -> usize {
        let size = self.births.get() - self.promoted.get();
        self.born_before.set(self.made());
        self.births.set(0);
        self.stepped.set(0);
        self.worked_off.set(0);
        self.deaths.set(0);
        self.promoted.set(0);
        self.gathered.set(0);
        size
    }

    /// Something may have become garbage that no decrement will point to: the next full collection examines everything.
    pub(crate) fn suspect(&self) {
        self.suspects.unsure.set(true);
        self.suspicions.set(self.suspicions.get() + 1);
    }

    /// The middle list has become long: its objects are no longer of middle age, and are left to the next full collection.
    pub(crate) fn promote_middle(&self) {
        self.locked(|| self.lists.of(Generation::Old).append(self.lists.of(Generation::Middle)));
        self.middle_size.set(0);
        self.runs[0].set(0);
        self.runs[1].set(self.runs[1].get() + 1);
    }

    /// The young list has become long although the heap has not grown: its objects are no longer young, and what of
    /// them is garbage is left to the next full collection. They are not examined, which would be a pause.
    pub(crate) fn promote(&self) {
        self.lists.of(Generation::Old).append(&self.young);
        self.promoted.set(self.births.get());
        self.arm_trigger();
    }
}

/// The state of heap `H` for this thread. On a heap of its own it is made at first use; on others the thread is attached.
#[cfg_attr(not(debug_assertions), inline(always))]
pub(crate) fn get<'a, H: Heap>() -> &'a State<H> {
    let state = H::slot(|slot| slot.get());
    if state.is_null() {
        return make::<H>();
    }
    // SAFETY: [I10], [I11] a state that is set is alive, and stays so while an object or a caller of ours needs it.
    unsafe { &*state }
}

/// The state, if there is one.
#[cfg_attr(not(debug_assertions), inline(always))]
pub(crate) fn existing<'a, H: Heap>() -> Option<&'a State<H>> {
    // SAFETY: [I10], [I11] as above.
    unsafe { H::slot(|slot| slot.get()).as_ref() }
}

/// The state of a heap that is used by one thread at a time, and its world.
#[repr(C)]
pub(crate) struct Home<H: Heap> {
    /// In front, so that a pointer to it, with provenance for all, is one to the home.
    pub(crate) state: State<H>,
    world: World<H>,
}

impl<H: Heap> Home<H> {
    /// A home, which is freed by `Box::from_raw`, or never. The pointer is to its state.
    pub(crate) fn make() -> *const State<H> {
        let this = Box::into_raw(Box::new(Home::<H> { state: State::new(ptr::null()), world: World::new() }));
        // SAFETY: [I10] just made: nobody else knows of it.
        unsafe {
            (*this).state.world = &raw const (*this).world;
            (*this).world.lists.init();
            (*this).state.init();
        }
        this.cast()
    }
}

#[cold]
#[inline(never)]
fn make<'a, H: Heap>() -> &'a State<H> {
    assert!(H::SHARING == Sharing::Nobody, "a thread that is not attached uses the heap");
    let this = Home::<H>::make();
    H::slot(|slot| slot.set(this));
    // SAFETY: [I10] just made; it is freed by `free_if_ended` only.
    let state = unsafe { &*this };
    if !H::arm() {
        state.closing.set(true); // the thread is ending: go as soon as there is nothing left
        state.stack.nesting.set_limit(NO_LIMIT);
        state.pool.close();
    }
    state
}

/// Frees the state of an ended thread once nothing is left of it. To be called last by whatever released memory, and
/// by nobody who was passed a reference to the state.
#[cold]
#[inline(never)]
pub(crate) fn free_if_ended<H: Heap>() {
    let this = H::slot(|slot| slot.get());
    {
        // SAFETY: [I10], [I11] as in `get`.
        let Some(state) = (unsafe { this.as_ref() }) else { return };
        if !state.closing.get() {
            state.pool.attention.set(false);
            return;
        }
        if !state.stack.nesting.is_at_rest() || state.pins.get() > 0 || state.collecting.get() {
            return;
        }
        state.pool.close();
        state.pool.attention.set(false);
        if !state.pool.is_empty() {
            return;
        }
    }
    H::slot(|slot| slot.set(ptr::null()));
    // SAFETY: [I10] the heap is empty, its thread is ending, and no code of ours is running on it but our caller, who
    // does nothing with it afterwards; the pointer came from `Box::into_raw` in `make`.
    drop(unsafe { Box::from_raw(this.cast_mut().cast::<Home<H>>()) });
}

#[cfg(test)]
mod tests;
