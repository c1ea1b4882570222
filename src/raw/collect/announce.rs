//! What garbage is told before it is cleared: weak callbacks, then finalizers. Everything is still intact, and user code
//! may bring any of it back.

use std::panic::{AssertUnwindSafe, catch_unwind};

use crate::Heap;
use crate::raw::count::{Count, IMMORTAL, flag};
use crate::raw::destroy::{self, Panic, keep_first, keep_panic};
use crate::raw::extras::Nodes;
use crate::raw::header;
use crate::raw::info;
use crate::raw::list;
use crate::raw::state::State;
use crate::raw::visit::Weaks;

/// What came of telling garbage that it is garbage.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Told {
    /// There was nobody to tell.
    Nothing,
    /// User code has run.
    Heard,
    /// A `Trace` implementation panicked before anybody was told.
    Failed,
}

/// Runs the callbacks of weak handles to garbage, and the finalizers of garbage. `flags` are those that any of it has.
pub(crate) fn announce<H: Heap>(state: &State<H>, flags: u32, panic: &mut Option<Panic>) -> Told {
    let mut told = Told::Nothing;
    if flags & flag::EXTRAS != 0 {
        let serial = state.serial.get() + 1;
        state.serial.set(serial);
        // Which weak handles does garbage own? Asked before anything is cleared, for `Trace` may panic.
        if let Err(payload) = catch_unwind(AssertUnwindSafe(|| find_weaks(state, Some(serial)))) {
            keep_first(panic, payload);
            return Told::Failed;
        }
        let nodes = take_callbacks(state);
        if !nodes.is_empty() {
            told = Told::Heard;
            destroy::run(nodes, serial, panic);
        }
    }
    if flags & flag::FINALIZER != 0 {
        let _span = tracing::debug_span!("finalize").entered();
        finalize(state, panic);
        told = Told::Heard;
    }
    told
}

/// Marks the weak handles with callbacks that garbage owns.
fn find_weaks<H: Heap>(state: &State<H>, serial: Option<u64>) {
    let mut visitor = Weaks::<H>::new(serial);
    for links in state.lists.garbage.iter() {
        // SAFETY: [I3], [I4], [I5] garbage is intact, and is traced with its own table.
        unsafe {
            let value = header::value_of::<H>(links);
            (info::table_of::<H>(value).weaks)(value, &mut visitor);
        }
    }
}

/// Silences the weak handles with callbacks that condemned objects own.
pub(crate) fn silence<H: Heap>(state: &State<H>, panic: &mut Option<Panic>) {
    if !state.extras.is_empty()
        && let Err(payload) = catch_unwind(AssertUnwindSafe(|| find_weaks(state, None)))
    {
        keep_first(panic, payload);
    }
}

/// Clears all weak handles with callbacks to garbage, and returns their callbacks.
fn take_callbacks<H: Heap>(state: &State<H>) -> Nodes {
    let mut nodes = Nodes::new();
    for links in state.lists.garbage.iter() {
        // SAFETY: [I5] objects on a list are allocated.
        let value = unsafe { header::value_of::<H>(links) };
        // SAFETY: as above.
        if unsafe { header::count::<H>(value) }.flags() & flag::EXTRAS != 0 {
            nodes.extend(state.extras.take_nodes(value.addr().get()));
        }
    }
    nodes
}

/// Runs each finalizer that has not run. The garbage list may change under our hands: what has been seen to is moved to
/// a list of its own, until there is nothing left.
fn finalize<H: Heap>(state: &State<H>, panic: &mut Option<Panic>) {
    let lists = &state.lists;
    while let Some(links) = lists.garbage.first() {
        // SAFETY: [I5] the object is on a list and stays allocated: it is given a handle of its own while user code runs.
        unsafe {
            list::unlink(links);
            lists.finalized.push_back(links);
            let value = header::value_of::<H>(links);
            let count = header::count::<H>(value);
            if count.flags() & flag::FINALIZER == 0 {
                continue;
            }
            count.clear(flag::FINALIZER);
            count.set(flag::FINALIZED);
            count.inc();
            let info = info::table_of::<H>(value);
            keep_panic(panic, || (info.finalize)(value));
            if count.strong() == 1 {
                // It let go of itself.
                let handle = (info.handle)(value);
                count.set_strong(1);
                keep_panic(panic, || drop(handle));
            } else if count.strong() < IMMORTAL {
                count.set_strong(count.strong() - 1);
            }
        }
    }
    lists.garbage.append(&lists.finalized);
}
