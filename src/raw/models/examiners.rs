//! A thread examines its objects while another one writes to their cells.

use super::support::{Arc, Late, Plain, model, model_late, thread};
use crate::raw::base::sync::{AtomicU32, Ordering};
use crate::raw::lock::parking::Parking;
use crate::raw::lock::{held::Reading, latch::Latch};
use crate::raw::threads::examiners::Examiners;

/// A cell of the examiner's.
struct Cell {
    examiners: Examiners,
    latch: Latch,
    parking: Parking,
    value: Plain,
}

impl Cell {
    fn new() -> Arc<Self> {
        let (latch, parking) = (Latch::new(), Parking::new());
        Arc::new(Cell { examiners: Examiners::new(), latch, parking, value: Plain::new(0) })
    }

    /// What the writer does: `LatchBorrows::write`.
    fn write(&self) {
        let reading = Reading::new();
        let take = || self.latch.write(1, &reading, &self.parking, |wait| wait()).unwrap();
        take();
        while self.examiners.any() {
            self.latch.end_write(&reading, &self.parking);
            let hold_off = self.examiners.hold_off();
            hold_off.wait();
            if self.latch.try_write(1, &reading) {
                if self.examiners.any() {
                    continue;
                }
                break;
            }
            drop(hold_off);
            take();
        }
        self.value.set(self.value.get() + 1);
        self.latch.end_write(&reading, &self.parking);
    }

    /// One pass over the cell: its value, unless it has a writer.
    fn look(&self) -> Option<u32> {
        self.latch.writer().is_none().then(|| self.value.get())
    }

    /// What the examiner does. Both passes, if they were made.
    fn examine(&self) -> Option<(Option<u32>, Option<u32>)> {
        let examining = self.examiners.begin()?;
        let passes = (self.look(), self.look());
        drop(examining);
        Some(passes)
    }
}

/// Both passes over a cell see the same, if neither meets a writer.
#[test]
fn passes() {
    model_late(|late| {
        let cell = Cell::new();
        let theirs = Arc::clone(&cell);
        let other = thread::spawn(move || {
            late.begin(Late::Other);
            theirs.write();
        });
        late.begin(Late::Main);
        if let Some((Some(first), Some(second))) = cell.examine() {
            assert_eq!(first, second);
        }
        other.join().unwrap();
        assert_eq!(cell.look(), Some(1));
    });
}

/// While a writer waits nobody begins to examine, and a writer waits for all who do.
#[test]
fn in_turns() {
    model(|| {
        let cell = Cell::new();
        let theirs = Arc::clone(&cell);
        let examining = cell.examiners.begin().unwrap();
        let (come, came) = (Arc::new(AtomicU32::new(0)), Arc::new(AtomicU32::new(0)));
        let (say, told) = (Arc::clone(&come), Arc::clone(&came));
        let writer = thread::spawn(move || {
            let hold_off = theirs.examiners.hold_off();
            say.store(1, Ordering::Release);
            hold_off.wait();
            told.store(1, Ordering::Relaxed);
            drop(hold_off);
        });
        if come.load(Ordering::Acquire) == 1 {
            assert!(cell.examiners.begin().is_none());
        }
        assert_eq!(came.load(Ordering::Relaxed), 0);
        drop(examining);
        writer.join().unwrap();
        assert!(cell.examiners.begin().is_some());
    });
}

/// A writer comes in between the examinations of two threads.
#[test]
fn two_examiners() {
    model(|| {
        let cell = Cell::new();
        let others = [(); 2].map(|()| {
            let theirs = Arc::clone(&cell);
            thread::spawn(move || theirs.examine())
        });
        cell.write();
        for other in others {
            if let Some((Some(first), Some(second))) = other.join().unwrap() {
                assert_eq!(first, second);
            }
        }
    });
}
