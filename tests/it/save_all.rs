//! Keeping garbage instead of freeing it.

use super::objects::*;

/// Ends a test: nothing is saved any more.
fn finish() {
    HEAP.set_save_all(false);
    drop(HEAP.take_garbage());
}

/// `test_gc.test_saveall`
#[test]
fn save_all() {
    let _gate = Gate::open_for(save_all);
    let log = Log::new();
    let node = Node::named("a", &log);
    node.link(&node);
    let address = Gc::as_ptr(&node).addr();
    drop(node);
    assert!(!HEAP.is_save_all());
    HEAP.set_save_all(true);
    assert!(HEAP.is_save_all());
    assert_eq!(collect(), 1);
    HEAP.set_save_all(false);
    let garbage = HEAP.take_garbage();
    assert_eq!(garbage.len(), 1);
    assert_eq!(garbage[0].address(), address);
    assert!(HEAP.garbage().is_empty());
    let node = garbage.into_iter().next().unwrap().downcast::<Node>().unwrap();
    assert_eq!(node.name(), "a");
    assert!(log.take().is_empty());
    drop(node);
    assert_eq!(collect(), 1);
    assert_eq!(log.take(), ["drop a"]);
}

/// What is saved is not found again, and `garbage` does not empty the list.
#[test]
fn saved_once() {
    let _gate = Gate::open_for(saved_once);
    HEAP.set_save_all(true);
    drop(Node::ring(3, &Log::new()));
    assert_eq!(collect(), 3);
    assert_eq!(collect(), 0);
    assert_eq!((HEAP.garbage().len(), HEAP.garbage().len()), (3, 3));
    finish();
    assert_eq!(collect(), 3);
}

/// Finalizers run, once; weak handles with callbacks are told.
#[test]
fn finalized_once() {
    let _gate = Gate::open_for(finalized_once);
    let log = Log::new();
    HEAP.set_save_all(true);
    let objects = ["a", "b"].map(|name| Obj::new(name, &log));
    circle(&objects);
    let callback = log.clone();
    let watching = Gc::downgrade_with(&objects[0], move || callback.add("callback"));
    let plain = Gc::downgrade(&objects[0]);
    drop(objects);
    assert_eq!(collect(), 2);
    assert_eq!(log.take(), ["callback", "finalize a", "finalize b"]);
    assert!(watching.upgrade().is_none());
    assert!(plain.upgrade().is_some_and(|a| a.edges.borrow()[0].name() == "b"));
    finish();
    assert_eq!(collect(), 2);
    assert_eq!(log.sorted(), ["drop a", "drop b"]);
}

/// `test_gc.test_garbage_at_shutdown`: `teardown::saved_garbage` has the rest. What dies by count is not saved.
#[test]
fn death_by_count_is_not_saved() {
    let _gate = Gate::open_for(death_by_count_is_not_saved);
    HEAP.set_save_all(true);
    let log = Log::new();
    drop(Node::named("a", &log));
    assert_eq!(log.take(), ["drop a"]);
    assert!(HEAP.garbage().is_empty());
    finish();
}
