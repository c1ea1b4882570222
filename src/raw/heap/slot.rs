//! What a thread has of a heap: the slot that leads to its state, and its seat.

use std::cell::Cell;
use std::ptr;
use std::sync::atomic::{AtomicPtr, Ordering};
use std::thread::{self, Thread};

use super::stack::Stack;
use super::state::State;
use crate::raw::base::sync::Mutex;
use crate::raw::count::{Count, Owner};
use crate::raw::threads::elsewhere::{Inside, Link, Site};
use crate::raw::threads::presence::{HeapGate, Here};
use crate::raw::threads::seat::Seat;
use crate::{Heap, tell};

/// A heap as a thread sees it: a pointer to its state, which is null before the first use and after the end, and while the
/// thread is detached.
pub struct Slot<H: Heap> {
    state: Cell<*const State<H>>,
    /// What the thread is called, which those who count ask for all the time.
    owner: Cell<Owner>,
    pub(crate) here: Here<'static, Seated<H>>,
    /// Where it is in the list of the heaps that the thread uses.
    link: Link,
}

impl<H: Heap> Slot<H> {
    /// A slot that is not used.
    #[expect(clippy::new_without_default, reason = "used in const thread-locals only")]
    pub const fn new() -> Self {
        Slot {
            state: Cell::new(std::ptr::null()),
            owner: Cell::new(Owner::STRANGER),
            here: Here::new(),
            link: Link::new(),
        }
    }

    #[cfg_attr(not(debug_assertions), inline(always))]
    pub(crate) fn get(&self) -> *const State<H> {
        self.state.get()
    }

    pub(crate) fn set(&self, state: *const State<H>) {
        self.state.set(state);
    }

    /// The thread ends. If nothing is left of the heap, the slot goes, too: it is as good as new, and nobody else knows of it.
    pub(crate) fn retire(&self) -> bool {
        let is_unused = self.get().is_null() && self.here.is_as_new();
        if is_unused {
            self.link.delist();
        }
        is_unused
    }

    #[cfg_attr(not(debug_assertions), inline(always))]
    pub(crate) fn owner(&self) -> Owner {
        self.owner.get()
    }

    pub(crate) fn set_owner(&self, owner: Owner) {
        self.owner.set(owner);
    }
}

impl<H: Heap> Site for Slot<H> {
    fn rank(&self) -> usize {
        H::commons().gate.rank()
    }

    fn step_out(&self) -> Option<Inside> {
        let depth = self.here.step_out(&H::commons().gate)?;
        Some(Inside { depth, state: self.state.replace(ptr::null()).cast() })
    }

    fn step_in(&self, inside: Inside) {
        self.here.step_in(&H::commons().gate, inside.depth);
        self.state.set(inside.state.cast());
    }
}

/// The calling thread uses the heap: while it waits for another one, it goes out.
pub(crate) fn enlist<H: Heap>() {
    // SAFETY: [I11] the slot is this thread's, and stays as long as the thread runs; nobody else sees the list.
    let slot: &'static Slot<H> = unsafe { &*H::slot(ptr::from_ref) };
    slot.link.enlist(slot);
}

impl<H: Heap> std::fmt::Debug for Slot<H> {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("Slot")
    }
}

/// What is on a seat.
pub(crate) struct Seated<H: Heap> {
    /// If the threads take turns: what belongs to the thread's stack.
    pub(crate) stack: Stack,
    /// If they do not: the thread's state, once there is one. It stays with the seat.
    pub(crate) state: AtomicPtr<State<H>>,
    /// The thread that has it, or had it last. For those who wait for it.
    thread: Mutex<Option<Thread>>,
}

// SAFETY: [I19] what is on a seat is used by the thread that has it and is attached, or who has stopped the world.
unsafe impl<H: Heap> Send for Seated<H> {}
// SAFETY: [I19] as above.
unsafe impl<H: Heap> Sync for Seated<H> {}

impl<H: Heap> Seated<H> {
    pub(crate) fn new() -> Self {
        Seated { stack: Stack::new(), state: AtomicPtr::new(ptr::null_mut()), thread: Mutex::new(None) }
    }

    /// The calling thread has taken the seat. If it `ended`, it may have lost its name.
    pub(crate) fn introduce(&self, ended: bool) {
        // In the child of a fork somebody who is gone may have the lock.
        if let Ok(mut thread) = self.thread.try_lock() {
            *thread = (!ended && tell::may_be_told()).then(thread::current);
        }
    }

    /// The thread that has the seat, as far as that is known.
    pub(crate) fn thread(&self) -> Option<Thread> {
        self.thread.try_lock().ok()?.clone()
    }

    /// The state of the seat, if there is one.
    pub(crate) fn state(&self) -> Option<&State<H>> {
        // Acquire: of those who stop the world, some do not know how the state was made.
        // SAFETY: [I10] a state of a seat is never freed.
        unsafe { self.state.load(Ordering::Acquire).as_ref() } // [O90]
    }
}

/// The seat of the calling thread, which is attached.
#[cfg_attr(not(debug_assertions), inline(always))]
pub(crate) fn seat<H: Heap>() -> &'static Seat<Seated<H>> {
    H::slot(|slot| slot.here.attached()).expect("attached")
}

/// The seat of the calling thread, if it is inside and solo. All of it is asked with a few loads.
#[cfg_attr(not(debug_assertions), inline(always))]
pub(crate) fn solo_seat<H: Heap>() -> Option<&'static Seat<Seated<H>>> {
    H::slot(|slot| if slot.get().is_null() { None } else { slot.here.solo() })
}

/// What belongs to the stack of the calling thread, which is attached.
#[cfg_attr(not(debug_assertions), inline(always))]
pub(crate) fn seated_stack<'a, H: Heap>() -> &'a Stack {
    &seat::<H>().part.stack
}

/// What the count has to know of the calling thread, which is inside.
#[cfg_attr(not(debug_assertions), inline(always))]
pub(crate) fn who<H: Heap>() -> <H::Count as Count>::Who {
    H::Count::who(|| H::slot(|slot| slot.owner()), || solo_seat::<H>().is_some())
}

/// Whether the calling thread is in the function that forks: it has locks of the heap's, and is not inside.
pub(crate) fn is_forking<H: Heap>() -> bool {
    H::SHARING.is_shared() && H::slot(|slot| slot.here.is_forking())
}

/// The calling thread is about to use a lock of the heap's without coming in.
///
/// # Panics
///
/// In the function that forks.
pub(crate) fn expect_none<H: Heap>() {
    if H::SHARING.is_shared() {
        H::slot(|slot| slot.here.expect_no_fork());
    }
}
