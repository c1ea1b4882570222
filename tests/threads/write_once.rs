//! Cells that are written once: one thread makes the value, the others wait for it, and keep nobody from collecting meanwhile.

use std::sync::Barrier;
use std::sync::atomic::{AtomicUsize, Ordering::SeqCst};
use std::thread;
use std::time::Duration;

use tricycle::{Gc, GcLazy, GcOnce, Trace};

use crate::support::{bounded, times};

#[derive(Trace)]
#[trace(bound = "")]
struct Link<H: tricycle::Heap> {
    next: GcOnce<Gc<Link<H>, H>, H>,
}

fn link<H: tricycle::Hosts<Link<H>>>(heap: H) -> Gc<Link<H>, H> {
    Gc::new_in(Link { next: GcOnce::new() }, heap)
}

/// Two attached threads and one that is not want a value while one of them makes it: that goes outside, and collects.
#[test]
fn made_by_one() {
    own!(H);
    static COME: AtomicUsize = AtomicUsize::new(0);
    static MADE: AtomicUsize = AtomicUsize::new(0);
    static LAZY: GcLazy<Gc<u8, H>, H> = GcLazy::new(|| {
        MADE.fetch_add(1, SeqCst);
        H.detach(|| {
            while COME.load(SeqCst) < 3 {
                thread::sleep(Duration::from_millis(1));
            }
            // Until they wait, or most of them.
            thread::sleep(Duration::from_millis(10));
        });
        H.collect();
        Gc::new_in(7, H)
    });
    bounded(|| {
        thread::scope(|scope| {
            for attached in [false, true, true] {
                scope.spawn(move || {
                    let read = || {
                        COME.fetch_add(1, SeqCst);
                        (**LAZY, Gc::as_ptr(&LAZY).addr())
                    };
                    let first = if attached { H.attach(read) } else { read() };
                    assert_eq!((first.0, first), (7, read()));
                });
            }
        });
        assert_eq!(MADE.load(SeqCst), 1);
    });
}

/// Threads that write the same cells, of which one succeeds for each; others collect meanwhile. What is lost is freed, and what is
/// not lost stays.
#[test]
fn written_by_one() {
    own!(H);
    bounded(|| {
        let n = times(200);
        let cells: Vec<_> = (0..n).map(|_| link(H)).collect();
        let written = AtomicUsize::new(0);
        thread::scope(|scope| {
            for _ in 0..3 {
                scope.spawn(|| {
                    H.attach(|| {
                        for cell in &cells {
                            // Back to itself, by way of a new one.
                            let new = link(H);
                            assert!(new.next.set(cell.clone()).is_ok());
                            if cell.next.set(new).is_ok() {
                                written.fetch_add(1, SeqCst);
                            }
                            let next = cell.next.get().unwrap();
                            assert!(Gc::ptr_eq(next.next.get().unwrap(), cell));
                        }
                    });
                });
            }
            scope.spawn(|| {
                for _ in 0..20 {
                    H.collect();
                }
            });
        });
        assert_eq!(written.load(SeqCst), n);
        assert!(cells.iter().all(|cell| Gc::ptr_eq(cell.next.get().unwrap().next.get().unwrap(), cell)));
        drop(cells);
        H.collect();
        assert_eq!(H.live_allocations(), 0);
    });
}

/// A function that panics leaves the cell empty, for a thread that waits.
#[test]
fn after_a_panic() {
    own!(H);
    bounded(|| {
        let cell = Gc::new_in(GcOnce::<Gc<u8, H>, H>::new(), H);
        let inside = Barrier::new(2);
        thread::scope(|scope| {
            let fails = scope.spawn(|| {
                H.attach(|| {
                    let _ = cell.get_or_init(|| {
                        H.detach(|| inside.wait());
                        std::panic::resume_unwind(Box::new("no value"));
                    });
                });
            });
            inside.wait();
            assert_eq!(**cell.get_or_init(|| Gc::new_in(1, H)), 1);
            assert!(fails.join().is_err());
        });
    });
}
