//! What garbage is told before it is cleared: weak callbacks, then finalizers. Everything is still intact, and user code
//! may bring any of it back.

use std::panic::{AssertUnwindSafe, catch_unwind};

use crate::raw::base::list::{self, List};
use crate::raw::base::panic::{Panic, keep_first, keep_panic};
use crate::raw::count::{Count, flag};
use crate::raw::heap::side_table::Nodes;
use crate::raw::heap::slot::who;
use crate::raw::heap::state::State;
use crate::raw::memory::header::Object;
use crate::raw::object::destroy;
use crate::raw::object::visit::Weaks;
use crate::{Heap, tell};

use super::set::listed;

/// Clears the weak handles with callbacks to garbage. Their callbacks are to be run by [`finalize_garbage`]. `None` if a `Trace`
/// implementation panicked. No other user code runs, and nobody else.
pub(crate) fn prepare<H: Heap>(state: &State<H>, flags: u32, panic: &mut Option<Panic>) -> Option<Nodes> {
    if flags & flag::EXTRAS == 0 {
        return Some(Nodes::new());
    }
    let serial = state.serial.get() + 1;
    state.serial.set(serial);
    // Which weak handles does garbage own? Asked before anything is cleared, for `Trace` may panic.
    if let Err(payload) = catch_unwind(AssertUnwindSafe(|| find_weaks::<H>(&state.lists.garbage, Some(serial)))) {
        keep_first(panic, payload);
        return None;
    }
    Some(take_callbacks(state))
}

/// Runs the callbacks of weak handles to garbage, and the finalizers of garbage. `flags` are those that any of it has.
pub(crate) fn finalize_garbage<H: Heap>(state: &State<H>, nodes: Nodes, flags: u32, panic: &mut Option<Panic>) {
    destroy::run(nodes, state.serial.get(), panic);
    if flags & flag::FINALIZER != 0 {
        let _span = tell::span!("finalize");
        finalize(state, panic);
    }
}

/// Marks the weak handles with callbacks that garbage owns.
fn find_weaks<H: Heap>(garbage: &List, serial: Option<u64>) {
    let mut weaks = Weaks::new(serial);
    for links in garbage.iter() {
        // SAFETY: [I3], [I4], [I5] garbage is intact, and is traced with its own table.
        unsafe {
            let object = Object::<H>::of(links);
            (object.table().trace)(object, &mut weaks.erased::<H>());
        }
    }
}

/// Silences the weak handles with callbacks that condemned objects own.
pub(crate) fn silence<H: Heap>(state: &State<H>, garbage: &List, panic: &mut Option<Panic>) {
    if !state.extras.is_empty()
        && let Err(payload) = catch_unwind(AssertUnwindSafe(|| find_weaks::<H>(garbage, None)))
    {
        keep_first(panic, payload);
    }
}

/// Clears all weak handles with callbacks to garbage, and returns their callbacks.
fn take_callbacks<H: Heap>(state: &State<H>) -> Nodes {
    let mut nodes = Nodes::new();
    for links in state.lists.garbage.iter() {
        // SAFETY: [I5] objects on a list are allocated.
        let object = unsafe { Object::<H>::of(links) };
        // SAFETY: as above.
        if unsafe { object.count() }.flags() & flag::EXTRAS != 0 {
            nodes.extend(state.extras.take_nodes(object.addr().get()));
        }
    }
    nodes
}

/// Runs each finalizer that has not run. The garbage list may change under our hands: what has been seen to is moved to
/// a list of its own, until there is nothing left.
fn finalize<H: Heap>(state: &State<H>, panic: &mut Option<Panic>) {
    let lists = &state.lists;
    let next = || {
        let links = lists.garbage.first()?;
        // SAFETY: [I5] the object is on a list.
        unsafe {
            list::unlink(links);
            lists.finalized.push_back(links);
        }
        Some(listed::<H>(links))
    };
    // A handle of ours keeps the object while user code runs. If there is none to be had, somebody else has brought the
    // object back and dropped it again, and is waiting to take it off the list.
    let hold = || {
        while let Some(value) = next() {
            // SAFETY: [I5] the object is on a list, so it is allocated; [I3] it has its own table.
            unsafe {
                let count = value.count();
                if count.flags() & flag::FINALIZER != 0 && count.upgrade(who::<H>()) {
                    // Asked again: while it had no handle, its last one's thread may have run the finalizer.
                    let first = count.flags() & flag::FINALIZER != 0;
                    if first {
                        count.clear(flag::FINALIZER);
                        count.set(flag::FINALIZED);
                    }
                    return Some((value, first, value.table().adopt(value)));
                }
            }
        }
        None
    };
    while let Some((value, first, handle)) = state.locked(hold) {
        state.get_on();
        if first {
            // SAFETY: [I3], [I6] the object is alive, and has its own table.
            keep_panic(panic, || unsafe { (value.table().finalize)(value) });
        }
        // It may let go of itself.
        keep_panic(panic, || drop(handle));
    }
    state.locked(|| lists.garbage.append(&lists.finalized));
}
