//! The queue to an owner.

use super::support::{Arc, Late, Plain, model, model_late, thread};
use crate::raw::threads::inbox::Inbox;

/// An entry: what its sender wrote is there when it is read.
fn entry(value: u32) -> Box<Plain> {
    let entry = Box::new(Plain::new(0));
    entry.set(value);
    entry
}

#[test]
fn all_entries_arrive() {
    model_late(|late| {
        let inbox = Arc::new(Inbox::new());
        let senders = [1, 2].map(|value| {
            let inbox = Arc::clone(&inbox);
            thread::spawn(move || inbox.push(entry(value)).is_ok())
        });
        late.begin(Late::Main);
        let early: u32 = inbox.take().map(|entry| entry.get()).sum();
        let sent = senders.map(|sender| sender.join().unwrap());
        let late: u32 = inbox.take().map(|entry| entry.get()).sum();
        assert_eq!((sent, early + late), ([true, true], 3));
    });
}

#[test]
fn order_is_kept() {
    model(|| {
        let inbox = Inbox::new();
        assert_eq!([1, 2, 3].map(|n| inbox.push(n)), [Ok(true), Ok(false), Ok(false)]);
        assert!(inbox.take().eq([1, 2, 3]));
        assert!(inbox.is_empty());
        let _ = inbox.push(4);
    });
}

/// Who finds the inbox closed knows what its owner did before, and has its entry back.
#[test]
fn closing() {
    model(|| {
        let inbox = Arc::new(Inbox::new());
        let desk = Arc::new(Plain::new(0));
        let (their_inbox, their_desk) = (Arc::clone(&inbox), Arc::clone(&desk));
        let sender = thread::spawn(move || {
            let Err(entry) = their_inbox.push(entry(1)) else { return 0 };
            assert_eq!(their_desk.get(), 7);
            entry.get()
        });
        desk.set(7);
        let taken: u32 = inbox.close().map(|entry| entry.get()).sum();
        assert_eq!(taken + sender.join().unwrap(), 1);
    });
}

/// So does one whose push is overtaken by the closing.
#[test]
fn closing_under_two_senders() {
    model(|| {
        let inbox = Arc::new(Inbox::new());
        let desk = Arc::new(Plain::new(0));
        let senders = [(), ()].map(|()| {
            let (inbox, desk) = (Arc::clone(&inbox), Arc::clone(&desk));
            thread::spawn(move || {
                let Err(entry) = inbox.push(entry(1)) else { return 0 };
                assert_eq!(desk.get(), 7);
                entry.get()
            })
        });
        desk.set(7);
        let taken: u32 = inbox.close().map(|entry| entry.get()).sum();
        let kept: u32 = senders.map(|sender| sender.join().unwrap()).iter().sum();
        assert_eq!(taken + kept, 2);
    });
}

/// An inbox is opened again by the next thread, which knows what the last one left.
#[test]
fn opening() {
    model(|| {
        let inbox = Arc::new(Inbox::new());
        let desk = Arc::new(Plain::new(0));
        assert_eq!(inbox.close().count(), 0);
        desk.set(7);
        let (their_inbox, their_desk) = (Arc::clone(&inbox), Arc::clone(&desk));
        let sender = thread::spawn(move || match their_inbox.push(entry(1)) {
            Ok(_) => 0,
            Err(entry) => their_desk.get() - 7 + entry.get(),
        });
        inbox.open();
        let early: u32 = inbox.take().map(|entry| entry.get()).sum();
        let kept = sender.join().unwrap();
        let late: u32 = inbox.take().map(|entry| entry.get()).sum();
        assert_eq!(early + kept + late, 1);
    });
}
