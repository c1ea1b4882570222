//! Who is waited for, when that takes long.

use std::fmt::{Debug, Write};
use std::sync::{Arc, Mutex, mpsc};
use std::thread;
use std::time::Duration;

use tracing::field::{Field, Visit};
use tracing::span::{Attributes, Id, Record};
use tracing::{Event, Level, Metadata, Subscriber};

use tricycle::{Gc, GcCell};

use crate::support::bounded;

/// Writes down what is told at level `WARN`.
#[derive(Clone, Default)]
struct Log(Arc<Mutex<Vec<String>>>);

struct Line(String);

impl Visit for Line {
    fn record_debug(&mut self, field: &Field, value: &dyn Debug) {
        write!(self.0, "{field}={value:?};").unwrap();
    }
}

impl Subscriber for Log {
    fn enabled(&self, metadata: &Metadata<'_>) -> bool {
        *metadata.level() == Level::WARN
    }

    fn new_span(&self, _: &Attributes<'_>) -> Id {
        Id::from_u64(1)
    }

    fn record(&self, _: &Id, _: &Record<'_>) {}
    fn record_follows_from(&self, _: &Id, _: &Id) {}

    fn event(&self, event: &Event<'_>) {
        let mut line = Line(String::new());
        event.record(&mut line);
        self.0.lock().unwrap().push(line.0);
    }

    fn enter(&self, _: &Id) {}
    fn exit(&self, _: &Id) {}
}

/// A thread that is attached and sleeps is named to those who wait for it, again and again; and nobody else is.
#[test]
#[cfg_attr(miri, ignore = "takes its time")]
fn the_one_that_sleeps() {
    own!(H);
    bounded(|| {
        assert_eq!(H.slow_wait(), None);
        H.set_slow_wait(Some(Duration::from_millis(20)));
        assert_eq!(H.slow_wait(), Some(Duration::from_millis(20)));
        let log = Log::default();
        let (inside, is_inside) = mpsc::channel();
        let (wake, wakes) = mpsc::channel::<()>();
        let named = |name: &str| thread::Builder::new().name(String::from(name));
        // One that is gone, and one that is outside.
        named("idle").spawn(|| H.attach(|| ())).unwrap().join().unwrap();
        let (is_out, out) = mpsc::channel();
        let (over, is_over) = mpsc::channel::<()>();
        let outside = named("idle").spawn(move || {
            H.attach(|| ());
            is_out.send(()).unwrap();
            _ = is_over.recv();
        });
        out.recv().unwrap();
        let sleeper = named("sleeper").spawn(move || {
            H.attach(|| {
                inside.send(()).unwrap();
                _ = wakes.recv();
            });
        });
        is_inside.recv().unwrap();
        let told = |what: &str| log.0.lock().unwrap().iter().filter(|line| line.contains(what)).count();
        // In parallel the first one stops the world, and the other one waits for it to be started, or for the sleeper. (One that came in
        // before would find that somebody collects already, and not wait.)
        let waiters = ["waiter", "another"].map(|name| {
            let theirs = log.clone();
            let waiter = named(name).spawn(|| tracing::subscriber::with_default(theirs, || H.collect())).unwrap();
            while told(&format!("thread=\"{name} (ThreadId(")) == 0 {
                thread::sleep(Duration::from_millis(1));
            }
            waiter
        });
        while told("others=sleeper (ThreadId(") < 2 {
            thread::sleep(Duration::from_millis(1));
        }
        assert_eq!(told("idle"), 0);
        assert!(log.0.lock().unwrap().iter().all(|line| line.contains("heap=") && line.contains("waited=")));
        wake.send(()).unwrap();
        sleeper.unwrap().join().unwrap();
        waiters.into_iter().for_each(|waiter| _ = waiter.join().unwrap());
        drop(over);
        outside.unwrap().join().unwrap();

        // Who need not wait says nothing.
        let before = log.0.lock().unwrap().len();
        tracing::subscriber::with_default(log.clone(), || (0..10).for_each(|_| _ = H.collect()));
        assert_eq!(log.0.lock().unwrap().len(), before);
        H.set_slow_wait(None);
    });
}

/// A thread that waits for a cell says who has it, if it is one that writes; and that it waits, if others read.
#[test]
#[cfg_attr(miri, ignore = "takes its time")]
fn the_one_that_has_the_cell() {
    own!(H);
    bounded(|| {
        H.set_slow_wait(Some(Duration::from_millis(20)));
        let log = Log::default();
        let cell = Gc::new_in(GcCell::<u32, H>::new(0), H);
        let named = |name: &str| thread::Builder::new().name(String::from(name));
        for writes in [true, false] {
            let (have, has) = mpsc::channel();
            let (wake, wakes) = mpsc::channel::<()>();
            let theirs = cell.clone();
            let owner = named("owner").spawn(move || {
                let (mut writer, mut reader) = (None, None);
                if writes {
                    writer = Some(theirs.borrow_mut());
                } else {
                    reader = Some(theirs.borrow());
                }
                have.send(()).unwrap();
                _ = wakes.recv();
                drop((writer, reader));
            });
            has.recv().unwrap();
            let waiters = ["waiter", "another"].map(|name| {
                let (log, cell) = (log.clone(), cell.clone());
                let wait = move || tracing::subscriber::with_default(log, || *cell.borrow_mut() += 1);
                named(name).spawn(wait).unwrap()
            });
            let expected = if writes { "others=owner (ThreadId(" } else { "others=;" };
            let told = |name: &str| {
                let log = log.0.lock().unwrap();
                log.iter().filter(|line| line.contains("waits for a cell") && line.contains(expected) && line.contains(name)).count()
            };
            // Each of them, and more than once.
            while told("thread=\"waiter (ThreadId(") < 2 || told("thread=\"another (ThreadId(") < 2 {
                thread::sleep(Duration::from_millis(1));
            }
            wake.send(()).unwrap();
            owner.unwrap().join().unwrap();
            waiters.into_iter().for_each(|waiter| waiter.join().unwrap());
        }
        assert_eq!(cell.get(), 4);
        H.set_slow_wait(None);
    });
}
