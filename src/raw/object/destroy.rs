//! The end of an object whose last handle has gone.
//!
//! In this order: the finalizer (which may bring the object back), off the list, weak callbacks, the value, the memory.
//! What is put off is in [`put_off`](super::put_off), and the end of an object without a table in [`leaf`](super::leaf).

use std::alloc::Layout;
use std::mem::{ManuallyDrop, needs_drop};
use std::ptr::{self, NonNull};

use super::leaf::{defer_leaf, end_leaf, erase, release_leaf};
use super::put_off::{Level, defer, divide, put_off};
use super::{release, track};
use crate::Heap;
use crate::raw::base::panic::{Panic, keep_panic, pass_on};
use crate::raw::count::{Count, Down, flag};
use crate::raw::heap::side_table::{Left, Nodes};
use crate::raw::heap::slot::who;
use crate::raw::heap::state::{self, State};
use crate::raw::memory::Request;
use crate::raw::memory::header::Object;

/// Destroys an object whose count has reached zero.
///
/// # Safety
///
/// The caller gave up the last handle, and does not use the object any more `[I6]`.
#[inline(never)]
pub(crate) unsafe fn last_handle<T: ?Sized, H: Heap>(value: NonNull<T>) {
    let object = Object::<H>::new(value);
    // SAFETY: [I6] the object is ours now; [I9] the request equals the one it was allocated with: a leaf has no prefix.
    unsafe {
        let flags = object.count().flags();
        if flags & flag::FULL != 0 {
            return last_of_full::<T, H>(value, flags);
        }
        if flags != flag::SUSPECT || needs_drop::<T>() {
            return end_leaf::<T, H>(value, flags);
        }
        // What to release is known at compile time, as a rule.
        release_leaf::<H>(object, Request::leaf::<H>(Layout::for_value(value.as_ref())));
    }
}

/// The last handle to an object with a full header has gone.
///
/// # Safety
///
/// As for [`last_handle`].
#[cfg_attr(not(debug_assertions), inline(always))]
unsafe fn last_of_full<T: ?Sized, H: Heap>(value: NonNull<T>, flags: u32) {
    let object = Object::<H>::new(value);
    // SAFETY: [I6] the object is ours; [I9] a thin pointer means a sized type, which has no prefix; a fat one may belong
    // to an object created as a slice, which only its table knows.
    unsafe {
        let Some((state, _level)) = is_to_be_dropped(object, flags) else { return };
        // As long as there is a value to be asked. (It is a constant.)
        let thin = size_of::<NonNull<T>>() == size_of::<usize>();
        let layout = if thin { Layout::for_value(value.as_ref()) } else { Layout::new::<()>() };
        let unwinding = begin(state, object);
        ptr::drop_in_place(value.as_ptr());
        let _ = ManuallyDrop::new(unwinding);
        if thin { finish::<H>(object, Request::new::<H>(layout, true, 0)) } else { finish_any::<H>(object) }
    }
}

/// The part of that for which no type is needed. None if there is nothing more to do.
#[cfg_attr(not(debug_assertions), inline(always))]
unsafe fn is_to_be_dropped<'a, H: Heap>(object: Object<H>, flags: u32) -> Option<(&'a State<H>, Level<H>)> {
    // SAFETY: [I6] as for `last_of_full`.
    unsafe {
        if flags & flag::DYING != 0 {
            // A condemned object: the collector has dropped the value already.
            release_condemned(object);
            return None;
        }
        let state = state::get::<H>();
        let Some(level) = Level::<H>::enter() else {
            end_limited(state, object);
            return None;
        };
        if flags & (flag::FINALIZER | flag::EXTRAS) != 0 {
            finalize_and_destroy(state, object);
            return None;
        }
        Some((state, level))
    }
}

/// As [`last_of_full`], where the stack is too deep, or there is a limit to what is destroyed: then it may be done in parts.
#[cold]
#[inline(never)]
unsafe fn end_limited<H: Heap>(state: &State<H>, object: Object<H>) {
    // SAFETY: [I6] as `last_of_full` vouches.
    unsafe {
        match Level::<H>::enter_limited() {
            Some(_level) => destroy(state, object),
            None => defer(state, object),
        }
    }
}

/// Who has found out that the last handle has gone, if it was not the one who dropped it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Found {
    /// Perhaps somebody who has stopped the world, when no user code may run: then the destruction is put off, and
    /// [`drain_late`](super::put_off::drain_late) sees to it.
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
    let object = Object::<H>::new(value);
    // SAFETY: [I6] as the caller vouches.
    unsafe {
        match found_full(object, found) {
            Rest::Nothing => {}
            Rest::Destroy => last_handle::<T, H>(value),
            Rest::DeferLeaf => defer_leaf(object, erase::<T, H>(value)),
        }
    }
}

/// The part of that for which no type is needed.
unsafe fn found_full<H: Heap>(object: Object<H>, found: Found) -> Rest {
    let state = state::get::<H>();
    // SAFETY: [I6] as the caller vouches. What is condemned has dropped its value, and its memory goes without user code.
    unsafe {
        let flags = object.count().flags() & (flag::FULL | flag::DYING);
        if flags == flag::FULL | flag::DYING || found == Found::Late && !state.stopped.get() {
            return Rest::Destroy;
        }
        if flags & flag::FULL == 0 {
            return Rest::DeferLeaf;
        }
        if found == Found::Held {
            track::untrack_held(state, object, flag::DYING);
            put_off(state, object);
        } else {
            defer(state, object);
        }
        Rest::Nothing
    }
}

/// The value of an object without handles is about to be dropped.
///
/// # Safety
///
/// The object is full, and the caller's `[I6]`.
#[cfg_attr(not(debug_assertions), inline(always))]
unsafe fn begin<H: Heap>(state: &State<H>, object: Object<H>) -> Finish<H> {
    // SAFETY: [I6] as the caller vouches.
    unsafe { track::untrack_and_set(state, object, flag::DYING) };
    Finish(object)
}

/// Finalizes, drops and releases an object without handles.
///
/// # Safety
///
/// The strong count is zero, and the object is full and the caller's `[I6]`.
pub(super) unsafe fn destroy<H: Heap>(state: &State<H>, object: Object<H>) {
    // SAFETY: [I6], [I7], [I13] as the caller vouches; [I3] the table is that of the value.
    unsafe {
        if object.count().flags() & (flag::FINALIZER | flag::EXTRAS) != 0 {
            return finalize_and_destroy(state, object);
        }
        let finish = begin(state, object);
        let table = object.table();
        divide(state, table, object);
        (table.drop)(object);
        drop(finish);
    }
}

/// As [`destroy`], for an object that is finalized first.
#[cold]
#[inline(never)]
unsafe fn finalize_and_destroy<H: Heap>(state: &State<H>, object: Object<H>) {
    let mut panic = None;
    // SAFETY: as for `destroy`.
    unsafe {
        if finalize(state, object, &mut panic) {
            let table = object.table();
            divide(state, table, object);
            keep_panic(&mut panic, || (table.drop)(object));
            finish_any(object);
        }
    }
    pass_on(panic);
}

/// Releases the memory of a full object, also when its drop panics.
struct Finish<H: Heap>(Object<H>);

impl<H: Heap> Drop for Finish<H> {
    #[cold]
    fn drop(&mut self) {
        // SAFETY: [I6] as `destroy` vouches.
        unsafe { finish_any(self.0) };
    }
}

/// As [`finish`], for a full object of whatever type.
unsafe fn finish_any<H: Heap>(object: Object<H>) {
    // SAFETY: [I13] as for `finish`; [I3] the table is that of the object.
    unsafe { finish(object, object.table().request(object)) };
}

/// The value is gone: releases the memory, or leaves it to the weak handles.
#[cfg_attr(not(debug_assertions), inline(always))]
pub(super) unsafe fn finish<H: Heap>(object: Object<H>, request: Request) {
    // SAFETY: [I13] with `DYING` set the memory is ours, unless the count leaves it to the weak handles.
    unsafe {
        if object.count().let_go() {
            release::release(object, request);
        }
    }
}

/// Runs the finalizer, then the weak callbacks. False if the finalizer brought the object back.
#[cold]
#[inline(never)]
unsafe fn finalize<H: Heap>(state: &State<H>, object: Object<H>, panic: &mut Option<Panic>) -> bool {
    // SAFETY: [I6] the object is ours; while the finalizer runs, a handle of ours keeps it alive. Once that is given up
    // and was not the last, the object is not touched.
    unsafe {
        let count = object.count();
        if count.flags() & flag::FINALIZER != 0 {
            let table = object.table();
            count.claim(flag::FINALIZED, flag::FINALIZER | flag::DYING);
            if table.container && count.flags() & flag::LINKED == 0 {
                track::retrack(object);
            }
            count.revive();
            keep_panic(panic, || (table.finalize)(object));
            // As in `retrack`: a later decrement may not say so.
            track::raise_suspicion_anew(state, object);
            match count.dec(who::<H>(), track::suspicion(object)) {
                Down::Zero => {}
                Down::Alive | Down::Suspect => return false,
                Down::Queue(owner) => {
                    (table.queue)(object, owner);
                    return false;
                }
            }
        }
        track::untrack_and_set(state, object, flag::DYING);
        pass_away(take_extras(object), panic);
    }
    true
}

/// Takes out of the side table what a dying object has there: its callbacks, and its ephemerons.
///
/// # Safety
///
/// `object` is allocated.
pub(crate) unsafe fn take_extras<H: Heap>(object: Object<H>) -> Left {
    // SAFETY: as the caller vouches.
    let count = unsafe { object.count() };
    if count.flags() & flag::EXTRAS == 0 {
        return Left::default();
    }
    count.clear(flag::EXTRAS);
    let state = state::get::<H>();
    state.extras.remove(object.addr().get(), &state.budget.external)
}

/// An object dies by count: its callbacks run, and its ephemerons go.
pub(super) fn pass_away(left: Left, panic: &mut Option<Panic>) {
    run(left.nodes, 0, panic);
    left.ephemerons.end(panic);
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
pub(crate) unsafe fn notify_and_release<H: Heap>(object: Object<H>, request: Request) {
    let mut panic = None;
    // SAFETY: [I13] the memory is ours until `finish`.
    let left = unsafe { take_extras(object) };
    // SAFETY: as above; a count of zero means that weak handles may release what we do not.
    unsafe { finish(object, request) };
    pass_away(left, &mut panic);
    pass_on(panic);
}

/// Releases the memory of a condemned object, or leaves it to the weak handles.
///
/// # Safety
///
/// `object` is an allocated full object, whose value the collector has dropped and whose strong count has just
/// become zero `[I6]`.
#[cfg_attr(not(debug_assertions), inline(always))]
pub(crate) unsafe fn release_condemned<H: Heap>(object: Object<H>) {
    // SAFETY: [I13] as for `finish`.
    unsafe {
        let count = object.count();
        if count.flags() & (flag::WEAK | flag::LARGE) != 0 {
            finish_any(object);
        } else if !H::SHARING.in_parallel() || count.let_go() {
            release::release_pooled(object);
        }
    }
}
