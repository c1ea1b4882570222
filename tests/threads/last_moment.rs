//! A handle is dropped outside in the very moment in which another thread goes out: it is left to that one, which sees to it, or
//! sees that it has been left. In the end both are outside and do nothing, and nothing is left.

use std::mem::ManuallyDrop;
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering::SeqCst};
use std::sync::{Barrier, Mutex};
use std::thread;

use tricycle::{Gc, GcCell, Trace};

use crate::support::{Census, Cookie, Node, bounded, rounds, times};

/// So often at most. Each round has one such moment, or misses it.
const ROUNDS: usize = times(10_000);

/// Two threads meet, so often, unless it is over. They spin: who sleeps comes late.
#[derive(Default)]
struct Meeting(AtomicUsize, AtomicBool);

impl Meeting {
    fn meet(&self, times: usize) {
        self.0.fetch_add(1, SeqCst);
        while self.0.load(SeqCst) < 2 * times && !self.is_over() {
            thread::yield_now();
        }
    }

    fn is_over(&self) -> bool {
        self.1.load(SeqCst)
    }
}

/// In each round one thread comes in and goes out with `pass`, which calls what it is given when it is outside; and another one drops
/// a handle outside, at any time meanwhile.
fn left_to_one_that<H: tricycle::Hosts<Node<H>>>(pass: impl Fn(&dyn Fn()) + Sync) {
    let (census, meeting) = (Census::default(), Meeting::default());
    let missed = thread::scope(|scope| {
        let other = scope.spawn(|| {
            for round in (0..ROUNDS).take_while(|_| !meeting.is_over()) {
                meeting.meet(3 * round + 1);
                (0..round % 64).for_each(|_| std::hint::spin_loop());
                pass(&|| {
                    meeting.meet(3 * round + 2);
                    meeting.meet(3 * round + 3);
                });
            }
        });
        let missed = rounds(ROUNDS).find(|round| {
            let node = Node::<H>::new(&census);
            meeting.meet(3 * round + 1);
            (0..round / 64 % 64).for_each(|_| std::hint::spin_loop());
            drop(node);
            meeting.meet(3 * round + 2);
            let missed = census.dropped() <= *round;
            meeting.meet(3 * round + 3);
            missed
        });
        meeting.1.store(true, SeqCst);
        other.join().unwrap(); // with its thread-locals
        missed
    });
    assert_eq!(missed, None, "nobody has seen to it");
    census.nothing_left::<H>();
}

#[test]
fn goes_out() {
    own!(H);
    bounded(|| {
        left_to_one_that::<H>(|rest| {
            H.attach(|| ());
            rest();
        });
    });
}

#[test]
fn detaches() {
    own!(H);
    bounded(|| left_to_one_that::<H>(|rest| H.attach(|| H.detach(rest))));
}

#[test]
fn looks() {
    own!(H);
    bounded(|| {
        thread_local! { static CELL: Gc<GcCell<u32, H>, H> = Gc::new_in(GcCell::new(0), H); }
        left_to_one_that::<H>(|rest| {
            CELL.with(|cell| drop(cell.clone()));
            rest();
        });
    });
}

/// … while a guard keeps it attached for the moment.
#[test]
fn lets_go() {
    own!(H);
    bounded(|| {
        left_to_one_that::<H>(|rest| {
            drop(H.enter());
            rest();
        });
    });
}

/// Those that stop the world, or are alone for a while.
#[test]
fn collects() {
    own!(H);
    bounded(|| {
        left_to_one_that::<H>(|rest| {
            H.collect();
            rest();
        });
    });
}

/// … in its last moment.
#[test]
fn ends() {
    own!(H);
    bounded(|| {
        let (census, meeting) = (Census::default(), Meeting::default());
        for round in rounds(times(2000)) {
            let node = Node::<H>::new(&census);
            thread::scope(|scope| {
                let other = scope.spawn(|| {
                    H.attach(|| ());
                    meeting.meet(round + 1);
                    (0..round % 64).for_each(|_| std::hint::spin_loop());
                });
                meeting.meet(round + 1);
                drop(node);
                // To its very end.
                other.join().unwrap();
            });
            assert_eq!(census.dropped(), round + 1, "nobody has seen to it");
        }
        census.nothing_left::<H>();
    });
}

/// Does something when it is dropped.
#[derive(Trace)]
#[trace(acyclic)]
struct Then(#[trace(skip)] Mutex<Option<Box<dyn FnOnce() + Send>>>);

impl Drop for Then {
    fn drop(&mut self) {
        self.0.get_mut().unwrap().take().unwrap()();
    }
}

/// On its way out a thread destroys what was left for it; and while it does, another thread leaves it something more. `pass` comes in,
/// calls the first that it is given, and then the second when it is outside.
fn left_by_a_destructor<H>(pass: impl Fn(&dyn Fn(), &dyn Fn()) + Sync)
where
    H: tricycle::Shared + tricycle::Hosts<Cookie> + tricycle::Hosts<Then>,
{
    for _ in 0..times(20) {
        let census = Census::default();
        let more = Gc::new_in(Cookie::new(&census), H::default());
        let last = move || thread::spawn(move || drop(more)).join().unwrap();
        let first = Gc::new_in(Then(Mutex::new(Some(Box::new(last)))), H::default());
        let both = Barrier::new(2);
        thread::scope(|scope| {
            scope.spawn(|| {
                pass(
                    &|| {
                        both.wait();
                        both.wait();
                    },
                    &|| {
                        both.wait();
                        both.wait();
                    },
                );
            });
            both.wait();
            drop(first);
            both.wait();
            both.wait();
            let dropped = census.dropped();
            both.wait();
            assert_eq!(dropped, 1, "nobody has seen to it");
        });
        census.nothing_left::<H>();
    }
}

#[test]
fn goes_out_with_a_destructor() {
    own!(H);
    bounded(|| {
        left_by_a_destructor::<H>(|inside, rest| {
            H.attach(inside);
            rest();
        });
    });
}

#[test]
fn detaches_with_a_destructor() {
    own!(H);
    bounded(|| {
        left_by_a_destructor::<H>(|inside, rest| {
            H.attach(|| {
                inside();
                H.detach(rest);
            });
        });
    });
}

/// In its last moment a thread destroys what was put off, and while it does, another thread leaves it something.
#[test]
fn ends_with_a_destructor() {
    own!(H);
    bounded(|| {
        for _ in 0..times(20) {
            let census = Census::default();
            let theirs = census.clone();
            // Nobody else has been here.
            let thread = thread::spawn(move || {
                H.set_defer_drop(Some(1));
                _ = ManuallyDrop::new(H.enter());
                let more = Gc::new_in(Cookie::new(&theirs), H);
                let last = move || thread::spawn(move || drop(more)).join().unwrap();
                let then = Gc::new_in(Then(Mutex::new(Some(Box::new(last)))), H);
                // Put off: when the first one goes, and when the second one does, it has been enough.
                drop(Gc::new_in([Gc::new_in([then], H)], H));
                assert_eq!(theirs.dropped(), 0);
            });
            thread.join().unwrap();
            assert_eq!(census.dropped(), 1, "nobody has seen to it");
        }
    });
}
