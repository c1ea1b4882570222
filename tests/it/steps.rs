//! Collections of the old generation in steps: whatever the program does between two of them, what was garbage when the
//! cycle began goes, and nothing else does.
//!
//! A heap with much external memory is due for a cycle, and each tracked object that is created does a step of it: with
//! a young threshold of one, ten objects at a time. So the tests can stop a small cycle at each of its steps.

use std::cell::Cell;
use std::time::Duration;

use tricycle::{Generation, Progress, Thresholds};

use super::objects::*;
use crate::support::points;

/// A cycle that is stopped after some steps.
pub(super) struct Steps {
    steps: usize,
    over: Cell<bool>,
}

impl Steps {
    pub(super) fn of(steps: usize) -> Self {
        Steps { steps, over: Cell::new(false) }
    }

    /// Makes all that there is old.
    pub(super) fn age(&self) {
        HEAP.collect();
    }

    /// Begins a cycle and does the steps.
    pub(super) fn run(&self) -> Heavy {
        let heavy = Heavy::new(1 << 30);
        for _ in 0..self.steps {
            self.over.set(!step());
        }
        heavy
    }
}

/// Makes the heap due for a cycle.
pub(super) struct Heavy(Gc<Node>);

impl Heavy {
    fn new(bytes: usize) -> Self {
        HEAP.set_thresholds((1, 1000, 1000));
        let node = Node::new();
        Gc::external_bytes(&node, bytes);
        drop(node.clone()); // a heap in which nobody is suspected is not worth a cycle
        Heavy(node)
    }

    /// A second cycle after one that has been finished: what is registered has to have grown.
    pub(super) fn again() -> Self {
        Heavy::new(3 << 29)
    }

    /// Goes on with the cycle until it is over.
    pub(super) fn finish(self) {
        finish();
        drop(self.0);
        HEAP.set_thresholds(Thresholds::default());
    }
}

/// Does a step. False if there is none left to do.
pub(super) fn step() -> bool {
    let collections = || HEAP.stats()[Generation::Young].collections + HEAP.stats()[Generation::Middle].collections;
    let before = collections();
    // The first one after a collection may be only counted.
    (0..2).any(|_| {
        drop(Node::new());
        collections() != before
    })
}

/// Does all steps that are left.
pub(super) fn finish() {
    let mut steps = 0;
    while step() {
        steps += 1;
        assert!(steps < 1000, "the cycle does not end");
    }
}

/// Runs `scenario` with a cycle of no steps, with one of one step, and so on, until it has all of them.
pub(super) fn at_each_step(scenario: impl Fn(&Steps)) {
    for steps in points(1) {
        let _gate = Gate::open();
        let steps = Steps::of(steps);
        scenario(&steps);
        if steps.over.get() {
            assert!(steps.steps > 2, "a cycle of {} steps", steps.steps);
            break;
        }
    }
}

/// Reads a ring, all the way round.
fn check(ring: &Gc<Node>, n: usize) {
    let mut at = ring.clone();
    for _ in 0..n {
        let next = at.edges.borrow()[0].clone();
        at = next;
    }
    assert!(Gc::ptr_eq(&at, ring));
}

/// Two rings, one of which is alive and one of which is garbage, both old.
struct World {
    live: Vec<Gc<Node>>,
    weak: Weak<Node>,
    /// Of the garbage.
    log: Log,
}

const N: usize = 9;

impl World {
    fn new(steps: &Steps) -> World {
        let log = Log::new();
        let (live, garbage) = (Node::ring(N, &Log::new()), Node::ring(N, &log));
        garbage[3].link(&live[2]);
        steps.age();
        World { live, weak: Gc::downgrade(&garbage[0]), log }
    }

    /// All the garbage has gone, and nothing but that.
    fn is_clean(&self) {
        assert_eq!(self.log.sorted(), (0..N).map(|i| format!("drop {i}")).collect::<Vec<_>>());
        assert!(self.weak.upgrade().is_none());
        check(&self.live[0], N);
        assert!(self.live.iter().all(|node| Gc::strong_count(node) == 2 && Gc::is_tracked(node)));
    }
}

#[test]
fn undisturbed() {
    at_each_step(|steps| {
        let world = World::new(steps);
        let before = HEAP.stats()[Generation::Old];
        steps.run().finish();
        let after = HEAP.stats()[Generation::Old];
        assert_eq!((after.collections - before.collections, after.collected - before.collected), (1, N as u64));
        assert_eq!(after.candidates - before.candidates, 2 * N as u64 + 1);
        world.is_clean();
    });
}

/// A full collection in the middle.
#[test]
fn collected() {
    at_each_step(|steps| {
        let world = World::new(steps);
        let heavy = steps.run();
        HEAP.collect();
        world.is_clean();
        heavy.finish();
        world_is_quiet(&world);
    });
}

fn world_is_quiet(world: &World) {
    assert!(world.log.take().is_empty());
    check(&world.live[0], N);
}

/// Younger collections in the middle.
#[test]
fn collected_young() {
    for generation in [Generation::Young, Generation::Middle] {
        at_each_step(|steps| {
            let world = World::new(steps);
            let heavy = steps.run();
            let young = Log::new();
            HEAP.disable();
            drop(Node::ring(3, &young));
            HEAP.collect_generation(generation);
            HEAP.enable();
            assert_eq!(young.count("drop"), 3);
            heavy.finish();
            world.is_clean();
        });
    }
}

/// Asking for objects and their referrers, and counting them.
#[test]
fn looked_at() {
    at_each_step(|steps| {
        let world = World::new(steps);
        let heavy = steps.run();
        let old = HEAP.objects(Generation::Old);
        let all = HEAP.objects(None);
        assert_eq!(all.len(), HEAP.live_objects());
        for node in &world.live {
            let is = |any: &&AnyGc| any.downcast_ref().is_some_and(|other| Gc::ptr_eq(other, node));
            assert_eq!(old.iter().filter(is).count(), 1);
            assert_eq!(all.iter().filter(is).count(), 1);
        }
        assert!(matches!(all.iter().filter(|any| any.is::<Node>()).count() - N, 1 | 2 | 10 | 11));
        for any in &all {
            any.downcast_ref::<Node>().unwrap().edges.borrow().iter().for_each(|edge| assert!(!edge.edges.borrow().is_empty()));
        }
        assert_eq!(HEAP.referents(&world.live[0]).len(), 1);
        let condemned = HEAP.live_objects() < 2 * N;
        let referrers = HEAP.referrers(&world.live[2]);
        assert_eq!(referrers.len(), if condemned { 1 } else { 2 });
        drop((old, all, referrers));
        heavy.finish();
        HEAP.collect(); // our handles may have kept the garbage
        world.is_clean();
    });
}

/// Everything is frozen in the middle.
#[test]
fn frozen() {
    at_each_step(|steps| {
        let world = World::new(steps);
        let heavy = steps.run();
        HEAP.freeze();
        let frozen = HEAP.freeze_count();
        assert_eq!(frozen, HEAP.live_objects());
        assert!(HEAP.objects(None).is_empty());
        if frozen > 2 * N {
            assert_eq!(collect(), 0, "what has not been examined is out of reach");
            assert!(world.log.take().is_empty());
        } else {
            HEAP.collect();
        }
        HEAP.unfreeze();
        HEAP.collect();
        world.is_clean();
        heavy.finish();
        world_is_quiet(&world);
    });
}

/// Everything was frozen and comes back in the middle; the cycle goes over other objects.
#[test]
fn unfrozen() {
    at_each_step(|steps| {
        let world = World::new(steps);
        HEAP.freeze();
        let other = World::new(steps);
        let heavy = steps.run();
        HEAP.unfreeze();
        assert_eq!(HEAP.freeze_count(), 0);
        heavy.finish();
        HEAP.collect();
        world.is_clean();
        other.is_clean();
    });
}

/// What is on which list of the cycle dies by count, each object at each step.
#[test]
fn died_by_count() {
    at_each_step(|steps| {
        let world = World::new(steps);
        let log = Log::new();
        let mut nodes: Vec<_> = (0..2 * N).map(|i| Some(Node::named(i.to_string(), &log))).collect();
        steps.age();
        let heavy = steps.run();
        for i in (0..N).map(|i| (i * 7 + 3) % (2 * N)) {
            nodes[i] = None;
            assert_eq!(log.take(), [format!("drop {i}")]);
            step();
        }
        heavy.finish();
        world.is_clean();
        drop(nodes);
        assert_eq!(log.count("drop"), N);
    });
}

/// The first object of what the cycle is looking at goes, and so does all that is on its list.
#[test]
fn all_died_by_count() {
    at_each_step(|steps| {
        let log = Log::new();
        let nodes: Vec<_> = (0..3 * N).map(|i| Node::named(i.to_string(), &log)).collect();
        drop(Node::ring(2, &log));
        let ring = Node::ring(2, &log);
        steps.age();
        drop(ring);
        let heavy = steps.run();
        log.take();
        drop(nodes);
        assert_eq!(log.count("drop"), 3 * N);
        heavy.finish();
        HEAP.collect();
        assert!(log.count("drop") >= 3 * N);
    });
}

/// A weak handle to garbage: whoever gets a handle out of it gets a whole object, and keeps it and all it leads to.
#[test]
fn upgraded() {
    let seen = Cell::new([0, 0]);
    at_each_step(|steps| {
        let world = World::new(steps);
        let heavy = steps.run();
        let upgraded = world.weak.upgrade();
        let mut counts = seen.get();
        counts[usize::from(upgraded.is_some())] += 1;
        seen.set(counts);
        heavy.finish();
        if let Some(node) = upgraded {
            assert!(world.log.take().is_empty());
            check(&node, N);
            assert!(Gc::is_tracked(&node));
            drop(node);
            assert_eq!(collect(), N);
        }
        world.is_clean();
    });
    assert!(seen.get()[0] > usize::from(!cfg!(miri)) && seen.get()[1] > 3, "{:?}", seen.get());
}

/// As above, but the handle goes again at once: this cycle or the next finds the garbage.
#[test]
fn upgraded_for_a_moment() {
    at_each_step(|steps| {
        let world = World::new(steps);
        let heavy = steps.run();
        drop(world.weak.upgrade());
        step();
        drop(world.weak.upgrade());
        heavy.finish();
        HEAP.collect();
        world.is_clean();
    });
}

/// The only handle to a live ring is moved from object to object between the steps: from such as have been seen to such
/// as have not, and back.
#[test]
fn moved_about() {
    for stride in [1, 5, 2 * N - 1] {
        at_each_step(|steps| {
            let log = Log::new();
            let holders: Vec<_> = (0..2 * N).map(|_| Node::new()).collect();
            holders[0].link(&Node::ring(N, &log)[0]);
            steps.age();
            let heavy = steps.run();
            let mut at = 0;
            for _ in 0..4 * N {
                let next = (at + stride) % (2 * N);
                let moved = holders[at].edges.take();
                holders[next].edges.borrow_mut().extend(moved);
                at = next;
                step();
            }
            heavy.finish();
            assert!(log.take().is_empty());
            check(&holders[at].edges.borrow()[0], N);
            drop(holders);
            assert_eq!(collect(), N);
        });
    }
}

/// Garbage made while a cycle runs is found by the next one at the latest.
#[test]
fn garbage_made_meanwhile() {
    at_each_step(|steps| {
        let world = World::new(steps);
        let (log, second) = (Log::new(), Node::ring(N, &Log::new()));
        let third = Node::ring(N, &log);
        steps.age();
        let heavy = steps.run();
        drop(third);
        let weak = Gc::downgrade(&second[0]);
        drop(second);
        heavy.finish();
        world.is_clean();
        Heavy::again().finish();
        assert_eq!(log.count("drop"), N);
        assert!(weak.upgrade().is_none());
    });
}

/// The cycle is finished by hand, with automatic collections switched off.
#[test]
fn finished_by_hand() {
    at_each_step(|steps| {
        let world = World::new(steps);
        let heavy = steps.run();
        HEAP.disable();
        let drops = world.log.count("drop");
        assert!(!step());
        assert_eq!(world.log.count("drop"), drops, "nothing goes on by itself");
        let mut calls = 0;
        while HEAP.collect_within(Duration::from_millis(50)) == Progress::Unfinished {
            calls += 1;
            assert!(calls < 1000);
        }
        world.is_clean();
        HEAP.enable();
        heavy.finish();
    });
}
