//! The collector: which generation, in which order, and what is written down about it.
//!
//! | file | step |
//! |---|---|
//! | [`pass`] | one collection in one piece, from its beginning to its end |
//! | [`examine`] | subtract and scan: which objects of a set only the set itself refers to |
//! | [`set`] | … the set, and how it is gone over |
//! | [`suspects`] | … which of all objects a full collection puts into it |
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
pub(crate) mod pass;
pub(crate) mod set;
pub(crate) mod suspects;

use std::time::Duration;

use self::clear::When;
use self::incremental::Budget;
use self::pass::{Running, catch_up, run, with_report};
use super::count::Count;
use crate::raw::attach;
use crate::raw::base::nesting::NO_LIMIT;
use crate::raw::base::panic::{keep_panic, pass_on};
use crate::raw::heap::rest::{IMPATIENT, PATIENT};
use crate::raw::heap::state::{Due, State};
use crate::raw::heap::stop;
use crate::{Collection, Generation, Heap, Progress};

/// A middle list with more than this many times as many objects as the young threshold says is not examined, which would
/// be a pause, but made old: most of what got there has survived, and an incremental collection sees to the rest.
const MIDDLE: usize = 4;

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
    automatic && !state.busy.get() && state.is_another_collecting() && pace::have_others_to_wait(state)
}

/// Waits outside until another thread has collected. False if that does not get on.
fn wait_for_collector<H: Heap>(state: &State<H>, timeout: Duration) -> bool {
    let progress = state.rest.progress();
    let over = attach::wait_outside::<H, _>(|| state.rest.wait(timeout, || state.collecting.get()));
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
    let progress = &state.incremental;
    if !incremental::catch_up(state, &mut budget) {
        return Progress::Unfinished;
    }
    while !progress.is_series_over() {
        if !progress.is_running() {
            // To examine what is young would be a pause.
            state.see_returned();
            state.promote_middle();
            state.promote();
            incremental::begin(state);
            continue;
        }
        let ended = progress.last_ended();
        if let Some(result) = incremental::advance(state, &mut budget) {
            state.reported.set(state.reported.get().with(&result));
        }
        if progress.is_running() {
            return Progress::Unfinished;
        }
        if progress.last_ended() == ended {
            // Abandoned: a `Trace` implementation panicked, and that could not be passed on, as the thread unwinds already. The
            // next attempt would most likely go the same way, now or by calling again.
            break;
        }
    }
    if incremental::has_backlog(state) {
        return Progress::Unfinished;
    }
    progress.series.set(None);
    Progress::Finished(state.reported.replace(Collection::none(Generation::Old)))
}

/// Whether enough objects are of middle age to stop the world for, if young collections do without.
fn is_worth_a_stop<H: Heap>(state: &State<H>) -> bool {
    !H::Count::PRIVATE || state.middle_size.get() >= state.thresholds().young
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
    let result = with_report(state, generation, true, &mut panic, |result, panic| run(state, result, when, panic));
    drop(running);
    keep_panic(&mut panic, || catch_up(state, when));
    attach::adopt::<H>();
    pass_on(panic);
    Some(result)
}

/// There is no room for an object: collects everything, or waits until another thread has collected. False if nothing was freed.
///
/// # Panics
///
/// As [`collect`].
pub(crate) fn make_room<H: Heap>(state: &State<H>) -> bool {
    if state.busy.get() || state.is_collecting_itself() {
        // In a destructor that a collection of this thread's runs, there is nothing to wait for.
        return false;
    }
    let before = state.budget.total();
    if let Some(result) = try_collect_all(state, Generation::Old) {
        return result.collected > 0 || state.budget.total() < before;
    }
    wait_for_collector(state, PATIENT)
}

/// Collects the young objects of this thread, if possible while others go on.
///
/// # Panics
///
/// As [`collect`].
fn collect_own<H: Heap>(state: &State<H>) {
    let Some(busy) = local_young::Busy::start(state) else { return };
    stop::count_collection::<H>();
    let (mut panic, mut running) = (None, None);
    with_report(state, Generation::Young, false, &mut panic, |result, panic| {
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
