//! When a full collection is due, and how fast one that goes in steps has to be.
//!
//! Three things make it due: the heap has grown, by bytes of slots in use, over what was alive after the last one; or so many
//! objects have been suspected since that old garbage may be a large part of it; or bytes outside of the heap. From its
//! beginning to its end an incremental collection lets so much be allocated, and no more: in each step as much of what is left to do is done as
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
/// The share of what a heap may grow by that is left for what is allocated during an incremental collection,
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
/// During an incremental collection, no more objects are made than this share of those there are, even if as many die,
const MADE: usize = 2;
/// … or so many times the young threshold.
const LEAST_MADE: usize = 32;
/// Full collections that suspicion began, and that free less than this share of what there is, were for nothing.
const FOR_NOTHING: usize = 8;
/// Each of those doubles the suspicions that the next one takes, so many times.
const BACKOFF: usize = 6;
/// A step looks at this many objects for each one that was made, at least.
const STEP: usize = 2;
/// When an incremental collection has used what it may let be allocated, and is not over: it takes no more than so large a share of that besides,
const LATE: usize = 4;
/// … and looks at so many objects for each one that is made,
const LATE_STEP: usize = 128;
/// … and in each step, at least.
const LEAST_LATE: usize = 1 << 14;
/// While an incremental collection drops more than is made, no step does more than this share of what is left to do,
const CALM: usize = 64;
/// … or so many objects.
const LEAST_CALM: usize = 4096;
/// So many times what an incremental collection may let be allocated may be there in the end of what has been.
const MOST_GROWN: usize = 2;
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

/// What an incremental collection may let be allocated: it is no slower where the heap may grow by more than what is alive.
fn reserve(live: usize, room: usize) -> usize {
    (room.min(live) / RESERVE).max(LEAST_RESERVE)
}

/// How large a heap of which `live` bytes are alive may become before a full collection begins: early; if it is one piece; and
/// if it lets some more be allocated before it is over.
fn levels(live: usize, room: usize) -> [usize; 3] {
    let sure = live.saturating_add(room) - room / UNSURE;
    let early = live.saturating_add(room / 2);
    [early, sure, sure.saturating_sub(reserve(live, room)).max(early)]
}

/// How large the heap may become before a full collection begins.
fn level<H: Heap>(state: &State<H>, room: usize) -> usize {
    let Pace { live, objects, counted, .. } = &state.pace;
    let most = live.get().saturating_add(room);
    let in_one_piece = if H::SHARING.in_parallel() {
        // What others do while this thread drops garbage is like what a program does between the steps of an incremental collection.
        slot::solo_seat::<H>().is_some()
    } else {
        share_of(objects.get(), most, counted.get()) <= piece(state)
    };
    let [early, sure, in_steps] = levels(live.get(), room);
    if state.runs[1].get() > state.thresholds().old {
        early
    } else if in_one_piece {
        sure
    } else {
        in_steps
    }
}

/// Bytes in use, or more.
fn usage<H: Heap>(state: &State<H>) -> usize {
    state.pace.counted.get().saturating_add(state.budget.taken())
}

/// Bytes handed out, ever.
fn handed<H: Heap>(state: &State<H>) -> usize {
    state.pace.handed.get().wrapping_add(state.budget.taken())
}

/// Asks the pages what is in use. Nobody else uses the heap.
fn recount<H: Heap>(state: &State<H>) {
    let (mut bytes, mut objects) = (0, 0);
    stop::each_state::<H>(|state| {
        // What other threads have given back is in use as long as it is on its way.
        state.pool.take_back();
        let census = state.pool.census();
        bytes += census.bytes;
        objects += census.objects;
    });
    state.pace.handed.set(handed(state));
    state.budget.forget_taken();
    state.pace.counted.set(bytes);
    state.pace.objects.set(objects);
}

/// Sets when whoever hands memory out looks what is due.
pub(crate) fn set_alarm<H: Heap>(state: &State<H>) {
    let room = room(state);
    state.budget.set_alarm(if state.incremental.is_running() {
        state.pace.reserve.get() / UNSURE * 2
    } else {
        let unsure = (room / UNSURE).saturating_sub(state.budget.taken());
        level(state, room).saturating_sub(usage(state)).max(unsure)
    });
}

/// Others may hand out so many bytes more while one thread collects.
fn allow<H: Heap>(state: &State<H>, bytes: usize) {
    state.pace.most.set(usage(state).saturating_add(bytes));
}

/// Whether others have handed out so much while one thread collects that they have to wait for it.
pub(crate) fn have_others_to_wait<H: Heap>(state: &State<H>) -> bool {
    usage(state) >= state.pace.most.get()
}

/// It was no use to wait: some more is handed out before anybody does so again.
pub(crate) fn go_on<H: Heap>(state: &State<H>) {
    state.budget.set_alarm(room(state) / UNSURE);
}

/// Adds the suspicions that were raised in a state to the sum.
pub(crate) fn tell_suspicions<H: Heap>(state: &State<H>) {
    let new = state.suspicions.get() - state.suspicions_told.replace(state.suspicions.get());
    state.pace.suspicions.change(|suspicions| suspicions + new);
}

/// Whether so many objects have been suspected since the last full collection that garbage may be half of the heap: a quarter
/// of the objects, not counting those that were collected young. But if all that is suspected is new, the heap's growth tells
/// more, and earlier.
fn is_suspicious<H: Heap>(state: &State<H>) -> bool {
    let Pace { suspicions, suspicions_then, found_young, backoff, objects, .. } = &state.pace;
    let since = suspicions.get().saturating_sub(suspicions_then.get());
    let nothing = state.thresholds().young.saturating_mul(UNSUSPICIOUS);
    let least = |part: usize| ((part.saturating_add(nothing)) as u64).saturating_mul(1 << backoff.get());
    let objects = objects.get();
    since.saturating_sub(found_young.get()) >= least(objects / 4) && since >= least(objects - objects / 4)
}

/// Looks whether a full collection is due, and none is running. The pool has been heard.
pub(crate) fn is_due<H: Heap>(state: &State<H>) -> bool {
    tell_suspicions(state);
    if state.incremental.is_running() {
        if state.budget.rings() {
            recount(state);
            set_alarm(state);
        }
        return false;
    }
    let mut due = state.is_heavy();
    let room = room(state);
    let level = level(state, room);
    if !due && usage(state) >= level {
        // What has been handed out since is no more than what the level leaves for that, or the pages are asked.
        if state.budget.taken() >= room / UNSURE {
            let stop = stop::stop::<H>();
            recount(state);
            drop(stop);
        }
        due = state.pace.counted.get() >= level;
    }
    if !due && is_suspicious(state) {
        state.pace.on_suspicion.set(true);
        due = true;
    }
    set_alarm(state);
    due
}

/// Whether the heap is so small that it is collected in one piece, or incremental collections have been interrupted for so long that there is no
/// time for another one.
pub(crate) fn is_piece<H: Heap>(state: &State<H>) -> bool {
    let Pace { objects, counted, interrupted, used, .. } = &state.pace;
    let late = interrupted.get() && used.get() >= WHOLE;
    late || share_of(objects.get(), usage(state), counted.get()) <= piece(state)
}

/// An incremental collection that is running will not come to its end: the next one goes on with what is left of what it may let be allocated.
pub(crate) fn interrupt<H: Heap>(state: &State<H>) {
    if state.incremental.is_running() {
        state.pace.interrupted.set(true);
    }
}

/// An incremental collection begins.
pub(crate) fn begin<H: Heap>(state: &State<H>) {
    recount(state);
    let pace = &state.pace;
    pace.made.set(state.made());
    pace.most_made.set((pace.objects.get() / MADE).max(state.thresholds().young.saturating_mul(LEAST_MADE)));
    pace.dropping.set(false);
    pace.freed.set(0);
    if !pace.interrupted.replace(false) {
        pace.start.set(pace.counted.get());
        pace.external.set(state.budget.external.get());
        // A heap that is much larger than it should be gets time to become smaller.
        pace.reserve.set(reserve(pace.live.get(), room(state)).max(pace.counted.get() / LARGE));
        pace.made_then.set(state.made());
        pace.used.set(0);
    }
    allow(state, pace.reserve.get());
    tell_suspicions(state);
    pace.suspicions_then.set(pace.suspicions.get());
    pace.found_young.set(0);
    set_alarm(state);
}

/// An incremental collection begins with garbage that a full collection in one piece has found.
pub(crate) fn begin_dropping<H: Heap>(state: &State<H>) {
    state.pace.interrupted.set(false);
    begin(state);
    start_dropping(state);
}

/// The incremental collection begins to drop garbage: from now on the bytes in use do not tell any more how many have been allocated.
pub(crate) fn start_dropping<H: Heap>(state: &State<H>) {
    let pace = &state.pace;
    if !pace.dropping.replace(true) {
        pace.grown_then.set(usage(state).saturating_sub(pace.start.get()));
        pace.handed_then.set(handed(state));
    }
}

/// By how many bytes the heap has grown since the incremental collection began, without what was dropped; or more.
fn grown<H: Heap>(state: &State<H>) -> usize {
    let pace = &state.pace;
    if pace.dropping.get() {
        pace.grown_then.get().saturating_add(handed(state).wrapping_sub(pace.handed_then.get()))
    } else {
        usage(state).saturating_sub(pace.start.get())
    }
}

/// How many objects the next step of the incremental collection has to look at.
pub(crate) fn budget<H: Heap>(state: &State<H>) -> usize {
    let pace = &state.pace;
    let made = state.made().wrapping_sub(pace.made.replace(state.made()));
    let objects = pace.objects.get();
    let garbage = share_of(objects, pace.start.get().saturating_sub(pace.live.get()), pace.start.get());
    let work = state.incremental.work_left(objects, garbage);
    let before = pace.used.get();
    let used = used(state).max(before);
    pace.used.set(used);
    let least =
        if used < WHOLE { made.saturating_mul(STEP).max(1) } else { made.saturating_mul(LATE_STEP).max(LEAST_LATE) };
    let budget = due_now(work, before, used).max(least);
    // As long as more is dropped than is made there is no hurry.
    let calm = pace.dropping.get() && usage(state) <= pace.start.get();
    if calm { budget.min((work / CALM).max(LEAST_CALM)) } else { budget }
}

/// How much of the work that is left is to be done, when the part that has been used of what may be allocated goes from `before` to
/// `used`: so much that nothing is left when all has been. If something is, the estimate was wrong. The rest is not done at once, which
/// would be a pause, but so that nothing is left when another share has been used.
fn due_now(work: usize, before: usize, used: usize) -> usize {
    let end = if used < WHOLE { WHOLE } else { WHOLE + WHOLE / LATE };
    let left = if before < end { end - before } else { WHOLE / LATE };
    share_of(work, used - before, left)
}

/// Which part of what an incremental collection may let be allocated has been, of whatever it is most.
fn used<H: Heap>(state: &State<H>) -> usize {
    let pace = &state.pace;
    let bytes = grown(state);
    let external = state.budget.external.get().saturating_sub(pace.external.get());
    let made = state.made().wrapping_sub(pace.made_then.get());
    let external_reserve = state.external_step() / RESERVE;
    [(bytes, pace.reserve.get()), (external, external_reserve), (made, pace.most_made.get())]
        .into_iter()
        .fold(0, |most, (part, whole)| most.max(share_of(WHOLE, part, whole)))
}

/// An incremental collection is over.
pub(crate) fn end_incremental<H: Heap>(state: &State<H>) {
    let pace = &state.pace;
    // What is there now, less what may have come meanwhile: that was alive when the incremental collection began. Much of what was handed out may
    // have gone by count again.
    let grown = grown(state).min(pace.reserve.get().saturating_mul(MOST_GROWN));
    recount(state);
    if pace.interrupted.get() {
        // Not all of its garbage is gone.
        return set_alarm(state);
    }
    let (start, counted) = (pace.start.get(), pace.counted.get());
    pace.live.set(counted.saturating_sub(grown).min(start.saturating_sub(pace.freed.get())));
    learn(state, start, pace.freed.get().max(start.saturating_sub(counted)));
}

/// A full collection in one piece examines the heap now, which nobody else uses.
pub(crate) fn examine<H: Heap>(state: &State<H>) {
    if H::SHARING.is_shared() {
        recount(state);
        let reserve = reserve(state.pace.live.get(), room(state));
        allow(state, reserve);
        state.budget.set_alarm(reserve);
    }
    state.pace.handed_then.set(handed(state));
}

/// A full collection in one piece is over, which examined everything, and freed a share of the objects.
pub(crate) fn end<H: Heap>(state: &State<H>, candidates: usize, collected: usize) {
    let stop = stop::stop::<H>();
    let pace = &state.pace;
    stop::each_state::<H>(tell_suspicions);
    // What was handed out while garbage was dropped may be garbage by now.
    let grown = handed(state).wrapping_sub(pace.handed_then.get());
    recount(state);
    drop(stop);
    pace.interrupted.set(false);
    pace.suspicions_then.set(pace.suspicions.get());
    pace.found_young.set(0);
    pace.live.set(pace.counted.get().saturating_sub(grown));
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
        let (live, room) = (pace.live.get(), room(state));
        let grown = handed(state).wrapping_sub(pace.handed_then.get()).min(reserve(live, room));
        pace.live.set(live.min(pace.counted.get().saturating_sub(grown)));
        arm(state);
    }
}

fn learn<H: Heap>(state: &State<H>, all: usize, freed: usize) {
    let backoff = &state.pace.backoff;
    let on_suspicion = state.pace.on_suspicion.replace(false);
    if freed >= all / FOR_NOTHING {
        backoff.set(0);
    } else if on_suspicion {
        backoff.set((backoff.get() + 1).min(BACKOFF));
    }
    arm(state);
}

/// Sets how large the heap may become.
pub(crate) fn arm<H: Heap>(state: &State<H>) {
    let (live, room) = (state.pace.live.get(), room(state));
    let [_, sure, _] = levels(live, room);
    state.pace.most.set(sure.max(state.pace.counted.get().saturating_add(reserve(live, room))));
    set_alarm(state);
}

/// Whether the middle generation is to be included: its turn has come.
pub(crate) fn is_middle_due<H: Heap>(state: &State<H>) -> bool {
    state.runs[Generation::Middle as usize - 1].get() > state.thresholds().middle
}

/// Does a step of the incremental collection, if one is running.
pub(crate) fn step<H: Heap>(state: &State<H>) {
    if state.incremental.is_running() {
        state.stepped.set(state.births.get());
        incremental::advance(state, &mut incremental::Budget::Objects(budget(state)));
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::raw::attach;
    use crate::{Gc, heap};

    /// No sum is more than there are numbers.
    #[test]
    fn levels_of_the_largest_heaps() {
        let most = usize::MAX;
        assert_eq!(levels(most - 10, most)[0], most);
        assert_eq!(levels(most / 4 * 3, most)[0], most);
        assert!(levels(most, most).into_iter().all(|level| level >= most - most / UNSURE - most / RESERVE));
        assert_eq!(levels(1 << 30, 1 << 30)[2], (2 << 30) - (1 << 26) - (1 << 28));
    }

    /// An incremental collection is over when it has used what it may let be allocated; or, if the estimate was wrong until then, a
    /// quarter more.
    #[test]
    fn nothing_is_left_in_the_end() {
        for step in [WHOLE / 8, WHOLE / 100, 7] {
            for found in [0, 1_000_000] {
                let (mut work, mut before) = (1_000_000, 0);
                let end = if found == 0 { WHOLE } else { WHOLE + WHOLE / LATE };
                while before < end - 1 {
                    let used = (before + step).min(end - 1);
                    // Shortly before the end it turns out that there is as much again.
                    if before < WHOLE - step && used >= WHOLE - step {
                        work += found;
                    }
                    work -= due_now(work, before, used).min(work);
                    before = used;
                }
                assert!(work < 100, "{work} of {found} are left, in steps of {step}");
            }
        }
    }

    /// Just below its level a heap does not ask all its pages whenever something is due.
    #[test]
    #[cfg_attr(any(miri, gc_system_alloc), ignore = "takes long")]
    fn pages_are_not_asked_each_time() {
        heap! { A: Local }
        let mut leaves: Vec<_> = (0..20_000).map(|_| Gc::new_in([0_u64; 120], A)).collect();
        A.collect();
        attach::with::<A, _>(|state| {
            let room = room(state);
            let level = level(state, room);
            let mut fill = |bytes| {
                while usage(state) < bytes {
                    leaves.push(Gc::new_in([0; 120], A));
                }
            };
            // What has been handed out is an estimate: each count corrects it.
            for _ in 0..3 {
                fill(level - room / UNSURE / 2);
                recount(state);
            }
            fill(level);
            assert!(state.pace.counted.get() < level);
            let taken = state.budget.taken();
            assert!(!is_due(state) && taken > 0);
            assert_eq!(state.budget.taken(), taken, "the pages were asked");
            fill(level + room / UNSURE);
            assert!(is_due(state) && state.budget.taken() == 0);
        });
    }
}
