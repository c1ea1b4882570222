//! Weak handles and their callbacks, while objects die by count and in collections.

use super::objects::*;

/// A weak handle whose callback writes to the log.
fn watch(target: &Gc<Node>, entry: &str, log: &Log) -> Weak<Node> {
    let (entry, log) = (entry.to_owned(), log.clone());
    Gc::downgrade_with(target, move || log.add(entry))
}

/// `test_weakref.test_basic_ref`, `test_basic_callback`, `test_multiple_callbacks`
#[test]
fn basic() {
    let _gate = Gate::open_for(basic);
    let log = Log::new();
    let node = Node::named("node", &log);
    let plain = Gc::downgrade(&node);
    let watching = [watch(&node, "first", &log), watch(&node, "second", &log)];
    assert_eq!(plain.upgrade().unwrap().name(), "node");
    assert_eq!((Gc::strong_count(&node), Gc::weak_count(&node)), (1, 3));
    drop(node);
    assert_eq!(log.take(), ["first", "second", "drop node"]);
    assert!(plain.upgrade().is_none() && watching.iter().all(|weak| weak.upgrade().is_none()));
    assert_eq!((plain.strong_count(), plain.weak_count()), (0, 3));
    drop((plain, watching));
    assert!(log.take().is_empty());
}

/// As above, for an object that the collector does not look at.
#[test]
fn basic_leaf() {
    let _gate = Gate::open_for(basic_leaf);
    let log = Log::new();
    let leaf = gc(Canary::new("leaf", &log));
    let plain = Gc::downgrade(&leaf);
    let watching = Gc::downgrade_with(&leaf, {
        let (plain, log) = (plain.clone(), log.clone());
        move || log.add(format!("callback {}", plain.upgrade().is_some()))
    });
    drop(leaf);
    assert_eq!(log.take(), ["callback false", "drop leaf"]);
    assert!(plain.upgrade().is_none() && watching.upgrade().is_none());
}

/// `test_weakref.test_multiple_selfref_callbacks`, `test_gc.test_bug1055820b` for the death by count: all weak handles
/// are dead before the first callback runs.
#[test]
fn all_are_dead_before_the_first_callback() {
    let _gate = Gate::open_for(all_are_dead_before_the_first_callback);
    let log = Log::new();
    let node = Node::new();
    let weaks = Shelf::<Weak<Node>>::new();
    for _ in 0..3 {
        let (log, others) = (log.clone(), weaks.clone());
        weaks.put(Gc::downgrade_with(&node, move || {
            let weaks = others.take();
            log.add(format!("{}", weaks.iter().filter(|weak| weak.upgrade().is_some()).count()));
            weaks.into_iter().for_each(|weak| others.put(weak));
        }));
    }
    weaks.put(Gc::downgrade(&node));
    drop(node);
    assert_eq!(log.take(), ["0", "0", "0"]);
    drop(weaks.take());
}

/// `test_gc.test_bug1055820b`: the same for two objects of a garbage cycle.
#[test]
fn all_are_dead_before_the_first_callback_of_a_cycle() {
    let _gate = Gate::open_for(all_are_dead_before_the_first_callback_of_a_cycle);
    let log = Log::new();
    let ring = Node::ring(2, &Log::new());
    let weaks = Shelf::<Weak<Node>>::new();
    let watching: Vec<_> = ring
        .iter()
        .map(|node| {
            let (weaks, log) = (weaks.clone(), log.clone());
            Gc::downgrade_with(node, move || {
                let all = weaks.take();
                all.iter().for_each(|weak| log.add(format!("{}", weak.upgrade().is_some())));
                all.into_iter().for_each(|weak| weaks.put(weak));
            })
        })
        .collect();
    watching.into_iter().for_each(|weak| weaks.put(weak));
    drop(ring);
    assert_eq!(collect(), 2);
    assert_eq!(log.take(), ["false"; 4]);
    drop(weaks.take());
}

/// `test_weakref.test_ref_reuse`: the counts are right after each drop.
#[test]
fn counts() {
    let _gate = Gate::open_for(counts);
    let node = Node::new();
    let a = Gc::downgrade(&node);
    let b = a.clone();
    let c = watch(&node, "", &Log::new());
    assert!(a.ptr_eq(&b) && a.ptr_eq(&c));
    assert_eq!(Gc::weak_count(&node), 3);
    drop(c);
    assert_eq!(Gc::weak_count(&node), 2);
    drop(a);
    assert_eq!(b.weak_count(), 1);
    assert_eq!((b.strong_count(), b.upgrade().unwrap().edges.borrow().len()), (1, 0));
    drop(b);
    assert_eq!(Gc::weak_count(&node), 0);

    let nothing = Weak::<Node>::new();
    assert!(nothing.upgrade().is_none() && nothing.clone().ptr_eq(&Weak::default()));
    assert_eq!((nothing.strong_count(), nothing.weak_count()), (0, 0));
}

/// `test_weakref.test_callbacks_protected`: a callback that panics and catches it while the thread is unwinding.
#[test]
fn callback_while_unwinding() {
    use crate::support::{inject, injected};
    let _gate = Gate::open_for(callback_while_unwinding);
    let log = Log::new();
    let node = Node::new();
    let weak = Gc::downgrade_with(&node, {
        let log = log.clone();
        move || log.add(format!("{:?}", injected(|| inject("inner")).is_err()))
    });
    let outer = injected(|| {
        let _node = node;
        inject("outer");
    });
    assert_eq!(outer, Err("outer"));
    assert_eq!(log.take(), ["true"]);
    assert!(weak.upgrade().is_none());
}

/// `test_weakref.test_sf_bug_840829`, `test_callback_gcs`: a callback that collects, while the object dies and while
/// something that it owns dies.
#[test]
fn callback_collects() {
    let _gate = Gate::open_for(callback_collects);
    let log = Log::new();
    let collecting = |target: &Gc<Obj>| {
        Gc::downgrade_with(target, {
            let log = log.clone();
            move || log.add(format!("collected {}", collect()))
        })
    };
    let owner = Obj::new("owner", &log);
    let owned = Obj::new("owned", &log);
    let weaks = [collecting(&owner), collecting(&owned)];
    owner.link(&owned);
    drop(owned);
    drop(Node::ring(2, &Log::new()));
    drop(owner);
    assert_eq!(
        log.take(),
        ["finalize owner", "collected 2", "finalize owned", "collected 0", "drop owned", "drop owner"]
    );
    assert!(weaks.iter().all(|weak| weak.upgrade().is_none()));
}

/// `test_weakref.test_callback_in_cycle`, `test_callback_reachable_one_way`, `test_callback_different_classes`: the
/// callback of a weak handle that is garbage itself is not called.
#[test]
fn callbacks_of_garbage_are_not_called() {
    let _gate = Gate::open_for(callbacks_of_garbage_are_not_called);
    let log = Log::new();
    // In the cycle.
    let ring = Node::ring(2, &Log::new());
    let weak = watch(&ring[1], "in the cycle", &log);
    ring[0].weaks.borrow_mut().push(weak);
    // Owned by something that the cycle leads to.
    let other = Node::ring(2, &Log::new());
    let owner = Node::new();
    owner.weaks.borrow_mut().push(watch(&other[0], "behind the cycle", &log));
    other[0].link(&owner);
    drop((ring, other, owner));
    assert_eq!(collect(), 5);
    assert!(log.take().is_empty());
}

/// `test_weakref.test_callback_in_cycle_resurrection`: the weak handles that are garbage are not called; the live one is,
/// once, although the object comes back.
#[test]
fn callback_and_resurrection() {
    let _gate = Gate::open_for(callback_and_resurrection);
    let (log, shelf) = (Log::new(), Shelf::new());
    let obj = Obj::saving("a", &log, &shelf);
    self_link(&obj);
    let watch = |entry: &'static str| {
        let log = log.clone();
        Gc::downgrade_with(&obj, move || log.add(entry))
    };
    let own = watch("own");
    obj.weaks.borrow_mut().push(own);
    let live = watch("live");
    drop(obj);
    assert_eq!(collect(), 0);
    assert_eq!(log.take(), ["live", "finalize a"]);
    assert!(live.upgrade().is_none());
    drop(shelf.take());
    assert_eq!(collect(), 1);
    assert_eq!(log.take(), ["drop a"]);
}

/// `test_weakref.test_callbacks_on_callback`: what a callback captures is dropped with it, and may be garbage.
#[test]
fn captures_go_with_the_callback() {
    let _gate = Gate::open_for(captures_go_with_the_callback);
    let log = Log::new();
    let [target, captured] = [Node::named("target", &log), Node::named("captured", &log)];
    let weak = Gc::downgrade_with(&target, {
        let (captured, log) = (captured.clone(), log.clone());
        move || log.add(format!("callback with {}", captured.name()))
    });
    let watching = watch(&captured, "captured is gone", &log);
    drop(captured);
    drop(target);
    assert_eq!(log.take(), ["callback with captured", "captured is gone", "drop captured", "drop target"]);
    drop((weak, watching));

    // Dropping the weak handle first drops the capture, uncalled.
    let [target, captured] = [Node::named("target", &log), Node::named("captured", &log)];
    let weak = Gc::downgrade_with(&target, move || drop(captured));
    drop(weak);
    assert_eq!(log.take(), ["drop captured"]);
    drop(target);
    assert_eq!(log.take(), ["drop target"]);
}

/// `test_weakref.test_gc_during_ref_creation`, `_proxy_creation`: a collection at each allocation.
#[test]
fn collections_during_creation() {
    let _gate = Gate::open_for(collections_during_creation);
    HEAP.set_thresholds((1, 1, 1));
    for _ in 0..20 {
        let ring = Node::ring(2, &Log::new());
        let weaks: Vec<_> = ring.iter().map(|node| Gc::downgrade_with(node, || drop(Node::ring(2, &Log::new())))).collect();
        drop(ring);
        drop(Node::ring(2, &Log::new()));
        drop(weaks);
    }
}

/// `test_weakref.test_ref_created_during_del`
#[test]
fn weak_made_while_finalized() {
    let _gate = Gate::open_for(weak_made_while_finalized);
    let (log, weaks) = (Log::new(), Shelf::<Weak<Obj>>::new());
    let make = || {
        let weaks = weaks.clone();
        let obj = Obj::with("a", &log, move |this| {
            let me = this.weaks.borrow()[0].upgrade().unwrap();
            weaks.put(Gc::downgrade(&me));
            weaks.put(Gc::downgrade_with(&me, || {}));
        });
        obj.weaks.borrow_mut().push(Gc::downgrade(&obj));
        obj
    };
    drop(make());
    self_link(&make());
    collect();
    let weaks = weaks.take();
    assert_eq!(weaks.len(), 4);
    assert!(weaks.iter().all(|weak| weak.upgrade().is_none()));
}

/// `test_weakref.test_trashcan_16602`: objects that wait for their destruction are not reachable through weak handles.
#[test]
fn weak_handles_to_objects_in_the_trashcan() {
    let _gate = Gate::open_for(weak_handles_to_objects_in_the_trashcan);
    let log = Log::new();
    let n = if cfg!(miri) { 30 } else { 3000 };
    let weaks = Shelf::<Weak<Node>>::new();
    let mut head = Node::named("0", &log);
    for i in 1..n {
        let (all, callbacks) = (weaks.clone(), log.clone());
        weaks.put(Gc::downgrade_with(&head, move || {
            let weaks = all.take();
            // What is alive is whole; in particular it still has its neighbour.
            let alive = weaks.iter().filter_map(Weak::upgrade).filter(|node| node.edges.borrow().len() > 1).count();
            assert_eq!(alive, 0);
            callbacks.add("callback");
            weaks.into_iter().for_each(|weak| all.put(weak));
        }));
        let next = Node::named(i.to_string(), &log);
        next.link(&head);
        head = next;
    }
    // Reading all of them in each callback is quadratic: keep a few.
    let mut some = weaks.take();
    let step = some.len() / 20;
    let mut i = 0;
    some.retain(|_| {
        i += 1;
        i % step.max(1) == 0
    });
    let watched = some.len();
    some.into_iter().for_each(|weak| weaks.put(weak));
    drop(head);
    assert_eq!((log.count("callback"), log.count("drop")), (watched, n));
    assert!(weaks.take().iter().all(|weak| weak.upgrade().is_none()));
}

/// `test_weakref.test_clearing_weakrefs_in_gc`, `test_gc.test_datetime_weakref_cycle`: while finalizers run, weak handles
/// with callbacks are dead, and those without are alive.
#[test]
fn weak_handles_while_finalizers_run() {
    let _gate = Gate::open_for(weak_handles_while_finalizers_run);
    let (log, watching) = (Log::new(), Shelf::<Weak<Obj>>::new());
    let obj = Obj::with("a", &log, {
        let (log, watching) = (log.clone(), watching.clone());
        move |this| {
            log.add(format!("plain {}", this.weaks.borrow()[0].upgrade().is_some()));
            for weak in watching.take() {
                log.add(format!("watching {}", weak.upgrade().is_some()));
            }
        }
    });
    self_link(&obj);
    obj.weaks.borrow_mut().push(Gc::downgrade(&obj));
    watching.put(Gc::downgrade_with(&obj, || {}));
    let outside = Gc::downgrade(&obj);
    drop(obj);
    assert_eq!(collect(), 1);
    assert_eq!(log.take(), ["finalize a", "plain true", "watching false", "drop a"]);
    assert!(outside.upgrade().is_none());
}

/// `test_weakref.test_subclass_refs_with_cycle`: a weak handle that goes with the only handle to its object.
#[test]
fn weak_handle_that_owns_its_target() {
    let _gate = Gate::open_for(weak_handle_that_owns_its_target);
    let log = Log::new();
    let node = Node::named("node", &log);
    let weak = watch(&node, "callback", &log);
    node.weaks.borrow_mut().push(weak);
    drop(node);
    // The weak handle is still there when the object dies by count: its callback is called, once.
    assert_eq!(log.count("drop"), 1);
    assert!(log.count("callback") <= 1);
}
