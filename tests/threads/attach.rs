//! Attached and detached: both nest, both end when their closure does, and everything works in between.

use std::sync::mpsc;
use std::thread;

use tricycle::{Gc, GcCell};

use crate::support::{Census, Node, bounded, elsewhere};

/// All there is to do with a heap.
macro_rules! use_all {
    ($heap:ident, $census:expr) => {{
        let node = Node::<$heap>::new($census);
        let weak = Gc::downgrade(&node);
        let other = node.clone();
        other.edges.borrow_mut().push(node);
        other.edges.borrow()[0].cookie.check();
        assert!(Gc::ptr_eq(&weak.upgrade().unwrap(), &other));
        assert_eq!(Gc::strong_count(&other), 2);
        drop(other);
        drop(Gc::new_in(String::from("leaf"), $heap));
        $heap.poll();
        $heap.collect();
        assert!(weak.upgrade().is_none());
    }};
}

/// `test_foreign_thread`: a thread that has never heard of the heap.
#[test]
fn everywhere() {
    own!(H);
    bounded(|| {
        let census = Census::default();
        use_all!(H, &census);
        H.attach(|| {
            use_all!(H, &census);
            H.attach(|| use_all!(H, &census));
            H.detach(|| {
                use_all!(H, &census);
                H.detach(|| use_all!(H, &census));
                H.attach(|| use_all!(H, &census));
                use_all!(H, &census);
            });
            use_all!(H, &census);
        });
        H.detach(|| use_all!(H, &census));
        elsewhere(|| use_all!(H, &census));
        census.nothing_left::<H>();
    });
}

/// Whoever asks at each turn of a loop hears of those who wait, and of nothing else.
#[test]
fn polls_when_asked() {
    own!(H);
    bounded(|| {
        assert!(!H.is_poll_due(), "outside");
        H.attach(|| {
            assert!(!H.is_poll_due(), "nobody is there");
            for _ in 0..3 {
                thread::scope(|scope| {
                    // To collect takes the lock of a heap that is used in turns, and stops the threads of the others.
                    let other = scope.spawn(|| H.collect());
                    while !H.is_poll_due() {
                        thread::yield_now();
                    }
                    assert!(!other.is_finished(), "it has not waited");
                    while !other.is_finished() {
                        H.poll();
                        thread::yield_now();
                    }
                    // With its thread-locals, which leave the heap.
                    other.join().unwrap();
                });
                // What it has left is seen to.
                H.poll();
                assert!(!H.is_poll_due(), "everything has been seen to");
            }
            assert!(!H.detach(|| H.is_poll_due()), "outside");
        });
    });
}

/// A panic passes through, and everything is as it was.
#[test]
fn panics() {
    own!(H);
    bounded(|| {
        let census = Census::default();
        let inject = || std::panic::resume_unwind(Box::new("inner"));
        let caught = |f: &dyn Fn()| std::panic::catch_unwind(std::panic::AssertUnwindSafe(f)).is_err();
        assert!(caught(&|| H.attach(inject)));
        assert!(caught(&|| H.attach(|| H.detach(inject))));
        H.attach(|| {
            assert!(caught(&|| H.detach(|| H.attach(inject))));
            use_all!(H, &census);
        });
        use_all!(H, &census);
        // Others are not kept waiting by what is left.
        elsewhere(|| H.attach(|| use_all!(H, &census)));
        census.nothing_left::<H>();
    });
}

/// To drop a handle waits for nobody: not for a thread that is attached and does not come to a safepoint.
#[test]
fn drops_do_not_wait() {
    own!(H);
    bounded(|| {
        let census = Census::default();
        let (leaf, node) = (Gc::new_in(GcCell::<u32, H>::new(7), H), Node::<H>::new(&census));
        let (attached, is_attached) = mpsc::channel();
        let (go, gone) = mpsc::channel();
        thread::scope(|scope| {
            scope.spawn(move || {
                H.attach(|| {
                    attached.send(()).unwrap();
                    // It blocks without detaching, which it should not; a drop must not mind.
                    gone.recv().unwrap();
                });
            });
            is_attached.recv().unwrap();
            drop((leaf, node));
            go.send(()).unwrap();
        });
        census.nothing_left::<H>();
    });
}

/// A thread that blocks while it is detached keeps nobody from collecting, and its handles are good.
#[test]
fn blocked_outside() {
    own!(H);
    bounded(|| {
        let census = Census::default();
        let (detached, is_detached) = mpsc::channel();
        let (go, gone) = mpsc::channel();
        thread::scope(|scope| {
            let census = &census;
            scope.spawn(move || {
                H.attach(|| {
                    let ring = Node::<H>::ring(3, census);
                    H.detach(|| {
                        detached.send(()).unwrap();
                        gone.recv().unwrap();
                        ring.cookie.check(); // to read needs nothing
                    });
                    assert_eq!(ring.edges.borrow().len(), 1);
                });
            });
            is_detached.recv().unwrap();
            drop(Node::<H>::ring(2, census));
            assert_eq!(H.collect().collected, 2);
            go.send(()).unwrap();
        });
        census.nothing_left::<H>();
    });
}

/// Two heaps of a kind: to have stopped, or to hold, one of them is nothing to the other.
#[test]
fn two_heaps() {
    own!(A);
    own!(B);
    bounded(|| {
        let census = Census::default();
        let (attached, is_attached) = mpsc::channel();
        let (go, gone) = mpsc::channel();
        thread::scope(|scope| {
            scope.spawn(move || {
                A.attach(|| {
                    attached.send(()).unwrap();
                    gone.recv().unwrap();
                });
            });
            is_attached.recv().unwrap();
            use_all!(B, &census);
            B.attach(|| use_all!(B, &census));
            assert_eq!(B.stats().generations[2].collections, 2);
            go.send(()).unwrap();
        });
        assert_eq!(A.stats().generations[2].collections, 0);
        // From inside of one, the other.
        A.attach(|| B.attach(|| (use_all!(A, &census), use_all!(B, &census))));
        A.attach(|| B.detach(|| (use_all!(A, &census), use_all!(B, &census))));
        census.nothing_left::<A>();
        census.nothing_left::<B>();
    });
}
