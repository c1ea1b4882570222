//! What threads leave to each other: handles that were dropped outside, and who destroys what they led to.

use std::mem::ManuallyDrop;
use std::sync::atomic::{AtomicBool, Ordering::SeqCst};
use std::sync::{Arc, Barrier, Mutex, mpsc};
use std::thread::{self, ThreadId};
use std::time::Duration;

use tricycle::{Gc, GcCell, Trace};

use crate::support::{Census, Cookie, Node, bounded, joined, times, until};

/// A thread that is always attached polls, or makes leaves, and another one drops handles outside.
fn attached_for_good(work: impl Fn() + Send + Sync + 'static, heap: impl tricycle::Shared + Send, make: impl Fn() + Sync, gone: impl Fn() -> usize) {
    let (over, inside) = (AtomicBool::new(false), Barrier::new(2));
    let over = &over;
    let destroyed = thread::scope(|scope| {
        scope.spawn(|| {
            heap.attach(|| {
                inside.wait(); // inside, which nobody waits for
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

/// … what it has made itself, which is queued where counts are biased. They are there before it polls.
#[test]
fn queued_seen_to_by_who_polls() {
    own!(H);
    bounded(|| {
        H.attach(|| ()); // so that nobody is solo
        let census = Census::default();
        let (give, take) = mpsc::channel();
        let (sent, wait) = mpsc::channel::<()>();
        let (over, is_over) = mpsc::channel::<()>();
        thread::scope(|scope| {
            let census = &census;
            scope.spawn(move || {
                H.attach(|| {
                    give.send((0..100).map(|_| Gc::new_in(Cookie::new(census), H)).collect::<Vec<_>>()).unwrap();
                    wait.recv().unwrap();
                    while is_over.try_recv() == Err(mpsc::TryRecvError::Empty) {
                        H.poll();
                    }
                });
            });
            drop(take.recv().unwrap());
            sent.send(()).unwrap();
            let destroyed = until(|| census.dropped() == 100);
            drop(over);
            assert!(destroyed, "{} of 100", census.dropped());
        });
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

/// … also if the one that makes objects had nothing to work on when it last looked, and nothing is collected automatically. The one
/// that has put them off stays, and does nothing more.
#[test]
fn a_backlog_without_collections() {
    own!(H);
    bounded(|| {
        const SIZE: usize = if cfg!(miri) { 60 } else { 5_000 };
        let (census, others) = (Census::default(), Census::default());
        H.disable();
        H.set_defer_drop(Some(if cfg!(miri) { 3 } else { 100 }));
        let (over, looked, put_off) = (AtomicBool::new(false), Barrier::new(2), Barrier::new(2));
        let destroyed = thread::scope(|scope| {
            scope.spawn(|| {
                let make = || H.attach(|| (0..100).for_each(|_| drop(Node::<H>::new(&others))));
                make();
                looked.wait();
                put_off.wait();
                while !over.load(SeqCst) {
                    make();
                }
            });
            looked.wait();
            drop((0..SIZE).fold(Node::<H>::new(&census), |next, _| {
                let node = Node::new(&census);
                node.edges.borrow_mut().push(next);
                node
            }));
            assert!(census.dropped() < census.born());
            put_off.wait();
            let destroyed = until(|| census.dropped() == census.born());
            over.store(true, SeqCst);
            destroyed
        });
        assert!(destroyed, "{} of {}", census.dropped(), census.born());
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
        let (inside, looks) = (AtomicBool::new(false), AtomicBool::new(false));
        let objects: Vec<_> = (0..rounds).map(|_| Gc::new_in(Told(Arc::clone(&told)), H)).collect();
        // Where threads take turns, both have many while the objects go.
        H.set_switch_interval(Duration::from_micros(50));
        let looker = thread::scope(|scope| {
            scope.spawn(|| {
                H.attach(|| {
                    inside.store(true, SeqCst);
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
                    looks.store(true, SeqCst);
                }
                thread::current().id()
            });
            // Before that there may be nobody else to see to it, and the first that the looker does takes the heap from who has it alone.
            assert!(until(|| inside.load(SeqCst) && looks.load(SeqCst)));
            for (i, object) in objects.into_iter().enumerate() {
                drop(object);
                if i % 10 == 0 {
                    thread::yield_now();
                }
            }
            assert!(until(|| told.lock().unwrap().len() == rounds));
            over.store(true, SeqCst);
            looker.join().unwrap()
        });
        assert!(told.lock().unwrap().iter().all(|id| *id != looker));
    });
}

/// Adds one to a cell when it is dropped.
#[derive(Trace)]
#[trace(acyclic)]
struct Adds<H: tricycle::Heap>(#[trace(skip)] Gc<GcCell<usize, H>, H>, #[trace(skip)] Cookie);

impl<H: tricycle::Heap> Drop for Adds<H> {
    fn drop(&mut self) {
        self.1.check();
        *self.0.borrow_mut() += 1;
    }
}

/// A destructor that another thread has left borrows a cell. The one that sees to it does not have that cell.
#[test]
fn not_under_a_guard() {
    own!(H);
    bounded(|| {
        H.attach(|| ()); // so that nobody is solo
        let census = Census::default();
        let cell = Gc::new_in(GcCell::<usize, H>::new(0), H);
        let rounds = times(10);
        let (give, take) = mpsc::channel();
        let (sent, wait) = mpsc::channel::<()>();
        joined(|scope| {
            let (census, cell) = (&census, &cell);
            scope.spawn(move || {
                H.attach(|| {
                    for _ in 0..rounds {
                        let guard = cell.borrow_mut();
                        give.send(Gc::new_in(Adds(cell.clone(), Cookie::new(census)), H)).unwrap();
                        // Not longer: where nothing is left to others, the other thread waits for the cell.
                        _ = wait.recv_timeout(Duration::from_millis(200));
                        // Now there is something for this one.
                        H.poll();
                        drop(guard);
                        H.poll();
                    }
                });
            });
            for object in take {
                drop(object);
                _ = sent.send(());
            }
        });
        H.collect();
        assert_eq!((cell.get(), census.dropped()), (rounds, rounds), "a destructor has panicked");
    });
}

/// The last objects queued for a thread run a destructor that goes out and comes in, and while it runs more are queued for the thread:
/// what they tell the end of is destroyed.
#[test]
fn an_inbox_stays_closed() {
    own!(H);
    type Talk = (mpsc::Sender<()>, mpsc::Receiver<()>);
    #[derive(Trace)]
    #[trace(acyclic)]
    struct Out(#[trace(skip)] Mutex<Option<Talk>>);
    impl Drop for Out {
        fn drop(&mut self) {
            H.attach(|| H.detach(|| H.attach(|| ())));
            let (say, hear) = self.0.get_mut().unwrap().take().unwrap();
            // Nobody waits if it is the one who drops this that would have to answer.
            _ = say.send(());
            _ = hear.recv_timeout(Duration::from_millis(500));
        }
    }
    bounded(|| {
        // So that nobody is solo: what one leaves to a solo thread is not queued.
        H.attach(|| ());
        let census = Census::default();
        let (give, take) = mpsc::channel();
        let (sent, wait) = mpsc::channel::<()>();
        let ((say, said), (answer, hear)) = (mpsc::channel(), mpsc::channel());
        let maker = thread::spawn({
            let census = census.clone();
            move || {
                // To its end, so that objects are queued, and merged at the end.
                _ = ManuallyDrop::new(H.enter());
                let out = Gc::new_in(Out(Mutex::new(Some((say, hear)))), H);
                let later: Vec<_> = (0..100).map(|_| Gc::new_in(Cookie::new(&census), H)).collect();
                give.send((out, later)).unwrap();
                wait.recv().unwrap_err();
            }
        });
        let (out, later) = take.recv().unwrap();
        drop(out);
        drop(sent);
        said.recv().unwrap();
        drop(later);
        _ = answer.send(());
        maker.join().unwrap();
        assert_eq!(census.dropped(), 100);
    });
}

/// To have another thread's young object to itself, or to take it apart, a thread stops the world, and merges all that is queued. It
/// destroys what they tell the end of, though it passes no safepoint, and may borrow a cell.
#[test]
fn left_by_a_stop() {
    own!(H);
    bounded(|| {
        for (apart, borrows) in [(false, false), (false, true), (true, false)] {
            let census = Census::default();
            let (give, take) = mpsc::channel();
            let (give_back, back) = mpsc::channel();
            let (sent, wait) = mpsc::channel::<()>();
            let maker = thread::spawn({
                let census = census.clone();
                move || {
                    H.attach(|| {
                        let cell = Gc::new_in(GcCell::<u32, H>::new(0), H);
                        let others: Vec<_> = (0..5).map(|_| Node::<H>::new(&census)).collect();
                        let asked = Node::<H>::new(&census);
                        give.send((asked.clone(), others)).unwrap();
                        drop((asked, H.detach(|| back.recv()).unwrap()));
                        // While it has a guard it stops, and merges nothing.
                        let guard = cell.borrow();
                        while wait.try_recv() == Err(mpsc::TryRecvError::Empty) {
                            H.poll();
                        }
                        drop(guard);
                    });
                }
            });
            let (asked, others) = take.recv().unwrap();
            // This one the thread counts itself. When its maker has let go, the count tells that it is the only one; and it is on the
            // maker's list still.
            let mut mine = asked.clone();
            give_back.send(asked).unwrap();
            while Gc::strong_count(&mine) > 1 {
                thread::yield_now();
            }
            if borrows {
                H.attach(|| drop(others));
                let cell = Gc::new_in(GcCell::<u32, H>::new(0), H);
                let borrowed = cell.borrow();
                let guard = Gc::get_mut(&mut mine).unwrap();
                assert_eq!(census.dropped(), 5);
                drop((guard, borrowed));
            } else {
                H.attach(|| {
                    drop(others);
                    if apart {
                        assert!(Gc::try_unwrap(mine).is_ok());
                        assert_eq!(census.dropped(), 6);
                    } else {
                        let guard = Gc::get_mut(&mut mine).unwrap();
                        assert_eq!(census.dropped(), 5);
                        drop(guard);
                    }
                });
            }
            drop(sent);
            maker.join().unwrap();
        }
    });
}

/// A thread ends while another one does not let it in, which leaves the seat for it. The next thread on that seat has an inbox: what it
/// made is destroyed by it, while it is inside.
#[test]
fn the_next_on_a_seat_that_was_abandoned() {
    own!(H);
    bounded(|| {
        let told = Arc::new(Mutex::new(Vec::new()));
        let (go, gone) = mpsc::channel::<()>();
        let (say, said) = mpsc::channel();
        let first = thread::spawn(move || {
            H.attach(|| drop(Gc::new_in(0, H)));
            say.send(()).unwrap();
            gone.recv().unwrap();
        });
        said.recv().unwrap();
        H.attach(|| {
            // As often as it takes to be solo, and more.
            (0..40).for_each(|_| _ = H.collect());
            go.send(()).unwrap();
            first.join().unwrap();
            H.poll();
        });
        let (give, take) = mpsc::channel();
        let (sent, wait) = mpsc::channel::<()>();
        let next = thread::spawn({
            let told = Arc::clone(&told);
            move || {
                H.attach(|| {
                    give.send(Gc::new_in(Told(told), H)).unwrap();
                    wait.recv().unwrap_err();
                    H.poll();
                });
                thread::current().id()
            }
        });
        let made = take.recv().unwrap();
        drop(made);
        drop(sent);
        let next = next.join().unwrap();
        let told = told.lock().unwrap();
        // Where it takes no owner to tell, whoever dropped it destroys it.
        let atomic = std::any::type_name::<H>().contains("atomic::");
        assert!(told.len() == 1 && (told[0] == next || atomic), "{told:?}, {next:?}");
    });
}

/// A thread that has leaked a guard sees to nothing at its safepoints: it may have what a finalizer wants. Its collections do, and so
/// does its end.
#[test]
fn left_to_one_that_leaked_a_guard() {
    own!(H);
    bounded(|| {
        let cell = Gc::new_in(GcCell::<u32, H>::new(0), H);
        for collects in [true, false] {
            let (census, cell) = (Census::default(), cell.clone());
            let (give, take) = mpsc::channel();
            let (sent, wait) = mpsc::channel::<()>();
            let theirs = census.clone();
            let leaker = thread::spawn(move || {
                H.attach(|| {
                    _ = ManuallyDrop::new(cell.borrow());
                    // Not on a list: for that the other one would have to wait.
                    give.send(Gc::new_in(Cookie::new(&theirs), H)).unwrap();
                    wait.recv().unwrap_err();
                    H.poll();
                    if collects {
                        H.collect();
                        assert_eq!(theirs.dropped(), 1);
                    }
                });
            });
            drop(take.recv().unwrap());
            drop(sent);
            leaker.join().unwrap();
            assert_eq!(census.dropped(), 1);
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
                    // Without going out: when it is over, this thread is inside and stays there.
                    attached.wait();
                    drop(stream.lock());
                });
            });
            attached.wait();
            scope.spawn(|| H.collect());
            // It may not be there yet.
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
