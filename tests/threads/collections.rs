//! Collections while other threads go on.

use std::panic::catch_unwind;
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering::SeqCst};
use std::thread;
use std::time::{Duration, Instant};

use tricycle::{Gc, GcCell, Generation, Trace};

use crate::support::{Census, Final, Node, bounded, elsewhere, joined, times};

/// Several threads collect, all generations, while several make garbage: nobody frees what is alive, nothing is left.
#[test]
fn several_at_once() {
    own!(H);
    bounded(|| {
        let census = Census::default();
        H.set_thresholds((50, 2, 2));
        thread::scope(|scope| {
            for _ in 0..3 {
                scope.spawn(|| {
                    H.attach(|| {
                        let live = Node::<H>::ring(5, &census);
                        for i in 0..times(1000) {
                            let ring = Node::<H>::ring(3, &census);
                            if i % 3 == 0 {
                                let mut edges = live.edges.borrow_mut();
                                edges.truncate(5);
                                edges.push(ring);
                            }
                        }
                        live.edges.borrow().iter().for_each(|node| node.cookie.check());
                    });
                });
            }
            for generation in Generation::ALL {
                let collect = move || _ = H.collect_generation(generation);
                scope.spawn(move || (0..times(50)).for_each(|_| collect()));
                scope.spawn(move || H.attach(|| (0..times(50)).for_each(|_| collect())));
            }
        });
        census.nothing_left::<H>();
    });
}

/// Issue 157377: who asks for the counts all the time does not keep collections from starting.
#[test]
fn asked_for_counts() {
    own!(H);
    bounded(|| {
        let census = Census::default();
        H.set_thresholds((50, 10, 10));
        H.attach(|| {
            for _ in 0..1000 {
                drop(Node::<H>::ring(2, &census));
                let _ = H.counts();
            }
        });
        assert!(census.dropped() > 1000);
        census.nothing_left::<H>();
    });
}

/// Issue 151518: collections back to back do not keep a thread from coming in, again and again.
#[test]
fn back_to_back() {
    own!(H);
    bounded(|| {
        let census = Census::default();
        let over = AtomicBool::new(false);
        thread::scope(|scope| {
            for _ in 0..2 {
                scope.spawn(|| {
                    while !over.load(SeqCst) {
                        drop(Node::<H>::ring(2, &census));
                        H.collect();
                    }
                });
            }
            for _ in 0..times(200) {
                H.attach(|| drop(Node::<H>::new(&census)));
            }
            over.store(true, SeqCst);
        });
        census.nothing_left::<H>();
    });
}

/// `test_can_interrupt_tight_loops`: threads that do nothing but poll, or allocate, stop soon when somebody wants to collect.
#[test]
fn stops_are_short() {
    own!(H);
    bounded(|| {
        let census = Census::default();
        let over = AtomicBool::new(false);
        thread::scope(|scope| {
            for allocate in [true, false] {
                let (over, census) = (&over, &census);
                scope.spawn(move || {
                    H.attach(|| {
                        while !over.load(SeqCst) {
                            if allocate {
                                drop(Node::<H>::new(census));
                            } else {
                                H.poll();
                            }
                        }
                    });
                });
            }
            let start = Instant::now();
            for _ in 0..times(100) {
                // One visit each, for each of which a thread that takes turns waits for an interval.
                H.attach(|| drop((Node::<H>::ring(2, &census), H.collect())));
            }
            // Some milliseconds each, where they are solo.
            assert!(start.elapsed() < Duration::from_secs(60), "{:?}", start.elapsed());
            over.store(true, SeqCst);
        });
        census.nothing_left::<H>();
    });
}

/// User code that panics in a collection: the world goes on.
#[test]
fn panics_in_a_collection() {
    own!(H);
    bounded(|| {
        let census = Census::default();
        let (caught, n) = (AtomicUsize::new(0), times(50));
        thread::scope(|scope| {
            scope.spawn(|| {
                for _ in 0..n {
                    drop(Final::<H>::cyclic(&census, |_| std::panic::resume_unwind(Box::new(()))));
                    let result = catch_unwind(|| H.attach(|| H.collect()));
                    caught.fetch_add(usize::from(result.is_err()), SeqCst);
                }
            });
            scope.spawn(|| {
                H.attach(|| (0..times(500)).for_each(|_| Node::<H>::ring(2, &census).cookie.check()));
            });
        });
        // There may have been a collection of the other thread's, which then was told; here nobody else collects.
        assert_eq!((caught.load(SeqCst), census.finalized()), (n, n));
        census.nothing_left::<H>();
    });
}

/// `test_get_objects`, `test_get_referrers`: looking at the heap while others change it.
#[test]
fn looked_at() {
    own!(H);
    bounded(|| {
        let census = Census::default();
        let target = Node::<H>::new(&census);
        joined(|scope| {
            for _ in 0..3 {
                scope.spawn(|| {
                    for _ in 0..times(500) {
                        let holder = Node::<H>::new(&census);
                        holder.edges.borrow_mut().push(target.clone());
                        drop(Node::<H>::ring(2, &census));
                    }
                });
            }
            scope.spawn(|| {
                for _ in 0..times(50) {
                    let objects = H.objects(None);
                    let nodes = objects.iter().filter_map(|object| object.downcast_ref::<Node<H>>());
                    nodes.for_each(|node| node.cookie.check());
                }
            });
            scope.spawn(|| {
                for _ in 0..times(50) {
                    for holder in H.referrers(&target) {
                        let holder = holder.downcast::<Node<H>>().unwrap();
                        holder.cookie.check();
                        assert!(H.referents(&holder).len() <= 1);
                    }
                }
            });
        });
        assert_eq!(Gc::strong_count(&target), 1);
        drop(target);
        census.nothing_left::<H>();
    });
}

/// Freezing and unfreezing while others make and drop objects.
#[test]
fn frozen_meanwhile() {
    own!(H);
    bounded(|| {
        let census = Census::default();
        H.set_thresholds((20, 2, 2));
        thread::scope(|scope| {
            for _ in 0..3 {
                scope.spawn(|| {
                    H.attach(|| {
                        let mut kept = Vec::new();
                        for i in 0..times(1000) {
                            kept.push(Node::<H>::ring(1 + i % 3, &census));
                            if kept.len() > 20 {
                                kept.drain(..10);
                            }
                        }
                        kept.iter().for_each(|node| node.cookie.check());
                    });
                });
            }
            scope.spawn(|| {
                for _ in 0..times(100) {
                    H.freeze();
                    let _ = H.freeze_count();
                    H.collect();
                    H.unfreeze();
                }
            });
        });
        H.unfreeze();
        census.nothing_left::<H>();
    });
}

/// `test_freeze_object_in_brc_queue`: an object that is frozen while its handle is on the way to its owner.
#[test]
fn frozen_in_a_queue() {
    own!(H);
    bounded(|| {
        let census = Census::default();
        H.attach(|| {
            let node = Node::<H>::new(&census);
            H.detach(|| elsewhere(move || drop(node)));
            H.freeze();
            H.collect();
            assert_eq!(census.dropped(), 1);
            H.unfreeze();
            H.collect();
        });
        census.nothing_left::<H>();
    });
}

/// Immortal objects, made so by their maker and by others, while handles come and go. (They stay.)
#[test]
#[cfg_attr(miri, ignore = "leaks")]
fn made_immortal() {
    own!(H);
    bounded(|| {
        let census = Census::default();
        let n = 50;
        for i in 0..n {
            let node = Node::<H>::new(&census);
            thread::scope(|scope| {
                let theirs = node.clone();
                scope.spawn(move || drop((0..10).map(|_| theirs.clone()).collect::<Vec<_>>()));
                let theirs = node.clone();
                scope.spawn(move || {
                    if i % 2 == 0 {
                        Gc::immortalize(&theirs);
                    }
                });
                if i % 2 == 1 {
                    Gc::immortalize(&node);
                }
                drop((0..10).map(|_| node.clone()).collect::<Vec<_>>());
                drop(node);
            });
            H.poll();
        }
        H.collect();
        assert_eq!((census.dropped(), H.live_objects()), (0, n));
    });
}

/// Waits for others when it is dropped.
#[derive(Trace)]
#[trace(acyclic)]
struct Waits<H: tricycle::Shared>(#[trace(skip)] std::sync::Mutex<std::sync::mpsc::Receiver<()>>, #[trace(skip)] H);

impl<H: tricycle::Shared> Drop for Waits<H> {
    fn drop(&mut self) {
        self.1.detach(|| self.0.get_mut().unwrap().recv().unwrap());
    }
}

/// One that is garbage by itself.
#[derive(Trace)]
struct Knot<H: tricycle::Shared>(GcCell<Option<Gc<Knot<H>, H>>, H>, Waits<H>);

/// A destructor that a collection runs waits for another thread, which the heap slows down meanwhile: there is far too much garbage.
#[test]
fn slowed_down_but_not_stopped() {
    own!(H);
    bounded(|| {
        let census = Census::default();
        H.set_thresholds((100, 10, 10));
        let (go_on, wait) = std::sync::mpsc::channel();
        let (say, hear) = std::sync::mpsc::channel();
        thread::scope(|scope| {
            scope.spawn(|| {
                H.attach(|| {
                    H.disable();
                    (0..times(50_000)).for_each(|_| drop(Node::<H>::ring(1, &census)));
                    let me = Gc::new_in(Knot(GcCell::new(None), Waits(std::sync::Mutex::new(wait), H)), H);
                    me.0.set(Some(me.clone()));
                    drop(me);
                    H.enable();
                    say.send(()).unwrap();
                    H.collect();
                });
            });
            hear.recv().unwrap();
            H.attach(|| (0..times(5_000)).for_each(|_| drop(Node::<H>::ring(1, &census))));
            go_on.send(()).unwrap();
        });
        census.nothing_left::<H>();
    });
}
