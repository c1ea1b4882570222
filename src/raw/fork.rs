//! The process forks, and in the child there are no threads but the one that forked.
//!
//! What others were doing with the heap is left as it is at their last safepoint: the one who forks has stopped the world, or
//! has the global lock, and holds the locks that those outside may take. In the child, their seats are left for them.
//!
//! There may be several such heaps ([`together`]).

mod together;

use std::any::Any;
use std::marker::PhantomData;
use std::panic::resume_unwind;

use crate::Heap;
use crate::raw::attach::{self, Again};
use crate::raw::base::panic::{keep_panic, pass_on};
use crate::raw::base::sync::MutexGuard;
use crate::raw::collect;
use crate::raw::heap::sharing::Sharing;
use crate::raw::heap::side_table::Node;
use crate::raw::heap::slot::{self, Seated};
use crate::raw::heap::state::{self, State};
use crate::raw::heap::stop::Stop;
use crate::raw::heap::{merge_queue, stop};
use crate::raw::lock::parking;
use crate::raw::object::put_off;
use crate::raw::threads::presence::{GateKind, HeapGate};
use crate::raw::threads::seat::Seat;

/// Runs `f`, which may fork. Whatever other threads do with the heap, it can be used in the child.
///
/// # Panics
///
/// If `f` does, or a destructor of what others have put off.
pub(crate) fn fork<H: Heap, R>(f: impl FnOnce() -> R) -> R {
    if !H::SHARING.is_shared() {
        return f();
    }
    slot::expect_none::<H>();
    let around = together::Around::suspend();
    let mut panic = None;
    let result = attach::with::<H, _>(|_| {
        let result = around.and(const { &Site::<H>(PhantomData) }, f);
        // What other threads have put off.
        keep_panic(&mut panic, put_off::catch_up::<H>);
        result
    });
    drop(around);
    match result {
        Err(first) => resume_unwind(first),
        Ok(result) if panic.is_none() => result,
        Ok(result) => {
            keep_panic(&mut panic, || drop(result));
            pass_on(panic);
            unreachable!("there is a panic to pass on")
        }
    }
}

/// A heap, for [`together`]. The thread is inside, or has been and waits for another heap.
struct Site<H>(PhantomData<H>);

impl<H: Heap> together::Site for Site<H> {
    fn rank(&self) -> usize {
        H::commons().gate.rank()
    }

    fn stop(&self) -> Box<dyn Any> {
        // Whoever is making it is done then.
        Node::of_the_dead();
        let inside = attach::enter_again::<H>();
        Box::new(Stopped { _stop: stop::stop::<H>(), _inside: inside })
    }

    fn locks(&self) -> Box<dyn together::Locks> {
        Box::new(Locks::<H> { parking: None, examiners: None, rest: None, gate: None })
    }
}

/// Nobody else uses the heap. What is dropped first stands first.
struct Stopped<H: Heap> {
    _stop: Stop<H>,
    _inside: Again<H>,
}

/// The locks that those outside may take. Until this is dropped, the thread does not use the heap.
struct Locks<H: Heap> {
    gate: Option<Gate<H>>,
    rest: Option<MutexGuard<'static, u64>>,
    examiners: Option<MutexGuard<'static, ()>>,
    parking: Option<parking::Held<'static>>,
}

/// The last of them, and what there was when it was taken.
struct Gate<H: Heap> {
    held: <<H::Gate as GateKind>::Of<Seated<H>> as HeapGate<Seated<H>>>::Held<'static>,
    process: process::Id,
    state: *const State<H>,
    depth: u32,
}

impl<H: Heap> together::Locks for Locks<H> {
    fn take(&mut self, level: together::Level) {
        match level {
            together::Level::Parking => self.parking = Some(H::commons().parking.hold()),
            together::Level::Waiting => {
                let state = state::get::<H>();
                self.examiners = Some(state.examiners.hold());
                self.rest = Some(state.rest.hold());
            }
            together::Level::Gate => {
                let held = H::commons().gate.hold();
                self.gate = Some(H::slot(|slot| {
                    let state = slot.get();
                    slot.set(std::ptr::null());
                    Gate { held, process: process::id(), state, depth: slot.here.begin_fork() }
                }));
            }
        }
    }
}

impl<H: Heap> Drop for Locks<H> {
    fn drop(&mut self) {
        let Some(Gate { held, process, state, depth }) = self.gate.take() else { return };
        H::slot(|slot| {
            slot.here.end_fork(depth);
            slot.set(state);
        });
        if process == process::id() {
            return;
        }
        let gone = H::commons().gate.forget_others(held, slot::seat::<H>(), attach::left_outside::<H>);
        if !gone.is_empty() {
            self.parking.iter_mut().for_each(parking::Held::forget_others);
            let state = state::get::<H>();
            state.examiners.forget_others();
            forget(state, &gone);
        }
    }
}

/// What a fork changes.
mod process {
    #[cfg(all(unix, not(miri)))]
    pub(super) type Id = (u32, u32);
    /// Nothing forks, and there may be no such number.
    #[cfg(not(all(unix, not(miri))))]
    pub(super) type Id = u32;

    /// The number that the system gives is not enough: parent and child may both be the first process of a namespace. Nor is
    /// the number of forks: who forks without the C library is not counted.
    #[cfg(all(unix, not(miri)))]
    pub(super) fn id() -> Id {
        use std::sync::Once;
        use std::sync::atomic::{AtomicU32, Ordering};

        /// Forks between the first process that asked and this one.
        static FORKS: AtomicU32 = AtomicU32::new(0);
        static WATCH: Once = Once::new();
        extern "C" fn in_child() {
            FORKS.fetch_add(1, Ordering::Relaxed);
        }
        // Without memory for it, there is still the number.
        // SAFETY: [I19] the function may be called at any time: it touches nothing but the number.
        WATCH.call_once(|| unsafe {
            libc::pthread_atfork(None, None, Some(in_child));
        });
        (std::process::id(), FORKS.load(Ordering::Relaxed))
    }

    #[cfg(not(all(unix, not(miri))))]
    pub(super) fn id() -> Id {
        0
    }
}

/// The threads that had these seats are gone.
fn forget<H: Heap>(state: &State<H>, gone: &[&Seat<Seated<H>>]) {
    for seat in gone {
        if H::SHARING == Sharing::Turns {
            state.stack().inherit(&seat.part.stack);
        } else if let Some(other) = seat.part.state() {
            other.give_to(state.stack());
            merge_queue::close_for(other);
            other.pool.leave(|| true);
        }
    }
    if state.collecting.get() && gone.iter().any(|seat| seat.index() as usize == state.collector.get()) {
        collect::pass::give_up(state);
    }
    stop::each_state::<H>(|state| {
        state.arm_trigger();
    });
}
