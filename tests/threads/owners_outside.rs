//! Handles that another thread drops while the thread that made the object is outside, and may stay there for good.

use std::sync::atomic::{AtomicUsize, Ordering::SeqCst};
use std::sync::mpsc;
use std::thread;

use tricycle::{Gc, Trace};

use crate::support::{Census, Cookie, Node, bounded, elsewhere, rounds, times};

/// A large value.
#[derive(Trace)]
struct Room<const N: usize>(Cookie, [u8; N]);

/// Other threads than the maker drop what it made; it is outside, and does nothing more. Nothing collects.
fn made_and_blocked<const N: usize, H: tricycle::Shared + tricycle::Hosts<Room<N>> + Sync + Send>(
    heap: H,
    objects: usize,
    attached: [bool; 2],
) {
    let census = Census::default();
    heap.disable();
    let (give, take) = mpsc::channel();
    let (wake, sleep) = mpsc::channel::<()>();
    let before = heap.allocated_bytes();
    thread::scope(|scope| {
        let census = &census;
        let maker = move || {
            for _ in 0..objects {
                give.send(Gc::new_in(Room(Cookie::new(census), [1; N]), H::default())).unwrap();
            }
            H::default().detach(|| {
                // Who hears of it finds this thread outside.
                drop(give);
                sleep.recv().unwrap_err();
            });
        };
        scope.spawn(move || if attached[0] { H::default().attach(maker) } else { maker() });
        // To wait for them one has to be outside.
        let mut first: Vec<_> = take.into_iter().collect();
        let second = first.split_off(objects / 2);
        if attached[1] {
            heap.attach(|| drop(first));
        } else {
            drop(first);
        }
        assert_eq!(census.dropped(), objects / 2);
        elsewhere(|| drop(second));
        assert_eq!((census.dropped(), census.born()), (objects, objects));
        let held = heap.allocated_bytes().saturating_sub(before);
        assert!(held <= objects * N / 4 + (1 << 20), "{held} bytes are still there");
        drop(wake);
    });
    heap.enable();
    census.nothing_left::<H>();
}

/// Large objects, whose owner waits outside.
#[test]
fn blocked() {
    own!(H);
    bounded(|| made_and_blocked::<0x1_0000, _>(H, times(200), [true, false]));
}

/// Many of a page's size; and their memory does not wait for the owner, either.
#[test]
fn blocked_with_many() {
    own!(H);
    bounded(|| made_and_blocked::<4000, _>(H, times(20_000), [true, true]));
}

/// The owner has gone out for good, as idle workers do.
#[test]
fn idle() {
    own!(H);
    bounded(|| made_and_blocked::<4000, _>(H, times(20_000), [false, true]));
}

/// The owner is gone, and the thread that has its seat now sleeps, inside or outside.
#[test]
fn the_seat_of_a_sleeper() {
    own!(H);
    bounded(|| {
        let census = Census::default();
        H.disable();
        H.attach(|| {
            for inside in [true, false] {
                let made: Vec<_> = H.detach(|| {
                    let make = || (0..times(1000)).map(|_| Gc::new_in(Cookie::new(&census), H)).collect();
                    thread::scope(|scope| scope.spawn(make).join().unwrap())
                });
                let (wake, sleep) = mpsc::channel::<()>();
                let (say, hear) = mpsc::channel();
                thread::scope(|scope| {
                    let sleeper = scope.spawn(move || {
                        H.attach(|| {
                            let wait = || {
                                say.send(()).unwrap();
                                sleep.recv().unwrap_err();
                            };
                            // The global lock is not for sleepers.
                            if inside && H.switch_interval().is_zero() { wait() } else { H.detach(wait) }
                        });
                    });
                    H.detach(|| hear.recv().unwrap());
                    drop(made);
                    assert_eq!(census.dropped(), census.born());
                    drop(wake);
                    // It ends before the next one makes anything, and may have to come in for that.
                    H.detach(|| sleeper.join().unwrap());
                });
            }
        });
        H.enable();
        census.nothing_left::<H>();
    });
}

/// An owner comes in and goes out all the time, while another thread drops one handle. At last it is outside, and nothing is left
/// behind.
#[test]
fn coming_and_going() {
    own!(H);
    bounded(|| {
        let census = Census::default();
        H.disable();
        let (give, take) = mpsc::sync_channel(1);
        let done = AtomicUsize::new(0);
        thread::scope(|scope| {
            scope.spawn(|| {
                for (round, one) in take.into_iter().enumerate() {
                    H.attach(|| drop(one));
                    done.store(round + 1, SeqCst);
                }
            });
            for round in rounds(times(20_000)) {
                give.send(Node::<H>::new(&census)).unwrap();
                while done.load(SeqCst) == round {
                    if round % 2 == 0 {
                        H.attach(std::hint::spin_loop);
                    } else {
                        H.attach(|| H.detach(std::hint::spin_loop));
                    }
                }
                assert_eq!(census.dropped(), census.born());
            }
            drop(give);
        });
        H.enable();
        census.nothing_left::<H>();
    });
}
