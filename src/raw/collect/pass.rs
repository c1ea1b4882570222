//! One collection of a generation and all that is younger, in one piece.

use bumpalo::Bump;

use super::clear::{self, When};
use super::{examine, finalize, incremental, pace};
use crate::events::CollectionEvent;
use crate::raw::attach;
use crate::raw::base::clock;
use crate::raw::base::list::List;
use crate::raw::base::panic::{Panic, keep_panic};
use crate::raw::base::sync::lock;
use crate::raw::count::{Count, flag};
use crate::raw::heap::slot;
use crate::raw::heap::state::State;
use crate::raw::heap::stop::{self, Stop};
use crate::raw::heap::world::NOBODY;
use crate::raw::memory::header::Object;
use crate::raw::object::put_off;
use crate::{Collection, Generation, Heap, tell};

/// A full collection that comes due by itself, and is done in one piece, drops no more than so many objects at once.
const PIECE: usize = if cfg!(miri) { 32 } else { 4096 };

/// How often a collection begins anew because of what was to be destroyed before.
const ROUNDS: usize = 3;

/// Scratch memory beyond this many bytes is not kept between collections.
const KEEP_SCRATCH: usize = 1 << 20;

/// Marks the heap as collecting for as long as it lives.
pub(super) struct Running<'a, H: Heap>(&'a State<H>);

impl<'a, H: Heap> Running<'a, H> {
    pub(super) fn start(state: &'a State<H>) -> Option<Self> {
        if state.collecting.replace(true) {
            return None;
        }
        if H::SHARING.is_shared() {
            state.collector.set(slot::seat::<H>().index() as usize);
        }
        state.arm_trigger();
        Some(Running(state))
    }
}

impl<H: Heap> Drop for Running<'_, H> {
    fn drop(&mut self) {
        self.0.collector.set(NOBODY);
        self.0.collecting.set(false);
        self.0.arm_trigger();
        if H::SHARING.is_shared() {
            self.0.rest.end();
        }
    }
}

/// Destroys what was put off while the world was stopped: all of it, or some, and the rest in later steps.
pub(super) fn catch_up<H: Heap>(state: &State<H>, when: When) {
    if when == When::Now {
        put_off::drain_late(state);
    } else {
        put_off::drain_some_late(state);
    }
}

/// Has `collect` collect, and tells everybody who wants to know; callbacks only if so asked.
pub(super) fn with_report<H: Heap>(
    state: &State<H>,
    generation: Generation,
    notify: bool,
    panic: &mut Option<Panic>,
    collect: impl FnOnce(&mut Collection, &mut Option<Panic>),
) -> Collection {
    let span = tell::span!("gc.collect", heap = std::any::type_name::<H>(), ?generation);
    if notify {
        state.callbacks.notify(&CollectionEvent::start(generation), panic);
    }

    let start = clock::now();
    let mut result = Collection::none(generation);
    collect(&mut result, panic);
    result.duration = start.elapsed();

    lock(&state.stats).record(&result);
    tell::event!(
        DEBUG,
        collected = result.collected,
        candidates = result.candidates,
        duration_ns = u64::try_from(result.duration.as_nanos()).unwrap_or(u64::MAX),
        "collected"
    );
    if notify {
        state.callbacks.notify(&CollectionEvent::stop(&result), panic);
    }
    drop(span);
    tell::watch();
    result
}

/// One collection, step by step.
pub(super) fn run<H: Heap>(state: &State<H>, result: &mut Collection, when: When, panic: &mut Option<Panic>) {
    let generation = result.generation;
    let lists = &state.lists;
    let full = generation == Generation::Old;
    if full && !H::SHARING.in_parallel() {
        incremental::abandon(state);
        incremental::finish_clearing(state, panic);
        state.incremental.has_begun();
    }
    attach::adopt::<H>();
    let (unobserved, stop) = stop_user_code(state, when, panic);
    recover(state);
    let (young_size, suspicions) = join(state, generation);
    let (set, target) = (&lists.examined, lists.of(generation.older()));

    let survived = |count: usize| {
        if generation == Generation::Young {
            state.middle_size.set(state.middle_size.get() + count);
        }
    };

    if suspicions == state.examined_at[generation as usize].get() {
        // Nobody was suspected since this generation was last examined, so it holds no garbage.
        target.append(set);
        survived(young_size);
        finish_full(state, result, false);
        return;
    }

    let Some(found) = examine_joined(state, target, full, unobserved, panic) else { return };
    survived(found.candidates - found.garbage);
    result.candidates = found.candidates;
    result.uncollectable = found.broken;
    for examined_at in &state.examined_at[..=generation as usize] {
        examined_at.set(suspicions);
    }
    state.pace.found_young_garbage(found.suspects);
    // To drop much would be a pause. A heap that is used in parallel goes without steps.
    let later = when == When::Bounded && full && !H::SHARING.in_parallel() && found.garbage > PIECE;
    if found.garbage > 0 {
        let when = if later { When::Later } else { when };
        result.collected = finalize_and_clear(state, stop, &found, unobserved, target, when, panic);
    } else {
        drop(stop);
    }
    found.complain(panic);
    if lists.condemned.is_empty() || !later {
        finish_full(state, result, found.narrow);
    } else {
        discard_entries(state, true);
        incremental::drop_later(state, result.collected);
    }
}

/// Runs the last user code before the examination, and stops the world. Whether what is found may be condemned at once.
fn stop_user_code<H: Heap>(state: &State<H>, when: When, panic: &mut Option<Panic>) -> (bool, Stop<H>) {
    let mut rounds = 0;
    loop {
        // The last user code before the examination: what it allocates is on a list before those are joined.
        let unobserved = is_unobserved(state);
        let stop = stop::stop::<H>();
        // What came to its end by merging is to be gone before we look at what it leads to. But other threads may queue objects
        // faster than we merge them.
        rounds += 1;
        if !put_off::is_late(state) || rounds == ROUNDS {
            return (unobserved, stop);
        }
        drop(stop);
        keep_panic(panic, || catch_up(state, when));
    }
}

/// Puts a generation and all that is younger on one list. How many objects were young, and the suspicions there have been.
fn join<H: Heap>(state: &State<H>, generation: Generation) -> (usize, u64) {
    // What is young becomes part of the generation, whatever comes of it.
    stop::gather(state);
    let (mut young_size, mut suspicions) = (0, 0);
    stop::each_state::<H>(|state| {
        young_size += state.new_epoch() + state.see_returned();
        suspicions += state.suspicions.get();
        pace::tell_suspicions(state);
        state.examined_young_at.set(state.suspicions.get());
        state.arm_trigger();
    });
    count_run(state, generation);
    for younger in Generation::ALL.into_iter().filter(|other| *other <= generation).rev() {
        state.lists.examined.append(state.list(younger));
    }
    state.lists.examined.append(&state.lists.gathered);
    state.gathered_size.set(0);
    if generation == Generation::Old {
        // What others have freed of a thread that waits makes room, whatever is found.
        pace::examine(state);
    }
    (young_size, suspicions)
}

/// Counts the collections of each generation since the next older one was included.
fn count_run<H: Heap>(state: &State<H>, generation: Generation) {
    let [middle, old] = &state.runs;
    match generation {
        Generation::Young => middle.set(middle.get() + 1),
        Generation::Middle => {
            state.middle_size.set(0);
            middle.set(0);
            old.set(old.get() + 1);
        }
        Generation::Old => {
            state.middle_size.set(0);
            middle.set(0);
            old.set(0);
        }
    }
}

/// Examines what was joined, and moves what is not garbage to `target`. None if a `Trace` implementation panicked.
fn examine_joined<H: Heap>(
    state: &State<H>,
    target: &List,
    full: bool,
    unobserved: bool,
    panic: &mut Option<Panic>,
) -> Option<examine::Found> {
    let lists = &state.lists;
    let mut scratch = state.scratch.take();
    let scope = if full { examine::Scope::Heap } else { examine::Scope::List };
    let found = examine::examine(state, &lists.examined, &scratch, scope, unobserved, panic);
    state.get_on();
    keep_scratch(state, &mut scratch);
    discard_entries(state, full && found.as_ref().is_none_or(|found| !found.narrow));
    target.append(&lists.examined);
    if found.is_none() {
        // Some suspicions may be gone: raise one anew.
        state.suspect();
    }
    found
}

/// Whether garbage can be condemned as soon as it is found, as far as one can tell before: nobody wants to keep it, and
/// no `tracing` subscriber (which is user code, and could get at it through a weak handle) is to be told.
pub(super) fn is_unobserved<H: Heap>(state: &State<H>) -> bool {
    !tell::anybody() && !state.save_all.get()
}

/// Puts objects back that a collection left on its lists because a `tracing` subscriber panicked in it.
pub(super) fn recover<H: Heap>(state: &State<H>) {
    let lists = &state.lists;
    let left = [&lists.garbage, &lists.finalized, &lists.examined];
    if left.iter().any(|list| !list.is_empty()) {
        left.iter().for_each(|list| lists.of(Generation::Old).append(list));
        state.suspect();
    }
}

/// The thread that collects is gone, in the child of a fork. What it had yet to tell is garbage once more, and what it had
/// condemned leaks: of the one that it was dropping we know nothing.
pub(crate) fn give_up<H: Heap>(state: &State<H>) {
    let lists = &state.lists;
    // SAFETY: [I5] what is on a list is allocated; also the last one, of those that are dropped from the front.
    let linked = |links| unsafe { Object::<H>::of(links).count() }.flags() & flag::LINKED != 0;
    for list in [&lists.garbage, &lists.finalized, &lists.examined, &lists.condemned] {
        if list.last().is_some_and(|links| !linked(links)) {
            list.init();
        }
    }
    incremental::abandon(state);
    incremental::finish_clearing(state, &mut None);
    recover(state);
    state.collecting.set(false);
}

/// Finalizes and clears the objects on the garbage list, which are condemned already if `condemned`. Returns how many
/// were collected; what was brought back is on `target`.
pub(super) fn finalize_and_clear<H: Heap>(
    state: &State<H>,
    stop: Stop<H>,
    found: &examine::Found,
    condemned: bool,
    target: &List,
    when: When,
    panic: &mut Option<Panic>,
) -> usize {
    let garbage = &state.lists.garbage;
    if condemned {
        if found.flags & (flag::EXTRAS | flag::FINALIZER) == 0 && state.extras.is_empty() {
            // Nobody has anything to say: from the examination to here, no user code has run.
            drop(stop);
            clear::clear(state, when, found.garbage, Vec::new(), panic);
            return found.garbage;
        }
        clear::pardon::<H>(garbage);
    } else {
        clear::merge_counts::<H>(garbage);
    }
    let Some(nodes) = finalize::prepare(state, found.flags, panic) else {
        target.append(garbage);
        state.suspect();
        return 0;
    };
    drop(stop);
    found.report();
    finalize::finalize_garbage(state, nodes, found.flags, panic);
    let _span = tell::span!("clear");
    // User code has run: look again, with fresh counts, and condemn what is found at once.
    let scratch = Bump::new();
    let save = state.save_all.get();
    let stop = stop::stop::<H>();
    let set = &state.lists.examined;
    set.append(garbage);
    let still = examine::examine(state, set, &scratch, examine::Scope::List, !save, panic);
    target.append(set);
    let Some(still) = still else {
        state.suspect();
        return 0;
    };
    if still.garbage < still.candidates {
        // They were suspects, may still be, and a later decrement would not say so again.
        state.suspect();
    }
    if save {
        clear::save(state, garbage);
        target.append(garbage);
        state.suspect();
    } else {
        finalize::silence(state, garbage, panic);
        let late = clear::take_late::<H>(garbage, still.flags);
        drop(stop);
        clear::clear(state, when, still.garbage, late, panic);
    }
    still.garbage
}

/// Puts scratch memory back for the next collection, unless it has become large.
pub(super) fn keep_scratch<H: Heap>(state: &State<H>, scratch: &mut Bump) {
    scratch.reset();
    if scratch.allocated_bytes() <= KEEP_SCRATCH {
        state.scratch.replace(std::mem::take(scratch));
    }
}

/// Nothing is being examined: entries need no memory. After a collection of some generation only those of memory that is
/// new go: others will be used again soon.
pub(super) fn discard_entries<H: Heap>(state: &State<H>, full: bool) {
    if state.incremental.is_running() {
        return; // it has its guesses there
    }
    stop::each_state::<H>(|state| {
        if full {
            state.pool.discard_entries();
        } else {
            state.pool.discard_new_entries();
        }
    });
}

/// After a full collection, growth is measured from here. A `narrow` one has not looked at everything.
pub(super) fn finish_full<H: Heap>(state: &State<H>, result: &Collection, narrow: bool) {
    if result.generation == Generation::Old {
        if !H::SHARING.in_parallel() {
            state.incremental.has_ended();
            state.pool.give_back_current();
            discard_entries(state, !narrow);
        }
        pace::end(state, result.candidates, result.collected);
        state.arm_external();
    }
}
