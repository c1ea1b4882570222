//! Incremental collections that find so much that they examine it in parts: the parts are bounded, nothing is missed between them, and
//! whatever the program does in the middle, nothing else goes.
//!
//! With a young threshold of one a part has eight objects.

use std::cell::Cell;

use tricycle::{Collection, Generation, Phase};

use super::objects::*;
use super::panics::{Bomb, for_each_fault};
use super::step_faults::steps_with_panics;
use super::steps::{Heavy, Steps, at_each_step, step};
use crate::support::inject;

const PART: usize = 8;
const RINGS: usize = 9;
const N: usize = 3;

/// How each ring is linked to others: by their numbers.
type Shape = fn(usize) -> Vec<usize>;

/// Chains either way, a tree either way, and everything to everything further on.
const SHAPES: [Shape; 5] = [
    |i| if i + 1 < RINGS { vec![i + 1] } else { vec![] },
    |i| if i > 0 { vec![i - 1] } else { vec![] },
    |i| [2 * i + 1, 2 * i + 2].into_iter().filter(|to| *to < RINGS).collect(),
    |i| if i > 0 { vec![(i - 1) / 2] } else { vec![] },
    |i| (i + 1..RINGS).collect(),
];

/// All of them; under Miri one.
fn shapes() -> impl Iterator<Item = Shape> {
    SHAPES.into_iter().step_by(if cfg!(miri) { SHAPES.len() } else { 1 })
}

/// The number of every `nth` ring; under Miri the first and the last.
fn some_rings(nth: usize) -> impl Iterator<Item = usize> {
    (0..RINGS).step_by(if cfg!(miri) { RINGS - 1 } else { nth })
}

/// Rings, each of which is a component of its own.
fn rings(shape: Shape, log: &Log) -> Vec<Vec<Gc<Node>>> {
    let rings: Vec<Vec<_>> = (0..RINGS)
        .map(|ring| {
            let nodes: Vec<_> = (0..N).map(|i| Node::named(format!("{ring}.{i}"), log)).collect();
            (0..N).for_each(|i| nodes[i].link(&nodes[(i + 1) % N]));
            nodes
        })
        .collect();
    for (i, ring) in rings.iter().enumerate() {
        shape(i).into_iter().for_each(|to| ring[i % N].link(&rings[to][(i + 1) % N]));
    }
    rings
}

/// Which rings can be reached from one.
fn reachable(shape: Shape, from: usize) -> Vec<usize> {
    let mut found = vec![from];
    let mut at = 0;
    while at < found.len() {
        let new: Vec<_> = shape(found[at]).into_iter().filter(|to| !found.contains(to)).collect();
        found.extend(new);
        at += 1;
    }
    found
}

fn old() -> tricycle::GenerationStats {
    HEAP.stats()[Generation::Old]
}

/// All goes in one cycle, in parts none of which is too large, and of which the first tells how much was looked at.
#[test]
fn bounded() {
    for shape in shapes() {
        let _gate = Gate::open();
        let (log, events) = (Log::new(), Shelf::new());
        let garbage = rings(shape, &log);
        let live = rings(shape, &Log::new());
        HEAP.collect();
        drop(garbage);
        let id = HEAP.on_collection({
            let events = events.clone();
            move |event| {
                if (event.generation, event.phase) == (Generation::Old, Phase::Stop) {
                    events.put((event.collected, event.candidates));
                }
            }
        });
        let before = old();
        Steps::of(0).run().finish();
        HEAP.remove_callback(id);
        let parts = events.take();
        assert!(parts.len() >= RINGS * N / PART, "{parts:?}");
        assert!(parts.iter().all(|(collected, _)| *collected <= PART), "{parts:?}");
        assert_eq!(parts.iter().map(|part| part.0).sum::<usize>(), RINGS * N);
        assert_eq!(parts[0].1, 2 * RINGS * N + 1);
        assert!(parts[1..].iter().all(|(_, candidates)| *candidates == 0));
        assert_eq!(old().collections - before.collections, parts.len() as u64);
        assert_eq!(log.count("drop"), RINGS * N);
        assert!(live.iter().flatten().all(Gc::is_tracked));
    }
}

/// `collect_within` adds up what the parts did.
#[test]
fn added_up() {
    let _gate = Gate::open_for(added_up);
    let log = Log::new();
    let garbage = rings(SHAPES[2], &log);
    HEAP.collect();
    drop(garbage);
    HEAP.set_thresholds((1, 1000, 1000));
    HEAP.disable();
    let result = loop {
        if let tricycle::Progress::Finished(result) = HEAP.collect_within(std::time::Duration::ZERO) {
            break result;
        }
    };
    let Collection { collected, candidates, .. } = result;
    assert_eq!((collected, candidates), (RINGS * N, RINGS * N));
    assert_eq!(log.count("drop"), RINGS * N);
    HEAP.enable();
    HEAP.set_thresholds(tricycle::Thresholds::default());
}

/// One component that is larger than a part, with others before and behind it; and what hangs on the garbage without
/// being in a circle dies with it.
#[test]
fn a_large_component() {
    at_each_step(|steps| {
        let log = Log::new();
        let large = Node::ring(3 * PART, &log);
        let [before, behind] = [0, 0].map(|_| Node::ring(N, &log));
        before[0].link(&large[0]);
        large[PART].link(&behind[0]);
        let tail = Node::named("tail", &log);
        (0..PART).fold(tail.clone(), |at, i| {
            let next = Node::named(format!("tail {i}"), &log);
            at.link(&next);
            next
        });
        before[1].link(&tail);
        steps.age();
        drop((tail, large, before, behind));
        steps.run().finish();
        assert_eq!(log.count("drop"), 3 * PART + 2 * N + PART + 1);
    });
}

/// A weak handle to one of the rings, upgraded at any step, keeps that ring and what it leads to, whole. The others go.
#[test]
fn upgraded() {
    for shape in shapes() {
        for ring in some_rings(RINGS / 2) {
            let seen = Cell::new([0, 0]);
            at_each_step(|steps| {
                let log = Log::new();
                let garbage = rings(shape, &log);
                let weak = Gc::downgrade(&garbage[ring][1]);
                steps.age();
                drop(garbage);
                let heavy = steps.run();
                let upgraded = weak.upgrade();
                let mut counts = seen.get();
                counts[usize::from(upgraded.is_some())] += 1;
                seen.set(counts);
                heavy.finish();
                HEAP.collect();
                let kept = if upgraded.is_some() { reachable(shape, ring).len() * N } else { 0 };
                assert_eq!(log.take().len(), RINGS * N - kept);
                if let Some(node) = upgraded {
                    assert!(Gc::is_tracked(&node));
                    drop(node);
                    assert_eq!(collect(), kept);
                }
            });
            assert!(seen.get().iter().all(|count| *count > usize::from(!cfg!(miri))), "{:?}", seen.get());
        }
    }
}

/// A ring is taken apart at any step, so that its objects die by count wherever they are, and others take their memory.
#[test]
fn died_by_count() {
    for shape in shapes() {
        for ring in some_rings(1) {
            at_each_step(|steps| {
                let log = Log::new();
                let garbage = rings(shape, &log);
                let weak = Gc::downgrade(&garbage[ring][0]);
                steps.age();
                drop(garbage);
                let heavy = steps.run();
                let gone = weak.upgrade().map(|node| drop(node.edges.take()));
                let new = Node::ring(2 * N, &log);
                step();
                new[0].link(&new[2]);
                drop(new);
                heavy.finish();
                HEAP.collect();
                assert_eq!(log.count("drop"), (RINGS + 2) * N, "{gone:?}");
            });
        }
    }
}

/// Rings that are alive, but do not look so, because their handle moves about, are linked anew at each step.
#[test]
fn linked_anew() {
    at_each_step(|steps| {
        let (log, kept) = (Log::new(), Log::new());
        let holders: Vec<_> = (0..RINGS).map(|_| Node::new()).collect();
        let live = rings(SHAPES[0], &kept);
        let weaks: Vec<_> = live.iter().flatten().map(Gc::downgrade).collect();
        holders[0].link(&live[0][0]);
        let garbage = rings(SHAPES[0], &log);
        garbage[3][0].link(&live[5][1]);
        steps.age();
        drop((live, garbage));
        let heavy = steps.run();
        for i in 0..4 * RINGS {
            let [from, to] = [i, i + 1].map(|i| i * (RINGS - 1) % RINGS);
            let moved = holders[from].edges.take();
            holders[to].edges.borrow_mut().extend(moved);
            let [from, to] = [i * 7, i * 5 + 3].map(|i| weaks[i % weaks.len()].upgrade().unwrap());
            from.link(&to);
            drop((from, to));
            step();
        }
        heavy.finish();
        assert!(kept.take().is_empty());
        HEAP.collect();
        assert_eq!(log.count("drop"), RINGS * N);
        assert!(kept.take().is_empty());
        drop(holders);
        assert_eq!(collect(), RINGS * N);
    });
}

/// Full collections and freezing between the parts.
#[test]
fn interrupted() {
    for freeze in [false, true] {
        at_each_step(|steps| {
            let log = Log::new();
            let garbage = rings(SHAPES[4], &log);
            let live = rings(SHAPES[4], &Log::new());
            steps.age();
            drop(garbage);
            let heavy = steps.run();
            let all = HEAP.objects(None).len();
            assert_eq!(all, HEAP.live_objects());
            if freeze {
                HEAP.freeze();
                assert!(HEAP.objects(None).is_empty());
                assert_eq!(HEAP.freeze_count(), all);
                HEAP.unfreeze();
            }
            HEAP.collect();
            assert_eq!(log.count("drop"), RINGS * N);
            heavy.finish();
            assert_eq!(log.count("drop"), RINGS * N);
            assert!(live.iter().flatten().all(Gc::is_tracked));
        });
    }
}

/// Finalizers bring back rings that have been examined, and with them some that have not.
#[test]
fn resurrected() {
    at_each_step(|steps| {
        let (log, shelf) = (Log::new(), Shelf::new());
        let rings: Vec<_> = (0..RINGS)
            .map(|i| {
                let first = if i == RINGS / 2 {
                    Obj::saving(format!("{i}.0"), &log, &shelf)
                } else {
                    Obj::new(format!("{i}.0"), &log)
                };
                let ring = [first, Obj::new(format!("{i}.1"), &log), Obj::new(format!("{i}.2"), &log)];
                circle(&ring);
                ring
            })
            .collect();
        (1..RINGS).for_each(|i| rings[i - 1][2].link(&rings[i][0]));
        steps.age();
        drop(rings);
        steps.run().finish();
        HEAP.collect();
        let saved = shelf.take();
        assert_eq!(saved.len(), 1);
        assert_eq!(log.count("drop"), RINGS / 2 * N);
        assert!(log.count("finalize") >= RINGS / 2 * N + 3);
        drop(saved);
        HEAP.collect();
        assert_eq!((log.count("finalize"), log.count("drop")), (RINGS * N, RINGS * N));
    });
}

/// Panics at any point of a cycle of several parts, after which it goes on, or the next one does.
#[test]
fn panics() {
    const BOMBS: usize = 4 * PART;
    let seen = for_each_fault(BOMBS, |log| {
        let bombs: Vec<_> = (0..BOMBS).map(|name| Bomb::new(name, log)).collect();
        for i in 0..BOMBS {
            bombs[i].edges.borrow_mut().push(bombs[i ^ 1].clone());
            if i + 2 < BOMBS {
                bombs[i].edges.borrow_mut().push(bombs[i + 2].clone());
            }
        }
        HEAP.collect();
        drop(bombs);
        let panic = steps_with_panics();
        assert_eq!(log.count("drop"), 2 * BOMBS);
        if let Some(what) = panic {
            inject(what);
        }
    });
    assert_eq!(seen, ["trace", "finalize", "drop"].into());
}

/// Graphs of any kind: all garbage goes in one cycle, although live objects, to which it leads and which may be taken for
/// garbage themselves, come apart meanwhile.
#[test]
fn any_graph() {
    const NODES: usize = 60;
    for seed in 1..if cfg!(miri) { 3 } else { 400_u64 } {
        let _gate = Gate::open();
        let mut state = seed.wrapping_mul(0x9E37_79B9_7F4A_7C15);
        let mut random = |below: usize| {
            state ^= state << 13;
            state ^= state >> 7;
            state ^= state << 17;
            usize::try_from(state >> 33).unwrap() % below
        };
        let (log, kept) = (Log::new(), Log::new());
        let garbage: Vec<_> = (0..NODES).map(|i| Node::named(i.to_string(), &log)).collect();
        let live: Vec<_> = (0..NODES).map(|i| Node::named(i.to_string(), &kept)).collect();
        for _ in 0..NODES / 2 + random(2 * NODES) {
            garbage[random(NODES)].link(&garbage[random(NODES)]);
            garbage[random(NODES)].link(&live[random(NODES)]);
            live[random(NODES)].link(&live[random(NODES)]);
        }
        garbage.iter().for_each(|node| node.link(node));
        let holders: Vec<_> = (0..9).map(|_| Node::new()).collect();
        live.iter().for_each(|node| holders[0].link(node));
        HEAP.collect();
        drop((garbage, live));
        let heavy = Steps::of(random(70)).run();
        let mut at = 0;
        loop {
            // What is alive is held by an object that the cycle has not seen, or is not going to see again.
            let moved = holders[at].edges.take();
            at = (at + 4) % holders.len();
            holders[at].edges.borrow_mut().extend(moved);
            if random(3) == 0 && !holders[at].edges.borrow().is_empty() {
                let many = holders[at].edges.borrow().len();
                let node = holders[at].edges.borrow_mut().swap_remove(random(many));
                drop(node.edges.take());
            }
            if !step() {
                break;
            }
        }
        heavy.finish();
        assert_eq!(log.count("drop"), NODES, "with seed {seed}");
    }
}

/// The steps of a cycle have spans too, and all are closed again.
#[test]
fn spans() {
    let _gate = Gate::open_for(spans);
    let ring = Node::ring(9, &Log::new());
    HEAP.collect();
    drop(ring);
    let lines = super::tracing_events::told(|| Heavy::again().finish());
    assert!(lines.iter().filter(|line| line.starts_with("gc.step")).count() > 2, "{lines:#?}");
    for phase in ["  subtract objects=9", "  scan", "  clear"] {
        assert!(lines.iter().any(|line| line.starts_with(phase)), "{phase}: {lines:#?}");
    }
}
