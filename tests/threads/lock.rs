//! The global lock: who has it, for how long, and who is next.

use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering::SeqCst};
use std::sync::{Arc, Barrier, Mutex};
use std::thread;
use std::time::{Duration, Instant};

use tricycle::{Gc, GcCell};

use crate::support::{Census, Node, bounded, times, until};

/// `test_switchinterval`: what is set is what there is; not less than a microsecond.
#[test]
fn switch_interval() {
    own!(H);
    assert_eq!(H.switch_interval(), Duration::from_millis(5));
    for interval in [Duration::from_micros(1), Duration::from_millis(50), Duration::from_secs(3600)] {
        H.set_switch_interval(interval);
        assert_eq!(H.switch_interval(), interval);
    }
    H.set_switch_interval(Duration::ZERO);
    assert_eq!(H.switch_interval(), Duration::from_micros(1));
    // Two heaps, two locks.
    own!(Other);
    assert_eq!(Other.switch_interval(), Duration::from_millis(5));
}

/// With an interval that never ends the lock goes from one to another when threads go out; and a shorter one holds at once, also for
/// a thread that waits already.
#[test]
fn the_longest_interval() {
    own!(H);
    bounded(|| {
        H.set_switch_interval(Duration::MAX);
        assert_eq!(H.switch_interval(), Duration::MAX);
        let all = AtomicUsize::new(0);
        thread::scope(|scope| {
            for _ in 0..3 {
                scope.spawn(|| {
                    for _ in 0..times(100) {
                        H.attach(|| all.fetch_add(1, SeqCst));
                        thread::yield_now();
                        H.attach(|| thread::sleep(Duration::from_micros(50)));
                    }
                });
            }
        });
        assert_eq!(all.into_inner(), 3 * times(100));

        let (begun, came_in) = (AtomicBool::new(false), AtomicBool::new(false));
        thread::scope(|scope| {
            scope.spawn(|| {
                H.attach(|| {
                    begun.store(true, SeqCst);
                    while !came_in.load(SeqCst) {
                        H.poll();
                    }
                });
            });
            scope.spawn(|| {
                while !begun.load(SeqCst) {
                    thread::yield_now();
                }
                H.attach(|| came_in.store(true, SeqCst));
            });
            thread::sleep(Duration::from_millis(50)); // until it waits
            assert!(!came_in.load(SeqCst));
            H.set_switch_interval(Duration::from_millis(1));
        });
    });
}

/// Attached threads are one at a time between safepoints.
#[test]
fn one_at_a_time() {
    own!(H);
    bounded(|| {
        H.set_switch_interval(Duration::from_micros(50));
        let (inside, all) = (AtomicUsize::new(0), AtomicUsize::new(0));
        thread::scope(|scope| {
            for _ in 0..4 {
                scope.spawn(|| {
                    H.attach(|| {
                        for _ in 0..times(5000) {
                            assert_eq!(inside.fetch_add(1, SeqCst), 0);
                            all.fetch_add(1, SeqCst);
                            assert_eq!(inside.fetch_sub(1, SeqCst), 1);
                            H.poll();
                        }
                    });
                });
            }
        });
        assert_eq!(all.into_inner(), 4 * times(5000));
    });
}

/// A thread that polls all the time and one that comes in now and then: the latter gets the lock after an interval or so.
/// And the former, which gives way, does not have it back before (forced switching).
#[test]
fn a_busy_thread_gives_way() {
    own!(H);
    bounded(|| {
        let over = AtomicBool::new(false);
        thread::scope(|scope| {
            scope.spawn(|| {
                H.attach(|| {
                    while !over.load(SeqCst) {
                        H.poll();
                    }
                });
            });
            let mut waits: Vec<_> = (0..times(50))
                .map(|_| {
                    thread::sleep(Duration::from_millis(1));
                    let start = Instant::now();
                    H.attach(|| start.elapsed())
                })
                .collect();
            over.store(true, SeqCst);
            waits.sort();
            // The median, as others use this machine, too.
            assert!(waits[waits.len() / 2] < Duration::from_secs(1), "{waits:?}");
        });
    });
}

/// Busy threads take turns: none of them is left behind.
#[test]
fn turns_are_fair() {
    own!(H);
    bounded(|| {
        H.set_switch_interval(Duration::from_millis(1));
        let order = Arc::new(Mutex::new(Vec::new()));
        let over = AtomicBool::new(false);
        let rounds = [const { AtomicUsize::new(0) }; 3];
        // One that has not begun has no turns.
        let begun = Barrier::new(rounds.len());
        thread::scope(|scope| {
            for (me, mine) in rounds.iter().enumerate() {
                let (order, over, rounds, begun) = (&order, &over, &rounds, &begun);
                scope.spawn(move || {
                    begun.wait();
                    H.attach(|| {
                        while !over.load(SeqCst) {
                            let mut order = order.lock().unwrap();
                            if order.last() != Some(&me) {
                                order.push(me);
                                mine.fetch_add(1, SeqCst);
                            }
                            drop(order);
                            if rounds.iter().all(|rounds| rounds.load(SeqCst) >= 5) {
                                over.store(true, SeqCst);
                            }
                            H.poll();
                        }
                    });
                });
            }
        });
        // Until each has had five turns, nobody has had many more.
        assert!(rounds.iter().all(|rounds| rounds.load(SeqCst) < 1000), "{rounds:?}");
    });
}

/// What one thread wrote while it had the lock, the next one sees; also values without atomics of their own.
#[test]
fn writes_are_seen() {
    own!(H);
    bounded(|| {
        H.set_switch_interval(Duration::from_micros(1));
        let total = Gc::new_in(GcCell::<_, H>::new(vec![0_u32; 8]), H);
        thread::scope(|scope| {
            for _ in 0..3 {
                scope.spawn(|| {
                    H.attach(|| {
                        for i in 0..times(2000) {
                            total.borrow_mut()[i % 8] += 1;
                            H.poll();
                        }
                    });
                });
            }
        });
        assert_eq!(total.borrow().iter().sum::<u32>() as usize, 3 * times(2000));
    });
}

/// Nobody is asked to give way before it had the lock for an interval, however many wait.
#[test]
#[cfg_attr(miri, ignore = "time")]
fn an_interval_is_left_to_whoever_has_the_lock() {
    own!(H);
    bounded(|| {
        let interval = Duration::from_millis(200);
        H.set_switch_interval(interval);
        let (has_it, over) = (AtomicBool::new(false), AtomicBool::new(false));
        thread::scope(|scope| {
            scope.spawn(|| {
                H.attach(|| {
                    has_it.store(true, SeqCst);
                    while !over.load(SeqCst) {
                        H.poll();
                    }
                });
            });
            let waiters = [(); 2].map(|()| {
                scope.spawn(|| {
                    let has_it = until(|| has_it.load(SeqCst));
                    let start = Instant::now();
                    (has_it, start, H.attach(Instant::now))
                })
            });
            let waited = waiters.map(|waiter| waiter.join().unwrap());
            over.store(true, SeqCst);
            assert!(waited.iter().all(|(has_it, ..)| *has_it));
            // The interval begins when the first of them begins to wait. That one gives the lock up at once, and the other one may have
            // come late.
            let first = waited.iter().map(|(_, start, _)| *start).min().unwrap();
            assert!(waited.iter().all(|(_, _, came_in)| *came_in - first > interval / 2), "{waited:?}");
        });
    });
}

/// `test_enumerate_after_join`: with a very short interval, what a thread left is seen as soon as it was joined.
#[test]
fn joined_with_a_short_interval() {
    own!(H);
    bounded(|| {
        H.set_switch_interval(Duration::from_micros(1));
        let census = Census::default();
        H.attach(|| {
            for i in 0..times(200) {
                let join = || {
                    let threads = [(); 2].map(|()| thread::spawn({
                        let census = census.clone();
                        move || H.attach(|| Node::<H>::new(&census))
                    }));
                    threads.map(|thread| thread.join().unwrap())
                };
                let nodes = H.detach(join);
                assert_eq!((census.born() - census.dropped(), H.live_objects()), (2, 2), "round {i}");
                drop(nodes);
            }
        });
        census.nothing_left::<H>();
    });
}
