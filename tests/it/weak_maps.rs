//! Weak handles in maps, and callbacks as finalizers of other objects.

use std::collections::HashMap;
use std::sync::{Arc, Mutex};

use super::objects::*;

/// `test_weakref.test_weak_keyed_len_cycles`, `test_weak_valued_len_cycles`, `_cascading_deletes`: a map of weak handles
/// that remove their entries.
#[test]
fn weak_map() {
    let _gate = Gate::open_for(weak_map);
    type Map = Arc<Mutex<HashMap<usize, Weak<Node>>>>;
    let map = Map::default();
    let insert = |key: usize, node: &Gc<Node>| {
        let entries = map.clone();
        let weak = Gc::downgrade_with(node, move || {
            let entry = entries.lock().unwrap().remove(&key);
            drop(entry);
        });
        map.lock().unwrap().insert(key, weak);
    };
    let n = if cfg!(miri) { 10 } else { 100 };
    let rings: Vec<_> = (0..n).map(|i| {
        let ring = Node::ring(2, &Log::new());
        insert(i, &ring[0]);
        ring
    }).collect();
    assert_eq!(map.lock().unwrap().len(), n);
    drop(rings);
    assert_eq!(map.lock().unwrap().len(), n, "the cycles have not been collected");
    collect();
    assert!(map.lock().unwrap().is_empty());
}

/// `test_weakref.test_weak_keyed_len_race`, `test_weak_valued_len_race`: with all thresholds, the length is between zero
/// and what was put in.
#[test]
fn weak_map_with_every_threshold() {
    let _gate = Gate::open_for(weak_map_with_every_threshold);
    for threshold in 1..if cfg!(miri) { 4 } else { 100 } {
        HEAP.set_thresholds((threshold, threshold, threshold));
        let map = Arc::new(Mutex::new(HashMap::new()));
        let n = 20;
        for i in 0..n {
            let ring = Node::ring(2, &Log::new());
            let entries = map.clone();
            let weak = Gc::downgrade_with(&ring[0], move || drop(entries.lock().unwrap().remove(&i)));
            map.lock().unwrap().insert(i, weak);
            drop(ring);
            assert!(map.lock().unwrap().len() <= i + 1);
        }
        collect();
        assert!(map.lock().unwrap().is_empty());
    }
}

/// `test_weakref.FinalizeTestCase.test_finalize`, `test_all_freed`: a callback is called at most once, not after it was
/// detached, and what it captured goes with it. Where CPython's `test_order` wants the last registered first, ours come
/// in the order they were registered.
#[test]
fn finalize_objects() {
    let _gate = Gate::open_for(finalize_objects);
    let log = Log::new();
    let node = Node::new();
    let captured = Arc::new(());
    let weaks: Vec<_> = ["first", "detached", "third"]
        .map(|entry| {
            let (log, captured) = (log.clone(), captured.clone());
            Some(Gc::downgrade_with(&node, move || {
                let _captured = &captured;
                log.add(entry);
            }))
        })
        .into();
    let mut weaks = weaks;
    weaks[1] = None;
    assert_eq!(Arc::strong_count(&captured), 3);
    drop(node);
    assert_eq!(log.take(), ["first", "third"]);
    assert_eq!(Arc::strong_count(&captured), 1);
    drop(weaks);
    assert!(log.take().is_empty());
}
