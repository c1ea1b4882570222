//! What threads leave to each other: handles that were dropped outside, and who destroys what they led to.

use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering::SeqCst};
use std::sync::{Arc, Barrier, Mutex, mpsc};
use std::thread::{self, ThreadId};
use std::time::{Duration, Instant};

use tricycle::{Gc, GcCell, Trace};

use crate::support::{Census, Cookie, Final, Node, bounded, times};

/// Waits, outside of all heaps.
fn until(done: impl Fn() -> bool) -> bool {
    let start = Instant::now();
    while !done() {
        if start.elapsed() > Duration::from_secs(20) {
            return false;
        }
        thread::yield_now();
    }
    true
}

/// A thread that is always attached polls, or makes leaves, and another one drops handles outside.
fn attached_for_good(work: impl Fn() + Send + Sync + 'static, heap: impl tricycle::Shared + Send, make: impl Fn() + Sync, gone: impl Fn() -> usize) {
    let (over, inside) = (AtomicBool::new(false), Barrier::new(2));
    let over = &over;
    let destroyed = thread::scope(|scope| {
        scope.spawn(|| {
            heap.attach(|| {
                heap.detach(|| inside.wait());
                while !over.load(SeqCst) {
                    work();
                }
            });
        });
        inside.wait();
        make();
        // Nobody drops anything any more.
        let destroyed = until(|| gone() == 100);
        over.store(true, SeqCst);
        destroyed
    });
    assert!(destroyed, "{} of 100", gone());
}

#[test]
fn seen_to_by_who_polls() {
    own!(H);
    bounded(|| {
        let census = Census::default();
        let ours: Vec<_> = (0..100).map(|_| Mutex::new(Some(Node::<H>::new(&census)))).collect();
        let drop_all = || ours.iter().for_each(|object| drop(object.lock().unwrap().take()));
        attached_for_good(|| H.poll(), H, drop_all, || census.dropped());
    });
}

#[test]
fn seen_to_by_who_makes_leaves() {
    own!(H);
    bounded(|| {
        let census = Census::default();
        let ours: Vec<_> = (0..100).map(|_| Mutex::new(Some(Node::<H>::new(&census)))).collect();
        let drop_all = || ours.iter().for_each(|object| drop(object.lock().unwrap().take()));
        attached_for_good(|| drop(Gc::new_in(1, H)), H, drop_all, || census.dropped());
    });
}

/// What threads put off is one backlog. One that makes objects works on it while others add to it, and goes on when they have ended.
#[test]
fn one_backlog_for_all() {
    own!(H);
    bounded(|| {
        const SIZE: usize = if cfg!(miri) { 60 } else { 5_000 };
        let (census, others) = (Census::default(), Census::default());
        H.set_defer_drop(Some(if cfg!(miri) { 3 } else { 100 }));
        let over = AtomicBool::new(false);
        let drop_much = || {
            let star = Node::<H>::new(&census);
            star.edges.set((1..SIZE).map(|_| Node::new(&census)).collect());
            let list = (0..SIZE).fold(star, |next, _| {
                let node = Node::new(&census);
                node.edges.borrow_mut().push(next);
                node
            });
            drop(list);
        };
        let destroyed = thread::scope(|scope| {
            scope.spawn(|| {
                while !over.load(SeqCst) {
                    H.attach(|| (0..100).for_each(|_| drop(Node::<H>::new(&others))));
                }
            });
            let dropping = [(); 3].map(|()| scope.spawn(|| (0..times(4)).for_each(|_| H.attach(drop_much))));
            dropping.into_iter().for_each(|thread| thread.join().unwrap());
            let destroyed = until(|| census.dropped() == census.born());
            over.store(true, SeqCst);
            destroyed
        });
        assert!(destroyed, "{} of {}", census.dropped(), census.born());
        H.set_defer_drop(None);
        census.nothing_left::<H>();
        others.nothing_left::<H>();
    });
}

/// Says which thread dropped it.
#[derive(Trace)]
#[trace(acyclic)]
struct Told(#[trace(skip)] Arc<Mutex<Vec<ThreadId>>>);

impl Drop for Told {
    fn drop(&mut self) {
        self.0.lock().unwrap().push(thread::current().id());
    }
}

/// A thread that is not attached clones, counts and borrows. It runs no destructor of what another one drops meanwhile, when there
/// is one that is attached.
#[test]
fn not_the_price_of_a_look() {
    own!(H);
    bounded(|| {
        let told = Arc::new(Mutex::new(Vec::new()));
        let cell = Gc::new_in(GcCell::<u32, H>::new(0), H);
        let (over, rounds) = (AtomicBool::new(false), times(2000));
        let looker = thread::scope(|scope| {
            scope.spawn(|| {
                H.attach(|| {
                    while !over.load(SeqCst) {
                        H.poll();
                    }
                });
            });
            let looker = scope.spawn(|| {
                let mut clones = Vec::new();
                while !over.load(SeqCst) {
                    drop((cell.borrow_mut(), Gc::strong_count(&cell)));
                    clones.push(Gc::clone(&cell));
                }
                thread::current().id()
            });
            let objects: Vec<_> = (0..rounds).map(|_| Gc::new_in(Told(Arc::clone(&told)), H)).collect();
            objects.into_iter().for_each(drop);
            assert!(until(|| told.lock().unwrap().len() == rounds));
            over.store(true, SeqCst);
            looker.join().unwrap()
        });
        assert!(told.lock().unwrap().iter().all(|id| *id != looker));
    });
}

/// A finalizer that another thread has left borrows a cell. The one that sees to it does not have that cell.
#[test]
fn not_under_a_guard() {
    own!(H);
    bounded(|| {
        let census = Census::default();
        let cell = Gc::new_in(GcCell::<usize, H>::new(0), H);
        let (over, done) = (AtomicBool::new(false), AtomicUsize::new(0));
        let rounds = times(300);
        thread::scope(|scope| {
            scope.spawn(|| {
                H.attach(|| {
                    while !over.load(SeqCst) {
                        let guard = cell.borrow_mut();
                        H.poll();
                        drop(guard);
                        H.poll();
                    }
                });
            });
            scope.spawn(|| {
                while !over.load(SeqCst) {
                    drop(cell.borrow_mut());
                }
            });
            for _ in 0..rounds {
                let cell = cell.clone();
                drop(Final::<H>::new(&census, move |_| *cell.borrow_mut() += 1));
                done.fetch_add(1, SeqCst);
            }
            assert!(until(|| census.finalized() == rounds));
            over.store(true, SeqCst);
        });
        H.collect();
        assert_eq!((cell.get(), census.dropped()), (rounds, rounds), "a finalizer has panicked");
    });
}

/// The last objects queued for a thread run a destructor that goes out and comes in. What is sent to that thread later is destroyed.
#[test]
fn an_inbox_stays_closed() {
    own!(H);
    #[derive(Trace)]
    #[trace(acyclic)]
    struct Out(#[expect(dead_code, reason = "counts")] Cookie);
    impl Drop for Out {
        fn drop(&mut self) {
            H.attach(|| H.detach(|| H.attach(|| ())));
        }
    }
    bounded(|| {
        let census = Census::default();
        let (give, take) = mpsc::channel();
        let (sent, wait) = mpsc::channel::<()>();
        let maker = thread::spawn({
            let census = census.clone();
            move || {
                H.attach(|| {
                    let out: Vec<_> = (0..10).map(|_| Gc::new_in(Out(Cookie::new(&census)), H)).collect();
                    let later: Vec<_> = (0..100).map(|_| Gc::new_in(Cookie::new(&census), H)).collect();
                    give.send((out, later)).unwrap();
                    // Inside, so that objects are queued; and there is no safepoint any more.
                    wait.recv().unwrap_err();
                });
            }
        });
        let (out, later) = take.recv().unwrap();
        drop(out);
        drop(sent);
        maker.join().unwrap();
        assert_eq!(census.dropped(), 10);
        drop(later);
        assert_eq!(census.dropped(), 110);
    });
}

/// To have another thread's young object to itself, or to take it apart, a thread stops the world, and merges all that is queued. It
/// destroys what they tell the end of, though it passes no safepoint.
#[test]
fn left_by_a_stop() {
    own!(H);
    bounded(|| {
        for apart in [false, true] {
            let census = Census::default();
            let (give, take) = mpsc::channel();
            let (sent, wait) = mpsc::channel::<()>();
            let maker = thread::spawn({
                let census = census.clone();
                move || {
                    H.attach(|| {
                        let others: Vec<_> = (0..5).map(|_| Node::<H>::new(&census)).collect();
                        give.send((Node::<H>::new(&census), others)).unwrap();
                        // Inside, so that objects are queued, and with the stop that merges them before it does so itself.
                        while wait.try_recv() == Err(mpsc::TryRecvError::Empty) {
                            thread::sleep(Duration::from_millis(50));
                            H.poll();
                        }
                    });
                }
            });
            let (mut asked, others) = take.recv().unwrap();
            H.attach(|| {
                drop(others);
                if apart {
                    assert!(Gc::try_unwrap(asked).is_ok());
                    assert_eq!(census.dropped(), 6);
                } else {
                    let guard = Gc::get_mut(&mut asked).unwrap();
                    assert_eq!(census.dropped(), 5);
                    drop(guard);
                }
            });
            drop(sent);
            maker.join().unwrap();
        }
    });
}

/// A thread has a lock, and formats a cell. Another one is attached, and waits for the lock; a third waits for the world to stop.
#[test]
fn to_format_waits_for_nobody() {
    own!(H);
    bounded(|| {
        let cell = Gc::new_in(GcCell::<u32, H>::new(7), H);
        let (stream, attached) = (Mutex::new(()), Barrier::new(2));
        thread::scope(|scope| {
            let lock = stream.lock().unwrap();
            scope.spawn(|| {
                H.attach(|| {
                    H.detach(|| attached.wait());
                    drop(stream.lock());
                });
            });
            attached.wait();
            thread::sleep(Duration::from_millis(20));
            scope.spawn(|| H.collect());
            thread::sleep(Duration::from_millis(20));
            // They may not be there yet.
            while !format!("{cell:?} {:?}", *H).starts_with("GcCell(<locked>) Control") {
                thread::yield_now();
            }
            // What is atomic can be asked.
            if !std::any::type_name::<H>().contains("locked::") {
                assert_eq!((Gc::strong_count(&cell), Gc::weak_count(&cell), H.is_finalized(&cell)), (1, 0, false));
            }
            drop(lock);
        });
        // The threads may not have come to their ends.
        assert_eq!(H.attach(|| format!("{cell:?}")), "GcCell(7)");
    });
}
