//! Whose callback is whose: clones of weak handles that are dead, and many callbacks of one object.

use std::time::{Duration, Instant};

use super::objects::*;

/// Registers two callbacks of `target`. The first one does something with the second weak handle, which is dead by then; the
/// second one writes to the log.
fn two_watchers(target: &Gc<Node>, log: &Log, first: impl FnOnce(&Weak<Node>) + Storable + 'static) -> [Shelf<Weak<Node>>; 2] {
    let (own, second) = (Shelf::new(), Shelf::<Weak<Node>>::new());
    own.put(Gc::downgrade_with(target, {
        let second = second.clone();
        move || {
            let weak = second.take().pop().unwrap();
            first(&weak);
            second.put(weak);
        }
    }));
    let log = log.clone();
    second.put(Gc::downgrade_with(target, move || log.add("second")));
    [own, second]
}

/// The clone of a dead weak handle was dropped, and with it the callback of the original.
#[test]
fn a_clone_of_the_dead_is_dropped() {
    let _gate = Gate::open_for(a_clone_of_the_dead_is_dropped);
    let log = Log::new();
    let clone_and_drop = |weak: &Weak<Node>| {
        let clones = [weak.clone(), weak.clone().clone()];
        assert!(clones.iter().all(|clone| clone.upgrade().is_none() && clone.ptr_eq(weak)));
    };
    // By count.
    let node = Node::new();
    let watchers = two_watchers(&node, &log, clone_and_drop);
    drop(node);
    assert_eq!(log.take(), ["second"]);
    drop(watchers);
    // In a collection.
    let ring = Node::ring(2, &Log::new());
    let watchers = two_watchers(&ring[0], &log, clone_and_drop);
    drop(ring);
    assert_eq!(collect(), 2);
    assert_eq!(log.take(), ["second"]);
    drop(watchers);
}

/// The same, in a callback that panics: the clone goes on the way out.
#[test]
fn a_clone_of_the_dead_is_dropped_by_a_panic() {
    use crate::support::{inject, injected};
    let _gate = Gate::open_for(a_clone_of_the_dead_is_dropped_by_a_panic);
    let log = Log::new();
    let node = Node::new();
    let (own, second) = (Shelf::new(), Shelf::<Weak<Node>>::new());
    own.put(Gc::downgrade_with(&node, {
        let second = second.clone();
        move || {
            let weaks = second.take();
            let _clone = weaks[0].clone();
            weaks.into_iter().for_each(|weak| second.put(weak));
            inject("callback")
        }
    }));
    second.put(Gc::downgrade_with(&node, {
        let log = log.clone();
        move || log.add("second")
    }));
    assert_eq!(injected(|| drop(node)), Err("callback"));
    assert_eq!(log.take(), ["second"]);
    drop((own.take(), second.take()));
}

/// The clone of a dead weak handle was part of garbage, and the callback of the original was taken for that garbage's.
#[test]
fn a_clone_of_the_dead_is_garbage() {
    let _gate = Gate::open_for(a_clone_of_the_dead_is_garbage);
    let log = Log::new();
    let node = Node::new();
    let watchers = two_watchers(&node, &log, |weak| {
        let owner = Node::new();
        owner.link(&owner);
        owner.weaks.borrow_mut().push(weak.clone());
        drop(owner);
        assert_eq!(collect(), 1);
    });
    drop(node);
    assert_eq!(log.take(), ["second"]);
    drop(watchers);
}

/// The clone of a weak handle that was cleared stays dead when the object is brought back, and after the original is gone.
#[test]
fn a_clone_of_the_dead_stays_dead() {
    let _gate = Gate::open_for(a_clone_of_the_dead_stays_dead);
    let (log, shelf) = (Log::new(), Shelf::new());
    let obj = Obj::saving("a", &log, &shelf);
    self_link(&obj);
    let watching = Gc::downgrade_with(&obj, || {});
    let plain = watching.clone();
    drop(obj);
    assert_eq!(collect(), 0);
    let obj = shelf.take().pop().unwrap();
    let clone = watching.clone();
    let of_clone = clone.clone();
    drop((watching, clone));
    assert!(of_clone.upgrade().is_none() && plain.upgrade().is_some());
    assert_eq!(Gc::weak_count(&obj), 2);
    obj.unlink();
}

/// Callbacks run in the order of their registration, however many there are and whichever are removed.
#[test]
fn the_order_of_callbacks() {
    let _gate = Gate::open_for(the_order_of_callbacks);
    let log = Log::new();
    for (count, removed) in [(1, &[][..]), (2, &[0]), (2, &[1]), (9, &[0, 4, 8]), (40, &[39, 3, 2, 1, 20]), (3, &[0, 1, 2])] {
        let node = Node::new();
        let mut weaks: Vec<_> = (0..count)
            .map(|i: usize| {
                let log = log.clone();
                Some(Gc::downgrade_with(&node, move || log.add(i.to_string())))
            })
            .collect();
        removed.iter().for_each(|i| weaks[*i] = None);
        let late = Gc::downgrade_with(&node, {
            let log = log.clone();
            move || log.add("late")
        });
        drop(node);
        let mut expected: Vec<_> = (0..count).filter(|i| !removed.contains(i)).map(|i| i.to_string()).collect();
        expected.push("late".to_owned());
        assert_eq!(log.take(), expected);
        drop(late);
    }
}

/// How often things are done that took time in proportion to their number, each of them.
const MANY: usize = if cfg!(miri) { 20 } else { 40_000 };

/// Whether `f`, with what `make` makes, takes about as long as it takes to make that, which is in proportion to `MANY`.
#[track_caller]
fn assert_as_fast<T>(make: impl Fn() -> T, f: impl Fn(T)) {
    // The shortest of some times: this thread may have to wait for the machine.
    let (mut it, mut like) = (Duration::MAX, Duration::MAX);
    // If it were quadratic, it would be some fifty times as long or more, each time.
    let is_as_fast = (0..20).any(|_| {
        let start = Instant::now();
        let what = make();
        let middle = Instant::now();
        f(what);
        (it, like) = (it.min(middle.elapsed()), like.min(middle - start));
        cfg!(miri) || it < like * 15
    });
    assert!(is_as_fast, "{it:?} instead of {like:?}");
}

/// To drop one of many weak handles with callbacks to one object took time in proportion to their number.
#[test]
#[cfg_attr(gc_small_limits, ignore = "has more weak handles")]
fn many_callbacks_of_one_object() {
    let _gate = Gate::open_for(many_callbacks_of_one_object);
    let node = Node::new();
    let make = || (0..MANY).map(|_| Gc::downgrade_with(&node, || {})).collect::<Vec<_>>();
    assert_as_fast(make, |weaks| weaks.into_iter().for_each(drop));
    assert_as_fast(make, |weaks| weaks.into_iter().rev().for_each(drop));
    assert_eq!(Gc::weak_count(&node), 0);
}

/// So did removing one of many callbacks of collections.
#[test]
fn many_callbacks_of_collections() {
    let _gate = Gate::open_for(many_callbacks_of_collections);
    let add = || (0..MANY).map(|_| HEAP.on_collection(|_| {})).collect::<Vec<_>>();
    let remove = |id| assert!(HEAP.remove_callback(id));
    assert_as_fast(add, |ids| ids.into_iter().for_each(remove));
    assert_as_fast(add, |ids| ids.into_iter().rev().for_each(remove));
}
