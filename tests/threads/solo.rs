//! A solo thread, and others that come: nothing that either does is lost.

use std::sync::atomic::{AtomicBool, Ordering::*};
use std::sync::{Barrier, mpsc};
use std::thread;
use std::time::Duration;

use tricycle::{Gc, GcCell};

use crate::support::{Census, Node, bounded, times};

/// Others come and go while a thread changes a cell, and clones and drops a handle.
#[test]
fn comes_and_goes() {
    own!(H);
    bounded(|| {
        let rounds = times(200);
        let census = Census::default();
        let (node, cell) = (Node::<H>::new(&census), Gc::new_in(GcCell::<usize, H>::new(0), H));
        let step = || {
            *cell.borrow_mut() += 1;
            drop(node.clone());
            node.edges.borrow_mut().push(node.clone());
            node.edges.borrow_mut().pop();
        };
        let mut steps = 0;
        H.attach(|| {
            for _ in 0..rounds {
                let done = AtomicBool::new(false);
                thread::scope(|scope| {
                    let other = scope.spawn(|| {
                        H.attach(|| (0..100).for_each(|_| step()));
                        step();
                        done.store(true, SeqCst);
                    });
                    while !done.load(SeqCst) {
                        step();
                        steps += 1;
                        H.poll();
                    }
                    H.detach(|| other.join().unwrap());
                });
                H.collect(); // solo again
                (0..100).for_each(|_| step());
            }
        });
        assert_eq!(*cell.borrow(), steps + rounds * 201);
        assert_eq!((Gc::strong_count(&node), Gc::strong_count(&cell)), (1, 1));
        drop((node, cell));
        census.nothing_left::<H>();
    });
}

/// Another thread comes while a cell is borrowed.
#[test]
fn borrowed_meanwhile() {
    own!(H);
    bounded(|| {
        let [read, written] = [0, 1].map(|value| Gc::new_in(GcCell::<u32, H>::new(value), H));
        let (looked, has_looked) = mpsc::channel();
        let (go, gone) = mpsc::channel();
        thread::scope(|scope| {
            H.attach(|| {
                let (reader, mut writer) = (read.borrow(), written.borrow_mut());
                let (read, written) = (&read, &written);
                scope.spawn(move || {
                    assert!(written.try_borrow().is_err() && written.try_borrow_mut().is_err());
                    assert!(read.try_borrow().is_ok() && read.try_borrow_mut().is_err());
                    looked.send(()).unwrap();
                    gone.recv().unwrap();
                    *read.borrow_mut() += 5;
                    *written.borrow_mut() += 5;
                });
                H.detach(|| has_looked.recv().unwrap());
                *writer += *reader + 1;
                drop((reader, writer));
                go.send(()).unwrap();
            });
        });
        assert_eq!((read.get(), written.get()), (5, 7));
    });
}

/// A thread that is solo finds what others outside have borrowed, and takes none of it.
#[test]
fn beside_borrows() {
    own!(H);
    bounded(|| {
        let [read, written] = [(); 2].map(|()| Gc::new_in(GcCell::<_, H>::new(0), H));
        let (both, over) = (Barrier::new(2), Barrier::new(2));
        thread::scope(|scope| {
            scope.spawn(|| {
                let guards = (read.borrow(), written.borrow_mut());
                both.wait();
                over.wait();
                drop(guards);
            });
            both.wait();
            H.attach(|| {
                // As often as it takes to be solo, and more.
                (0..40).for_each(|_| _ = H.collect());
                let refused = [
                    read.try_borrow_mut().is_err(),
                    read.try_borrow().is_ok(),
                    written.try_borrow().is_err(),
                    written.try_borrow_mut().is_err(),
                ];
                H.detach(|| over.wait());
                assert_eq!(refused, [true; 4]);
            });
        });
        *read.borrow_mut() += 1;
        *written.borrow_mut() += 1;
    });
}

/// A thread that has never used the heap drops a last handle: it does not wait for the solo one, which drops it at
/// its next safepoint.
#[test]
fn left_by_a_stranger() {
    own!(H);
    bounded(|| {
        let census = Census::default();
        let node = Node::<H>::new(&census);
        thread::scope(|scope| {
            H.attach(|| {
                let stranger = scope.spawn(|| drop(node));
                stranger.join().unwrap(); // attached
                while census.dropped() == 0 {
                    H.poll();
                }
            });
        });
        census.nothing_left::<H>();
    });
}

/// … or is outside: then the stranger comes in and drops it. (With biased counts it takes the owner to tell that it was
/// the last.)
#[test]
fn dropped_by_a_stranger() {
    own!(H);
    bounded(|| {
        let census = Census::default();
        let node = Node::<H>::new(&census);
        H.attach(|| {
            H.detach(|| {
                thread::scope(|scope| scope.spawn(|| drop(node)).join().unwrap());
            });
            H.poll();
            assert_eq!(census.dropped(), 1);
        });
        census.nothing_left::<H>();
    });
}

/// The same for a weak handle.
#[test]
fn weak_left_by_a_stranger() {
    own!(H);
    bounded(|| {
        let census = Census::default();
        let node = Node::<H>::new(&census);
        let weak = Gc::downgrade(&node);
        H.attach(|| thread::spawn(move || drop(weak)).join().unwrap()); // attached
        assert_eq!(Gc::weak_count(&node), 0);
        drop(node);
        census.nothing_left::<H>();
    });
}

/// The last handle of an object goes whose owner stays outside, while another thread comes in for the first time, and has the one that
/// drops it stop.
#[test]
fn dropped_beside_a_visitor() {
    own!(H);
    bounded(|| {
        let census = Census::default();
        let (show, shown) = mpsc::channel();
        let (stay, until) = mpsc::channel::<()>();
        thread::scope(|scope| {
            scope.spawn(|| {
                show.send(Node::<H>::new(&census)).unwrap();
                until.into_iter().for_each(drop); // outside
            });
            let node = shown.recv().unwrap();
            let visitor = H.attach(|| {
                (0..64).for_each(|_| _ = H.collect()); // solo from now on
                let visitor = scope.spawn(|| H.attach(|| ()));
                thread::sleep(Duration::from_millis(200));
                drop(node);
                H.poll();
                visitor
            });
            // It may have been left to that one, which sees to it before it is gone.
            visitor.join().unwrap();
            H.attach(|| H.poll());
            assert_eq!(census.dropped(), 1);
            drop(stay);
        });
        census.nothing_left::<H>();
    });
}
