//! Counters that begin anew: nothing that a user can notice depends on how far they are.

use std::time::Duration;

use super::FAR;
use crate::raw::attach;
use crate::{Gc, Thresholds, Trace, heap};

heap! { A: Local }
heap! { B: Atomic }

/// What is tracked.
#[derive(Trace)]
struct Node(Option<Gc<Node, A>>);

fn node(next: Option<Gc<Node, A>>) -> Gc<Node, A> {
    Gc::new_in(Node(next), A)
}

/// What there is to notice when an object has been made.
#[derive(Clone, Copy, Debug, PartialEq)]
struct Seen {
    collections: [u64; 3],
    /// A promotion empties the list, and is no collection.
    young: usize,
    /// Steps of the incremental collection.
    steps: usize,
    /// What was put off is there.
    alive: usize,
}

/// How often something changes by which nobody would know that an object was made.
fn changes<T: PartialEq>(seen: &[Seen], of: impl Fn(&Seen) -> T) -> usize {
    seen.windows(2).filter(|pair| of(&pair[0]) != of(&pair[1])).count()
}

/// Makes so many objects, each of which goes at once, but for one of a few, while the counters of births are so much further than
/// they would be.
fn run(young: usize, prepare: fn() -> Vec<Gc<Node, A>>, few: usize, births: usize, further: usize) -> Vec<Seen> {
    let run = move || {
        A.set_thresholds(Thresholds { young, ..Thresholds::default() });
        let mut kept = prepare();
        attach::with::<A, _>(|state| {
            let counters = [&state.births, &state.deaths, &state.promoted, &state.stepped, &state.worked_off];
            counters.into_iter().for_each(|counter| counter.set(counter.get() + further));
            [&state.pace.made, &state.pace.made_then].into_iter().for_each(|made| made.set(made.get() + further));
            state.arm_trigger();
            let (mut steps, mut step) = (0, state.pace.made.get());
            let mut see = |at| {
                let new = node(None);
                if at % 60 == 0 {
                    // As those do who say something of external bytes or of thresholds.
                    state.arm_trigger();
                }
                // What had been made at the last one.
                let now = state.pace.made.get();
                steps += usize::from(std::mem::replace(&mut step, now) != now);
                if at % few == 0 {
                    kept.push(new);
                }
                Seen {
                    collections: A.stats().generations.map(|stats| stats.collections),
                    young: state.young.len(),
                    steps,
                    alive: A.live_allocations(),
                }
            };
            (0..births).map(&mut see).collect()
        })
    };
    std::thread::spawn(run).join().unwrap()
}

/// What is noticed is the same wherever the counters begin anew. Returns it.
fn same_everywhere(young: usize, prepare: fn() -> Vec<Gc<Node, A>>, few: usize, births: usize) -> Vec<Seen> {
    let usual = run(young, prepare, few, births, 0);
    for before in [1, 77, 300, 700, 810, 1210] {
        let seen = run(young, prepare, few, births, FAR.saturating_sub(before));
        let differs = usual.iter().zip(&seen).position(|(usual, seen)| usual != seen);
        let of = differs.map(|at| (at, usual[at], seen[at]));
        assert_eq!(of, None, "{before} births before the counters begin anew");
    }
    usual
}

/// More die than stay: the young list is promoted, again and again, and the heap grows by as much as the threshold says between
/// two collections.
#[test]
#[cfg_attr(miri, ignore = "takes long")]
fn collections_and_promotions() {
    let prepare = || {
        A.collect();
        Vec::new()
    };
    let seen = same_everywhere(200, prepare, 10, 4000);
    let collected = changes(&seen, |seen| seen.collections);
    let emptied = seen.windows(2).filter(|pair| pair[1].young < pair[0].young / 2).count();
    assert_eq!((collected, emptied - collected), (2, 8));
}

/// An incremental collection goes on each time that so many have been made.
#[test]
#[cfg_attr(miri, ignore = "takes long")]
fn steps() {
    let prepare = || {
        let old: Vec<_> = (0..20_000).map(|_| node(None)).collect();
        A.collect();
        drop(old.clone()); // there is nothing to examine where nobody is suspected
        A.collect_within(Duration::ZERO);
        old
    };
    let seen = same_everywhere(2000, prepare, usize::MAX, 3000);
    // What is handed out meanwhile sets some off, too.
    assert!(changes(&seen, |seen| seen.steps) >= 5);
}

/// What was put off goes on each time that so many have been made, also if nothing is collected.
#[test]
#[cfg_attr(miri, ignore = "takes long")]
fn backlog() {
    let prepare = || {
        A.collect();
        A.set_defer_drop(Some(10));
        drop((0..30_000).fold(None, |list, _| Some(node(list))));
        Vec::new()
    };
    let seen = same_everywhere(1000, prepare, usize::MAX, 3000);
    assert!(changes(&seen, |seen| seen.alive) >= 6);
}

/// What was made since the young list was last taken for the world's is counted, wherever the counters begin anew.
#[test]
fn gathered() {
    let gathered = |further: usize| {
        attach::with::<B, _>(|state| {
            let make = |births| (0..births).map(|_| Gc::new_in(Some(Gc::new_in(0, B)), B)).collect::<Vec<_>>();
            B.disable();
            B.collect();
            let mut kept = make(10);
            assert_eq!(B.objects(None).len(), 10);
            let counters = [&state.births, &state.deaths, &state.gathered];
            counters.into_iter().for_each(|counter| counter.set(counter.get() + further));
            kept.extend(make(20));
            state.arm_trigger();
            let before = state.gathered_size.get();
            assert_eq!(B.objects(None).len(), 30);
            state.gathered_size.get() - before
        })
    };
    assert_eq!([0, FAR - 11, FAR].map(gathered), [20; 3]);
}
