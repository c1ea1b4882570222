//! Being attached by a guard, or whenever a future is polled.

use std::cell::{Cell, RefCell};
use std::future::poll_fn;
use std::mem::ManuallyDrop;
use std::pin::pin;
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering::SeqCst};
use std::sync::{Arc, mpsc};
use std::task::{Context, Poll, Wake, Waker};
use std::thread::{self, Thread};

use tricycle::{Attached, Gc, GcCell};

use crate::support::{Census, Final, Node, bounded, times};

/// Fails, by the watch, if the calling thread is attached: it waits for others without going out.
macro_rules! nobody_is_inside {
    ($heap:ident) => {
        thread::spawn(|| $heap.attach(|| $heap.collect())).join().unwrap()
    };
}

/// A thread that only a guard keeps attached works on what was put off when it polls.
#[test]
fn polls() {
    own!(H);
    bounded(|| {
        let census = Census::default();
        H.set_defer_drop(Some(3));
        let _guard = H.enter();
        drop((0..100).fold(Node::<H>::new(&census), |next, _| {
            let node = Node::new(&census);
            node.edges.borrow_mut().push(next);
            node
        }));
        assert!(census.dropped() < census.born());
        (0..10).for_each(|_| H.poll());
        assert_eq!(census.dropped(), census.born());
    });
}

/// Guards nest with each other and with closures, are dropped in any order, and everything works under them.
#[test]
fn nest() {
    own!(H);
    bounded(|| {
        let census = Census::default();
        let all = || {
            let ring = Node::<H>::ring(3, &census);
            let weak = Gc::downgrade(&ring);
            ring.edges.borrow()[0].cookie.check();
            drop(ring);
            H.poll();
            H.collect();
            assert!(weak.upgrade().is_none());
        };
        let first = H.enter();
        all();
        let second = H.enter();
        drop(first);
        all();
        let third = H.attach(|| {
            let third = H.enter();
            drop(second);
            all();
            H.detach(|| {
                all();
                nobody_is_inside!(H);
            });
            third
        });
        all();
        drop(third);
        nobody_is_inside!(H);
        let _fourth = H.enter();
        H.detach(|| nobody_is_inside!(H));
        all();
        census.nothing_left::<H>();
    });
}

/// Under a guard no other thread has the lock, or collects, between two operations; at a safepoint it may.
#[test]
fn keeps_attached() {
    own!(H);
    bounded(|| {
        let total = Gc::new_in(GcCell::<_, H>::new(0_usize), H);
        let (n, over) = (times(2000), AtomicBool::new(false));
        thread::scope(|scope| {
            let threads: Vec<_> = (0..3)
                .map(|_| {
                    scope.spawn(|| {
                        for _ in 0..n {
                            let _attached = H.enter();
                            let mut total = total.borrow_mut();
                            let before = *total;
                            H.poll();
                            *total = before + 1;
                        }
                    })
                })
                .collect();
            scope.spawn(|| {
                while !over.load(SeqCst) {
                    H.collect();
                }
            });
            threads.into_iter().for_each(|thread| thread.join().unwrap());
            over.store(true, SeqCst);
        });
        assert_eq!(total.get(), 3 * n);

        let came_in = AtomicBool::new(false);
        thread::scope(|scope| {
            let _attached = H.enter();
            scope.spawn(|| {
                H.collect();
                came_in.store(true, SeqCst);
            });
            while !came_in.load(SeqCst) {
                H.poll();
            }
        });
    });
}

thread_local! {
    static HELD: Cell<Option<Box<dyn std::any::Any>>> = const { Cell::new(None) };
}

/// A guard is dropped, and made, in the middle of things: by a finalizer, and by a destructor, in a collection and by count.
#[test]
fn dropped_in_the_middle() {
    own!(H);
    bounded(|| {
        let census = Census::default();
        for (drops, cyclic) in [(true, false), (true, true), (false, false), (false, true)] {
            let attached = H.enter();
            let script = move |_: &Final<H>| {
                if drops {
                    drop(HELD.take());
                } else {
                    HELD.set(Some(Box::new(H.enter())));
                }
            };
            let object = if cyclic { Final::<H>::cyclic(&census, script) } else { Final::new(&census, script) };
            if drops {
                HELD.set(Some(Box::new(attached)));
            } else {
                drop(attached);
            }
            drop((object, Node::<H>::ring(2, &census)));
            H.collect();
            drop(HELD.take());
            nobody_is_inside!(H);
        }
        census.nothing_left::<H>();
    });
}

/// Guards are suspended while the thread is outside. One that is dropped there is gone afterwards; one that was made there is over.
#[test]
fn over_a_detach() {
    own!(H);
    bounded(|| {
        let outer = H.enter();
        H.detach(|| drop(outer));
        nobody_is_inside!(H);

        let (outer, other) = (H.enter(), H.enter());
        let mut made = None;
        H.detach(|| {
            made = Some(H.enter());
            H.detach(|| drop(outer));
            drop(Gc::new_in(1, H));
        });
        drop(Gc::new_in(2, H));
        drop(other);
        nobody_is_inside!(H);
        let again = H.enter();
        drop(made.take());
        drop(Gc::new_in(3, H));
        drop(again);
        nobody_is_inside!(H);

        // In a closure the thread stays attached, whatever guards there are.
        H.attach(|| {
            let outer = H.enter();
            H.detach(|| made = Some(H.enter()));
            let node = Gc::new_in(GcCell::<_, H>::new(1), H);
            H.detach(|| drop(outer));
            *node.borrow_mut() += 1;
        });
        nobody_is_inside!(H);
        drop(made);
    });
}

/// A guard that was made outside is still there when the thread comes in again. Nobody is taken for one that waits afterwards.
#[test]
fn made_outside() {
    own!(H);
    bounded(|| {
        let mut made = None;
        H.attach(|| H.detach(|| made = Some(H.enter())));
        drop(made);
        nobody_is_inside!(H);
        // Two that take turns.
        let over = AtomicBool::new(false);
        thread::scope(|scope| {
            scope.spawn(|| {
                H.attach(|| {
                    while !over.load(SeqCst) {
                        H.poll();
                    }
                });
            });
            // Not this one, which would wait for itself.
            thread::spawn(|| (0..times(100)).for_each(|_| H.attach(|| H.poll()))).join().unwrap();
            over.store(true, SeqCst);
        });
    });
}

/// A guard that is leaked, or is in a thread-local, is over when the thread ends.
#[test]
fn over_at_the_end() {
    own!(H);
    thread_local! { static KEPT: RefCell<Option<Attached<H>>> = const { RefCell::new(None) }; }
    bounded(|| {
        let census = Census::default();
        for case in 0..3 {
            let theirs = census.clone();
            let thread = thread::spawn(move || {
                if case == 1 {
                    KEPT.set(None); // destroyed after what the heap has there
                }
                drop(Node::<H>::ring(2, &theirs));
                let attached = H.enter();
                if case == 2 {
                    _ = ManuallyDrop::new(attached);
                } else {
                    KEPT.set(Some(attached));
                }
            });
            thread.join().unwrap();
            H.collect();
        }
        census.nothing_left::<H>();
    });
}

struct Unpark(Thread);

impl Wake for Unpark {
    fn wake(self: Arc<Self>) {
        self.0.unpark();
    }
}

fn block_on<T>(future: impl Future<Output = T>) -> T {
    let mut future = pin!(future);
    let waker = Waker::from(Arc::new(Unpark(thread::current())));
    loop {
        if let Poll::Ready(value) = future.as_mut().poll(&mut Context::from_waker(&waker)) {
            return value;
        }
        thread::park();
    }
}

/// A future is attached when it is polled, and not when it waits; it goes on on another thread.
#[test]
fn futures() {
    own!(H);
    bounded(|| {
        let census = Census::default();
        let polls = Arc::new(AtomicUsize::new(0));
        let (count, theirs) = (Arc::clone(&polls), census.clone());
        let (wait, waits) = mpsc::channel();
        let future = H.attach_future(async move {
            let ring = Node::<H>::ring(2, &theirs);
            poll_fn(|context| {
                if count.fetch_add(1, SeqCst) == 0 {
                    wait.send(context.waker().clone()).unwrap();
                    return Poll::Pending;
                }
                Poll::Ready(())
            })
            .await;
            ring.edges.borrow()[0].cookie.check();
            ring
        });
        let task = thread::spawn(|| {
            // Polled here first, and then elsewhere.
            let mut future = Box::pin(future);
            let context = &mut Context::from_waker(Waker::noop());
            assert!(future.as_mut().poll(context).is_pending());
            future
        });
        let future = task.join().unwrap();
        drop(waits.recv().unwrap());
        nobody_is_inside!(H);
        let ring = thread::spawn(|| block_on(future)).join().unwrap();
        assert_eq!(polls.load(SeqCst), 2);
        drop(ring);
        census.nothing_left::<H>();
    });
}

/// Guards that thread-locals leak, before the thread has left the heap and after that, keep nobody waiting.
#[test]
fn leaked_at_the_end() {
    own!(H);
    struct Late(Census);
    impl Drop for Late {
        fn drop(&mut self) {
            let _ = ManuallyDrop::new(H.enter());
            let guard = H.enter();
            drop(Node::<H>::ring(2, &self.0));
            H.attach(|| {
                let _ = ManuallyDrop::new(H.enter());
                H.detach(|| _ = ManuallyDrop::new(H.enter()));
                drop((H.enter(), Node::<H>::ring(2, &self.0)));
            });
            drop(guard);
            drop(Node::<H>::new(&self.0));
        }
    }
    thread_local! { static LATE: RefCell<Option<Late>> = const { RefCell::new(None) }; }
    bounded(|| {
        let census = Census::default();
        for late_first in [true, false] {
            let late = census.clone();
            let thread = thread::spawn(move || {
                if !late_first {
                    H.attach(|| ());
                }
                LATE.set(Some(Late(late)));
                H.attach(|| ());
            });
            thread.join().unwrap();
            nobody_is_inside!(H);
        }
        assert_eq!(census.born(), 10);
        census.nothing_left::<H>();
    });
}
