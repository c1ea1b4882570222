//! Coming in and going out.
//!
//! A thread is *inside* while its slot has a pointer to a state: whoever loads that pointer knows that it is not null, and
//! asks no more. [`enter`] makes sure of it, for the duration of one operation if the thread is not attached.

use std::marker::PhantomData;
use std::mem::ManuallyDrop;
use std::ptr;

use crate::raw::base::nesting::NO_LIMIT;
use crate::raw::base::panic::{keep_panic, pass_on};
use crate::raw::heap::commons::Commons;
use crate::raw::heap::deferred_drop::DeferredDrop;
use crate::raw::heap::sharing::Sharing;
use crate::raw::heap::slot::{self, Seated, Slot};
use crate::raw::heap::state::{self, State};
use crate::raw::heap::{merge_queue, stop};
use crate::raw::object::put_off;
use crate::raw::threads::elsewhere;
use crate::raw::threads::presence::HeapGate;
use crate::raw::threads::seat::{Left, Seat, TASK};
use crate::{Heap, tell};

/// The calling thread is inside as long as this lives.
#[must_use]
pub(crate) struct Inside<H: Heap> {
    entered: bool,
    heap: PhantomData<(H, *mut ())>,
}

/// Comes in, if the thread is not inside. Nothing at all on a heap of one thread.
#[cfg_attr(not(debug_assertions), inline(always))]
pub(crate) fn enter<H: Heap>() -> Inside<H> {
    let entered = H::SHARING.is_shared() && H::slot(|slot| slot.get().is_null());
    if entered {
        attach_thread::<H>();
    }
    Inside { entered, heap: PhantomData }
}

/// The calling thread is inside for one operation, which runs no user code. When it goes out it does not see to what others have
/// left, which may be any of their destructors, if somebody else will.
#[must_use]
pub(crate) struct Briefly<H: Heap> {
    entered: bool,
    heap: PhantomData<(H, *mut ())>,
}

/// As [`enter`], for such an operation.
#[cfg_attr(not(debug_assertions), inline(always))]
pub(crate) fn enter_briefly<H: Heap>() -> Briefly<H> {
    let entered = ManuallyDrop::new(enter::<H>()).entered;
    Briefly { entered, heap: PhantomData }
}

/// As [`enter_briefly`], to read a count or flags, for which a thread need not come in where they are atomic.
#[cfg_attr(not(debug_assertions), inline(always))]
pub(crate) fn enter_to_read<H: Heap>() -> Option<Briefly<H>> {
    (H::SHARING == Sharing::Turns).then(enter_briefly::<H>)
}

/// As [`enter_briefly`], unless somebody has to be waited for.
pub(crate) fn try_enter_briefly<H: Heap>() -> Option<Briefly<H>> {
    let inside = is_inside::<H>();
    // Made only if the thread has come in: to drop one goes out.
    if inside || try_attach_thread::<H>() { Some(Briefly { entered: !inside, heap: PhantomData }) } else { None }
}

impl<H: Heap> Drop for Briefly<H> {
    #[cfg_attr(not(debug_assertions), inline(always))]
    fn drop(&mut self) {
        if self.entered {
            end_briefly::<H>();
        }
    }
}

#[cold]
#[inline(never)]
fn end_briefly<H: Heap>() {
    if H::slot(|slot| slot.here.has_ended()) {
        return detach_thread::<H>(); // it leaves its seat each time
    }
    let (seat, guarded) = (slot::seat::<H>(), has_guards::<H>());
    H::slot(|slot| {
        slot.here.exit(&H::commons().gate, |_, ended| last(slot, ended));
        rest(slot);
    });
    if is_attached::<H>() {
        return; // by a guard: there will be safepoints
    }
    // What was left in just this moment, and for nobody else.
    let has_task = H::SHARING == Sharing::Turns || seat.word.load(std::sync::atomic::Ordering::Relaxed) & TASK != 0;
    if has_task && !guarded && is_anything_left::<H>() && H::commons().gate.is_idle() && try_attach_thread::<H>() {
        detach_thread::<H>();
    }
}

/// The calling thread is inside, as it is further up its stack: it has gone out of the heap to wait for another one. When it goes out
/// it sees to nothing, so no user code runs. It does when it is back.
#[must_use]
pub(crate) struct Again<H: Heap>(bool, PhantomData<(H, *mut ())>);

/// As [`enter`], for such a thread.
pub(crate) fn enter_again<H: Heap>() -> Again<H> {
    Again(ManuallyDrop::new(enter::<H>()).entered, PhantomData)
}

impl<H: Heap> Drop for Again<H> {
    fn drop(&mut self) {
        if self.0 {
            H::slot(|slot| slot.here.exit(&H::commons().gate, |_, ended| last(slot, ended)));
        }
    }
}

/// Whether the calling thread, which is inside, borrows a cell. What others have left may want that one.
fn has_guards<H: Heap>() -> bool {
    H::SHARING.is_shared() && !state::get::<H>().stack().reading.is_empty()
}

impl<H: Heap> Drop for Inside<H> {
    #[cfg_attr(not(debug_assertions), inline(always))]
    fn drop(&mut self) {
        if self.entered {
            detach_thread::<H>();
        }
    }
}

/// Whether the calling thread is inside.
#[cfg_attr(not(debug_assertions), inline(always))]
pub(crate) fn is_inside<H: Heap>() -> bool {
    !H::SHARING.is_shared() || !H::slot(|slot| slot.get().is_null())
}

/// The thread has come in with `seat`.
fn set_up<H: Heap>(slot: &Slot<H>, seat: &Seat<Seated<H>>) {
    let state = H::commons().state_of(seat);
    slot.set(state);
    let state = state::get::<H>();
    let stack = if H::SHARING == Sharing::Turns { &seat.part.stack } else { state.stack() };
    stack.nesting.set_limit(state.defer_drop.get());
    if H::SHARING == Sharing::Parallel {
        state::get::<H>().pool.hold();
        slot.set_owner(merge_queue::open(state::get::<H>(), seat));
    }
}

/// The thread takes a seat. False if it is too late to be called when it ends.
fn begin<H: Heap>() -> bool {
    slot::enlist::<H>();
    H::arm()
}

#[cold]
#[inline(never)]
fn attach_thread<H: Heap>() {
    H::slot(|slot| {
        let is_new = slot.here.is_new();
        let seat = slot.here.enter(&H::commons().gate, Seated::new, begin::<H>);
        if is_new {
            seat.part.introduce(slot.here.has_ended());
        }
        set_up(slot, seat);
    });
}

/// Comes in, if nobody has to be waited for.
fn try_attach_thread<H: Heap>() -> bool {
    H::slot(|slot| {
        let (gate, is_new) = (&H::commons().gate, slot.here.is_new());
        let is_deserted = || H::commons().is_deserted_with_backlog();
        let seat = slot.here.try_enter(gate, Seated::new, begin::<H>, |seat| gate.try_attach(seat), is_deserted);
        if let Some(seat) = seat {
            if is_new {
                seat.part.introduce(slot.here.has_ended());
            }
            set_up(slot, seat);
        }
        seat.is_some()
    })
}

/// As [`enter`], unless somebody has to be waited for.
pub(crate) fn try_enter<H: Heap>() -> Option<Inside<H>> {
    let inside = is_inside::<H>();
    // Made only if it has come in: to drop one goes out.
    (inside || try_attach_thread::<H>()).then(|| Inside { entered: !inside, heap: PhantomData })
}

#[cold]
#[inline(never)]
fn detach_thread<H: Heap>() {
    loop {
        let guarded = has_guards::<H>() && !H::slot(|slot| slot.here.has_ended());
        if !guarded {
            adopt::<H>();
            leave_abandoned::<H>();
            quietly::<H>(merge_queued::<H>);
        }
        H::slot(|slot| {
            slot.here.exit(&H::commons().gate, |_, ended| last(slot, ended));
            rest(slot);
        });
        // Who dropped a handle in the meantime may have found us still inside. If a guard keeps us there, somebody may wait for us to
        // stop, who would see to what is left: we do at our next safepoint.
        if guarded || !is_left_to_us::<H>() || is_attached::<H>() {
            return;
        }
        if !try_attach_thread::<H>() {
            return;
        }
    }
}

/// The last thing that a thread does inside. If it has `ended`, it leaves its seat for good, but not if it has borrows: the cells know
/// it by that seat.
fn last<H: Heap>(slot: &Slot<H>, ended: bool) -> Left {
    let left = if ended { leave_for_good::<H>() } else { Left::Free };
    slot.set(ptr::null());
    left
}

/// What only the thread can do that has the seat.
fn leave_for_good<H: Heap>() -> Left {
    leave_abandoned::<H>();
    let state = state::get::<H>();
    loop {
        quietly::<H>(|| put_off::drain_late(state));
        if H::commons().gate.population() <= 1 {
            work_off_all(state);
        }
        if H::SHARING != Sharing::Parallel {
            break;
        }
        quietly::<H>(|| merge_queue::close(state));
        // A destructor that goes out and comes in again opens the inbox once more.
        if merge_queue::is_closed(state) {
            break;
        }
    }
    let left = if state.stack().reading.is_empty() { Left::Free } else { Left::Aside };
    if H::SHARING == Sharing::Parallel {
        state.scratch.take();
        // Last: from here on the pool is anybody's.
        state.pool.leave(|| slot::seat::<H>().is_calm());
    }
    left
}

/// Nobody is left who would see to what was put off.
fn work_off_all<H: Heap>(state: &State<H>) {
    quietly::<H>(|| {
        put_off::work_off(state, NO_LIMIT);
    });
}

/// What becomes of the seat of a thread that ends outside, or is gone: nobody else is taken for one whose borrows are left.
pub(crate) fn left_outside<H: Heap>(seat: &Seat<Seated<H>>) -> Left {
    let part = &seat.part;
    let stack = if H::SHARING == Sharing::Turns { Some(&part.stack) } else { part.state().map(State::stack) };
    if stack.is_none_or(|stack| stack.reading.is_empty()) { Left::Free } else { Left::Aside }
}

/// Leaves the seats of threads that have ended, and could not come in for that.
fn leave_abandoned<H: Heap>() {
    if let Some(threads) = H::commons().gate.parallel()
        && threads.is_any_abandoned()
    {
        merge_queue::leave_abandoned(threads);
        quietly::<H>(|| put_off::drain_late(state::get::<H>()));
    }
}

/// The end of a thread.
pub(crate) fn leave<H: Heap>() {
    if slot::is_forking::<H>() {
        // The process ends, in the function that forks: nobody is left who could wait for us.
        return;
    }
    let had_a_seat = H::slot(|slot| {
        let gate = &H::commons().gate;
        slot.here.end(gate, left_outside::<H>, |seat| set_up(slot, seat), |_, ended| last(slot, ended))
    });
    // Who has left something in the meantime may have found us still inside. If we cannot come in, somebody else is.
    if had_a_seat && is_left_to_us::<H>() {
        drop(try_enter::<H>());
    }
}

/// Whether a thread that has gone out, or has ended, finds something left that nobody else may know of. Two that end at once are both
/// not the last to be there, and one of them is the last to go.
fn is_left_to_us<H: Heap>() -> bool {
    is_anything_left::<H>() || H::slot(|slot| slot.here.has_ended()) && H::commons().is_deserted_with_backlog()
}

/// Runs what may run user code where nobody can be told of a panic.
fn quietly<H: Heap>(f: impl FnOnce()) {
    let mut panic = None;
    keep_panic(&mut panic, f);
    if panic.is_some() {
        let report = || tell::event!(ERROR, heap = std::any::type_name::<H>(), "panic in a destructor");
        keep_panic(&mut panic, report);
    }
    let _ = ManuallyDrop::new(panic);
}

/// Keeps the thread attached.
///
/// It may be dropped anywhere, also by user code that runs in the middle of an operation. So while only such guards keep a thread
/// attached its slot is empty, and each operation comes in for itself, which takes no waiting.
#[must_use]
#[derive(Debug)]
pub(crate) struct Attached<H: Heap> {
    /// None if it keeps nothing attached.
    era: Option<u64>,
    heap: PhantomData<(H, *mut ())>,
}

impl<H: Heap> Attached<H> {
    pub(crate) fn new() -> Self {
        if !H::SHARING.is_shared() {
            return Attached { era: None, heap: PhantomData };
        }
        attach_thread::<H>();
        let (era, ended) = H::slot(|slot| {
            let era = slot.here.hold();
            rest(slot);
            (era, slot.here.has_ended())
        });
        let held = Attached { era: Some(era), heap: PhantomData };
        if !ended {
            return held;
        }
        // If this one was leaked, nobody would be called any more to let go of it.
        drop(held);
        Attached { era: None, heap: PhantomData }
    }
}

impl<H: Heap> Drop for Attached<H> {
    fn drop(&mut self) {
        if self.era.is_none_or(|era| !H::slot(|slot| slot.here.let_go(era))) {
            return;
        }
        let in_the_middle = is_inside::<H>();
        H::slot(|slot| {
            if in_the_middle {
                slot.here.exit(&H::commons().gate, |_, ended| last(slot, ended));
            } else if let Some(seat) = slot.here.attached() {
                set_up(slot, seat);
            }
        });
        if !in_the_middle {
            detach_thread::<H>();
        }
    }
}

/// The slot is empty if only guards keep the thread attached.
fn rest<H: Heap>(slot: &Slot<H>) {
    if slot.here.is_only_held() {
        slot.set(ptr::null());
    }
}

/// Runs `f` inside.
pub(crate) fn attach<H: Heap, R>(f: impl FnOnce() -> R) -> R {
    let _inside = enter::<H>();
    f()
}

/// Runs `f`, which may block, outside.
pub(crate) fn detach<H: Heap, R>(f: impl FnOnce() -> R) -> R {
    if !H::SHARING.is_shared() || !is_attached::<H>() {
        return f();
    }
    let guarded;
    {
        let _inside = enter::<H>();
        guarded = has_guards::<H>();
        if !guarded {
            adopt::<H>();
            merge_queued::<H>();
        }
    }
    let result = outside::<H, R>(|| {
        look_back::<H>(guarded);
        f()
    });
    // All guards that kept it attached may have been dropped meanwhile.
    if !is_attached::<H>() {
        look_back::<H>(guarded);
    }
    result
}

/// Whether the calling thread is attached, also if by a guard only.
pub(crate) fn is_attached<H: Heap>() -> bool {
    H::slot(|slot| slot.here.attached().is_some())
}

/// Runs `f`, which waits for what another thread does, outside: of all heaps, as it may be anything that the other one does.
pub(crate) fn wait_outside<H: Heap, R>(f: impl FnOnce() -> R) -> R {
    let guarded = has_guards::<H>();
    let _away = H::SHARING.is_shared().then(elsewhere::all);
    look_back::<H>(guarded);
    f()
}

/// As [`wait_outside`], for a cell that threads use in parallel.
pub(crate) fn wait_for_cell<H: Heap>(sleep: impl FnOnce()) {
    slot::seat::<H>().fall_asleep();
    wait_outside::<H, _>(sleep);
    slot::seat::<H>().wake_up();
}

/// As [`wait_outside`], for a cell that threads use in turns. Before it sleeps it has a lock, so no user code may run.
pub(crate) fn wait_for_turn<H: Heap>(sleep: impl FnOnce()) {
    let guarded = has_guards::<H>();
    let _away = elsewhere::all();
    sleep();
    look_back::<H>(guarded);
}

fn outside<H: Heap, R>(f: impl FnOnce() -> R) -> R {
    /// Puts the pointer back when the thread has come in again.
    struct Back<H: Heap>(*const State<H>);
    impl<H: Heap> Drop for Back<H> {
        fn drop(&mut self) {
            H::slot(|slot| slot.set(self.0));
        }
    }
    // Not in the closure of `slot`: `f` is user code, and may go on for long.
    let _back = Back(H::slot(|slot| slot.get()));
    // SAFETY: [I11] the slot is this thread's, and stays as long as the thread runs.
    let slot = unsafe { &*H::slot(ptr::from_ref) };
    slot.set(ptr::null());
    slot.here.outside(&H::commons().gate, f)
}

/// We have gone out: somebody may have dropped a handle in the meantime, and found us still inside. A thread that is `guarded` sees to
/// that later.
fn look_back<H: Heap>(guarded: bool) {
    if H::SHARING.is_shared() && !guarded && is_anything_left::<H>() && try_attach_thread::<H>() {
        detach_thread::<H>();
    }
}

/// Calls `f` with this thread's state of `H`. Whatever user code runs in it, the state stays.
pub(crate) fn with<H: Heap, R>(f: impl FnOnce(&State<H>) -> R) -> R {
    let _inside = enter::<H>();
    let state = state::get::<H>();
    state.pins.set(state.pins.get() + 1);
    let _pin = Pin::<H>(PhantomData);
    f(state)
}

/// As [`with`], when nobody else uses the heap.
pub(crate) fn with_world_stopped<H: Heap, R>(f: impl FnOnce(&State<H>) -> R) -> R {
    with(|state| {
        let _stop = stop::stop::<H>();
        f(state)
    })
}

/// Lets go of the state. That of an ending thread's heap may go then.
struct Pin<H: Heap>(PhantomData<H>);

impl<H: Heap> Drop for Pin<H> {
    fn drop(&mut self) {
        let state = state::get::<H>();
        state.pins.set(state.pins.get() - 1);
        put_off::drain_some_late(state);
        if state.pool.attention.get() {
            state::free_if_ended::<H>();
        }
    }
}

/// Whether somebody has dropped a handle, and left it to this thread or whoever comes by.
fn is_anything_left<H: Heap>() -> bool {
    let commons = H::commons();
    !commons.deferred_drops.is_empty() || commons.gate.is_any_abandoned() || merge_queue::is_anything_queued::<H>()
}

/// The thread goes out: from then on others merge what is queued for it.
fn merge_queued<H: Heap>() {
    let (state, mut panic) = (state::get::<H>(), None);
    if merge_queue::is_anything_queued::<H>() {
        keep_panic(&mut panic, || merge_queue::merge_all_of(state));
    }
    keep_panic(&mut panic, || put_off::drain_late(state));
    pass_on(panic);
}

/// A safepoint: lets others go first, and sees to what they have left for us.
#[cfg_attr(not(debug_assertions), inline(always))]
pub(crate) fn safepoint<H: Heap>() {
    if H::SHARING.is_shared() && !slot::seat::<H>().is_calm() {
        see_to::<H>();
    }
}

/// Whether the thread is inside and has something to see to. One relaxed load, of a word that only the thread itself writes
/// to most of the time.
#[cfg_attr(not(debug_assertions), inline(always))]
pub(crate) fn is_poll_due<H: Heap>() -> bool {
    H::SHARING.is_shared() && H::slot(|slot| slot.here.attached()).is_some_and(|seat| !seat.is_calm())
}

/// A safepoint, if the thread is inside.
#[inline]
pub(crate) fn poll<H: Heap>() {
    if is_poll_due::<H>() {
        see_to::<H>();
    }
}

#[cold]
#[inline(never)]
fn see_to<H: Heap>() {
    let _inside = enter::<H>();
    H::commons().gate.poll(slot::seat::<H>());
    see_to_task::<H>();
}

/// Merges what is queued, and drops handles that others have left.
fn see_to_task<H: Heap>() {
    let seat = slot::seat::<H>();
    if seat.word.load(std::sync::atomic::Ordering::Relaxed) & TASK != 0 && !has_guards::<H>() {
        seat.heard(TASK);
        let state = state::get::<H>();
        let mut panic = None;
        put_off::bounded(state, put_off::step_limit(state), &mut panic, |panic| {
            adopt::<H>();
            leave_abandoned::<H>();
            // What is due for others is not told again.
            keep_panic(panic, || merge_queue::merge_all_of(state));
            if seat.is_solo() && H::SHARING.in_parallel() {
                keep_panic(panic, merge_queue::merge_all_of_others::<H>);
            }
        });
        pass_on(panic);
    }
}

/// Drops a handle outside, if nobody has to be waited for, or leaves it to somebody inside.
///
/// # Safety
///
/// The caller gives up the count that the deferred drop gives back, which is one of heap `H` `[I6]` `[I13]`.
#[cold]
#[inline(never)]
pub(crate) unsafe fn drop_outside<H: Heap>(dropped: DeferredDrop) {
    let deferred_drops = &H::commons().deferred_drops;
    let inside = Inside::<H> { entered: try_attach_thread::<H>(), heap: PhantomData };
    if inside.entered {
        // SAFETY: [I6] as the caller vouches.
        return unsafe { (dropped.drop)(dropped.value) };
    }
    let _ = deferred_drops.push(dropped);
    // Whoever was inside may have looked for deferred drops before there was this one.
    if try_attach_thread::<H>() {
        adopt::<H>();
        detach_thread::<H>();
    }
}

/// Drops the handles that detached threads left.
pub(crate) fn adopt<H: Heap>() {
    if !H::SHARING.is_shared() || H::commons().deferred_drops.is_empty() {
        return;
    }
    for dropped in H::commons().take_deferred_drops() {
        // SAFETY: [I6] each deferred drop is taken once.
        quietly::<H>(|| unsafe { (dropped.drop)(dropped.value) });
    }
}

impl<H: Heap> Commons<H> {
    fn take_deferred_drops(&self) -> impl Iterator<Item = DeferredDrop> + use<H> {
        self.deferred_drops.take()
    }
}
