//! Threads that are inside of one heap and need another, where others do the reverse.

use std::cell::RefCell;
use std::mem;
use std::sync::atomic::{AtomicUsize, Ordering::SeqCst};
use std::sync::{Barrier, Mutex, mpsc};
use std::thread::{self, LocalKey};
use std::time::Duration;

use tricycle::{Gc, GcCell, Heap, Trace};

use crate::support::{bounded, joined, times};

type Link<H, O> = Option<Gc<Pair<H, O>, H>>;

/// An object of `H` that may have handles to one of each heap.
#[derive(Trace)]
struct Pair<H: Heap, O: Heap> {
    own: GcCell<Link<H, O>, H>,
    #[trace(skip)]
    other: Mutex<Link<O, H>>,
}

macro_rules! pair {
    ($heap:ident, $other:ident) => {
        Gc::new_in(Pair::<$heap, $other> { own: GcCell::new(None), other: Mutex::new(None) }, $heap)
    };
}

/// Two threads, each inside of its heap, drop their own objects at the same time. Each of those has the last handle of a young object
/// of the other thread's, in the other heap.
#[test]
fn drops() {
    own!(X);
    own!(Y);
    bounded(|| {
        let (for_x, for_y) = (Mutex::new(None::<Gc<Pair<Y, X>, Y>>), Mutex::new(None::<Gc<Pair<X, Y>, X>>));
        let arrived = AtomicUsize::new(0);
        macro_rules! party {
            ($heap:ident, $other:ident, $mine:expr, $theirs:expr) => {{
                $other.attach(|| ()); // so that nobody is solo
                $heap.attach(|| {
                    // Both, so often. Who waits for the other one passes safepoints.
                    let together = |times| {
                        arrived.fetch_add(1, SeqCst);
                        while arrived.load(SeqCst) < 2 * times {
                            $heap.poll();
                            thread::yield_now();
                        }
                    };
                    for round in 0..times(100) {
                        let given = pair!($heap, $other);
                        *$theirs.lock().unwrap() = Some(given.clone());
                        together(3 * round + 1);
                        // The other thread counts its handle itself. When the maker has let go of its own, a biased count is merged,
                        // and who drops the last handle can tell.
                        let taken = $mine.lock().unwrap().take().unwrap();
                        let counted = taken.clone();
                        *$mine.lock().unwrap() = Some(taken);
                        together(3 * round + 2);
                        let back = $theirs.lock().unwrap().take();
                        drop((back, given));
                        let own = pair!($heap, $other);
                        *own.other.lock().unwrap() = Some(counted);
                        together(3 * round + 3);
                        drop(own);
                    }
                });
            }};
        }
        joined(|scope| {
            scope.spawn(|| party!(X, Y, for_x, for_y));
            scope.spawn(|| party!(Y, X, for_y, for_x));
        });
        X.collect();
        Y.collect();
        assert_eq!((X.live_allocations(), Y.live_allocations()), (0, 0));
    });
}

/// Each is inside of one heap, and collects the other.
#[test]
fn collections() {
    own!(X);
    own!(Y);
    bounded(|| {
        let both = Barrier::new(2);
        thread::scope(|scope| {
            scope.spawn(|| {
                both.wait();
                X.attach(|| (0..times(2000)).for_each(|_| _ = Y.collect()));
            });
            scope.spawn(|| {
                both.wait();
                Y.attach(|| (0..times(2000)).for_each(|_| _ = X.collect()));
            });
        });
    });
}

/// Each is inside of one heap, and makes objects of the other, so many that collections come due.
#[test]
fn allocations() {
    own!(X);
    own!(Y);
    bounded(|| {
        X.set_thresholds((50, 2, 2));
        Y.set_thresholds((50, 2, 2));
        macro_rules! party {
            ($heap:ident, $other:ident) => {
                $heap.attach(|| {
                    for _ in 0..times(5000) {
                        let made = pair!($other, $heap);
                        made.own.set(Some(made.clone()));
                    }
                })
            };
        }
        joined(|scope| {
            scope.spawn(|| party!(X, Y));
            scope.spawn(|| party!(Y, X));
        });
        (0..2).for_each(|_| _ = (X.collect(), Y.collect()));
        assert_eq!((X.live_objects(), Y.live_objects()), (0, 0));
    });
}

/// Each comes into one heap, then into the other.
#[test]
fn coming_in() {
    own!(X);
    own!(Y);
    bounded(|| {
        let sum = AtomicUsize::new(0);
        macro_rules! party {
            ($heap:ident, $other:ident) => {
                for _ in 0..times(2000) {
                    $heap.attach(|| {
                        $other.attach(|| {
                            sum.fetch_add(1, SeqCst);
                            $heap.poll();
                            $other.poll();
                        })
                    });
                }
            };
        }
        thread::scope(|scope| {
            scope.spawn(|| party!(X, Y));
            scope.spawn(|| party!(Y, X));
            scope.spawn(|| (0..times(200)).for_each(|_| _ = (X.collect(), Y.collect())));
        });
        assert_eq!(sum.into_inner(), 2 * times(2000));
    });
}

/// A thread inside of one heap waits for a cell of another. Who has that borrowed needs the first to itself.
#[test]
fn cells() {
    own!(X);
    own!(Y);
    bounded(|| {
        let cell = Gc::new_in(GcCell::<u32, Y>::new(0), Y);
        let borrowed = Barrier::new(2);
        thread::scope(|scope| {
            scope.spawn(|| {
                let mut guard = cell.borrow_mut();
                borrowed.wait();
                thread::sleep(Duration::from_millis(50)); // until the other one waits
                X.collect();
                *guard += 1;
            });
            scope.spawn(|| {
                borrowed.wait();
                X.attach(|| *cell.borrow_mut() += 1);
            });
        });
        assert_eq!(cell.get(), 2);
    });
}

/// A thread-local that is destroyed late, when all others have been, is inside of one heap, and collects the other. The guards keep
/// what the thread has of the heaps from going with it.
#[test]
#[expect(clippy::mem_forget, reason = "what is tested")]
fn at_the_end_of_a_thread() {
    own!(X);
    own!(Y);
    fn both() {
        X.attach(|| _ = Y.collect());
        Y.attach(|| _ = X.collect());
    }
    /// Goes from one thread-local to the other and back, if it can: then thread-locals are destroyed in a second round.
    struct Late(usize, mpsc::Sender<()>);
    impl Drop for Late {
        fn drop(&mut self) {
            let next = [&SECOND, &FIRST].get(self.0).copied();
            let later = |key: &'static LocalKey<_>| key.try_with(|late: &RefCell<_>| late.replace(Some(Late(self.0 + 1, self.1.clone()))));
            if next.is_none_or(|next| later(next).is_err()) {
                self.1.send(()).unwrap();
                (0..times(2000)).for_each(|_| both());
                // (Nothing forks, but all is done for that.)
                X.fork(|| Y.fork(|| ()));
                self.1.send(()).unwrap();
            }
        }
    }
    thread_local! {
        static FIRST: RefCell<Option<Late>> = const { RefCell::new(None) };
        static SECOND: RefCell<Option<Late>> = const { RefCell::new(None) };
    }
    bounded(|| {
        let (tell, told) = mpsc::channel();
        let ending = thread::spawn(|| {
            FIRST.set(Some(Late(0, tell)));
            mem::forget((X.enter(), Y.enter()));
        });
        told.recv().unwrap();
        while told.try_recv() == Err(mpsc::TryRecvError::Empty) {
            both();
        }
        ending.join().unwrap();
    });
}
