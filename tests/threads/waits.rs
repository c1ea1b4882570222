//! What waits for no other thread, or for none that waits for it: also beside one that is attached and blocks.

use std::any::Any;
use std::sync::atomic::{AtomicBool, Ordering::SeqCst};
use std::sync::{Arc, Barrier, Mutex, mpsc};
use std::thread;

use tricycle::{AnyGc, Gc, WeakMap, WeakSet, WeakValueMap, unsize};

use crate::support::{Census, Node, bounded, times};

/// Until the calling thread, which is attached, lets nobody in that it is not asked for: it has the lock, or is solo.
macro_rules! be_alone {
    ($heap:ident) => {
        (0..40).for_each(|_| _ = $heap.collect())
    };
}

/// A thread has a lock, and drops a weak handle with a callback. Another one is attached, and waits for the lock. The callback is not
/// called any more, also if it is still there when the object dies.
#[test]
fn to_drop_a_weak_callback() {
    own!(H);
    bounded(|| {
        for into_raw in [false, true] {
            let (census, captured, stream) = (Census::default(), Arc::new(()), Mutex::new(()));
            let (give, take) = mpsc::channel();
            thread::scope(|scope| {
                let lock = stream.lock().unwrap();
                let (census, captured, stream) = (&census, &captured, &stream);
                scope.spawn(move || {
                    H.attach(|| {
                        let node = Node::<H>::new(census);
                        let (told, captured) = (census.clone(), Arc::clone(captured));
                        let weak = Gc::downgrade_with(&node, move || {
                            told.call();
                            drop(captured);
                        });
                        be_alone!(H);
                        give.send(weak).unwrap();
                        drop(stream.lock());
                        drop(node);
                    });
                });
                let weak = take.recv().unwrap();
                if into_raw {
                    let raw = weak.into_raw();
                    drop(lock);
                    // SAFETY: just made by `into_raw`.
                    drop(unsafe { tricycle::Weak::<Node<H>, H>::from_raw(raw) });
                } else {
                    drop(weak);
                    drop(lock);
                }
            });
            H.collect();
            assert_eq!((census.called(), Arc::strong_count(&captured)), (0, 1));
            census.nothing_left::<H>();
        }
    });
}

/// A thread has a lock, and formats what looks for the living, or for the type of an object. Another one is attached, and waits for
/// the lock.
#[test]
fn to_format() {
    own!(H);
    bounded(|| {
        let (key, census, stream, attached) = (Gc::new_in(1, H), Census::default(), Mutex::new(()), Barrier::new(2));
        let (map, set) = (WeakMap::from_iter([(&key, Gc::new_in(2, H))]), WeakSet::from_iter([&key]));
        let mut values = WeakValueMap::new();
        values.insert("a", &key);
        let node = Node::<H>::new(&census);
        let node: Gc<dyn Any + Send + Sync, H> = unsize!(node => dyn Any + Send + Sync);
        let any = AnyGc::from(node);
        thread::scope(|scope| {
            let lock = stream.lock().unwrap();
            scope.spawn(|| {
                H.attach(|| {
                    be_alone!(H);
                    attached.wait();
                    drop(stream.lock());
                });
            });
            attached.wait();
            let maps = format!("{map:?} {set:?} {values:?}");
            assert_eq!(maps, "WeakMap(<locked>) WeakSet(<locked>) WeakValueMap(<locked>)");
            // What is atomic can be asked.
            let has_lock = std::any::type_name::<H>().contains("locked::");
            let expected = if has_lock { "dyn core::any::Any" } else { "support::Node<" };
            assert!(format!("{any:?}").contains(expected), "{any:?}");
            drop(lock);
        });
        H.attach(|| {
            assert_eq!(format!("{map:?} {set:?} {values:?}"), "{1: 2} {1} {\"a\": 1}");
            assert!(format!("{any:?}").contains("support::Node<"), "{any:?}");
        });
    });
}

/// A thread forks with two heaps, one call in the other, in either order. Another one is inside of the inner heap when the outer one is
/// taken, and uses that: drops a handle, as one that has a seat and as one that has none, and comes in.
#[test]
fn of_nested_forks() {
    own!(X);
    own!(Y);
    bounded(|| {
        let census = Census::default();
        macro_rules! beside {
            ($outer:ident, $inner:ident, $before:expr, $f:expr) => {{
                let there = Barrier::new(2);
                let node = Node::<$outer>::new(&census);
                thread::scope(|scope| {
                    let there = &there;
                    scope.spawn(move || {
                        $before;
                        there.wait();
                        $inner.attach(|| {
                            there.wait();
                            $f(node);
                        });
                    });
                    there.wait();
                    let forked = $outer.fork(|| {
                        there.wait();
                        $inner.fork(|| 7)
                    });
                    assert_eq!(forked, 7);
                });
            }};
        }
        macro_rules! both {
            ($outer:ident, $inner:ident) => {{
                beside!($outer, $inner, (), drop);
                beside!($outer, $inner, $outer.attach(|| ()), drop);
                beside!($outer, $inner, (), |node: Gc<Node<$outer>, $outer>| $outer.attach(|| node.edges.borrow_mut().push(node.clone())));
            }};
        }
        both!(X, Y);
        both!(Y, X);
        (0..3).for_each(|_| _ = Y.collect());
        census.nothing_left::<X>();
        census.nothing_left::<Y>();
    });
}

/// Two threads do so, each in another order, and more are inside of one heap and need the other. What is forbidden in a fork, and what
/// it has others wait for, is over afterwards, also if the function panics.
#[test]
fn of_forks_in_any_order() {
    own!(X);
    own!(Y);
    own!(Z);
    bounded(|| {
        let (census, over) = (Census::default(), AtomicBool::new(false));
        macro_rules! inside {
            ($outer:ident, $inner:ident) => {
                while !over.load(SeqCst) {
                    $outer.attach(|| {
                        let node = Node::<$outer>::ring(2, &census);
                        $inner.attach(|| drop((node, Node::<$inner>::ring(2, &census))));
                    });
                }
            };
        }
        thread::scope(|scope| {
            scope.spawn(|| inside!(X, Y));
            scope.spawn(|| inside!(Y, X));
            let forking = [
                scope.spawn(|| (0..times(50)).for_each(|_| X.fork(|| Y.fork(|| Z.fork(|| ()))))),
                scope.spawn(|| (0..times(50)).for_each(|_| Z.attach(|| Y.fork(|| X.fork(|| ()))))),
            ];
            forking.into_iter().for_each(|thread| thread.join().unwrap());
            let panics = || X.fork(|| Y.fork(|| panic!("as it should")));
            assert!(std::panic::catch_unwind(panics).is_err());
            let uses_the_outer = || X.fork(|| Y.fork(|| drop(Gc::new_in(1, X))));
            assert!(std::panic::catch_unwind(uses_the_outer).is_err());
            let twice = || X.fork(|| Y.fork(|| X.fork(|| ())));
            assert!(std::panic::catch_unwind(twice).is_err());
            over.store(true, SeqCst);
        });
        (0..3).for_each(|_| _ = Y.collect());
        census.nothing_left::<X>();
        census.nothing_left::<Y>();
    });
}
