//! The lock of a cell.

use std::time::Duration;

use super::support::{Arc, Late, Plain, model, model_late, model_within, thread};
use crate::raw::base::sync::{AtomicU32, Ordering};
use crate::raw::lock::held::Reading;
use crate::raw::lock::latch::{Deadlock, Latch};
use crate::raw::lock::parking::Parking;
use crate::raw::threads::presence::{Gate, HeapGate};
use crate::raw::threads::seat::Seat;
use crate::raw::threads::stop_the_world::StopTheWorld;

struct Cell {
    latch: Latch,
    parking: Parking,
    value: Plain,
    world: StopTheWorld<()>,
}

impl Cell {
    fn new() -> Arc<Self> {
        Cell::promising_after(Duration::ZERO)
    }

    fn promising_after(prompt: Duration) -> Arc<Self> {
        let parking = Parking::promising_after(prompt);
        Arc::new(Cell { latch: Latch::new(), parking, value: Plain::new(0), world: StopTheWorld::new() })
    }

    /// A thread that does not take part in stops waits as it likes.
    fn write(&self, me: u32) {
        self.latch.write(me, &Reading::default(), &self.parking, |wait| wait()).unwrap();
        self.value.set(self.value.get() + 1);
        self.latch.end_write(&Reading::default(), &self.parking);
    }

    /// Waits until so many other threads do.
    fn await_sleepers(&self, number: usize) {
        while self.latch.waiting(&self.parking) < number {
            thread::yield_now();
        }
    }

    fn read(&self, me: u32) -> u32 {
        let reading = Reading::default();
        self.latch.read(me, &reading, &self.parking, |wait| wait()).unwrap();
        let value = self.value.get();
        self.latch.end_read(&reading, &self.parking);
        value
    }
}

/// No time passes in a model: everybody who waits is promised the latch, or nobody.
fn model_both(preemptions: usize, run: fn(Arc<Cell>)) {
    for prompt in [Duration::ZERO, Duration::MAX] {
        model_within(preemptions, move || run(Cell::promising_after(prompt)));
    }
}

#[test]
fn two_writers() {
    model(|| {
        let cell = Cell::new();
        let theirs = Arc::clone(&cell);
        let other = thread::spawn(move || theirs.write(1));
        cell.write(0);
        other.join().unwrap();
        assert_eq!(cell.read(0), 2);
    });
}

#[test]
fn reader_and_writer() {
    model_both(3, |cell| {
        let theirs = Arc::clone(&cell);
        let other = thread::spawn(move || theirs.read(1));
        cell.write(0);
        assert!(other.join().unwrap() <= 1);
        assert_eq!(cell.read(0), 1);
    });
}

/// There can be one more reader, and two threads want to read: one of them waits, and so does a thread that wants to write.
#[test]
#[cfg_attr(not(gc_small_limits), ignore = "there are never so many readers")]
fn most_readers() {
    model_within(1, || {
        const MOST: usize = 63;
        let (cell, reading) = (Cell::new(), Reading::default());
        (1..MOST).for_each(|_| assert!(cell.latch.try_read(&reading)));
        // How many others read; whether there is room for both of them.
        let (inside, room) = (Arc::new(AtomicU32::new(0)), Arc::new(AtomicU32::new(0)));
        let others = [1, 2].map(|me| {
            let (theirs, inside, room) = (Arc::clone(&cell), Arc::clone(&inside), Arc::clone(&room));
            thread::spawn(move || {
                let reading = Reading::default();
                theirs.latch.read(me, &reading, &theirs.parking, |wait| wait()).unwrap();
                let before = inside.fetch_add(1, Ordering::Relaxed);
                assert!(before == 0 || room.load(Ordering::Relaxed) != 0, "too many readers");
                while room.load(Ordering::Relaxed) == 0 {
                    thread::yield_now();
                }
                inside.fetch_sub(1, Ordering::Relaxed);
                theirs.latch.end_read(&reading, &theirs.parking);
            })
        });
        while inside.load(Ordering::Relaxed) == 0 {
            thread::yield_now();
        }
        assert!(!cell.latch.try_write(0, &Reading::default()));
        room.store(1, Ordering::Relaxed);
        (1..MOST).for_each(|_| cell.latch.end_read(&reading, &cell.parking));
        cell.write(0);
        others.into_iter().for_each(|other| other.join().unwrap());
        assert_eq!(cell.read(0), 1);
    });
}

/// Two readers keep a writer waiting; the last of them wakes it up.
#[test]
fn readers_and_writer() {
    model(|| {
        let cell = Cell::new();
        let others = [1, 2].map(|me| {
            let theirs = Arc::clone(&cell);
            thread::spawn(move || theirs.read(me))
        });
        cell.write(0);
        for other in others {
            assert!(other.join().unwrap() <= 1);
        }
    });
}

#[test]
fn three_writers() {
    model_both(3, |cell| {
        let others = [1, 2].map(|me| {
            let theirs = Arc::clone(&cell);
            thread::spawn(move || theirs.write(me))
        });
        cell.write(0);
        for other in others {
            other.join().unwrap();
        }
        assert_eq!(cell.read(0), 3);
    });
}

/// A reader that comes back finds that the writer who waited has been there.
#[test]
fn coming_back() {
    model(|| {
        let cell = Cell::new();
        let theirs = Arc::clone(&cell);
        let reading = Reading::default();
        assert!(cell.latch.try_read(&reading));
        let other = thread::spawn(move || theirs.write(1));
        cell.await_sleepers(1);
        cell.latch.end_read(&reading, &cell.parking);
        let value = cell.read(0);
        // On real threads it may take longer to come in than others are patient.
        assert!(value == 1 || cfg!(not(any(loom, shuttle))));
        other.join().unwrap();
    });
}

/// A writer that comes back finds that the reader who waited has been there.
#[test]
fn writing_again() {
    model(|| {
        let cell = Cell::new();
        let theirs = Arc::clone(&cell);
        let reading = Reading::default();
        assert!(cell.latch.try_write(0, &reading));
        let other = thread::spawn(move || theirs.read(1));
        cell.await_sleepers(1);
        cell.latch.end_write(&reading, &cell.parking);
        cell.write(0);
        let value = other.join().unwrap();
        assert!(value == 0 || cfg!(not(any(loom, shuttle))));
    });
}

/// A thread that comes is not taken for one that has been woken, and that somebody waits for.
#[test]
fn coming_instead() {
    model_both(1, |cell| {
        let reading = Reading::default();
        assert!(cell.latch.try_write(0, &reading));
        let has_read = Arc::new(AtomicU32::new(0));
        let (theirs, says_so) = (Arc::clone(&cell), Arc::clone(&has_read));
        let reader = thread::spawn(move || {
            theirs.read(1);
            says_so.store(1, Ordering::Relaxed);
        });
        let theirs = Arc::clone(&cell);
        let writer = thread::spawn(move || theirs.write(2));
        cell.await_sleepers(2);
        cell.latch.end_write(&reading, &cell.parking);
        cell.latch.read(0, &reading, &cell.parking, |wait| wait()).unwrap();
        while has_read.load(Ordering::Relaxed) == 0 {
            thread::yield_now();
        }
        cell.latch.end_read(&reading, &cell.parking);
        reader.join().unwrap();
        writer.join().unwrap();
    });
}

/// Who reads can read once more, whoever waits or has been woken.
#[test]
fn reading_twice() {
    model_both(2, |cell| {
        let reading = Reading::default();
        assert!(cell.latch.try_read(&reading));
        let theirs = Arc::clone(&cell);
        let writer = thread::spawn(move || theirs.write(1));
        cell.await_sleepers(1);
        let theirs = Arc::clone(&cell);
        let reader = thread::spawn(move || {
            let reading = Reading::default();
            (0..2).for_each(|_| theirs.latch.read(2, &reading, &theirs.parking, |wait| wait()).unwrap());
            (0..2).for_each(|_| theirs.latch.end_read(&reading, &theirs.parking));
        });
        cell.latch.end_read(&reading, &cell.parking);
        reader.join().unwrap();
        writer.join().unwrap();
    });
}

/// Readers that waited read together, even if one waits for another, and so do those that come meanwhile.
#[test]
fn readers_together() {
    model(|| {
        let cell = Cell::new();
        let reading = Reading::default();
        assert!(cell.latch.try_write(0, &reading));
        let all = Arc::new(AtomicU32::new(0));
        let others = [1, 2].map(|me| {
            let (cell, all) = (Arc::clone(&cell), Arc::clone(&all));
            thread::spawn(move || {
                let reading = Reading::default();
                cell.latch.read(me, &reading, &cell.parking, |wait| wait()).unwrap();
                all.fetch_add(1, Ordering::Relaxed);
                while all.load(Ordering::Relaxed) < 2 {
                    thread::yield_now();
                }
                cell.latch.end_read(&reading, &cell.parking);
            })
        });
        cell.latch.end_write(&reading, &cell.parking);
        others.into_iter().for_each(|other| other.join().unwrap());
    });
}

/// A reader that has another latch lets a writer go first that starves, and has its turn afterwards.
#[test]
fn starving() {
    model_within(2, || {
        let parking = Parking::starving();
        let cell = Arc::new(Cell { latch: Latch::new(), parking, value: Plain::new(0), world: StopTheWorld::new() });
        let reading = Reading::default();
        assert!(cell.latch.try_read(&reading));
        let theirs = Arc::clone(&cell);
        let writer = thread::spawn(move || theirs.write(1));
        cell.await_sleepers(1);
        let theirs = Arc::clone(&cell);
        let reader = thread::spawn(move || {
            let (other, reading) = (Latch::new(), Reading::default());
            assert!(other.try_read(&reading));
            theirs.latch.read(2, &reading, &theirs.parking, |wait| wait()).unwrap();
            assert!(theirs.value.get() <= 1);
            theirs.latch.end_read(&reading, &theirs.parking);
            other.end_read(&reading, &theirs.parking);
        });
        cell.latch.end_read(&reading, &cell.parking);
        reader.join().unwrap();
        writer.join().unwrap();
        assert_eq!(cell.read(0), 1);
    });
}

/// Readers that come back, and a writer that may still be on its way.
#[test]
fn coming_often() {
    model_both(3, |cell| {
        let theirs = Arc::clone(&cell);
        let other = thread::spawn(move || theirs.write(1));
        (0..3).for_each(|_| assert!(cell.read(0) <= 1));
        other.join().unwrap();
        assert_eq!(cell.read(0), 1);
    });
}

/// A thread that waits for a cell does not keep the one that has it from stopping the world.
#[test]
fn waiting_and_stopping() {
    model(|| {
        let cell = Cell::new();
        let theirs = Arc::clone(&cell);
        let me = cell.world.register(|| ());
        cell.world.attach(me);
        assert!(cell.latch.try_write(me.index(), &Reading::default()));
        let other = thread::spawn(move || {
            let seat = theirs.world.register(|| ());
            theirs.world.attach(seat);
            let outside = |wait: &dyn Fn()| {
                theirs.world.detach(seat);
                wait();
                theirs.world.attach(seat);
            };
            theirs.latch.write(seat.index(), &Reading::default(), &theirs.parking, outside).unwrap();
            theirs.value.set(theirs.value.get() + 1);
            theirs.latch.end_write(&Reading::default(), &theirs.parking);
            theirs.world.detach(seat);
        });
        let stopped = cell.world.stop(me);
        assert!(cell.latch.writer().is_some());
        cell.value.set(cell.value.get() + 1);
        drop(stopped);
        cell.latch.end_write(&Reading::default(), &cell.parking);
        cell.world.detach(me);
        other.join().unwrap();
    });
}

/// One thread that would wait for itself is told so, and nothing else changes.
#[test]
fn waiting_for_oneself() {
    model(|| {
        let cell = Cell::new();
        let reading = Reading::new();
        let wait = |_: &dyn Fn()| panic!("for ever");
        let write = |me| cell.latch.write(me, &reading, &cell.parking, wait);
        let read = |me| cell.latch.read(me, &reading, &cell.parking, wait);
        assert_eq!(write(7), Ok(()));
        assert!(cell.latch.writer().is_some());
        assert_eq!((write(7), read(7)), (Err(Deadlock), Err(Deadlock)));
        assert!(!cell.latch.try_read(&reading) && !cell.latch.try_write(7, &reading));
        cell.latch.end_write(&Reading::default(), &cell.parking);
        assert_eq!((read(7), read(7)), (Ok(()), Ok(())));
        assert!(cell.latch.writer().is_none() && cell.latch.try_read(&reading));
        assert_eq!(write(7), Err(Deadlock));
        (0..3).for_each(|_| cell.latch.end_read(&reading, &cell.parking));
        assert_eq!(write(7), Ok(()));
        cell.latch.end_write(&Reading::default(), &cell.parking);
    });
}

impl Cell {
    /// A thread that is attached writes, with plain words if it is solo.
    fn write_inside(&self, seat: &Seat<()>) {
        let reading = Reading::default();
        let outside = |wait: &dyn Fn()| {
            seat.fall_asleep();
            self.world.detach(seat);
            wait();
            self.world.attach(seat);
            seat.wake_up();
        };
        if !seat.is_solo() || !self.latch.write_solo(seat.index(), &reading) {
            self.latch.write(seat.index(), &reading, &self.parking, outside).unwrap();
        }
        self.value.set(self.value.get() + 1);
        self.world.poll(seat);
        if !seat.is_solo() || !self.latch.end_write_solo(&reading) {
            self.latch.end_write(&reading, &self.parking);
        }
    }
}

/// A thread that finds others outside is solo, until one of them comes in.
#[test]
fn solo_meanwhile() {
    model_late(|late| {
        let cell = Cell::new();
        let theirs = Arc::clone(&cell);
        let (me, seat) = (cell.world.register(|| ()).index(), cell.world.register(|| ()).index());
        let other = thread::spawn(move || {
            let seat = theirs.world.seats().get(seat).unwrap();
            late.begin(Late::Other);
            theirs.world.attach(seat);
            theirs.write_inside(seat);
            theirs.world.detach(seat);
        });
        let me = cell.world.seats().get(me).unwrap();
        late.begin(Late::Main);
        cell.world.attach(me);
        // As often as it takes when the other one has come once.
        (0..4).for_each(|_| cell.world.count_collection(me));
        cell.write_inside(me);
        cell.world.detach(me);
        other.join().unwrap();
        assert_eq!(cell.value.get(), 2);
    });
}

/// A thread waits for a cell, outside, and may be about to say so in its word: the one that has the cell is not solo.
#[test]
fn solo_beside_a_sleeper() {
    model(|| {
        let cell = Cell::new();
        let theirs = Arc::clone(&cell);
        let (me, seat) = (cell.world.register(|| ()).index(), cell.world.register(|| ()).index());
        let me = cell.world.seats().get(me).unwrap();
        let reading = Reading::default();
        cell.world.attach(me);
        assert!(cell.latch.try_write(me.index(), &reading));
        let other = thread::spawn(move || {
            let seat = theirs.world.seats().get(seat).unwrap();
            theirs.world.attach(seat);
            theirs.write_inside(seat);
            theirs.world.detach(seat);
        });
        cell.world.poll(me);
        // As often as it takes when the other one has come once.
        (0..4).for_each(|_| cell.world.count_collection(me));
        if !me.is_solo() || !cell.latch.end_write_solo(&reading) {
            cell.latch.end_write(&reading, &cell.parking);
        }
        cell.world.detach(me);
        other.join().unwrap();
    });
}

/// A solo thread writes plain words, until another one comes: then none of what either does is lost.
#[test]
fn solo_at_first() {
    model_late(|late| {
        let cell = Cell::new();
        let theirs = Arc::clone(&cell);
        let me = cell.world.register(|| ());
        assert!(me.is_solo());
        let other = thread::spawn(move || {
            late.begin(Late::Other);
            let seat = theirs.world.register(|| ());
            if !theirs.world.try_attach(seat) {
                theirs.world.attach(seat);
            }
            assert!(!seat.is_solo());
            theirs.write_inside(seat);
            theirs.world.detach(seat);
        });
        late.begin(Late::Main);
        cell.world.attach(me);
        cell.write_inside(me);
        cell.world.detach(me);
        other.join().unwrap();
        assert_eq!(cell.value.get(), 2);
    });
}
