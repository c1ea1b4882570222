//! On which list an object is: tracked, untracked, suspected.

use std::ptr;

use crate::Heap;
use crate::raw::base::list::{self, List};
use crate::raw::count::{Count, Suspicion, flag};
use crate::raw::heap::state::{self, State};
use crate::raw::heap::stop;
use crate::raw::memory;
use crate::raw::memory::header::Object;

/// Puts an object on the young list.
///
/// # Safety
///
/// The object is full, a container, initialised, and on no list.
#[cfg_attr(not(debug_assertions), inline(always))]
pub(crate) unsafe fn track<H: Heap>(state: &State<H>, object: Object<H>) {
    // SAFETY: [I5] as the caller vouches.
    unsafe { state.young.push_back(object.links()) };
    state.born();
}

/// Takes an object off its list, if it is on one. Returns whether it was.
///
/// # Safety
///
/// `object` is allocated, and nobody else has a handle to it.
#[cfg_attr(not(debug_assertions), inline(always))]
pub(crate) unsafe fn untrack<H: Heap>(object: Object<H>) -> bool {
    let state = state::get::<H>();
    // SAFETY: [I5] as the caller vouches.
    let linked = unsafe { take_off(state, object) };
    if linked {
        state.died();
    }
    linked
}

/// As [`untrack`], and the object does not count as dead.
///
/// # Safety
///
/// As for [`untrack`].
#[cfg_attr(not(debug_assertions), inline(always))]
unsafe fn take_off<H: Heap>(state: &State<H>, object: Object<H>) -> bool {
    // SAFETY: [I5] `LINKED` says that the object is on a list.
    unsafe {
        let count = object.count();
        let linked = count.flags() & flag::LINKED != 0;
        if linked {
            unlink(state, object, count.flags());
            // Somebody may have made a handle of what is on a list: flags are not all that changes.
            count.clear(flag::LINKED);
        }
        linked
    }
}

/// Unlinks an object with the given flags, which is on a list.
///
/// # Safety
///
/// As for [`untrack`].
#[cfg_attr(not(debug_assertions), inline(always))]
unsafe fn unlink<H: Heap>(state: &State<H>, object: Object<H>, flags: u32) {
    // SAFETY: [I5] as the caller vouches.
    unsafe {
        if H::SHARING.in_parallel() && !is_ours(state, object, flags) {
            unlink_elsewhere(state, object);
        } else {
            list::unlink(object.links());
        }
    }
}

/// As [`untrack`], of an object without handles, and sets flags.
///
/// # Safety
///
/// As for [`untrack`]; the strong count is zero.
#[cfg_attr(not(debug_assertions), inline(always))]
pub(crate) unsafe fn untrack_and_set<H: Heap>(state: &State<H>, object: Object<H>, flags: u32) -> bool {
    // SAFETY: [I5] `LINKED` says that the object is on a list.
    unsafe {
        let count = object.count();
        let now = count.flags();
        let linked = now & flag::LINKED != 0;
        if linked {
            unlink(state, object, now);
            state.died();
        }
        count.claim(flags, flag::LINKED);
        linked
    }
}

/// As [`untrack_and_set`], of an object whose owner the calling thread holds outside.
///
/// # Safety
///
/// As for [`untrack_and_set`]; an object that is not [`flag::COMMON`] is on a list of the owner's.
pub(crate) unsafe fn untrack_held<H: Heap>(state: &State<H>, object: Object<H>, flags: u32) {
    // SAFETY: [I5] `LINKED` says that the object is on a list; [I19] its owner's are ours meanwhile.
    unsafe {
        let count = object.count();
        let now = count.flags();
        if now & flag::LINKED != 0 {
            let unlink = || list::unlink(object.links());
            if now & flag::COMMON == 0 {
                unlink();
            } else {
                state.locked(unlink);
            }
            state.died();
        }
        count.claim(flags, flag::LINKED);
    }
}

/// Whether an object is on this thread's young list, on a heap that is used in parallel.
///
/// # Safety
///
/// `object` is an allocated full object with these flags, which is on a list.
#[cfg_attr(not(debug_assertions), inline(always))]
pub(crate) unsafe fn is_ours<H: Heap>(state: &State<H>, object: Object<H>, flags: u32) -> bool {
    // SAFETY: [I9] as the caller vouches; [I5] objects are born on the list of the thread whose pool they are in.
    flags & flag::COMMON == 0
        && ptr::eq(unsafe { memory::pool(object, flags & flag::LARGE == 0) }, &raw const state.pool)
}

/// Takes an object off a list that is not this thread's own.
///
/// # Safety
///
/// As for [`untrack`]; the object is on a list.
#[cold]
#[inline(never)]
unsafe fn unlink_elsewhere<H: Heap>(state: &State<H>, object: Object<H>) {
    let links = || {
        // SAFETY: [I5] the object is on a list, which nobody else changes now.
        unsafe { list::unlink(object.links()) }
    };
    if state.stopped.get() {
        return links();
    }
    // SAFETY: the object is allocated.
    if unsafe { object.count() }.flags() & flag::COMMON == 0 {
        // It is another thread's young object. From now on all that are young at this moment are the world's.
        let _stop = stop::stop::<H>();
        stop::gather(state);
        return links();
    }
    state.locked(links);
}

/// Puts an object that [`untrack`] took off its list on a list of young ones.
///
/// # Safety
///
/// `object` is a live object that was tracked once and is on no list, of which nobody else has a handle.
pub(crate) unsafe fn retrack<H: Heap>(object: Object<H>) {
    // SAFETY: [I5] as the caller vouches.
    unsafe {
        let state = state::get::<H>();
        let count = object.count();
        if H::SHARING.in_parallel() {
            // It may have been another thread's.
            count.set(flag::LINKED | flag::COMMON);
            state.locked(|| state.lists.gathered.push_back(object.links()));
            state.gathered_size.change(|size| size + 1);
            state.born();
        } else {
            count.mark(flag::LINKED, flag::COMMON);
            track(state, object);
        }
        raise_suspicion(state, object);
    }
}

/// Takes an object off its list, if it is on one, for a guard, which gives it back (`give_back`, in `handle/exclusive.rs`). Returns whether it was.
/// It neither dies nor is it born again.
///
/// # Safety
///
/// As for [`untrack`].
pub(crate) unsafe fn borrow_out<H: Heap>(object: Object<H>) -> bool {
    // SAFETY: [I5] as the caller vouches.
    unsafe { take_off(state::get::<H>(), object) }
}

/// Moves an object from its list, if it is on one, to the end of another.
///
/// # Safety
///
/// `object` is an allocated one of this thread; `list` is one of its heap's.
pub(crate) unsafe fn move_to<H: Heap>(object: Object<H>, list: &List) {
    // SAFETY: [I5] `LINKED` says that the object is on a list.
    unsafe {
        if object.count().flags() & flag::LINKED != 0 {
            let links = object.links();
            list::unlink(links);
            list.push_back(links);
        }
    }
}

/// The suspicion of an object that is suspected for the first time since it was last found reachable.
#[cfg_attr(not(debug_assertions), inline(always))]
pub(crate) fn suspicion<H: Heap>(object: Object<H>) -> Suspicion {
    Suspicion::new(object.value(), |value| suspect(Object::<H>::new(value)))
}

#[cold]
#[inline(never)]
fn suspect<H: Heap>(object: Object<H>) {
    // SAFETY: [I6] whoever raises a suspicion sees to it that the object is there.
    unsafe {
        let count = object.count();
        let flags = count.flags();
        if !H::SHARING.in_parallel() {
            // Atomic counts do this themselves.
            count.set(flag::SUSPECT);
        }
        note(object, flags);
    }
    let suspicions = &state::get::<H>().suspicions;
    suspicions.set(suspicions.get() + 1);
}

/// Notes down that an object with the given flags is suspected.
///
/// # Safety
///
/// `object` is a full object whose memory has not been released.
#[cfg_attr(not(debug_assertions), inline(always))]
unsafe fn note<H: Heap>(object: Object<H>, flags: u32) {
    debug_assert!(flags & flag::FULL != 0, "leaves are born with the flag");
    // SAFETY: [I9] as the caller vouches; its flags say where the object is.
    unsafe { memory::suspect(object, flags & flag::LARGE == 0, H::SHARING.in_parallel()) };
}

/// Makes sure that the next full collection looks at an object, if it is not frozen.
///
/// # Safety
///
/// `object` is a live object.
pub(crate) unsafe fn raise_suspicion_anew<H: Heap>(state: &State<H>, object: Object<H>) {
    const LIKE_A_SUSPECT: u32 = flag::LINKED | flag::SUSPECT;
    // SAFETY: as the caller vouches.
    unsafe {
        let flags = object.count().flags();
        let noted = || memory::is_suspect(object, flags & flag::LARGE == 0);
        if flags & LIKE_A_SUSPECT == LIKE_A_SUSPECT && !noted() {
            // It is frozen; or what was suspected is not known, and then everything is examined.
            state.suspicions.set(state.suspicions.get() + 1);
        } else {
            raise_suspicion(state, object);
        }
    }
}

/// Makes sure that the next full collection looks at an object that was just put on a list.
///
/// # Safety
///
/// `object` is a live object.
pub(crate) unsafe fn raise_suspicion<H: Heap>(state: &State<H>, object: Object<H>) {
    // SAFETY: as the caller vouches.
    unsafe {
        let count = object.count();
        count.set(flag::SUSPECT);
        note(object, count.flags());
    }
    state.suspicions.set(state.suspicions.get() + 1);
}
