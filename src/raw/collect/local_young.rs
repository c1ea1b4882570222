//! A thread collects its own young objects while the others go on, on heaps whose counts tell whose an object is.
//!
//! To stop the world costs the time of every thread, and most garbage is young and has never been seen by more than one of
//! them. So the thread examines what is on its young list by itself. An object of which another thread has ever made or
//! dropped a handle is taken for reachable ([`Count::private`](crate::raw::count::Count::private)); cells keep other
//! threads from changing what the examination reads
//! ([`Examiners`](crate::raw::threads::examiners::Examiners)). `docs/INTERNALS.md`, "Young collections without a stop", shows
//! why what it then finds is garbage.
//!
//! What has something to say when it goes (weak handles, finalizers) is left to a collection that stops the world.

use bumpalo::Bump;

use super::examine::{self, Scope};
use super::pass::{is_unobserved, keep_scratch};
use super::{clear, finalize};
use crate::raw::base::panic::Panic;
use crate::raw::count::{Count, flag};
use crate::raw::heap::state::State;
use crate::raw::memory::header::Object;
use crate::raw::object::put_off;
use crate::{Collection, Generation, Heap};

/// The thread collects on its own as long as this lives.
pub(crate) struct Busy<'a, H: Heap>(&'a State<H>);

impl<'a, H: Heap> Busy<'a, H> {
    /// `None` if the thread does so already.
    pub(crate) fn start(state: &'a State<H>) -> Option<Self> {
        // Made only if the thread is not: to drop one says that it is done.
        (!state.busy.replace(true)).then(|| Busy(state))
    }
}

impl<H: Heap> Drop for Busy<'_, H> {
    fn drop(&mut self) {
        self.0.busy.set(false);
        self.0.arm_trigger();
    }
}

/// Whether that is possible at the moment: nobody is to be told of it, and there is not much on the world's list of young
/// objects, which only a stop can look at.
pub(crate) fn is_possible<H: Heap>(state: &State<H>) -> bool {
    H::Count::PRIVATE
        && is_unobserved(state)
        && state.callbacks.is_empty()
        && state.gathered_size.get() < state.thresholds().young
}

/// Collects the young objects of this thread. False if the world has to be stopped for that: then nothing has changed.
pub(crate) fn run<H: Heap>(state: &State<H>, result: &mut Collection, panic: &mut Option<Panic>) -> bool {
    hand_over_returned(state);
    let suspicions = state.suspicions.get();
    if suspicions == state.examined_young_at.get() {
        // Nobody was suspected since, so there is no garbage.
        grow_old(state, state.grown());
        return true;
    }
    // Asked again: `tracing` has been told.
    if !is_unobserved(state) {
        return false;
    }
    let Some(examining) = state.examiners.begin() else { return false };
    let mut scratch = state.scratch.replace(Bump::new());
    let found = examine::examine(state, &state.young, &scratch, Scope::Own, true, panic);
    drop(examining);
    keep_scratch(state, &mut scratch);
    let Some(found) = found else {
        // A `Trace` implementation panicked. Some suspicions may be gone: raise one anew.
        grow_old(state, state.grown());
        state.suspect();
        return true;
    };
    if found.blocked {
        return false;
    }
    state.examined_young_at.set(suspicions);
    result.candidates = found.candidates;
    result.uncollectable = found.broken;
    result.collected = found.garbage;
    state.pace.found_young_garbage(found.suspects);
    grow_old(state, found.candidates - found.garbage);
    if found.garbage > 0 {
        finalize::silence(state, &state.own_garbage, panic);
        clear::drop_bounded(state, &state.own_garbage, found.garbage, put_off::step_limit(state), panic);
    }
    found.complain(panic);
    true
}

/// What guards have given back becomes the world's, and is left to the next collection that stops it. Survivors of this one
/// are the thread's own, like young ones: a guard could not tell them from these, and made them young again and again.
fn hand_over_returned<H: Heap>(state: &State<H>) {
    if state.returned.is_empty() {
        return;
    }
    let mut size = 0;
    // Marked under the lock: whoever sees the mark takes the lock next, and finds the links as we have left them.
    state.locked(|| {
        for links in state.returned.iter() {
            // SAFETY: [I5] what is on the list is allocated.
            unsafe { Object::<H>::of(links).count() }.set(flag::COMMON);
            size += 1;
        }
        state.lists.gathered.append(&state.returned);
    });
    state.gathered_size.change(|gathered| gathered + size);
}

/// What is left on the young list is of middle age now; there are `count` of them.
fn grow_old<H: Heap>(state: &State<H>, count: usize) {
    state.survivors.append(&state.young);
    state.middle_size.change(|size| size + count);
    state.runs[Generation::Middle as usize - 1].change(|runs| runs + 1);
    state.new_epoch();
}
