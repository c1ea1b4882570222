//! The end of an object whose last handle has gone.
//!
//! In this order: the finalizer (which may bring the object back), off the list, weak callbacks, the value, the memory.
//! Values that own further handles recurse, but only so deep ([`Nesting`](crate::raw::base::nesting::Nesting)): what lies deeper is strung
//! together through its links and destroyed by the outermost call, so any structure goes in constant stack. The idea is
//! CPython's trashcan (`Objects/object.c`). In the same way what exceeds a limit is put off to a later step ([`bounded`]).

use std::alloc::Layout;
use std::marker::PhantomData;
use std::mem::{ManuallyDrop, needs_drop};
use std::ptr::{self, NonNull};

use super::{release, type_info};
use crate::Heap;
use crate::raw::base::erased::Fat;
use crate::raw::base::nesting::{self, NO_LIMIT};
use crate::raw::base::panic::{Panic, keep_panic, pass_on};
use crate::raw::count::{Count, Down, flag};
use crate::raw::heap::backlog::Item;
use crate::raw::heap::deferred::Deferred;
use crate::raw::heap::side_table::{Callback, Nodes};
use crate::raw::heap::slot::who;
use crate::raw::heap::state::{self, Stack, State};
use crate::raw::memory::Request;
use crate::raw::memory::header::{self, Value};
use crate::raw::object::track;

/// How many objects a step destroys, more or less: of what was put off, or in the wake of a collection that comes due by
/// itself. It takes a fraction of a millisecond.
const STEP: usize = if cfg!(miri) { 32 } else { 4096 };

/// Destroys an object whose count has reached zero.
///
/// # Safety
///
/// The caller gave up the last handle, and does not use the object any more `[I6]`.
#[inline(never)]
pub(crate) unsafe fn last_handle<T: ?Sized, H: Heap>(value: NonNull<T>) {
    let place = value.cast::<u8>();
    // SAFETY: [I6] the object is ours now; [I9] the request equals the one it was allocated with: a leaf has no prefix.
    unsafe {
        let flags = header::count::<H>(place).flags();
        if flags & flag::FULL != 0 {
            return last_of_full::<T, H>(value, flags);
        }
        if flags != flag::SUSPECT || needs_drop::<T>() {
            return end_leaf::<T, H>(value, flags);
        }
        // What to release is known at compile time, as a rule.
        release_leaf::<H>(place, Request::leaf::<H>(Layout::for_value(value.as_ref())));
    }
}

/// Out of line, or each drop would have to make room for what is passed on.
#[inline(never)]
unsafe fn end_leaf<T: ?Sized, H: Heap>(value: NonNull<T>, flags: u32) {
    // SAFETY: [I6], [I9] as in `last_handle`.
    unsafe {
        let request = Request::leaf::<H>(Layout::for_value(value.as_ref()));
        last_of_leaf::<H>(value.cast(), flags, request, erase::<T, H>(value));
    }
}

/// A leaf of which the type has been forgotten.
#[derive(Clone, Copy)]
struct Leaf {
    value: Fat,
    drop: unsafe fn(Fat),
    /// [`leaf`], for its type.
    destroy: unsafe fn(Fat),
    needs_drop: bool,
}

#[cfg_attr(not(debug_assertions), inline(always))]
fn erase<T: ?Sized, H: Heap>(value: NonNull<T>) -> Leaf {
    unsafe fn drop_value<T: ?Sized>(value: Fat) {
        // SAFETY: [I7] as the caller vouches.
        unsafe { ptr::drop_in_place(value.get::<T>().as_ptr()) }
    }
    unsafe fn destroy<T: ?Sized, H: Heap>(value: Fat) {
        // SAFETY: [I14] as the caller vouches; [I9] the value is there until it is dropped.
        unsafe {
            let value = value.get::<T>();
            leaf::<H>(value.cast(), Request::leaf::<H>(Layout::for_value(value.as_ref())), erase::<T, H>(value));
        }
    }
    Leaf { value: Fat::new(value), drop: drop_value::<T>, destroy: destroy::<T, H>, needs_drop: needs_drop::<T>() }
}

/// The last handle to a leaf has gone, and there is something to be done before the memory goes.
///
/// # Safety
///
/// As for [`last_handle`]; `request` is the one that the leaf was allocated with.
#[inline(never)]
unsafe fn last_of_leaf<H: Heap>(place: Value, flags: u32, request: Request, leaf: Leaf) {
    // SAFETY: [I6], [I7], [I9] as the caller vouches.
    unsafe {
        // A leaf may hold handles that are not traced, or its callbacks may, and so be one of a chain.
        let _level = if leaf.needs_drop || flags & flag::EXTRAS != 0 {
            let Some(level) = Level::<H>::enter() else { return defer_leaf::<H>(place, leaf) };
            Some(level)
        } else {
            None
        };
        if flags != flag::SUSPECT {
            return self::leaf::<H>(place, request, leaf);
        }
        let unwinding = Memory::<H> { place, request, heap: PhantomData };
        (leaf.drop)(leaf.value);
        let _ = ManuallyDrop::new(unwinding);
        release_leaf::<H>(place, request);
    }
}

/// The last handle to an object with a full header has gone.
///
/// # Safety
///
/// As for [`last_handle`].
#[cfg_attr(not(debug_assertions), inline(always))]
unsafe fn last_of_full<T: ?Sized, H: Heap>(value: NonNull<T>, flags: u32) {
    let place = value.cast::<u8>();
    // SAFETY: [I6] the object is ours; [I9] a thin pointer means a sized type, which has no prefix; a fat one may belong
    // to an object created as a slice, which only its table knows.
    unsafe {
        if flags & flag::DYING != 0 {
            // A condemned object: the collector has dropped the value already.
            return release_condemned::<H>(place);
        }
        let state = state::get::<H>();
        let Some(_level) = Level::<H>::enter() else { return defer(state, place) };
        if flags & (flag::FINALIZER | flag::EXTRAS) != 0 {
            return destroy_aloud(state, place);
        }
        // As long as there is a value to be asked. (It is a constant.)
        let thin = size_of::<NonNull<T>>() == size_of::<usize>();
        let layout = thin.then(|| Layout::for_value(value.as_ref()));
        let unwinding = begin::<H>(state, place);
        ptr::drop_in_place(value.as_ptr());
        let _ = ManuallyDrop::new(unwinding);
        match layout {
            Some(layout) => finish::<H>(place, Request::new::<H>(layout, true, 0)),
            None => finish_any::<H>(place),
        }
    }
}

/// Drops a callback that will not run. It may own a weak handle with one that owns another. The thread is inside.
pub(crate) fn drop_callback<H: Heap>(callback: Callback) {
    match Level::<H>::enter() {
        Some(_level) => drop(callback),
        None => Deferred::Callback(callback).defer::<H>(),
    }
}

#[cold]
#[inline(never)]
unsafe fn defer_leaf<H: Heap>(place: Value, leaf: Leaf) {
    // SAFETY: [I6] the object is ours, and `DYING` keeps its memory.
    unsafe { header::count::<H>(place) }.claim(flag::DYING, 0);
    Deferred::Leaf { value: leaf.value, destroy: leaf.destroy }.defer::<H>();
}

/// Who has found out that the last handle has gone, if it was not the one who dropped it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Found {
    /// Perhaps somebody who has stopped the world, when no user code may run: then the destruction is put off, and
    /// [`drain_late`] sees to it.
    Late,
    /// Somebody who holds the object's owner outside.
    Held,
}

/// What is left to be done.
enum Rest {
    Nothing,
    Destroy,
    DeferLeaf,
}

/// As [`last_handle`], for somebody else than the one who dropped it.
///
/// # Safety
///
/// As for [`last_handle`].
pub(crate) unsafe fn last_handle_found<T: ?Sized, H: Heap>(value: NonNull<T>, found: Found) {
    // SAFETY: [I6] as the caller vouches.
    unsafe {
        match found_full::<H>(value.cast(), found) {
            Rest::Nothing => {}
            Rest::Destroy => last_handle::<T, H>(value),
            Rest::DeferLeaf => defer_leaf::<H>(value.cast(), erase::<T, H>(value)),
        }
    }
}

/// The part of that for which no type is needed.
unsafe fn found_full<H: Heap>(place: Value, found: Found) -> Rest {
    let state = state::get::<H>();
    // SAFETY: [I6] as the caller vouches. What is condemned has no letters, and its memory goes without user code.
    unsafe {
        let flags = header::count::<H>(place).flags() & (flag::FULL | flag::DYING);
        if flags == flag::FULL | flag::DYING || found == Found::Late && !state.stopped.get() {
            return Rest::Destroy;
        }
        if flags & flag::FULL == 0 {
            return Rest::DeferLeaf;
        }
        if found == Found::Held {
            track::untrack_held(state, place, flag::DYING);
            put_off(state, place);
        } else {
            defer(state, place);
        }
        Rest::Nothing
    }
}

/// Whether there is something that was put off while the world was stopped, and can be destroyed now.
pub(crate) fn is_late<H: Heap>(state: &State<H>) -> bool {
    let stack = state.stack();
    H::SHARING.in_parallel() && stack.nesting.is_at_rest() && !stack.queue.is_empty()
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
    drop(Level::<H>::enter());
}

/// Releases the memory of a leaf without weak handles.
#[cfg_attr(not(debug_assertions), inline(always))]
unsafe fn release_leaf<H: Heap>(place: Value, request: Request) {
    // SAFETY: [I6], [I9] as `last_handle` vouches. That there are no weak handles means that the last one's thread has let go,
    // but on a heap that is used in parallel we have yet to hear of what it did before.
    unsafe {
        if H::SHARING.in_parallel() && !header::count::<H>(place).let_go() {
            return;
        }
        release::release::<H>(place, request);
    }
}

/// Releases the memory of a leaf whose drop panics.
struct Memory<H: Heap> {
    place: Value,
    request: Request,
    heap: PhantomData<H>,
}

impl<H: Heap> Drop for Memory<H> {
    #[cold]
    fn drop(&mut self) {
        // SAFETY: as in `plain`.
        unsafe { release_leaf::<H>(self.place, self.request) };
    }
}

/// A leaf with weak handles, callbacks or external bytes, with an allocation of its own, or whose end was put off.
#[cold]
unsafe fn leaf<H: Heap>(place: Value, request: Request, leaf: Leaf) {
    let mut panic = None;
    // SAFETY: [I6] as `last_handle` vouches; [I13] `DYING` keeps the memory from weak handles dropped meanwhile.
    unsafe {
        header::count::<H>(place).claim(flag::DYING, 0);
        run(take_extras::<H>(place), 0, &mut panic);
        keep_panic(&mut panic, || (leaf.drop)(leaf.value));
        finish::<H>(place, request);
    }
    pass_on(panic);
}

/// One level of destruction. The outermost sees to what was put off.
struct Level<H: Heap> {
    state: *const State<H>,
    stack: *const Stack,
}

impl<H: Heap> Level<H> {
    /// One level more; none if there are enough, or enough has been destroyed.
    #[cfg_attr(not(debug_assertions), inline(always))]
    fn enter() -> Option<Self> {
        let state = state::get::<H>();
        let stack = state.stack();
        // Made only if it has been entered: to drop one leaves it.
        if stack.nesting.enter() { Some(Level { state, stack }) } else { None }
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
        state::settle::<H>();
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
            nesting.count();
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
    match item {
        // SAFETY: [I14] what was put off is allocated, full, and ours.
        Item::Object(links) => unsafe {
            let place = header::value_of::<H>(links);
            keep_panic(panic, || destroy(state, place));
        },
        Item::Loose(deferred) => keep_panic(panic, || deferred.finish()),
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
unsafe fn defer<H: Heap>(state: &State<H>, place: Value) {
    // SAFETY: [I6] the object is ours; [I14] off its list its links are free for the queue; `DYING` keeps its memory.
    unsafe {
        track::untrack_and_set(state, place, flag::DYING);
        put_off(state, place);
    }
}

/// Puts an object on the queue.
///
/// # Safety
///
/// It is as [I14] says.
unsafe fn put_off<H: Heap>(state: &State<H>, place: Value) {
    // SAFETY: [I14] as the caller vouches.
    unsafe {
        state.stack().queue.push(header::links_of::<H>(place));
    }
}

/// The value of an object without handles is about to be dropped.
///
/// # Safety
///
/// The object is full, and the caller's `[I6]`.
#[cfg_attr(not(debug_assertions), inline(always))]
unsafe fn begin<H: Heap>(state: &State<H>, place: Value) -> Finish<H> {
    // SAFETY: [I6] as the caller vouches.
    unsafe { track::untrack_and_set(state, place, flag::DYING) };
    Finish::<H>(place, PhantomData)
}

/// Finalizes, drops and releases an object without handles.
///
/// # Safety
///
/// The strong count is zero, and the object is full and the caller's `[I6]`.
unsafe fn destroy<H: Heap>(state: &State<H>, place: Value) {
    // SAFETY: [I6], [I7], [I13] as the caller vouches; [I3] the table is that of the value.
    unsafe {
        if header::count::<H>(place).flags() & (flag::FINALIZER | flag::EXTRAS) != 0 {
            return destroy_aloud(state, place);
        }
        let finish = begin::<H>(state, place);
        (type_info::table_of::<H>(place).drop)(place);
        drop(finish);
    }
}

/// As [`destroy`], for an object whose end is announced first.
#[cold]
#[inline(never)]
unsafe fn destroy_aloud<H: Heap>(state: &State<H>, place: Value) {
    let mut panic = None;
    // SAFETY: as for `destroy`.
    unsafe {
        if announce(state, place, &mut panic) {
            keep_panic(&mut panic, || (type_info::table_of::<H>(place).drop)(place));
            finish_any::<H>(place);
        }
    }
    pass_on(panic);
}

/// Releases the memory of a full object, also when its drop panics.
struct Finish<H: Heap>(Value, PhantomData<H>);

impl<H: Heap> Drop for Finish<H> {
    #[cold]
    fn drop(&mut self) {
        // SAFETY: [I6] as `destroy` vouches.
        unsafe { finish_any::<H>(self.0) };
    }
}

/// As [`finish`], for a full object of whatever type.
unsafe fn finish_any<H: Heap>(place: Value) {
    // SAFETY: [I13] as for `finish`; [I3] the table is that of the object.
    unsafe { finish::<H>(place, type_info::table_of::<H>(place).request(place)) };
}

/// The value is gone: releases the memory, or leaves it to the weak handles.
#[cfg_attr(not(debug_assertions), inline(always))]
unsafe fn finish<H: Heap>(place: Value, request: Request) {
    // SAFETY: [I13] with `DYING` set the memory is ours, unless the count leaves it to the weak handles.
    unsafe {
        if header::count::<H>(place).let_go() {
            release::release::<H>(place, request);
        }
    }
}

/// Runs the finalizer, then the weak callbacks. False if the finalizer brought the object back.
#[cold]
#[inline(never)]
unsafe fn announce<H: Heap>(state: &State<H>, place: Value, panic: &mut Option<Panic>) -> bool {
    // SAFETY: [I6] the object is ours; while the finalizer runs, a handle of ours keeps it alive. Once that is given up
    // and was not the last, the object is not touched.
    unsafe {
        let count = header::count::<H>(place);
        if count.flags() & flag::FINALIZER != 0 {
            let table = type_info::table_of::<H>(place);
            count.claim(flag::FINALIZED, flag::FINALIZER | flag::DYING);
            if table.container && count.flags() & flag::LINKED == 0 {
                track::retrack::<H>(place);
            }
            count.revive();
            keep_panic(panic, || (table.finalize)(place));
            // As in `retrack`: a later decrement may not say so.
            state.suspicions.set(state.suspicions.get() + 1);
            match count.dec(who::<H>()) {
                Down::Zero => {}
                Down::Alive => return false,
                Down::Suspect => {
                    track::suspect::<H>(place);
                    return false;
                }
                Down::Queue(owner) => {
                    (table.queue)(place, owner);
                    return false;
                }
            }
        }
        track::untrack_and_set(state, place, flag::DYING);
        run(take_extras::<H>(place), 0, panic);
    }
    true
}

/// Takes the callbacks of a dying object out of the side table, and forgets its external bytes.
///
/// # Safety
///
/// `place` is that of an allocated object.
pub(crate) unsafe fn take_extras<H: Heap>(place: Value) -> Nodes {
    // SAFETY: as the caller vouches.
    let count = unsafe { header::count::<H>(place) };
    if count.flags() & flag::EXTRAS == 0 {
        return Nodes::new();
    }
    count.clear(flag::EXTRAS);
    let state = state::get::<H>();
    let object = place.addr().get();
    let nodes = state.extras.take_nodes(object);
    state.extras.remove(object, &state.budget.external);
    nodes
}

/// Runs callbacks, for collection `serial` or (zero) a death by count.
pub(crate) fn run(nodes: Nodes, serial: u64, panic: &mut Option<Panic>) {
    for node in nodes {
        keep_panic(panic, || node.run(serial));
    }
}

/// The value has been moved out: callbacks run, and the memory goes.
///
/// # Safety
///
/// The strong count is zero and the object off its list; nobody uses the value `[I6]`.
pub(crate) unsafe fn notify_and_release<H: Heap>(place: Value, request: Request) {
    let mut panic = None;
    // SAFETY: [I13] the memory is ours until `finish`.
    let nodes = unsafe { take_extras::<H>(place) };
    // SAFETY: as above; a count of zero means that weak handles may release what we do not.
    unsafe { finish::<H>(place, request) };
    run(nodes, 0, &mut panic);
    pass_on(panic);
}

/// Releases the memory of a condemned object, or leaves it to the weak handles.
///
/// # Safety
///
/// `place` is that of an allocated full object, whose value the collector has dropped and whose strong count has just
/// become zero `[I6]`.
#[cfg_attr(not(debug_assertions), inline(always))]
pub(crate) unsafe fn release_condemned<H: Heap>(place: Value) {
    // SAFETY: [I13] as for `finish`.
    unsafe {
        let count = header::count::<H>(place);
        if count.flags() & (flag::WEAK | flag::ALONE) != 0 {
            finish::<H>(place, type_info::table_of::<H>(place).request(place));
        } else if !H::SHARING.in_parallel() || count.let_go() {
            release::release_pooled::<H>(place);
        }
    }
}
