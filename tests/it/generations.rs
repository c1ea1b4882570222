//! Generations, thresholds, counts, statistics, automatic collection.

use tricycle::{Generation, Thresholds};

use super::objects::*;
use crate::support::{Kind, apart};

/// Counts of a heap on which everything has just been collected.
fn counts() -> (usize, usize, usize) {
    let counts = HEAP.counts();
    (counts.young, counts.middle, counts.old)
}

/// The number of collections so far, by generation.
fn collections() -> [u64; 3] {
    HEAP.stats().generations.map(|generation| generation.collections)
}

/// The number of objects that they looked at.
fn candidates() -> u64 {
    HEAP.stats().generations.iter().map(|generation| generation.candidates).sum()
}

/// Makes garbage, and tells whether an automatic collection took any of it.
fn allocate(n: usize) -> bool {
    let before = collections();
    (0..n).for_each(|_| self_cycle());
    collections() != before
}

fn self_cycle() {
    let node = Node::new();
    node.link(&node);
}

/// `test_gc.test_get_count`
#[test]
fn get_count() {
    let _gate = Gate::open_for(get_count);
    HEAP.collect();
    assert_eq!(counts(), (0, 0, 0));
    let node = Node::new();
    assert_eq!(counts(), (1, 0, 0));
    let leaf = gc(1);
    assert_eq!(counts(), (1, 0, 0));
    drop(node);
    assert_eq!(counts(), (0, 0, 0));
    drop(leaf);
}

/// `test_gc.test_collect_generations`
#[test]
fn collect_generations() {
    let _gate = Gate::open_for(collect_generations);
    HEAP.collect();
    let _node = Node::new();
    HEAP.collect_generation(Generation::Young);
    assert_eq!(counts(), (0, 1, 0));
    HEAP.collect_generation(Generation::Middle);
    assert_eq!(counts(), (0, 0, 1));
    HEAP.collect_generation(Generation::Old);
    assert_eq!(counts(), (0, 0, 0));
}

/// `test_gc.test_get_objects_generations`: an object ages by one generation with each collection.
#[test]
fn survivors_age() {
    let _gate = Gate::open_for(survivors_age);
    HEAP.collect();
    let node = Node::new();
    let home = || {
        let holds = |generation: &Generation| {
            HEAP.objects(*generation).iter().any(|any| any.downcast_ref().is_some_and(|other| Gc::ptr_eq(other, &node)))
        };
        Generation::ALL.into_iter().filter(holds).collect::<Vec<_>>()
    };
    assert_eq!(home(), [Generation::Young]);
    HEAP.collect_generation(Generation::Young);
    assert_eq!(home(), [Generation::Middle]);
    HEAP.collect_generation(Generation::Young);
    assert_eq!(home(), [Generation::Middle]);
    HEAP.collect_generation(Generation::Middle);
    assert_eq!(home(), [Generation::Old]);
    HEAP.collect_generation(Generation::Old);
    assert_eq!(home(), [Generation::Old]);
}

/// Garbage in an old generation is not found by the collection of a young one.
#[test]
fn old_garbage_waits() {
    let _gate = Gate::open_for(old_garbage_waits);
    let ring = Node::ring(2, &Log::new());
    HEAP.collect();
    drop(ring);
    assert_eq!(HEAP.collect_generation(Generation::Young).collected, 0);
    assert_eq!(HEAP.collect_generation(Generation::Middle).collected, 0);
    assert_eq!(HEAP.collect_generation(Generation::Old).collected, 2);
}

/// A young cycle with one old object in it is not found by the collection of the young generation, and an old object
/// keeps young ones.
#[test]
fn edges_across_generations() {
    let _gate = Gate::open_for(edges_across_generations);
    let old = Node::new();
    HEAP.collect();
    let young = Node::new();
    old.link(&young);
    young.link(&old);
    drop(young);
    assert_eq!(HEAP.collect_generation(Generation::Young).collected, 0);
    assert_eq!(Gc::strong_count(&old.edges.borrow()[0]), 1);
    drop(old);
    assert_eq!(HEAP.collect_generation(Generation::Young).collected, 0);
    assert_eq!(collect(), 2);
}

/// `test_gc.test_get_stats`
#[test]
fn get_stats() {
    let _gate = Gate::open_for(get_stats);
    for generation in Generation::ALL {
        let before = HEAP.stats();
        self_cycle();
        let collection = HEAP.collect_generation(generation);
        let after = HEAP.stats();
        assert_eq!((collection.collected, collection.generation), (1, generation));
        for other in Generation::ALL {
            let (before, after) = (before[other], after[other]);
            if other == generation {
                assert_eq!(after.collections, before.collections + 1);
                assert_eq!(after.collected, before.collected + 1);
                assert_eq!(after.candidates, before.candidates + collection.candidates as u64);
                assert_eq!(after.uncollectable, before.uncollectable);
                assert_eq!(after.duration, before.duration + collection.duration);
                assert!(!collection.duration.is_zero());
            } else {
                assert_eq!(after, before);
            }
        }
    }
}

/// `test_gc.GCTogglingTests.test_indirect_calls_with_gc_disabled`, and `_testcapi`'s `enable`, `disable`, `is_enabled`.
#[test]
fn switched_off() {
    let _gate = Gate::open_for(switched_off);
    HEAP.set_thresholds((100, 10, 10));
    assert!(HEAP.disable() && !HEAP.is_enabled());
    assert!(!HEAP.disable());
    assert!(!allocate(1000));
    assert_eq!(collect(), 1000, "collecting by hand works");
    assert!(!HEAP.enable() && HEAP.is_enabled());
    assert!(HEAP.enable());
    assert!(allocate(1000));
}

/// `test_gc.GCTogglingTests.test_threshold_zero`
#[test]
fn threshold_zero() {
    let _gate = Gate::open_for(threshold_zero);
    HEAP.set_thresholds((0, 10, 10));
    assert!(HEAP.is_enabled());
    assert!(!allocate(if cfg!(miri) { 500 } else { 50_000 }));
    HEAP.set_thresholds(Thresholds { young: 1, ..HEAP.thresholds() });
    assert_eq!(HEAP.thresholds(), (1, 10, 10).into());
    assert!(allocate(3));
}

/// The defaults are CPython's.
#[test]
fn defaults() {
    tricycle::heap! { Fresh: Local }
    assert_eq!(Fresh.thresholds(), Thresholds::from((2000, 10, 10)));
    assert_eq!(Fresh.thresholds(), Thresholds::default());
    assert!(Fresh.is_enabled() && !Fresh.is_collecting() && !Fresh.is_save_all());
    assert_eq!(Fresh.stats(), tricycle::Stats::default());
}

/// Young collections come when the threshold is exceeded, and the middle generation in its turn.
#[test]
fn schedule() {
    let _gate = Gate::open_for(schedule);
    HEAP.set_thresholds((10, 2, 2));
    // No full collection comes between: the heap may grow to a thousand times what is alive.
    HEAP.set_growth(100_000);
    let mut kept = vec![Node::new()];
    HEAP.collect();
    let before = collections();
    let mut first = 0;
    while collections() == before {
        kept.push(Node::new());
        first += 1;
    }
    assert_eq!(first, 11, "the threshold has to be exceeded");
    while collections()[1] == before[1] {
        kept.push(Node::new());
        assert!(kept.len() < 1000);
    }
    let now = collections();
    assert_eq!([now[0] - before[0], now[1] - before[1], now[2] - before[2]], [3, 1, 0]);
}

/// Old garbage is found by automatic collections alone, in however many steps.
#[test]
fn old_garbage_goes_by_itself() {
    // Apart, as other tests leave pages in use, one for each type.
    apart::<H>(concat!(module_path!(), "::old_garbage_goes_by_itself"), || {
        let _gate = Gate::open();
        let log = Log::new();
        HEAP.set_thresholds((10, 2, 2));
        let ring = Node::ring(5, &log);
        HEAP.collect();
        drop(ring);
        let mut kept = Vec::new();
        // The heap has grown by a quarter when a page is full, which is so much (`memory/mod.rs`).
        let page = (64 << 10) / size_of::<Node>();
        while log.count("drop") < 5 {
            kept.push(Node::new());
            assert!(kept.len() < 2 * page + 1000);
        }
        HEAP.collect();
        assert_eq!(log.count("drop"), 5);
    });
}

/// Objects that died by count do not bring a collection nearer.
#[test]
fn churn_does_not_collect() {
    let _gate = Gate::open_for(churn_does_not_collect);
    HEAP.set_thresholds((10, 2, 2));
    HEAP.collect();
    let (before, candidates) = (collections(), candidates());
    let n = if cfg!(miri) { 60 } else { 1000 };
    for _ in 0..n {
        drop(Node::new());
    }
    if H::PARALLEL {
        // A thread's young list does not become long: a collection takes what is on it, and examines none of it.
        assert_eq!(self::candidates(), candidates);
    } else {
        assert_eq!(collections(), before);
    }
    let before = collections();
    for _ in 0..n {
        let _leaves: [Gc<u32>; 2] = [gc(1), gc(2)];
    }
    assert_eq!(collections(), before);
}

/// A full collection waits until the heap has grown by a quarter.
#[test]
fn full_collections_wait_for_growth() {
    // Apart, as other tests leave pages in use, one for each type.
    apart::<H>(concat!(module_path!(), "::full_collections_wait_for_growth"), || {
        let _gate = Gate::open();
        // Enough to fill pages, of which growth is counted in.
        let n = if cfg!(miri) { 100 } else { 16_000 / size_of::<usize>() };
        let kept: Vec<_> = (0..n).map(|_| Node::new()).collect();
        HEAP.set_thresholds((5, 1, 1));
        HEAP.collect();
        let before = collections();
        // A few survive: where young collections do not stop the world, it is not stopped for less than that either.
        let mut survivors = Vec::new();
        for i in 0..n {
            self_cycle();
            if i % 20 == 0 {
                survivors.push(Node::new());
            }
        }
        let now = collections();
        assert!(now[1] > before[1]);
        assert_eq!(now[2], before[2], "what is made is collected young: the heap does not grow");
        let mut grown = Vec::new();
        while collections()[2] == before[2] {
            grown.push(Node::new());
            assert!(grown.len() < 4 * n);
        }
        assert!(grown.len() >= n / 5);
        drop((kept, survivors, grown));
    });
}

/// `test_gc.test_heap_size`
#[test]
fn heap_size() {
    let _gate = Gate::open_for(heap_size);
    let (objects, allocations) = (HEAP.live_objects(), HEAP.live_allocations());
    let node = Node::new();
    let leaf = gc(1);
    assert_eq!((HEAP.live_objects(), HEAP.live_allocations()), (objects + 1, allocations + 2));
    assert!(HEAP.allocated_bytes() >= size_of::<Node>() + size_of::<u32>());
    drop((node, leaf));
    assert_eq!((HEAP.live_objects(), HEAP.live_allocations()), (objects, allocations));
}

/// Bytes outside of the heap bring on full collections.
#[test]
fn external_bytes() {
    let _gate = Gate::open_for(external_bytes);
    let before = collections();
    let node = Node::new();
    node.link(&node);
    Gc::external_bytes(&node, 1000);
    assert_eq!(HEAP.external_bytes(), 1000);
    Gc::external_bytes(&node, 1 << 30);
    assert_eq!(HEAP.external_bytes(), 1 << 30);
    drop(node);
    let other = Node::new();
    assert_ne!(collections(), before);
    assert_eq!(HEAP.external_bytes(), 0);
    Gc::external_bytes(&other, 50);
    drop(other);
    assert_eq!(HEAP.external_bytes(), 0);
    let leaf = gc(1);
    Gc::external_bytes(&leaf, 50);
    assert_eq!(tricycle::Gc::try_unwrap(leaf), Ok(1));
    assert_eq!(HEAP.external_bytes(), 0);
}

/// A collection with a budget gets there in the end.
#[test]
fn within_a_budget() {
    use tricycle::Progress;
    let _gate = Gate::open_for(within_a_budget);
    let log = Log::new();
    let ring = Node::ring(3, &log);
    HEAP.collect();
    drop(ring);
    let mut calls = 0;
    let collection = loop {
        match HEAP.collect_within(std::time::Duration::from_millis(1)) {
            Progress::Finished(collection) => break collection,
            _ => calls += 1,
        }
        assert!(calls < 1000);
    };
    assert_eq!(log.count("drop"), 3);
    assert_eq!((collection.collected, collection.generation), (3, Generation::Old));
}

/// `test_gc.GCTogglingTests.test_bug1055820c`, `test_bug1055820d`: an old object dies by count in the wake of young
/// garbage, and its callback (or finalizer) looks at other garbage of this collection through a weak handle.
#[test]
fn weak_handles_to_garbage_during_the_clear() {
    let _gate = Gate::open_for(weak_handles_to_garbage_during_the_clear);
    let log = Log::new();
    for by_callback in [true, false] {
        let target = Shelf::<Weak<Obj>>::new();
        let look = {
            let (target, log) = (target.clone(), log.clone());
            move || {
                for weak in target.take() {
                    log.add(format!("sees {}", weak.upgrade().is_some()));
                }
            }
        };
        let (old, watching);
        if by_callback {
            old = Obj::new("old", &Log::new());
            watching = Some(Gc::downgrade_with(&old, look));
        } else {
            old = Obj::with("old", &Log::new(), move |_| look());
            watching = None;
        }
        HEAP.collect();
        let young = [Obj::new("young", &Log::new()), Obj::new("young", &Log::new())];
        circle(&young);
        young[0].link(&old);
        target.put(Gc::downgrade(&young[1]));
        drop((old, young));
        assert_eq!(HEAP.collect_generation(Generation::Young).collected, 2);
        assert_eq!(log.take(), ["sees false"]);
        drop(watching);
    }
}
