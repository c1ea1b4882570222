//! Subtract and scan: finding the objects of a set that only the set itself refers to.
//!
//! 1. **Subtract.** Every edge inside the set is counted at its target, in the target's entry. Counts are not touched.
//! 2. **Sweep.** An object with more handles than counted edges has one outside of the set, and is reachable; so is all
//!    that it leads to. The sweep goes over the list in order and marks targets as it goes: those ahead of it are
//!    followed when it gets there, those behind it go on a stack of bounded size, and if that overflows another sweep
//!    picks up the rest. Both passes read headers in an order that caches like ([`Set`]), and everything random
//!    happens in the dense table of entries.
//! 3. **Sort.** What was passed over and never reached is garbage, and moves to the garbage list.

use std::any::Any;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::thread;
use std::time::Duration;

use bumpalo::Bump;
use bumpalo::collections::Vec;

use super::set::{Pools, Set, Step};
use super::{clear, suspects};
use crate::raw::base::clock::{self, Moment};
use crate::raw::base::list::List;
use crate::raw::base::panic::{Panic, keep_first, keep_panic};
use crate::raw::base::sync::{Ordering, fence};
use crate::raw::count::{Count, flag};
use crate::raw::heap::side_table::Extras;
use crate::raw::heap::slot::who;
use crate::raw::heap::state::State;
use crate::raw::memory::entry::Entry;
use crate::raw::memory::header::Object;
use crate::raw::object::marks::{EXAM, OUTSIDE, Stack};
use crate::raw::object::track;
use crate::raw::object::visit::{self, Behind, Reach, Subtract, Whose};
use crate::{Heap, tell};

/// What is being examined.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Scope {
    /// The objects on a list.
    List,
    /// The objects on a list, which are all the heap's but for frozen ones; or, if that will do, what suspects lead to. Those found
    /// reachable are cleared of suspicion.
    Heap,
    /// The objects on a list of this thread's, which it examines while others go on. What others have a handle of, or may
    /// have, is taken for reachable.
    Own,
}

impl Scope {
    fn whose<H: Heap>(self, state: &State<H>) -> Whose {
        if self == Scope::Own { Whose::of(&state.pool) } else { Whose::ALL }
    }
}

/// What an examination found.
#[derive(Clone, Copy, Debug, Default)]
pub(crate) struct Found {
    /// Objects examined.
    pub(crate) candidates: usize,
    /// These were not all on the list, but what suspects led to.
    pub(crate) narrow: bool,
    /// Objects that only the set refers to; they are on the garbage list.
    pub(crate) garbage: usize,
    /// The flags that any of the garbage has.
    pub(crate) flags: u32,
    /// How much of the garbage was suspected.
    pub(crate) suspects: usize,
    /// Objects whose `Trace` reported more edges than there are handles.
    pub(crate) broken: usize,
    /// The type of the first of them.
    pub(crate) broken_type: Option<&'static str>,
    /// There is garbage, but this cannot be told for certain, or not be dealt with, while others go on: it is still on its
    /// list.
    pub(crate) blocked: bool,
    /// The time that the passes took.
    subtract: Duration,
    scan: Duration,
}

/// The stack's room, as a share of the set: it bounds the number of sweeps, and so the time.
const STACK_SHARE: usize = 4;
const STACK_LEAST: usize = if cfg!(miri) { 8 } else { 4096 };

/// If more than this share of the heap is garbage, its lists are made anew.
const REORDER_SHARE: usize = 8;

/// Examines the objects on `list` and moves garbage from there to the garbage list. With `condemn`, it is condemned as
/// well: whoever asks for that takes it back ([`clear::pardon`]) if the garbage has something to hear first. `None` if a `Trace` implementation
/// panicked: then nothing is moved.
pub(crate) fn examine<H: Heap>(
    state: &State<H>,
    list: &List,
    scratch: &Bump,
    scope: Scope,
    condemn: bool,
    panic: &mut Option<Panic>,
) -> Option<Found> {
    // No user code from here to the end: no `tracing` span or event (a subscriber is user code), no panic of our own.
    let mut found = Found::default();
    let start = clock::now();
    let pools = (scope == Scope::Heap).then(Pools::of::<H>);
    let led_to = match led_to(state, pools.as_ref(), scratch) {
        Ok(led_to) => led_to,
        Err(payload) => {
            keep_first(panic, payload);
            return None;
        }
    };
    found.narrow = led_to.is_some();
    let pools = pools.filter(|pools| !found.narrow && state.lists.permanent.is_empty() && pools.is_dense());
    let set = if let Some(members) = led_to {
        found.candidates = members.len();
        Set::some(members, list)
    } else if let Some(pools) = &pools {
        pools.fill_entries(EXAM.unseen);
        Set::pages(pools, list)
    } else {
        Set::gather(list, scratch, |value| value.entry().set(EXAM.unseen))
    };
    let passed = pass(state, &set, scratch, scope, start, &mut found);
    debug_assert!(
        passed.is_err() || found.narrow || found.candidates == list.len(),
        "a linked object is not on the list"
    );
    match passed {
        Ok(passed)
            if scope == Scope::Own && passed > 0 && (state.saw_foreign_writer.get() || !are_counts_private(&set)) =>
        {
            found.blocked = true;
            set.each(|value| value.entry().set(OUTSIDE));
            Some(found)
        }
        Ok(passed) => {
            found.garbage = passed;
            sort(state, &set, scope, condemn, &mut found);
            if let Some(pools) = &pools {
                pools.fill_entries(OUTSIDE);
            }
            Some(found)
        }
        Err(payload) => {
            keep_first(panic, payload);
            match &pools {
                Some(pools) => pools.fill_entries(OUTSIDE),
                None => set.each(|value| value.entry().set(OUTSIDE)),
            }
            None
        }
    }
}

/// What suspects lead to, if the set is a whole heap and that is not too much.
///
/// # Errors
///
/// The payload of a `Trace` implementation that panicked.
fn led_to<'s, H: Heap>(
    state: &State<H>,
    pools: Option<&Pools>,
    scratch: &'s Bump,
) -> Result<Option<Vec<'s, Object<H>>>, Box<dyn Any + Send>> {
    let Some(pools) = pools else { return Ok(None) };
    let led_to = suspects::gather(state, pools, scratch)?;
    // All that are found reachable are cleared of suspicion, and whatever is not may be garbage no more: then everything is
    // examined once more.
    pools.forget_suspects();
    state.suspects.unsure.set(false);
    Ok(led_to)
}

/// Both passes. Returns how many objects nothing outside of the set has a handle of, nor any that something has one of.
fn pass<H: Heap>(
    state: &State<H>,
    set: &Set<'_, '_, H>,
    scratch: &Bump,
    scope: Scope,
    start: Moment,
    found: &mut Found,
) -> thread::Result<usize> {
    // A thread that examines its own takes the values of ephemerons for reachable: others may insert and remove some meanwhile.
    let ephemerons = state.ephemerons().filter(|_| scope != Scope::Own);
    let passed = catch_unwind(AssertUnwindSafe(|| {
        if set.is_all {
            found.candidates = subtract(set, scope.whose(state), ephemerons);
        }
        found.subtract = start.elapsed();
        state.saw_foreign_writer.set(false);
        let candidates = found.candidates;
        let broken = &mut |name| {
            found.broken += 1;
            found.broken_type.get_or_insert(name);
        };
        scan(set, scratch, scope, scope.whose(state), ephemerons, candidates, broken)
    }));
    found.scan = start.elapsed().saturating_sub(found.subtract);
    passed
}

impl Found {
    /// Tells `tracing` about the passes, when they are over. Runs user code, if anybody listens.
    pub(crate) fn report(&self) {
        let ns = |duration: Duration| u64::try_from(duration.as_nanos()).unwrap_or(u64::MAX);
        drop(tell::span!("subtract", duration_ns = ns(self.subtract), objects = self.candidates));
        drop(tell::span!("scan", duration_ns = ns(self.scan), garbage = self.garbage));
    }

    /// Reports a broken `Trace`, if there was one.
    pub(crate) fn complain(&self, panic: &mut Option<Panic>) {
        let Some(name) = self.broken_type else { return };
        tell::event!(ERROR, r#type = name, "broken `Trace`: it reports more edges than there are handles");
        keep_panic(panic, || {
            panic!("broken `Trace` implementation: more edges to a `{name}` were traced than there are handles of it")
        });
    }
}

/// Whether what was passed over and not reached is garbage, although others have gone on: nobody has made or dropped a handle
/// of it all the time, and there are no weak ones to make them from. And it has nothing to say when it goes.
#[inline(never)]
fn are_counts_private<H: Heap>(set: &Set<'_, '_, H>) -> bool {
    const LOUD: u32 = flag::EXTRAS | flag::FINALIZER;
    let who = who::<H>();
    let mut private = true;
    set.each(|value| {
        if value.entry().state() == EXAM.passed {
            // SAFETY: [I5] `value` is on the list.
            private &= unsafe { value.count() }.is_private_without(who, LOUD);
        }
    });
    // Others may have had weak handles, and have used the memory.
    fence(Ordering::Acquire); // [O99]
    private
}

/// Counts the edges inside the set. Returns its size.
fn subtract<H: Heap>(set: &Set<'_, '_, H>, whose: Whose, ephemerons: Option<&Extras>) -> usize {
    let mut visitor = Subtract::<H>::new(EXAM.unseen, whose);
    let mut size = 0;
    set.each(|value| {
        size += 1;
        // SAFETY: [I3] the table is the object's own; [I4] tracked values are initialised, and nobody has a `&mut` to
        // them: cells that are borrowed say so, and guards take their object off the list.
        unsafe {
            (value.table().subtract)(value, &mut visitor);
            visit::ephemerons(ephemerons, value, &mut visitor);
        }
    });
    visitor.finish();
    size
}

/// Finds what is reachable from outside. Returns the number of objects that are not.
fn scan<H: Heap>(
    set: &Set<'_, '_, H>,
    scratch: &Bump,
    scope: Scope,
    whose: Whose,
    ephemerons: Option<&Extras>,
    size: usize,
    broken: &mut dyn FnMut(&'static str),
) -> usize {
    let mut stack = Stack::new(scratch, (size / STACK_SHARE).max(STACK_LEAST));
    let visitor = Reach::<H>::new(EXAM, whose, Behind::Stack(&mut stack));
    let mut scan = Scan { visitor, scope, who: who::<H>(), ephemerons, broken, passed: 0 };
    loop {
        set.walk(&mut scan);
        while let Some(value) = scan.visitor.pop() {
            let entry = value.entry();
            if entry.state() == EXAM.pending {
                scan.follow(value, entry);
            }
        }
        if !scan.visitor.take_overflow() {
            break;
        }
    }
    let passed = scan.passed;
    passed - stack.reached
}

/// A sweep.
struct Scan<'a, 's, H: Heap> {
    visitor: Reach<'a, 's, H>,
    scope: Scope,
    who: <H::Count as Count>::Who,
    ephemerons: Option<&'a Extras>,
    broken: &'a mut dyn FnMut(&'static str),
    /// How many were not known to be reachable when the sweep came to them.
    passed: usize,
}

impl<H: Heap> Step<H> for Scan<'_, '_, H> {
    #[cfg_attr(not(debug_assertions), inline(always))]
    fn step(&mut self, object: Object<H>) {
        let entry = object.entry();
        let state = entry.state();
        if state == EXAM.unseen {
            // SAFETY: [I5] as above.
            let count = unsafe { object.count() };
            let edges = entry.edges();
            let own = self.scope == Scope::Own;
            let strong = if own { count.private(self.who).unwrap_or(u32::MAX) } else { count.strong() };
            // One without handles is being destroyed: its thread has stopped on the way.
            if strong == edges && (strong != 0 || !H::SHARING.in_parallel()) {
                entry.set(EXAM.passed);
                self.passed += 1;
                return;
            }
            if strong < edges {
                // SAFETY: [I5] as above.
                (self.broken)(unsafe { object.table() }.type_name());
            }
        } else if state != EXAM.pending {
            return;
        }
        self.follow(object, entry);
    }
}

impl<H: Heap> Scan<'_, '_, H> {
    /// Marks the targets of a reachable object.
    #[cfg_attr(not(debug_assertions), inline(always))]
    fn follow(&mut self, object: Object<H>, entry: &Entry) {
        entry.set(EXAM.done);
        // SAFETY: [I5] the object is on the list; [I3], [I4] as in `subtract`.
        unsafe {
            if self.scope == Scope::Heap {
                let count = object.count();
                if count.flags() & flag::SUSPECT != 0 {
                    count.mark(0, flag::SUSPECT);
                }
            }
            (object.table().reach)(object, &mut self.visitor);
            visit::ephemerons(self.ephemerons, object, &mut self.visitor);
        }
    }
}

/// Moves garbage to its list, condemns it on the way if so asked, and leaves all entries at zero.
fn sort<H: Heap>(state: &State<H>, set: &Set<'_, '_, H>, scope: Scope, condemn: bool, found: &mut Found) {
    let garbage = if Scope::Own == scope { &state.own_garbage } else { &state.lists.garbage };
    // Much garbage: both lists are made anew, in the order of addresses, which costs less than to take it out one by one,
    // and less again when it is dropped.
    let anew = set.is_by_page() && found.garbage > found.candidates / REORDER_SHARE;
    let all = set.is_all && found.garbage == found.candidates && !anew;
    if anew {
        set.list.init();
    }
    let who = who::<H>();
    if found.garbage > 0 || !set.is_by_page() {
        set.each(|value| {
            let entry = value.entry();
            // SAFETY: [I5] `value` is on the list; or, if that is made anew, on none.
            unsafe {
                if entry.state() == EXAM.passed {
                    let count = value.count();
                    found.flags |= count.flags();
                    found.suspects += usize::from(count.flags() & flag::SUSPECT != 0);
                    if anew {
                        garbage.push_back(value.links());
                    } else if !all {
                        track::move_to(value, garbage);
                    }
                    if condemn {
                        clear::condemn_one(count, who);
                    }
                } else if anew {
                    set.list.push_back(value.links());
                }
            }
            if !set.is_by_page() {
                entry.set(OUTSIDE);
            }
        });
    }
    if all {
        garbage.append(set.list);
    }
}
