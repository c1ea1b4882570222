//! Statistics, thresholds, switches and callbacks: from any thread, at any time.

use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering::SeqCst};
use std::sync::Arc;
use std::thread;

use tricycle::{CollectionEvent, Gc, Generation, Phase};

use crate::support::{Census, Node, bounded, elsewhere, joined, times};

/// `test_set_threshold`, `test_get_count`, and CPython 150411, 129533, 117657: one thread for each control, while others
/// allocate.
#[test]
fn all_at_once() {
    own!(H);
    bounded(|| {
        let census = Census::default();
        let over = AtomicBool::new(false);
        thread::scope(|scope| {
            let makers: Vec<_> = (0..3)
                .map(|_| scope.spawn(|| H.attach(|| (0..times(2000)).for_each(|_| drop(Node::<H>::ring(2, &census))))))
                .collect();
            let controls: [fn(usize); 6] = [
                |i| H.set_thresholds((i % 100, 1 + i % 3, 1 + i % 5)),
                |_| _ = H.counts(),
                |i| _ = if i % 2 == 0 { H.disable() } else { H.enable() },
                |_| assert!(H.stats()[Generation::Young].candidates < 1 << 40),
                |_| _ = (H.thresholds(), H.is_enabled(), H.is_collecting(), H.external_bytes(), H.allocated_bytes()),
                |i| if i % 10 == 0 { H.trim() },
            ];
            for control in controls {
                let over = &over;
                scope.spawn(move || {
                    let mut i = 0;
                    while !over.load(SeqCst) {
                        control(i);
                        i += 1;
                    }
                });
            }
            makers.into_iter().for_each(|maker| maker.join().unwrap());
            over.store(true, SeqCst);
        });
        H.enable();
        census.nothing_left::<H>();
    });
}

/// `test_gc_callbacks_race_with_mutation`: callbacks are added and removed while collections call them. Each is told of the
/// start before the end.
#[test]
fn callbacks() {
    own!(H);
    bounded(|| {
        let census = Census::default();
        let kept = Arc::new([AtomicUsize::new(0), AtomicUsize::new(0)]);
        let id = H.on_collection({
            let kept = Arc::clone(&kept);
            move |event: &CollectionEvent| _ = kept[usize::from(event.phase == Phase::Stop)].fetch_add(1, SeqCst)
        });
        thread::scope(|scope| {
            for _ in 0..2 {
                scope.spawn(|| {
                    for _ in 0..times(100) {
                        drop(Node::<H>::ring(2, &census));
                        H.collect();
                    }
                });
                scope.spawn(|| {
                    for _ in 0..times(200) {
                        let census = census.clone();
                        let id = H.on_collection(move |_: &CollectionEvent| census.call());
                        thread::yield_now();
                        assert!(H.remove_callback(id));
                    }
                });
            }
        });
        assert!(H.remove_callback(id) && !H.remove_callback(id));
        let [starts, stops] = [0, 1].map(|i| kept[i].load(SeqCst));
        assert!(starts == stops && starts > 0);
        let stats: u64 = H.stats().generations.iter().map(|generation| generation.collections).sum();
        assert_eq!(stats, starts as u64);
        census.nothing_left::<H>();
    });
}

/// What one thread saves, another one takes.
#[test]
fn saved_for_others() {
    own!(H);
    bounded(|| {
        let census = Census::default();
        H.set_save_all(true);
        drop(Node::<H>::ring(3, &census));
        elsewhere(|| assert_eq!(H.collect().collected, 3));
        assert_eq!((H.garbage().len(), census.dropped()), (3, 0));
        H.set_save_all(false);
        elsewhere(|| drop(H.take_garbage()));
        census.nothing_left::<H>();
    });
}

/// A heap that threads share is not collected when one of them ends, so there is nothing to leave as it is.
#[test]
fn leak_at_exit() {
    own!(H);
    bounded(|| {
        let census = Census::default();
        thread::scope(|scope| {
            scope.spawn(|| {
                H.set_leak_at_exit(true);
                drop(Node::<H>::ring(3, &census));
            });
        });
        assert_eq!((H.leak_at_exit(), census.dropped()), (true, 0));
        assert_eq!(H.collect().collected, 3);
        H.set_leak_at_exit(false);
        drop(Node::<H>::ring(3, &census));
        census.nothing_left::<H>();
    });
}

/// Bytes outside of the heap are added up, whoever owns them.
#[test]
fn external_bytes_of_all_threads() {
    own!(H);
    bounded(|| {
        let census = Census::default();
        let nodes: Vec<_> = thread::scope(|scope| {
            let make = || {
                let node = Node::<H>::new(&census);
                tricycle::Gc::external_bytes(&node, 100);
                node
            };
            let makers: Vec<_> = (0..4).map(|_| scope.spawn(make)).collect();
            makers.into_iter().map(|maker| maker.join().unwrap()).collect()
        });
        assert_eq!(H.external_bytes(), 400);
        drop(nodes);
        census.nothing_left::<H>();
        assert_eq!(H.external_bytes(), 0);
    });
}

/// A collection that found something adds up the memory of all threads when they run again, and others come for the first
/// time. Miri and ThreadSanitizer see whether it is safe to look at what they have just made (`O90`).
#[test]
fn added_up_while_threads_come() {
    own!(H);
    bounded(|| {
        let census = Census::default();
        thread::scope(|scope| {
            scope.spawn(|| {
                for _ in 0..if cfg!(miri) { 3 } else { 8 } {
                    drop(Node::<H>::ring(2, &census));
                    H.collect();
                }
            });
            (0..4).for_each(|_| _ = scope.spawn(|| drop(Node::<H>::new(&census))));
        });
        census.nothing_left::<H>();
    });
}

/// Threads change how much is external, while there is more in all than a number can tell: nothing is lost.
#[test]
fn external_bytes_beyond_numbers() {
    own!(H);
    bounded(|| {
        let census = Census::default();
        let most = usize::MAX - 100_000;
        let nodes: Vec<_> = (0..4).map(|_| Node::<H>::new(&census)).collect();
        joined(|scope| {
            for (number, node) in nodes.iter().enumerate() {
                scope.spawn(move || {
                    for i in 0..times(20_000) {
                        let little = i % 1000;
                        Gc::external_bytes(node, if number == 0 && i % 2 == 0 { most + little } else { little * 100 });
                    }
                    Gc::external_bytes(node, number + 1);
                });
            }
        });
        assert_eq!(H.external_bytes(), 1 + 2 + 3 + 4);
        drop(nodes);
        assert_eq!(H.external_bytes(), 0);
        census.nothing_left::<H>();
    });
}
