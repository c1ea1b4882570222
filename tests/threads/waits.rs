//! What waits for no other thread, also not for one that is attached and blocks.

use std::any::Any;
use std::sync::{Arc, Barrier, Mutex, mpsc};
use std::thread;

use tricycle::{AnyGc, Gc, WeakMap, WeakSet, WeakValueMap, unsize};

use crate::support::{Census, Node, bounded};

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
