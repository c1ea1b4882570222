//! What garbage is told before it is cleared: weak callbacks, then finalizers. Everything is still intact, and user code
//! may bring any of it back.

use crate::Heap;
use crate::raw::count::{Count, IMMORTAL, flag};
use crate::raw::destroy::{self, Panic, keep_panic};
use crate::raw::extras::Nodes;
use crate::raw::header;
use crate::raw::info;
use crate::raw::list;
use crate::raw::state::State;
use crate::raw::visit::Weaks;

/// Runs the callbacks of weak handles to garbage, and the finalizers of garbage. `flags` are those that any of it has.
/// Returns whether user code has run.
pub(crate) fn announce<H: Heap>(state: &State<H>, flags: u32, panic: &mut Option<Panic>) -> bool {
    let mut ran = false;
    if flags & flag::EXTRAS != 0 {
        let nodes = take_callbacks(state);
        if !nodes.is_empty() {
            ran = true;
            destroy::run(nodes, panic);
        }
    }
    if flags & flag::FINALIZER != 0 {
        let _span = tracing::debug_span!("finalize").entered();
        finalize(state, panic);
        ran = true;
    }
    ran
}

/// Clears all weak handles with callbacks to garbage, and returns the callbacks of those that garbage does not own.
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
    if !nodes.is_empty() {
        let mut visitor = Weaks::<H>::new();
        for links in state.lists.garbage.iter() {
            // SAFETY: [I3], [I4], [I5] garbage is intact, and is traced with its own table.
            unsafe {
                let value = header::value_of::<H>(links);
                (info::table_of::<H>(value).weaks)(value, &mut visitor);
            }
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
