//! Cells that threads want in parallel. (Where they take turns, a reader that gives way only while it reads is back before those
//! it wakes.)

use std::sync::atomic::{AtomicBool, Ordering::SeqCst};
use std::thread;

use tricycle::{Gc, GcCell};

use crate::support::{bounded, times};

/// Readers whose borrows overlap at every moment do not keep a writer waiting for ever.
#[test]
fn writers_have_their_turn() {
    own!(H);
    bounded(|| {
        let (cell, done) = (Gc::new_in(GcCell::<u32, H>::new(0), H), AtomicBool::new(false));
        thread::scope(|scope| {
            for _ in 0..2 {
                scope.spawn(|| {
                    H.attach(|| {
                        while !done.load(SeqCst) {
                            let value = cell.borrow();
                            H.poll(); // gives way while it reads
                            drop(value);
                        }
                    });
                });
            }
            scope.spawn(|| {
                H.attach(|| (0..times(50)).for_each(|_| *cell.borrow_mut() += 1));
                done.store(true, SeqCst);
            });
        });
        assert_eq!(cell.get() as usize, times(50));
    });
}
