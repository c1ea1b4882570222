//! The classic race: two threads change the same number, each by a load and a store.

use std::panic::resume_unwind;
use std::sync::Barrier;
use std::thread;

use tricycle::{Gc, GcCell, Hosts, Shared};

/// How often each thread changes the number.
pub(crate) const TIMES: usize = 1_000_000;

/// Whether a lock is held from the load to the store.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Lock {
    /// Each of the two borrows the cell for itself.
    None,
    /// One borrow lasts over both.
    Held,
}

/// One thread adds 1 so many times, another one subtracts it; returns what is left of nothing.
///
/// Between load and store is a safepoint, as there may be one between any two instructions of an interpreted language. So
/// this goes wrong with a global lock, too.
pub(crate) fn off_by<H>(heap: H, times: usize, lock: Lock) -> i64
where
    H: Shared + Hosts<GcCell<i64, H>>,
{
    let number: Gc<GcCell<i64, H>, H> = Gc::new_in(GcCell::new(0), heap);
    let line = Barrier::new(2);
    let change = |by: i64| {
        line.wait();
        heap.attach(|| {
            for _ in 0..times {
                match lock {
                    Lock::None => {
                        let loaded = number.get();
                        heap.poll();
                        number.set(loaded + by);
                    }
                    Lock::Held => {
                        let mut number = number.borrow_mut();
                        heap.poll();
                        *number += by;
                    }
                }
            }
        });
    };
    thread::scope(|scope| {
        let change = &change;
        let both = [1, -1].map(|by| scope.spawn(move || change(by)));
        for thread in both {
            thread.join().unwrap_or_else(|panic| resume_unwind(panic));
        }
    });
    number.get()
}
