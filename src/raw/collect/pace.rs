//! When a full collection is due, and how fast one that goes in steps has to be.
//!
//! Three things make it due: the heap has grown, by bytes of slots in use, over what was alive after the last one; or so many
//! objects have been suspected since that old garbage may be a large part of it; or bytes outside of the heap. From its
//! beginning to its end a cycle lets so much be allocated, and no more: in each step as much of what is left to do is done as
//! has been used of what may still be allocated. `docs/INTERNALS.md`, "Pacing", shows what bounds the heap.
//!
//! Slots in use are not counted when objects come and go. The pool tells by the page what it hands out, which is more than
//! what comes to be in use; when that might be too much, the pages are asked.

use super::incremental;
use crate::raw::heap::pace::Pace;
use crate::raw::heap::slot;
use crate::raw::heap::state::State;
use crate::raw::heap::stop;
use crate::{Generation, Heap};

/// Nobody minds if it grows by so many times as many objects as the young threshold says,
const ALWAYS: usize = 8;
/// … unless those are more bytes than this.
const MOST_ALWAYS: usize = 1 << 20;
/// Bytes of an object, as long as there is none.
const TYPICAL: usize = 64;
/// The share of what a heap may grow by that is left for what is allocated during a cycle,
const RESERVE: usize = 4;
/// … which is at least this many bytes.
const LEAST_RESERVE: usize = 256 * 1024;
/// … or, where more is in use than should be, this share of it.
const LARGE: usize = 8;
/// The share of it by which the bytes in use may be misjudged before pages are asked.
const UNSURE: usize = 16;
/// A heap of no more objects than this is collected in one piece, which takes a millisecond or two,
const PIECE: usize = 100_000;
/// … unless young collections are to be short: it has no more than the square of the young threshold over this.
const SHORT: usize = 40;
/// So many times the young threshold of suspicions are nothing.
const UNSUSPICIOUS: usize = 4;
/// During a cycle, no more objects are made than this share of those there are, even if as many die,
const MADE: usize = 2;
/// … or so many times the young threshold.
const LEAST_MADE: usize = 32;
/// Full collections that suspicion began, and that free less than this share of what there is, were for nothing.
const FOR_NOTHING: usize = 8;
/// Each of those doubles the suspicions that the next one takes, so many times.
const PATIENCE: usize = 6;
/// A step looks at this many objects for each one that was made, at least.
const STEP: usize = 2;
/// When a cycle has used what it may let be allocated, and is not over: it takes no more than so large a share of that besides,
const LATE: usize = 4;
/// … and looks at so many objects for each one that is made,
const LATE_STEP: usize = 128;
/// … and in each step, at least.
const LEAST_LATE: usize = 1 << 14;
/// How much of a whole a fraction is of.
const WHOLE: usize = 1 << 16;

/// `number` times `part / whole`.
fn share_of(number: usize, part: usize, whole: usize) -> usize {
    usize::try_from(number as u128 * part as u128 / whole.max(1) as u128).unwrap_or(usize::MAX)
}

/// By how many bytes the heap may grow over what is alive.
fn room<H: Heap>(state: &State<H>) -> usize {
    let Pace { growth, live, counted, objects, .. } = &state.pace;
    let (bytes, among) = if objects.get() == 0 { (TYPICAL, 1) } else { (counted.get(), objects.get()) };
    let always = share_of(bytes, state.thresholds().young.saturating_mul(ALWAYS), among);
    share_of(live.get(), growth.get(), 100).max(always.min(MOST_ALWAYS))
}

/// How many objects are collected in one piece.
fn piece<H: Heap>(state: &State<H>) -> usize {
    let young = state.thresholds().young;
    young.saturating_mul(young / SHORT).min(PIECE)
}

/// What a cycle may let be allocated.
fn reserve(room: usize) -> usize {
    (room / RESERVE).max(LEAST_RESERVE)
}

/// How large the heap may become before a full collection begins.
fn level<H: Heap>(state: &State<H>, room: usize) -> usize {
    let Pace { live, objects, counted, .. } = &state.pace;
    let most = live.get().saturating_add(room);
    let in_one_piece = H::SHARING.in_parallel() || share_of(objects.get(), most, counted.get()) <= piece(state);
    let sure = most - room / UNSURE;
    let early = live.get() + room / 2;
    if state.runs[1].get() > state.thresholds().old {
        early
    } else if in_one_piece && !are_several::<H>() {
        sure
    } else {
        sure.saturating_sub(reserve(room)).max(early)
    }
}

/// Whether other threads allocate while this one collects: before it has come to the stop, and while it drops garbage.
fn are_several<H: Heap>() -> bool {
    H::SHARING.in_parallel() && slot::seat_alone::<H>().is_none()
}

/// Bytes in use, or more.
fn usage<H: Heap>(state: &State<H>) -> usize {
    state.pace.counted.get().saturating_add(handed_out(state))
}

/// Bytes handed out since pages were last asked.
fn handed_out<H: Heap>(state: &State<H>) -> usize {
    let mut bytes = 0_usize;
    stop::each_pool(state, |pool| bytes = bytes.saturating_add(pool.taken()));
    bytes
}

/// Everything is about to be examined.
pub(crate) fn examine<H: Heap>(state: &State<H>) {
    state.pace.handed_out_then.set(handed_out(state));
}

/// Asks the pages what is in use. Nobody else uses the heap.
fn recount<H: Heap>(state: &State<H>) {
    let (mut bytes, mut objects) = (0, 0);
    stop::each_state::<H>(|state| {
        let census = state.pool.census();
        bytes += census.bytes;
        objects += census.objects;
        state.pool.forget_taken();
    });
    state.pace.counted.set(bytes);
    state.pace.objects.set(objects);
}

/// Sets when the pool calls next.
pub(crate) fn set_alarm<H: Heap>(state: &State<H>) {
    let room = room(state);
    let least = if state.cycle.is_running() { state.pace.reserve.get() / UNSURE * 2 } else { room / UNSURE };
    let left = if state.cycle.is_running() { 0 } else { level(state, room).saturating_sub(usage(state)) };
    let left = if H::SHARING.in_parallel() { left / 2 } else { left };
    state.pool.set_alarm(left.max(least));
}

/// Adds the suspicions that were raised in a state to the sum.
pub(crate) fn tell_suspicions<H: Heap>(state: &State<H>) {
    let new = state.suspicions.get() - state.told.replace(state.suspicions.get());
    state.pace.suspicions.change(|suspicions| suspicions + new);
}

/// Whether so many objects have been suspected since the last full collection that garbage may be half of the heap: a quarter
/// of the objects, not counting those that were collected young. But if all that is suspected is new, the heap's growth tells
/// more, and earlier.
fn is_suspicious<H: Heap>(state: &State<H>) -> bool {
    let Pace { suspicions, suspicions_then, buried, patience, objects, .. } = &state.pace;
    let since = suspicions.get().saturating_sub(suspicions_then.get());
    let nothing = state.thresholds().young.saturating_mul(UNSUSPICIOUS);
    let least = |part: usize| ((part.saturating_add(nothing)) as u64).saturating_mul(1 << patience.get());
    let objects = objects.get();
    since.saturating_sub(buried.get()) >= least(objects / 4) && since >= least(objects - objects / 4)
}

/// Looks whether a full collection is due, and none is running. The pool has been heard.
pub(crate) fn is_due<H: Heap>(state: &State<H>) -> bool {
    tell_suspicions(state);
    if state.cycle.is_running() {
        if state.pool.rings() {
            recount(state);
            set_alarm(state);
        }
        return false;
    }
    let mut due = state.is_heavy();
    let level = level(state, room(state));
    if !due && usage(state) >= level {
        let stop = stop::stop::<H>();
        recount(state);
        drop(stop);
        due = state.pace.counted.get() >= level;
    }
    if !due && is_suspicious(state) {
        state.pace.on_suspicion.set(true);
        due = true;
    }
    set_alarm(state);
    due
}

/// Whether a full collection was or is due, as far as this thread knows. It looks at nothing that others may change meanwhile.
pub(crate) fn is_beyond<H: Heap>(state: &State<H>) -> bool {
    usage(state) >= level(state, room(state))
}

/// Whether the heap is so small that it is collected in one piece.
pub(crate) fn is_piece<H: Heap>(state: &State<H>) -> bool {
    let Pace { objects, counted, .. } = &state.pace;
    share_of(objects.get(), usage(state), counted.get()) <= piece(state)
}

/// A cycle begins.
pub(crate) fn begin<H: Heap>(state: &State<H>) {
    recount(state);
    let pace = &state.pace;
    pace.start.set(pace.counted.get());
    pace.external.set(state.budget.external.get());
    // A heap that is much larger than it should be gets time to become smaller.
    pace.reserve.set(reserve(room(state)).max(pace.counted.get() / LARGE));
    pace.made_then.set(state.made());
    pace.made.set(state.made());
    pace.most_made.set((pace.objects.get() / MADE).max(state.thresholds().young.saturating_mul(LEAST_MADE)));
    pace.used.set(0);
    pace.freed.set(0);
    tell_suspicions(state);
    pace.suspicions_then.set(pace.suspicions.get());
    pace.buried.set(0);
    set_alarm(state);
}

/// How many objects the next step of the cycle has to look at.
pub(crate) fn budget<H: Heap>(state: &State<H>) -> usize {
    let pace = &state.pace;
    let made = state.made().wrapping_sub(pace.made.replace(state.made()));
    let objects = pace.objects.get();
    let garbage = share_of(objects, pace.start.get().saturating_sub(pace.live.get()), pace.start.get());
    let work = state.cycle.work_left(objects, garbage);
    let before = pace.used.get();
    let used = used(state).max(before);
    pace.used.set(used);
    if used >= WHOLE {
        // The estimate was wrong. The rest is not done at once, which would be a pause, but fast.
        return share_of(work, used - before, WHOLE / LATE).max(made.saturating_mul(LATE_STEP)).max(LEAST_LATE);
    }
    share_of(work, used - before, WHOLE - before).max(made.saturating_mul(STEP)).max(1)
}

/// Which part of what a cycle may let be allocated has been, of whatever it is most.
fn used<H: Heap>(state: &State<H>) -> usize {
    let pace = &state.pace;
    let bytes = usage(state).saturating_sub(pace.start.get());
    let external = state.budget.external.get().saturating_sub(pace.external.get());
    let made = state.made().wrapping_sub(pace.made_then.get());
    let external_reserve = state.external_step() / RESERVE;
    [(bytes, pace.reserve.get()), (external, external_reserve), (made, pace.most_made.get())]
        .into_iter()
        .fold(0, |most, (part, whole)| most.max(share_of(WHOLE, part, whole)))
}

/// A cycle is over.
pub(crate) fn end_cycle<H: Heap>(state: &State<H>) {
    let pace = &state.pace;
    recount(state);
    // What was alive when it began, or a part of what is there now: the rest has been allocated meanwhile.
    let (start, freed) = (pace.start.get(), pace.freed.get());
    pace.live.set(start.saturating_sub(freed).min(pace.counted.get()));
    learn(state, start, freed);
}

/// A full collection in one piece is over, which examined everything, and freed a share of the objects.
pub(crate) fn end<H: Heap>(state: &State<H>, candidates: usize, collected: usize) {
    let stop = stop::stop::<H>();
    let pace = &state.pace;
    stop::each_state::<H>(tell_suspicions);
    let since = handed_out(state).saturating_sub(pace.handed_out_then.get());
    recount(state);
    drop(stop);
    pace.suspicions_then.set(pace.suspicions.get());
    pace.buried.set(0);
    pace.live.set(alive(state, candidates.saturating_sub(collected), since));
    pace.provisional.set(state.backlog.is_waiting());
    learn(state, candidates, collected);
}

/// Some of what was put off has been destroyed.
pub(crate) fn has_worked_off<H: Heap>(state: &State<H>) {
    let pace = &state.pace;
    if !state.backlog.is_waiting() && pace.provisional.get() {
        pace.provisional.set(false);
        let stop = stop::stop::<H>();
        recount(state);
        drop(stop);
        pace.live.set(pace.live.get().min(pace.counted.get()));
        set_alarm(state);
    }
}

/// The bytes that a full collection has found alive, of which `survivors` are left. What other threads have made while garbage was dropped
/// is not in it, or it would be taken for alive, and the level would rise with each collection. It is at most what has been
/// handed out `since` the examination.
fn alive<H: Heap>(state: &State<H>, survivors: usize, since: usize) -> usize {
    let (counted, objects) = (state.pace.counted.get(), state.pace.objects.get());
    if !H::SHARING.in_parallel() {
        return counted;
    }
    counted.saturating_sub(since).max(share_of(counted, survivors.min(objects), objects.max(1)))
}

fn learn<H: Heap>(state: &State<H>, all: usize, freed: usize) {
    let patience = &state.pace.patience;
    let on_suspicion = state.pace.on_suspicion.replace(false);
    if freed >= all / FOR_NOTHING {
        patience.set(0);
    } else if on_suspicion {
        patience.set((patience.get() + 1).min(PATIENCE));
    }
    set_alarm(state);
}

/// Whether the middle generation is to be included: its turn has come.
pub(crate) fn is_middle_due<H: Heap>(state: &State<H>) -> bool {
    state.runs[Generation::Middle as usize - 1].get() > state.thresholds().middle
}

/// Does a step of the cycle, if one is running.
pub(crate) fn step<H: Heap>(state: &State<H>) {
    if state.cycle.is_running() {
        state.stepped.set(state.births.get());
        incremental::advance(state, &mut incremental::Budget::Objects(budget(state)));
    }
}
