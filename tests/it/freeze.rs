//! The permanent generation.

use super::objects::*;

/// `test_gc.test_freeze`
#[test]
fn freeze() {
    let _gate = Gate::open_for(freeze);
    let nodes = [Node::new(), Node::new()];
    assert_eq!(HEAP.freeze_count(), 0);
    HEAP.freeze();
    assert_eq!(HEAP.freeze_count(), 2);
    assert_eq!(HEAP.live_objects(), 2);
    assert!(HEAP.objects(None).is_empty());
    assert!(Gc::is_tracked(&nodes[0]));
    let counts = HEAP.counts();
    assert_eq!((counts.young, counts.middle, counts.old), (0, 0, 0));
    HEAP.unfreeze();
    assert_eq!(HEAP.freeze_count(), 0);
    assert_eq!(HEAP.objects(tricycle::Generation::Old).len(), 2);
}

/// Frozen garbage is left alone, and found afterwards.
#[test]
fn frozen_garbage() {
    let _gate = Gate::open_for(frozen_garbage);
    let log = Log::new();
    let ring = Node::ring(2, &log);
    HEAP.freeze();
    drop(ring);
    let collection = HEAP.collect();
    assert_eq!((collection.collected, collection.candidates), (0, 0));
    HEAP.unfreeze();
    assert_eq!(collect(), 2);
    assert_eq!(log.count("drop"), 2);
}

/// Frozen objects still die by count.
#[test]
fn frozen_objects_die_by_count() {
    let _gate = Gate::open_for(frozen_objects_die_by_count);
    let log = Log::new();
    let obj = Obj::new("a", &log);
    HEAP.freeze();
    drop(obj);
    assert_eq!(log.take(), ["finalize a", "drop a"]);
    assert_eq!(HEAP.freeze_count(), 0);
}

/// `test_gc.test_traverse_frozen_objects`: edges into the permanent generation are not counted, edges out of it are roots.
#[test]
fn edges_to_and_from_frozen_objects() {
    let _gate = Gate::open_for(edges_to_and_from_frozen_objects);
    let log = Log::new();
    let frozen = Node::named("frozen", &log);
    let hostage = Node::ring(2, &log);
    frozen.link(&hostage[0]);
    HEAP.freeze();
    let kept = Node::ring(2, &log);
    frozen.link(&kept[0]);
    let ring = Node::ring(2, &log);
    ring[0].link(&frozen);
    let live = Node::named("live", &log);
    live.link(&frozen);
    drop((hostage, kept, ring));
    assert_eq!(collect(), 2);
    assert_eq!(Gc::strong_count(&frozen), 2);
    assert_eq!(frozen.edges.borrow()[1].edges.borrow()[0].name(), "1");
    HEAP.unfreeze();
    assert_eq!(collect(), 0);
    assert_eq!(live.edges.borrow()[0].name(), "frozen");
    drop((live, frozen));
    assert_eq!(collect(), 4);
}

/// What is made after `freeze` is collected as ever, also by itself.
#[test]
fn life_goes_on() {
    let _gate = Gate::open_for(life_goes_on);
    let frozen: Vec<_> = (0..10).map(|_| Node::new()).collect();
    HEAP.freeze();
    HEAP.set_thresholds((5, 1, 1));
    for _ in 0..if cfg!(miri) { 25 } else { 100 } {
        drop(Node::ring(2, &Log::new()));
    }
    assert!(HEAP.live_objects() < 10 + 30);
    HEAP.freeze();
    HEAP.unfreeze();
    drop(frozen);
}

/// Frozen during a collection, by a finalizer.
#[test]
fn freeze_in_a_finalizer() {
    let _gate = Gate::open_for(freeze_in_a_finalizer);
    let log = Log::new();
    let objects = ["a", "b"].map(|name| Obj::with(name, &log, |_| HEAP.freeze()));
    circle(&objects);
    let live = Node::new();
    drop(objects);
    assert_eq!(collect(), 2);
    assert_eq!(log.count("drop"), 2);
    assert_eq!(HEAP.freeze_count(), 1);
    HEAP.unfreeze();
    drop(live);
}
