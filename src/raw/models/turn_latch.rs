//! The lock of a cell on a heap that threads use in turns.

use std::time::Duration;

use super::support::{Arc, Plain, model_within, thread};
use crate::raw::lock::held::Reading;
use crate::raw::lock::parking::Parking;
use crate::raw::lock::turn_latch::TurnLatch;
use crate::raw::threads::gil::Gil;
use crate::raw::threads::presence::{Gate, HeapGate};
use crate::raw::threads::seat::{Left, Seat};

struct Cell {
    gil: Gil<()>,
    latch: TurnLatch,
    parking: Parking,
    value: Plain,
}

// SAFETY: [I19] who touches the latch has the global lock.
unsafe impl Send for Cell {}
// SAFETY: [I19] as above.
unsafe impl Sync for Cell {}

/// No time passes in a model: everybody who waits is promised the latch, or nobody.
fn model_both(preemptions: usize, run: fn(Arc<Cell>)) {
    for prompt in [Duration::ZERO, Duration::MAX] {
        model_within(preemptions, move || {
            let parking = Parking::promising_after(prompt);
            run(Arc::new(Cell { gil: Gil::new(), latch: TurnLatch::new(), parking, value: Plain::new(0) }));
        });
    }
}

impl Cell {
    fn inside<R>(&self, visit: impl FnOnce(&Seat<()>) -> R) -> R {
        let seat = self.gil.register(|| ());
        self.gil.attach(seat);
        let result = visit(seat);
        self.gil.unregister(seat, Left::Free);
        result
    }

    /// Sleeps outside.
    fn outside(&self, seat: &Seat<()>, sleep: &mut dyn FnMut()) {
        self.gil.detach(seat);
        sleep();
        self.gil.attach(seat);
    }

    /// Gives way while it writes.
    fn write(&self, seat: &Seat<()>) {
        let reading = Reading::new();
        let outside = |sleep: &mut dyn FnMut()| self.outside(seat, sleep);
        assert_eq!(self.latch.write(seat.index(), &reading, Some(&self.parking), outside), Ok(true));
        assert!(self.latch.has_writer());
        self.gil.poll(seat);
        self.value.set(self.value.get() + 1);
        self.latch.end_write(&reading, &self.parking);
    }

    /// Gives way while it reads.
    fn read(&self, seat: &Seat<()>) -> u32 {
        let reading = Reading::new();
        let outside = |sleep: &mut dyn FnMut()| self.outside(seat, sleep);
        assert_eq!(self.latch.read(seat.index(), &reading, Some(&self.parking), outside), Ok(true));
        let value = self.value.get();
        self.gil.poll(seat);
        assert_eq!(self.value.get(), value);
        self.latch.end_read(&reading, &self.parking);
        value
    }
}

#[test]
fn two_writers() {
    model_both(3, |cell| {
        let theirs = Arc::clone(&cell);
        let other = thread::spawn(move || theirs.inside(|seat| theirs.write(seat)));
        cell.inside(|seat| cell.write(seat));
        other.join().unwrap();
        assert_eq!(cell.inside(|seat| cell.read(seat)), 2);
    });
}

/// A thread comes back at once, and finds that somebody waits, or has been woken.
#[test]
fn coming_back() {
    model_both(3, |cell| {
        let theirs = Arc::clone(&cell);
        let other = thread::spawn(move || theirs.inside(|seat| theirs.write(seat)));
        let read = cell.inside(|seat| {
            cell.write(seat);
            cell.gil.poll(seat);
            cell.read(seat)
        });
        assert!((1..=2).contains(&read));
        other.join().unwrap();
    });
}

#[test]
fn readers_and_writer() {
    model_both(2, |cell| {
        let others = [(), ()].map(|()| {
            let theirs = Arc::clone(&cell);
            thread::spawn(move || theirs.inside(|seat| theirs.read(seat)))
        });
        cell.inside(|seat| cell.write(seat));
        others.into_iter().for_each(|other| assert!(other.join().unwrap() <= 1));
        assert_eq!(cell.inside(|seat| cell.read(seat)), 1);
    });
}
