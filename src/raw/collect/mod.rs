//! The collector: which generation, in which order, and what is written down about it.
//!
//! | file | step |
//! |---|---|
//! | [`examine`] | subtract and scan: which objects of a set only the set itself refers to |
//! | [`set`] | … the set, and how it is gone over |
//! | [`finalize`] | weak callbacks and finalizers of what was found |
//! | [`clear`] | the end of what nobody brought back |
//! | [`local_young`] | the young objects of one thread, while others go on |
//! | [`incremental`] | all of that for the old generation, in small steps |
//! | [`backlog`] | … and what was put off |
//! | [`pace`] | when that begins, and how fast it is |
//! | [`parts`] | … in which order, if it is much, its garbage is examined |
//!
//! The algorithm is CPython's (`Modules/gcmodule.c`, 3.12, with the weak-reference order of 3.15); `docs/INTERNALS.md`
//! walks through an example.

pub(crate) mod backlog;
pub(crate) mod clear;
pub(crate) mod examine;
pub(crate) mod finalize;
pub(crate) mod incremental;
pub(crate) mod local_young;
pub(crate) mod pace;
pub(crate) mod parts;
pub(crate) mod set;

use std::time::Duration;

use bumpalo::Bump;

use self::clear::When;
use self::incremental::Budget;
use super::count::{Count, flag};
use crate::events::CollectionEvent;
use crate::raw::attach;
use crate::raw::base::clock;
use crate::raw::base::list::List;
use crate::raw::base::nesting::NO_LIMIT;
use crate::raw::base::panic::{Panic, keep_panic, pass_on};
use crate::raw::base::sync::lock;
use crate::raw::heap::rest::{IMPATIENT, PATIENT};
use crate::raw::heap::side_table::Nodes;
use crate::raw::heap::slot;
use crate::raw::heap::state::{Due, NOBODY, State};
use crate::raw::heap::stop::{self, Stop};
use crate::raw::memory::header;
use crate::raw::object::put_off;
use crate::{Collection, Generation, Heap, Progress, tell};

/// A middle list with more than this many times as many objects as the young threshold says is not examined, which would
/// be a pause, but made old: most of what got there has survived, and a cycle sees to the rest.
const MIDDLE: usize = 4;

/// A full collection that comes due by itself, and is done in one piece, drops no more than so many objects at once.
const PIECE: usize = if cfg!(miri) { 32 } else { 4096 };

/// How often a collection begins anew because of what was to be destroyed before.
const ROUNDS: usize = 3;

/// Scratch memory beyond this many bytes is not kept between collections.
const KEEP_SCRATCH: usize = 1 << 20;

/// A collection that the allocation of an object set off.
///
/// # Panics
///
/// As [`collect`].
#[cold]
#[inline(never)]
pub(crate) fn automatic<H: Heap>() {
    super::attach::with(|state| collect_if_due::<H>(state));
}

fn collect_if_due<H: Heap>(state: &State<H>) {
    if is_wait_due(state) && !wait_for_collector(state, IMPATIENT) {
        pace::go_on(state);
    }
    backlog::step(state);
    let due = state.arm_trigger();
    if due == Due::Nothing {
        return;
    }
    let full = pace::is_due(state);
    if H::SHARING.in_parallel() {
        return collect_together(state, due, full);
    }
    if full && pace::is_piece(state) {
        collect(state, Generation::Old, When::Bounded);
        return;
    }
    // What was made while automatic collection was off is not examined at once, either.
    let long = state.births.get() - state.promoted.get() > state.thresholds().young.saturating_mul(MIDDLE);
    if long || due == Due::Promotion && !full {
        state.promote();
    } else if due == Due::Collection || full {
        let mut now = if full || pace::is_middle_due(state) { Generation::Middle } else { Generation::Young };
        if now == Generation::Middle && state.middle_size.get() > state.thresholds().young.saturating_mul(MIDDLE) {
            state.promote_middle();
            now = Generation::Young;
        }
        collect(state, now, When::Bounded);
    }
    if full {
        incremental::begin(state);
    } else {
        pace::step(state);
    }
    state.arm_trigger();
}

/// Whether another thread collects, and more has been handed out meanwhile than the heap is to grow by.
fn is_wait_due<H: Heap>(state: &State<H>) -> bool {
    let automatic = state.enabled.get() && state.thresholds().young > 0;
    automatic && !state.busy.get() && state.is_another_collecting() && pace::is_full(state)
}

/// Waits outside until another thread has collected. False if that does not get on.
fn wait_for_collector<H: Heap>(state: &State<H>, patience: Duration) -> bool {
    let progress = state.rest.progress();
    let over = attach::wait_outside::<H, _>(|| state.rest.wait(patience, || state.collecting.get()));
    // It may have been examining, and if so it has come to an end of that, or we would not be inside again.
    over || state.rest.progress() != progress
}

/// As [`collect_if_due`], on a heap that is used in parallel: to stop the world for each step would take longer than most
/// steps.
fn collect_together<H: Heap>(state: &State<H>, due: Due, full: bool) {
    if full {
        collect(state, Generation::Old, When::Bounded);
    } else if due == Due::Look {
        state.arm_trigger();
    } else if pace::is_middle_due(state) && is_worth_a_stop(state) {
        collect(state, Generation::Middle, When::Bounded);
    } else if local_young::is_possible(state) {
        collect_own(state);
    } else {
        collect(state, Generation::Young, When::Bounded);
    }
}

/// Collects everything, as far as the budget allows: what was garbage when this was first called since it was last finished.
///
/// # Panics
///
/// As [`collect`].
pub(crate) fn within<H: Heap>(state: &State<H>, mut budget: Budget) -> Progress {
    if state.collecting.get() {
        // Nothing can be done here, now or by calling again.
        return Progress::Finished(Collection::none(Generation::Old));
    }
    if H::SHARING.in_parallel() {
        return Progress::Finished(collect_all(state, Generation::Old));
    }
    let cycle = &state.cycle;
    if !incremental::catch_up(state, &mut budget) {
        return Progress::Unfinished;
    }
    while !cycle.is_series_over() {
        if !cycle.is_running() {
            // To examine what is young would be a pause.
            state.see_returned();
            state.promote_middle();
            state.promote();
            incremental::begin(state);
            continue;
        }
        let ended = cycle.last_ended();
        if let Some(result) = incremental::advance(state, &mut budget) {
            state.reported.set(state.reported.get().with(&result));
        }
        if cycle.is_running() {
            return Progress::Unfinished;
        }
        if cycle.last_ended() == ended {
            // Abandoned: a `Trace` implementation panicked, and that could not be passed on, as the thread unwinds already. The
            // next attempt would most likely go the same way, now or by calling again.
            break;
        }
    }
    if incremental::has_backlog(state) {
        return Progress::Unfinished;
    }
    cycle.series.set(None);
    Progress::Finished(state.reported.replace(Collection::none(Generation::Old)))
}

/// Whether enough objects are of middle age to stop the world for, if young collections do without.
fn is_worth_a_stop<H: Heap>(state: &State<H>) -> bool {
    !H::Count::PRIVATE || state.middle_size.get() >= state.thresholds().young
}

/// Marks the heap as collecting for as long as it lives.
struct Running<'a, H: Heap>(&'a State<H>);

impl<'a, H: Heap> Running<'a, H> {
    fn start(state: &'a State<H>) -> Option<Self> {
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

/// Collects a generation and everything younger, because somebody asked for it. What was put off to later steps is destroyed
/// before, for it keeps alive what hangs on it, and nothing is put off afterwards.
///
/// # Panics
///
/// As [`collect`].
pub(crate) fn collect_all<H: Heap>(state: &State<H>, generation: Generation) -> Collection {
    try_collect_all(state, generation).unwrap_or(Collection::none(generation))
}

/// As [`collect_all`]; none if somebody collects already.
fn try_collect_all<H: Heap>(state: &State<H>, generation: Generation) -> Option<Collection> {
    let mut result = None;
    if state.collecting.get() || state.busy.get() {
        return result;
    }
    let mut panic = None;
    let mut run = |f: &mut dyn FnMut()| keep_panic(&mut panic, f);
    let work_off = &mut || {
        backlog::work_off(state, NO_LIMIT);
    };
    run(work_off);
    run(&mut || result = try_collect(state, generation, When::Now));
    run(work_off);
    pass_on(panic);
    result
}

/// Collects a generation and everything younger.
///
/// # Panics
///
/// Passes on the first panic of a finalizer, a callback, a destructor or a `Trace` implementation, once the collection
/// is over.
fn collect<H: Heap>(state: &State<H>, generation: Generation, when: When) -> Collection {
    try_collect(state, generation, when).unwrap_or(Collection::none(generation))
}

/// As [`collect`]; none if somebody collects already.
fn try_collect<H: Heap>(state: &State<H>, generation: Generation, when: When) -> Option<Collection> {
    if state.busy.get() {
        return None;
    }
    let running = Running::start(state)?;
    let mut panic = None;
    let result = told(state, generation, true, &mut panic, |result, panic| run(state, result, when, panic));
    drop(running);
    keep_panic(&mut panic, || catch_up(state, when));
    attach::adopt::<H>();
    pass_on(panic);
    Some(result)
}

/// What was done to make room.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Room {
    /// Something was freed.
    Made,
    /// Another thread has collected.
    Awaited,
    /// There is none to be made.
    None,
}

/// There is no room for an object: collects everything, or waits until another thread has collected.
///
/// # Panics
///
/// As [`collect`].
pub(crate) fn make_room<H: Heap>(state: &State<H>) -> Room {
    if state.busy.get() || state.is_collecting_itself() {
        // In a destructor that a collection of this thread's runs, there is nothing to wait for.
        return Room::None;
    }
    let before = state.budget.total();
    if let Some(result) = try_collect_all(state, Generation::Old) {
        let freed = result.collected > 0 || state.budget.total() < before;
        return if freed { Room::Made } else { Room::None };
    }
    if wait_for_collector(state, PATIENT) { Room::Awaited } else { Room::None }
}

/// Collects the young objects of this thread, if possible while others go on.
///
/// # Panics
///
/// As [`collect`].
fn collect_own<H: Heap>(state: &State<H>) {
    let Some(busy) = local_young::Busy::start(state) else { return };
    stop::retreat::<H>();
    let (mut panic, mut running) = (None, None);
    told(state, Generation::Young, false, &mut panic, |result, panic| {
        if !local_young::run(state, result, panic) {
            running = Running::start(state);
            if running.is_some() {
                run(state, result, When::Bounded, panic);
            }
        }
    });
    drop(busy);
    drop(running);
    keep_panic(&mut panic, || catch_up(state, When::Bounded));
    attach::adopt::<H>();
    pass_on(panic);
}

/// Destroys what was put off while the world was stopped: all of it, or some, and the rest in later steps.
fn catch_up<H: Heap>(state: &State<H>, when: When) {
    if when == When::Now {
        put_off::drain_late(state);
    } else {
        put_off::drain_some_late(state);
    }
}

/// Has `collect` collect, and tells everybody who wants to know; callbacks only if so asked.
fn told<H: Heap>(
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

fn run<H: Heap>(state: &State<H>, result: &mut Collection, when: When, panic: &mut Option<Panic>) {
    let generation = result.generation;
    let lists = &state.lists;
    let full = generation == Generation::Old;
    if full && !H::SHARING.in_parallel() {
        incremental::abandon(state);
        incremental::finish_clearing(state, panic);
        state.cycle.has_begun();
    }
    attach::adopt::<H>();
    let mut rounds = 0;
    let (quiet, stop) = loop {
        // The last user code before the examination: what it allocates is on a list before those are joined.
        let quiet = is_quiet(state);
        let stop = stop::stop::<H>();
        // What letters told the end of is to be gone before we look at what it leads to. But other threads may send letters
        // faster than we read them.
        rounds += 1;
        if !put_off::is_late(state) || rounds == ROUNDS {
            break (quiet, stop);
        }
        drop(stop);
        keep_panic(panic, || catch_up(state, when));
    };
    recover(state);
    let (set, target) = (&lists.examined, lists.of(generation.older()));

    // What is young becomes part of the generation, whatever comes of it.
    let [middle, old] = &state.runs;
    stop::gather(state);
    let (mut young_size, mut suspicions) = (0, 0);
    stop::each_state::<H>(|state| {
        young_size += state.new_epoch() + state.see_returned();
        suspicions += state.suspicions.get();
        pace::tell_suspicions(state);
        if full {
            // What others have freed of a thread that waits makes room, whatever is found.
            state.pool.take_back();
        }
        state.examined_young_at.set(state.suspicions.get());
        state.arm_trigger();
    });
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
    for younger in Generation::ALL.into_iter().filter(|other| *other <= generation).rev() {
        set.append(state.list(younger));
    }
    set.append(&lists.gathered);
    state.gathered_size.set(0);
    if full {
        pace::examine(state);
    }

    let survived = |count: usize| {
        if generation == Generation::Young {
            state.middle_size.set(state.middle_size.get() + count);
        }
    };

    if suspicions == state.examined_at[generation as usize].get() {
        // Nobody was suspected since this generation was last examined, so it holds no garbage.
        target.append(set);
        survived(young_size);
        finish_full(state, result);
        return;
    }

    let mut scratch = state.scratch.take();
    let scope = if full { examine::Scope::Heap } else { examine::Scope::List };
    let found = examine::examine(state, set, &scratch, scope, quiet, panic);
    state.get_on();
    keep_scratch(state, &mut scratch);
    discard_entries(state, full);
    target.append(set);
    let Some(found) = found else {
        // A `Trace` implementation panicked. Some suspicions may be gone: raise one anew.
        state.suspect();
        return;
    };
    survived(found.candidates - found.garbage);
    result.candidates = found.candidates;
    result.uncollectable = found.broken;
    for examined_at in &state.examined_at[..=generation as usize] {
        examined_at.set(suspicions);
    }
    state.pace.bury(found.suspects);
    // To drop much would be a pause. A heap that is used in parallel goes without steps.
    let later = when == When::Bounded && full && !H::SHARING.in_parallel() && found.garbage > PIECE;
    if found.garbage > 0 {
        let when = if later { When::Later } else { when };
        result.collected = bury(state, stop, &found, quiet, target, when, panic);
    } else {
        drop(stop);
    }
    found.complain(panic);
    if lists.condemned.is_empty() || !later {
        finish_full(state, result);
    } else {
        discard_entries(state, true);
        incremental::drop_later(state, result.collected);
    }
}

/// Whether garbage can be condemned as soon as it is found, as far as one can tell before: nobody wants to keep it, and
/// no `tracing` subscriber (which is user code, and could get at it through a weak handle) is to be told.
pub(crate) fn is_quiet<H: Heap>(state: &State<H>) -> bool {
    !tell::anybody() && !state.save_all.get()
}

/// Puts objects back that a collection left on its lists because a `tracing` subscriber panicked in it.
pub(crate) fn recover<H: Heap>(state: &State<H>) {
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
    let linked = |links| unsafe { header::count::<H>(header::value_of::<H>(links)) }.flags() & flag::LINKED != 0;
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
fn bury<H: Heap>(
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
            clear::clear(state, when, found.garbage, Nodes::new(), panic);
            return found.garbage;
        }
        clear::pardon::<H>(garbage);
    } else {
        clear::settle::<H>(garbage);
    }
    let Some(nodes) = finalize::prepare(state, found.flags, panic) else {
        target.append(garbage);
        state.suspect();
        return 0;
    };
    drop(stop);
    found.report();
    finalize::announce(state, nodes, found.flags, panic);
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
        let late = clear::take_late_callbacks::<H>(garbage, still.flags);
        drop(stop);
        clear::clear(state, when, still.garbage, late, panic);
    }
    still.garbage
}

/// Puts scratch memory back for the next collection, unless it has become large.
fn keep_scratch<H: Heap>(state: &State<H>, scratch: &mut Bump) {
    scratch.reset();
    if scratch.allocated_bytes() <= KEEP_SCRATCH {
        state.scratch.replace(std::mem::take(scratch));
    }
}

/// Nothing is being examined: entries need no memory. After a collection of some generation only those of memory that is
/// new go: others will be used again soon.
fn discard_entries<H: Heap>(state: &State<H>, full: bool) {
    if state.cycle.is_running() {
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

/// After a full collection, growth is measured from here.
fn finish_full<H: Heap>(state: &State<H>, result: &Collection) {
    if result.generation == Generation::Old {
        if !H::SHARING.in_parallel() {
            state.cycle.has_ended();
            state.pool.give_back_current();
            discard_entries(state, true);
        }
        pace::end(state, result.candidates, result.collected);
        state.arm_external();
    }
}
