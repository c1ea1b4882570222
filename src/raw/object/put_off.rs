//! Destructions that are put off: until the stack is shallow again, until the world runs again, or until a later step.
//!
//! Values that own further handles recurse, but only so deep ([`Nesting`](crate::raw::base::nesting::Nesting)): what lies deeper is
//! strung together through its links and destroyed by the outermost call, so any structure goes in constant stack. The idea is
//! CPython's trashcan (`Objects/object.c`). In the same way what exceeds a limit is put off to a later step ([`bounded`]).

use super::destroy::destroy;
use super::track;
use super::type_info::TypeInfo;
use crate::Heap;
use crate::raw::base::nesting::{self, NO_LIMIT};
use crate::raw::base::panic::{Panic, keep_panic, pass_on};
use crate::raw::count::flag;
use crate::raw::heap::backlog::{Item, Queue};
use crate::raw::heap::loose::Loose;
use crate::raw::heap::part::{Part, Parts};
use crate::raw::heap::side_table::Callback;
use crate::raw::heap::stack::Stack;
use crate::raw::heap::state::{self, State};
use crate::raw::memory::header::Object;

/// How many objects a step destroys, more or less: of what was put off, or in the wake of a collection that comes due by
/// itself. It takes a fraction of a millisecond.
const STEP: usize = if cfg!(miri) { 32 } else { 4096 };

/// How many handles that were taken out of a value are dropped at once, before somebody looks how many objects went with them.
const HANDLES: usize = 64;

/// Drops a callback that will not run. It may own a weak handle with one that owns another. The thread is inside.
pub(crate) fn drop_callback<H: Heap>(callback: Callback) {
    match Level::<H>::enter_limited() {
        Some(_level) => drop(callback),
        None => Loose::Callback(callback).put_off::<H>(),
    }
}

/// Whether there is something that was put off while the world was stopped, and can be destroyed now.
pub(crate) fn is_late<H: Heap>(state: &State<H>) -> bool {
    let stack = state.stack();
    stack.nesting.is_at_rest() && !stack.queue.is_empty()
}

/// Destroys that.
pub(crate) fn drain_late<H: Heap>(state: &State<H>) {
    if is_late(state) {
        drain::<H>(NO_LIMIT);
    }
}

/// Destroys some of that, and puts the rest off to later steps.
pub(crate) fn drain_some_late<H: Heap>(state: &State<H>) {
    if is_late(state) {
        drain::<H>(step_limit(state));
    }
}

/// Destroys what was put off for whatever reason, unless this is a part of a destruction that will.
pub(crate) fn catch_up<H: Heap>() {
    drop(Level::<H>::enter_limited());
}

/// One level of destruction. The outermost sees to what was put off.
pub(super) struct Level<H: Heap> {
    state: *const State<H>,
    stack: *const Stack,
}

impl<H: Heap> Level<H> {
    /// One level more; none if there are enough, or enough has been destroyed.
    #[cfg_attr(not(debug_assertions), inline(always))]
    pub(super) fn enter() -> Option<Self> {
        let state = state::get::<H>();
        let stack = state.stack();
        // Made only if it has been entered: to drop one leaves it.
        if stack.nesting.enter() { Some(Level { state, stack }) } else { None }
    }

    /// As [`Level::enter`], also where there is a limit.
    pub(super) fn enter_limited() -> Option<Self> {
        let state = state::get::<H>();
        let stack = state.stack();
        if stack.nesting.enter_limited() { Some(Level { state, stack }) } else { None }
    }
}

impl<H: Heap> Drop for Level<H> {
    #[cfg_attr(not(debug_assertions), inline(always))]
    fn drop(&mut self) {
        // SAFETY: [I10] the state is alive while something is being destroyed.
        let (state, stack) = unsafe { (&*self.state, &*self.stack) };
        if let Some(word) = stack.nesting.leave()
            && (!stack.queue.is_empty() || state.pool.attention.get())
        {
            drain_rest::<H>(word);
        }
    }
}

/// The outermost level is over, and this is the word that it left.
#[cold]
#[inline(never)]
fn drain_rest<H: Heap>(word: u32) {
    let unlimited = state::get::<H>().stack().nesting.is_unlimited();
    drain::<H>(if unlimited { NO_LIMIT } else { nesting::left(word) });
}

/// Destroys what was put off, but no more than `limit` objects. The rest is left to later steps.
#[cold]
#[inline(never)]
fn drain<H: Heap>(limit: usize) {
    let mut panic = None;
    bounded(state::get::<H>(), limit, &mut panic, |_| ());
    if state::get::<H>().pool.attention.get() {
        state::free_if_ended::<H>();
    }
    pass_on(panic);
}

/// Runs `f`, which drops values, and destroys no more than `limit` objects in the wake of that, more or less: the rest is put off
/// to later steps, or to the destruction that this is a part of. Returns how many were destroyed.
pub(crate) fn bounded<H: Heap>(
    state: &State<H>,
    limit: usize,
    panic: &mut Option<Panic>,
    f: impl FnOnce(&mut Option<Panic>),
) -> usize {
    let Stack { nesting, queue, .. } = state.stack();
    let outermost = nesting.is_at_rest();
    let before = nesting.restrict(limit);
    let most = nesting.left();
    f(panic);
    let mut destroyed = 0;
    if outermost {
        while nesting.left() > 0 || limit >= NO_LIMIT {
            if nesting.left() == 0 {
                destroyed += most;
                nesting.restrict(limit);
            }
            let Some(item) = queue.pop() else { break };
            finish_item(state, item, panic);
        }
        if queue.look() {
            state.backlog.put(queue);
            state.arm_trigger();
        }
    }
    destroyed += most - nesting.left();
    nesting.restore(before);
    destroyed
}

/// Destroys what was taken out of a queue.
fn finish_item<H: Heap>(state: &State<H>, item: Item, panic: &mut Option<Panic>) {
    let nesting = &state.stack().nesting;
    match item {
        // SAFETY: [I14] what was put off is allocated, full, and ours.
        Item::Object(links) => unsafe {
            nesting.count(1);
            let object = Object::of(links);
            keep_panic(panic, || destroy(state, object));
        },
        Item::Loose(Loose::Part(part)) => drop_part(state, part, panic),
        Item::Loose(loose) => {
            nesting.count(1);
            keep_panic(panic, || loose.finish());
        }
    }
}

/// Drops handles that were taken out of a value, until there have been enough. Each counts as an object, which goes with it or not.
fn drop_part<H: Heap>(state: &State<H>, mut part: Box<dyn Part>, panic: &mut Option<Panic>) {
    let Stack { nesting, queue, .. } = state.stack();
    while nesting.left() > 0 {
        let left = nesting.left();
        let most = left.min(HANDLES);
        let (mut parts, mut done) = (Parts::new(), false);
        keep_panic(panic, || done = part.drop_some(most, &mut parts));
        nesting.count(most.saturating_sub(left - nesting.left()));
        put_off_parts(queue, parts);
        if done {
            return;
        }
    }
    queue.push_loose(Loose::Part(part));
}

fn put_off_parts(queue: &Queue, mut parts: Parts) {
    while let Some(part) = parts.pop() {
        queue.push_loose(Loose::Part(part));
    }
}

/// The value of an object is about to be dropped: what is large in it goes later, if there is a limit.
///
/// # Safety
///
/// The table is that of the object `[I3]`, whose value nobody else uses `[I6]`, and which is traced no more `[I4]`.
#[cfg_attr(not(debug_assertions), inline(always))]
pub(crate) unsafe fn divide<H: Heap>(state: &State<H>, table: &TypeInfo<H>, object: Object<H>) {
    if let Some(divide) = table.divide
        && state.stack().nesting.is_limited()
    {
        debug_assert!(!state.stack().nesting.is_at_rest(), "nobody would see to the parts");
        let mut parts = Parts::new();
        // SAFETY: as the caller vouches.
        unsafe { divide(object, &mut parts) };
        put_off_parts(&state.stack().queue, parts);
    }
}

/// How many objects the next step destroys. If the thread is ending there will be no other.
pub(crate) fn step_limit<H: Heap>(state: &State<H>) -> usize {
    if state.is_closing() { NO_LIMIT } else { STEP }
}

/// Destroys some of what was put off to later steps, up to `limit` objects: all of it, if there is no limit. Not within a
/// destruction, which may be one of these. Returns how many were destroyed.
///
/// # Panics
///
/// If a destructor, a finalizer or a weak callback does, when all that was to be done is done.
pub(crate) fn work_off<H: Heap>(state: &State<H>, limit: usize) -> usize {
    let (mut panic, mut destroyed) = (None, 0);
    while state.backlog.is_waiting() && state.stack().nesting.is_at_rest() {
        destroyed += bounded(state, limit, &mut panic, |_| state.backlog.take(&state.stack().queue));
        if limit < NO_LIMIT {
            break;
        }
    }
    pass_on(panic);
    destroyed
}

/// Puts the destruction of an object off until the stack is shallow again.
#[cold]
#[inline(never)]
pub(super) unsafe fn defer<H: Heap>(state: &State<H>, object: Object<H>) {
    // SAFETY: [I6] the object is ours; [I14] off its list its links are free for the queue; `DYING` keeps its memory.
    unsafe {
        track::untrack_and_set(state, object, flag::DYING);
        put_off(state, object);
    }
}

/// Puts an object on the queue.
///
/// # Safety
///
/// It is as [I14] says.
pub(super) unsafe fn put_off<H: Heap>(state: &State<H>, object: Object<H>) {
    // SAFETY: [I14] as the caller vouches.
    unsafe {
        state.stack().queue.push(object.links());
    }
}
