//! A full collection in small steps, so that no step takes long: what automatic collections do to the old generation,
//! and [`collect_within`](crate::Control::collect_within).
//!
//! 1. **Prepare.** All entries are set, a block of memory at a time.
//! 2. **Count.** As `subtract` in `examine.rs`, a stretch of the old list at a time.
//! 3. **Mark.** As `scan`: objects with a handle from outside, and what they lead to, are reachable. Others go to the
//!    list `white`; when one of them is reached after all, it goes back to the list of those to be seen.
//! 4. **Order.** If much is white, it is divided into parts that can be examined one after the other ([`parts`]).
//! 5. **Examine.** The program has run between the steps and has moved edges, so what is white is no more than a guess. It
//!    is examined once more, on its own, without interruption: that examination decides, and it is as exact as any
//!    other, because any set of objects may be examined (`docs/INTERNALS.md`). What was garbage when the incremental collection began is
//!    found, for nobody can have moved its edges.
//! 6. **Drop.** What was found to be garbage is condemned at once; its values are dropped a stretch at a time. Then the next
//!    part is examined.
//!
//! An incremental collection that something gets in the way of (a full collection, a freeze, a panic in `Trace`) is abandoned: its lists
//! are joined again, and the entries it leaves behind mean nothing to anybody else `[I8]`.

use std::panic::{AssertUnwindSafe, catch_unwind};
use std::time::Duration;

use super::pass::{self, Running};
use super::set::listed;
use super::{backlog, clear, pace, parts};
use crate::raw::base::clock::{self, HAS_CLOCK, Moment};
use crate::raw::base::list::{self, List};
use crate::raw::base::nesting::NO_LIMIT;
use crate::raw::base::panic::{Panic, keep_first, keep_panic, pass_on};
use crate::raw::count::{Count, flag};
use crate::raw::heap::generations::Lists;
use crate::raw::heap::progress::{BLOCK, EXAMINE, STRETCH, Step};
use crate::raw::heap::state::State;
use crate::raw::memory::header::Object;
use crate::raw::object::marks::{INCREMENTAL, OUTSIDE};
use crate::raw::object::put_off;
use crate::raw::object::visit::{self, Behind, Reach, Subtract, Whose};
use crate::{Collection, Generation, Heap, tell};

/// How many objects with finalizers a part has that is examined automatically; and a part that took less time than this lets the
/// next one have twice as many, if there is a budget of time.
const VOICES: usize = 64;
const SHORT: Duration = Duration::from_micros(100);

/// Without a clock: how long it is supposed to take to look at an object.
const PER_OBJECT: Duration = Duration::from_nanos(100);

/// How much a step may do.
#[derive(Clone, Copy, Debug)]
pub(crate) enum Budget {
    /// This many objects.
    Objects(usize),
    /// As many as can be done until then, and a few in any case, so that it comes to an end.
    Until(Moment),
    /// About this many objects, and a few in any case: `Until` without a clock.
    About(usize),
}

impl Budget {
    /// As much as can be done in `time`.
    pub(crate) fn of(time: Duration) -> Self {
        if HAS_CLOCK { Budget::Until(clock::now() + time) } else { Self::without_clock(time) }
    }

    fn without_clock(time: Duration) -> Self {
        let objects = time.as_nanos() / PER_OBJECT.as_nanos();
        Budget::About(usize::try_from(objects).unwrap_or(usize::MAX))
    }

    /// Takes the next stretch out of the budget: how many objects it has. None when it is used up.
    fn stretch(&mut self, first: bool) -> Option<usize> {
        match self {
            Budget::Objects(0) => None,
            Budget::Objects(left) => {
                let stretch = STRETCH.min(*left);
                *left -= stretch;
                Some(stretch)
            }
            Budget::Until(_) | Budget::About(_) => self.lasts(first, STRETCH).then_some(STRETCH),
        }
    }

    /// Takes what cannot be divided, a number of objects, out of the budget. False if that is not enough, and something else has
    /// been done already.
    fn all(&mut self, first: bool, objects: usize) -> bool {
        match self {
            Budget::Objects(left) => {
                let enough = *left > 0 && (first || *left >= objects);
                *left = if enough { left.saturating_sub(objects) } else { 0 };
                enough
            }
            Budget::Until(_) | Budget::About(_) => self.lasts(first, objects),
        }
    }

    /// How many objects with finalizers the next part may have, after one with `now` that took `time`: user code may take
    /// any time. Where that is not known, they count like all objects.
    fn voices(&self, now: usize, time: Duration) -> usize {
        match self {
            Budget::Objects(_) | Budget::About(_) => VOICES,
            Budget::Until(_) if time < SHORT => now.saturating_mul(2).min(VOICES),
            Budget::Until(_) => 1,
        }
    }

    /// Whether there is anything left for some objects, or nothing has been done yet.
    fn lasts(&mut self, first: bool, objects: usize) -> bool {
        match self {
            Budget::Until(end) => first || clock::now() < *end,
            Budget::Objects(left) | Budget::About(left) => {
                let before = std::mem::replace(left, left.saturating_sub(objects));
                first || before > 0
            }
        }
    }
}

/// Begins an incremental collection, unless one is running.
pub(crate) fn begin<H: Heap>(state: &State<H>) {
    let progress = &state.incremental;
    if progress.is_running() {
        return;
    }
    state.runs[1].set(0);
    progress.has_begun();
    if state.suspicions.get() == state.examined_at[Generation::Old as usize].get() {
        pace::examine(state);
        pass::finish_full(state, &Collection::none(Generation::Old), false);
        return;
    }
    progress.reset();
    progress.block.set(state.pool.blocks());
    progress.large.set(state.pool.large_count());
    progress.step.set(Step::Prepare);
    pace::begin(state);
}

/// Joins the lists of an incremental collection that was not finished. What is condemned stays so; [`finish_clearing`] sees to it.
pub(crate) fn abandon<H: Heap>(state: &State<H>) {
    let old = state.lists.of(Generation::Old);
    state.lists.of_incremental().into_iter().for_each(|list| old.append(list));
    state.incremental.search.reset();
    if state.incremental.step.get() != Step::Drop {
        state.incremental.step.set(Step::Idle);
    }
}

/// Where an old object goes that a guard gives back: to the list of those that have yet to be seen, or, if it has been, to that
/// of those which have. A program that does this again and again must not keep the incremental collection from coming to the end of a list.
pub(crate) fn list_for_returned<H: Heap>(state: &State<H>, object: Object<H>) -> &List {
    let seen = match state.incremental.step.get() {
        // That it may not have been counted yet makes what it leads to seem reachable, as it is.
        Step::Count => true,
        Step::Mark => {
            let found = object.entry().state();
            found == INCREMENTAL.done || found == INCREMENTAL.passed
        }
        _ => false,
    };
    if seen { &state.lists.swept } else { state.lists.of(Generation::Old) }
}

/// Drops all that is condemned.
pub(crate) fn finish_clearing<H: Heap>(state: &State<H>, panic: &mut Option<Panic>) {
    if state.incremental.step.get() == Step::Drop {
        let size = state.incremental.condemned.get();
        clear::drop_bounded(state, &state.lists.condemned, size, NO_LIMIT, panic);
        state.incremental.step.set(Step::Idle);
    }
}

/// A collection in one piece has condemned `size` objects, which are dropped in steps.
pub(crate) fn drop_later<H: Heap>(state: &State<H>, size: usize) {
    let progress = &state.incremental;
    progress.reset();
    [&progress.white, &progress.examined, &progress.condemned].into_iter().for_each(|number| number.set(size));
    progress.step.set(Step::Drop);
    pace::begin_dropping(state);
}

/// What comes next is dropping.
pub(crate) fn start_dropping<H: Heap>(state: &State<H>) {
    state.incremental.step.set(Step::Drop);
    pace::start_dropping(state);
}

/// Goes on with the incremental collection as far as the budget allows. Returns the result of what was examined, if anything was.
///
/// # Panics
///
/// As `collect`.
pub(crate) fn advance<H: Heap>(state: &State<H>, budget: &mut Budget) -> Option<Collection> {
    let running = Running::start(state)?;
    let progress = &state.incremental;
    let (mut panic, mut result) = (None, None::<Collection>);
    let mut since = clock::now();
    {
        let _span = tell::span!("gc.step", heap = std::any::type_name::<H>(), step = ?progress.step.get());
        let mut first = true;
        let mut voices = budget.voices(1, Duration::MAX);
        while progress.is_running() {
            if progress.step.get() == Step::Examine {
                if !budget.all(first, parts::part_size(state).min(progress.white.get()) * EXAMINE) {
                    break;
                }
                first = false;
                let began = clock::now();
                let part = parts::examine_part(state, voices, &mut since, &mut panic);
                voices = budget.voices(voices, began.elapsed());
                result = Some(result.map_or(part, |before| before.with(&part)));
                continue;
            }
            if progress.step.get() == Step::Prepare && progress.block.get() > 0 {
                if !budget.all(first, BLOCK) {
                    break;
                }
                first = false;
                prepare_block(state);
                continue;
            }
            let Some(stretch) = budget.stretch(first) else { break };
            first = false;
            match progress.step.get() {
                Step::Idle | Step::Examine => {}
                Step::Prepare => prepare(state, stretch),
                Step::Count => guarded(state, &mut panic, || count(state, stretch)),
                Step::Mark => guarded(state, &mut panic, || mark(state, stretch)),
                Step::Order => guarded(state, &mut panic, || {
                    progress.ordered.set(progress.ordered.get() + stretch);
                    if parts::order(state, stretch) {
                        progress.step.set(Step::Examine);
                    }
                }),
                Step::Drop => drop_stretch(state, stretch, &mut panic),
            }
        }
    }
    tell::watch();
    progress.spent.set(progress.spent.get() + since.elapsed());
    drop(running);
    pass_on(panic);
    result
}

/// Drops some of what is condemned, or of what went in the wake of that. Then the next part is examined, or the incremental collection is over.
fn drop_stretch<H: Heap>(state: &State<H>, stretch: usize, panic: &mut Option<Panic>) {
    let progress = &state.incremental;
    let mut dropped = clear::Dropped::default();
    let mut done = state.lists.condemned.is_empty();
    let wake = if has_backlog(state) {
        work_off(state, stretch, panic)
    } else {
        put_off::bounded(state, stretch, panic, |panic| {
            done = clear::drop_some::<H>(&state.lists.condemned, stretch, true, &mut dropped, panic);
        })
    };
    progress.condemned.set(progress.condemned.get().saturating_sub(dropped.objects));
    // As a rule it was white, and need not be examined any more.
    progress.examined.set(progress.white.get().min(progress.examined.get() + wake));
    state.pace.freed.change(|freed| freed + dropped.bytes);
    if !done || has_backlog(state) {
    } else if state.lists.ordered.is_empty() {
        progress.step.set(Step::Idle);
        progress.has_ended();
        pace::end_incremental(state);
        state.arm_external();
    } else {
        progress.step.set(Step::Examine);
    }
}

/// Whether there is something that was put off, and can be destroyed now.
pub(crate) fn has_backlog<H: Heap>(state: &State<H>) -> bool {
    state.backlog.is_waiting() && state.stack().nesting.is_at_rest()
}

/// Destroys some of that. Returns how many objects.
fn work_off<H: Heap>(state: &State<H>, stretch: usize, panic: &mut Option<Panic>) -> usize {
    let mut destroyed = 0;
    keep_panic(panic, || destroyed = backlog::work_off(state, stretch));
    destroyed
}

/// Destroys what was put off, as far as the budget allows. False if that was not enough.
///
/// # Panics
///
/// As `collect`.
pub(crate) fn catch_up<H: Heap>(state: &State<H>, budget: &mut Budget) -> bool {
    let (mut panic, mut first) = (None, true);
    while has_backlog(state)
        && let Some(stretch) = budget.stretch(first)
    {
        first = false;
        work_off(state, stretch, &mut panic);
    }
    pass_on(panic);
    !has_backlog(state)
}

/// Runs a step that traces. If a `Trace` implementation panics the incremental collection is abandoned.
fn guarded<H: Heap>(state: &State<H>, panic: &mut Option<Panic>, step: impl FnOnce()) {
    if let Err(payload) = catch_unwind(AssertUnwindSafe(step)) {
        keep_first(panic, payload);
        abandon(state);
    }
}

/// Prepares the entries of a block of memory. What is allocated meanwhile need not be prepared. What is given back makes blocks
/// move to smaller numbers, and never beyond the next one, so none is missed, and there is no need to begin anew.
fn prepare_block<H: Heap>(state: &State<H>) {
    let progress = &state.incremental;
    let block = progress.block.get() - 1;
    state.pool.fill_block(block, INCREMENTAL.unseen);
    progress.block.set(block);
}

/// Prepares the entries of some objects outside of blocks.
fn prepare<H: Heap>(state: &State<H>, stretch: usize) {
    let progress = &state.incremental;
    if progress.large.get() > 0 {
        state.pool.fill_large(stretch, INCREMENTAL.unseen);
        progress.large.set(progress.large.get().saturating_sub(stretch));
    } else {
        progress.step.set(Step::Count);
    }
}

fn count<H: Heap>(state: &State<H>, stretch: usize) {
    let (old, swept) = (state.lists.of(Generation::Old), &state.lists.swept);
    let mut visitor = Subtract::<H>::new(INCREMENTAL.unseen, Whose::ALL);
    let ephemerons = state.ephemerons();
    let mut last = None;
    let mut cursor = old.first();
    for _ in 0..stretch {
        let Some(links) = cursor else { break };
        let object = listed::<H>(links);
        // SAFETY: [I3], [I4] as in an examination; [I5] the object is on the list.
        unsafe {
            (object.table().subtract)(object, &mut visitor);
            visit::ephemerons(ephemerons, object, &mut visitor);
            last = Some(links);
            cursor = old.after(links);
        }
        state.incremental.candidates.set(state.incremental.candidates.get() + 1);
    }
    state.incremental.counted.set(state.incremental.candidates.get());
    visitor.finish();
    if let Some(last) = last {
        // SAFETY: [I5] `last` is on the list.
        unsafe { old.move_front(last, swept) };
    }
    if old.is_empty() {
        old.append(swept);
        state.incremental.step.set(Step::Mark);
    }
}

fn mark<H: Heap>(state: &State<H>, stretch: usize) {
    let Lists { swept, white, .. } = &state.lists;
    let old = state.lists.of(Generation::Old);
    let mut visitor = Reach::<H>::new(INCREMENTAL, Whose::ALL, Behind::List(old));
    let ephemerons = state.ephemerons();
    for _ in 0..stretch {
        let Some(links) = old.first() else { break };
        let object = listed::<H>(links);
        let entry = object.entry();
        let found = entry.state();
        // SAFETY: [I5] the object is on the list `old`, and is moved before it is traced.
        unsafe { list::unlink(links) };
        // SAFETY: as above.
        let count = unsafe { object.count() };
        if found == INCREMENTAL.unseen && count.strong() <= entry.edges() {
            entry.set(INCREMENTAL.passed);
            state
                .incremental
                .loud
                .set(state.incremental.loud.get() + usize::from(count.flags() & flag::FINALIZER != 0));
            // SAFETY: [I5] the object was just taken off its list.
            unsafe { white.push_back(links) };
            state.incremental.white.set(state.incremental.white.get() + 1);
            continue;
        }
        // SAFETY: [I5] as above.
        unsafe { swept.push_back(links) };
        if found == INCREMENTAL.unseen || found == INCREMENTAL.pending || found == OUTSIDE {
            entry.set(INCREMENTAL.done);
            // SAFETY: [I3], [I4] as in an examination.
            unsafe {
                (object.table().reach)(object, &mut visitor);
                visit::ephemerons(ephemerons, object, &mut visitor);
            }
        }
    }
    visitor.finish();
    state.incremental.marked.set(state.incremental.marked.get().saturating_add(stretch));
    if old.is_empty() {
        old.append(swept);
        let large = state.incremental.white.get() > parts::part_size(state) || state.incremental.loud.get() > 1;
        state.incremental.step.set(if large { Step::Order } else { Step::Examine });
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Without a clock a budget is a number of objects; it is used up, and is never nothing.
    #[test]
    fn budgets_without_a_clock() {
        let mut budget = Budget::without_clock(Duration::from_micros(100));
        assert!(matches!(budget, Budget::About(1000)));
        assert_eq!([true, false, false].map(|first| budget.stretch(first)), [Some(STRETCH), Some(STRETCH), None]);
        assert!(!budget.all(false, 1) && budget.all(true, 1));

        let mut nothing = Budget::without_clock(Duration::ZERO);
        assert_eq!([true, false].map(|first| nothing.stretch(first)), [Some(STRETCH), None]);
        let mut forever = Budget::without_clock(Duration::MAX);
        assert!(forever.all(false, 1 << 20) && forever.stretch(false).is_some());
    }

    /// With one, it is for as long as it says, also if that is longer than the clock can say.
    #[test]
    fn budgets_of_time() {
        assert!(Budget::of(Duration::MAX).stretch(false).is_some());
        let mut nothing = Budget::of(Duration::ZERO);
        assert_eq!([true, false].map(|first| nothing.stretch(first).is_some()), [true, false]);
    }
}
