//! Weak handles, callbacks and finalizers, when the last handle goes on one thread and another one looks.

use std::sync::atomic::{AtomicUsize, Ordering::SeqCst};
use std::sync::{Arc, Barrier, Mutex};
use std::thread;

use tricycle::Gc;

use crate::support::{Census, Final, Node, bounded, elsewhere, joined, times};

/// `test_threaded_weak_*`: upgrading against the last drop. What is had is alive.
#[test]
fn upgraded_while_it_goes() {
    own!(H);
    bounded(|| {
        let census = Census::default();
        let barrier = Barrier::new(3);
        let slot = Mutex::new(None);
        let upgraded = AtomicUsize::new(0);
        thread::scope(|scope| {
            for _ in 0..2 {
                scope.spawn(|| {
                    for _ in 0..times(500) {
                        barrier.wait();
                        let weak: tricycle::Weak<Node<H>, H> = slot.lock().unwrap().clone().unwrap();
                        barrier.wait();
                        H.attach(|| {
                            for _ in 0..10 {
                                if let Some(node) = weak.upgrade() {
                                    node.cookie.check();
                                    upgraded.fetch_add(1, SeqCst);
                                }
                            }
                        });
                        drop(weak);
                    }
                });
            }
            for i in 0..times(500) {
                let node = if i % 2 == 0 { Node::<H>::new(&census) } else { Node::ring(2, &census) };
                *slot.lock().unwrap() = Some(Gc::downgrade(&node));
                barrier.wait();
                barrier.wait();
                drop(node);
                if i % 2 == 1 {
                    H.collect();
                }
            }
        });
        drop(slot);
        census.nothing_left::<H>();
    });
}

/// A callback runs once, on whichever thread the object goes; not at all if its handle went first.
#[test]
fn callbacks_on_other_threads() {
    own!(H);
    bounded(|| {
        let census = Census::default();
        let n = times(300);
        for cyclic in [false, true] {
            let before = census.called();
            for _ in 0..n {
                let node = if cyclic { Node::<H>::ring(2, &census) } else { Node::new(&census) };
                let weak = Gc::downgrade_with(&node, {
                    let census = census.clone();
                    move || census.call()
                });
                elsewhere(move || drop(node));
                H.collect();
                assert!(weak.upgrade().is_none());
            }
            assert_eq!(census.called() - before, n, "cyclic: {cyclic}");
        }
        census.nothing_left::<H>();
    });
}

/// The weak handle goes on one thread while its object does on another: the callback runs once or not at all.
#[test]
fn callbacks_against_their_handles() {
    own!(H);
    bounded(|| {
        let census = Census::default();
        let n = if cfg!(miri) { 2 } else { 500 };
        for i in 0..n {
            let node = Node::<H>::new(&census);
            let calls = Arc::new(AtomicUsize::new(0));
            let weaks = [(); 2].map(|()| {
                let calls = Arc::clone(&calls);
                Gc::downgrade_with(&node, move || _ = calls.fetch_add(1, SeqCst))
            });
            joined(|scope| {
                let [kept, dropped] = weaks;
                scope.spawn(move || drop(dropped));
                scope.spawn(move || if i % 2 == 0 { H.attach(|| drop(node)) } else { drop(node) });
                drop(kept.clone());
                drop(kept);
            });
            H.poll();
            assert!(calls.load(SeqCst) <= 2);
            assert_eq!(Arc::strong_count(&calls), 1, "what a callback captured goes with it");
        }
        census.nothing_left::<H>();
    });
}

/// A callback and a finalizer that use the heap, start threads that use it, and wait for them.
#[test]
fn finalizers_with_threads() {
    own!(H);
    bounded(|| {
        let census = Census::default();
        let busy = {
            let census = census.clone();
            move || {
                H.detach(|| {
                    joined(|scope| {
                        scope.spawn(|| H.attach(|| drop(Node::<H>::ring(2, &census))));
                        scope.spawn(|| H.collect());
                    });
                });
            }
        };
        let finalizer = busy.clone();
        let object = Final::<H>::cyclic(&census, move |_| finalizer());
        let weak = Gc::downgrade_with(&object, busy.clone());
        drop(object);
        H.attach(|| _ = H.collect());
        assert!(weak.upgrade().is_none());
        let finalizer = busy.clone();
        drop(Final::<H>::new(&census, move |_| finalizer()));
        assert_eq!(census.finalized(), 2);
        drop(weak);
        census.nothing_left::<H>();
    });
}

/// Finalizers that bring their objects back to where another thread takes them from, while a third one collects.
#[test]
fn brought_back_for_others() {
    own!(H);
    bounded(|| {
        let census = Census::default();
        let shelf = Arc::new(Mutex::new(Vec::<Gc<Final<H>, H>>::new()));
        let n = times(300);
        joined(|scope| {
            scope.spawn(|| {
                for i in 0..n {
                    let shelf = Arc::clone(&shelf);
                    let save = move |this: &Final<H>| {
                        if let Some(me) = this.weak.upgrade() {
                            shelf.lock().unwrap().push(me);
                        }
                    };
                    let make = if i % 2 == 0 { Final::<H>::cyclic(&census, save) } else { Final::new(&census, save) };
                    drop(make);
                }
            });
            scope.spawn(|| (0..n / 10).for_each(|_| _ = H.collect()));
            scope.spawn(|| {
                for _ in 0..n {
                    let saved = shelf.lock().unwrap().pop();
                    if let Some(object) = saved {
                        object.cookie.check();
                        object.me.take();
                    }
                }
            });
        });
        // Those that came back later.
        for _ in 0..3 {
            H.collect();
            let saved = std::mem::take(&mut *shelf.lock().unwrap());
            saved.iter().for_each(|object| drop(object.me.take()));
        }
        assert_eq!(census.finalized(), n);
        census.nothing_left::<H>();
    });
}

/// A finalizer runs once, whether a collection has found the object or its last handle goes, and also if both happen at a time.
#[test]
fn finalized_once() {
    own!(H);
    bounded(|| {
        let (census, rounds) = (Census::default(), times(3000));
        let barrier = Barrier::new(2);
        let slot = Mutex::new(None);
        joined(|scope| {
            scope.spawn(|| {
                for round in 0..rounds {
                    barrier.wait();
                    let weak: tricycle::Weak<Final<H>, H> = slot.lock().unwrap().take().unwrap();
                    barrier.wait();
                    (0..round % 256).for_each(|_| std::hint::spin_loop());
                    // Now its count brings it to its end.
                    if round % 4 != 0
                        && let Some(object) = weak.upgrade()
                    {
                        object.cookie.check();
                        object.me.set(None);
                    }
                }
            });
            for round in 0..rounds {
                let object = Final::<H>::cyclic(&census, |_| ());
                *slot.lock().unwrap() = Some(Gc::downgrade(&object));
                drop(object);
                barrier.wait();
                barrier.wait();
                (0..round / 16 % 256).for_each(|_| std::hint::spin_loop());
                H.collect();
            }
        });
        H.collect();
        assert_eq!(census.finalized(), rounds);
        census.nothing_left::<H>();
    });
}

/// The only handle, made exclusive while another thread tries to get one.
#[test]
fn exclusive_against_upgrades() {
    own!(H);
    bounded(|| {
        let census = Census::default();
        for _ in 0..times(300) {
            let node = Node::<H>::new(&census);
            let weak = Gc::downgrade(&node);
            thread::scope(|scope| {
                scope.spawn(move || {
                    if let Some(node) = weak.upgrade() {
                        node.cookie.check();
                    }
                });
                let mut node = node;
                if let Some(node) = Gc::get_mut(&mut node) {
                    node.cookie.check();
                }
                match Gc::try_unwrap(node) {
                    Ok(node) => node.cookie.check(),
                    Err(node) => node.cookie.check(),
                }
            });
        }
        census.nothing_left::<H>();
    });
}

/// Threads with weak maps of their own attach values to the same objects and take them away, others drop and collect these, and
/// maps go while their thread is inside or outside.
#[test]
fn maps_of_many_threads() {
    own!(H);
    bounded(|| {
        let census = Census::default();
        let shown = Mutex::new(vec![Node::<H>::new(&census)]);
        thread::scope(|scope| {
            for worker in 0..3 {
                let (census, shown) = (&census, &shown);
                scope.spawn(move || {
                    for round in 0..times(60) {
                        let mut map = tricycle::WeakMap::<Node<H>, Node<H>, H>::new();
                        let work = |map: &mut tricycle::WeakMap<_, _, _>| {
                            for i in 0..20 {
                                let key =
                                    if i % 4 == worker { Node::<H>::new(census) } else { lock_outside::<H, _>(shown)[0].clone() };
                                let value = Node::<H>::new(census);
                                value.edges.borrow_mut().push(key.clone());
                                map.insert(&key, value);
                                assert!(map.get(&key).is_some_and(|value| Gc::ptr_eq(&value.edges.borrow()[0], &key)));
                                if i % 5 == 0 {
                                    drop(map.remove(&key));
                                }
                                if i % 7 == 0 {
                                    let old = std::mem::replace(&mut lock_outside::<H, _>(shown)[0], key);
                                    drop(old);
                                }
                            }
                        };
                        if round % 2 == 0 {
                            H.attach(|| work(&mut map));
                        } else {
                            work(&mut map);
                        }
                        if round % 3 == 0 {
                            H.collect();
                        }
                        if round % 5 == 0 {
                            H.attach(|| drop(map));
                        }
                    }
                });
            }
        });
        drop(shown);
        census.nothing_left::<H>();
    });
}

/// Takes a lock that others hold while they wait to come in.
fn lock_outside<H: tricycle::Heap, T>(mutex: &Mutex<T>) -> std::sync::MutexGuard<'_, T> {
    H::default().detach(|| mutex.lock().unwrap())
}
