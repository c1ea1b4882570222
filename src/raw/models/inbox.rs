//! The queue to an owner.

use super::support::{Arc, Late, Plain, model, model_late, thread};
use crate::raw::threads::inbox::Inbox;

/// A letter: what its sender wrote is there when it is read.
fn letter(value: u32) -> Box<Plain> {
    let letter = Box::new(Plain::new(0));
    letter.set(value);
    letter
}

#[test]
fn all_letters_arrive() {
    model_late(|late| {
        let inbox = Arc::new(Inbox::new());
        let senders = [1, 2].map(|value| {
            let inbox = Arc::clone(&inbox);
            thread::spawn(move || inbox.push(letter(value)).is_ok())
        });
        late.begin(Late::Main);
        let early: u32 = inbox.take().map(|letter| letter.get()).sum();
        let sent = senders.map(|sender| sender.join().unwrap());
        let late: u32 = inbox.take().map(|letter| letter.get()).sum();
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

/// Who finds the inbox closed knows what its owner did before, and has its letter back.
#[test]
fn closing() {
    model(|| {
        let inbox = Arc::new(Inbox::new());
        let desk = Arc::new(Plain::new(0));
        let (their_inbox, their_desk) = (Arc::clone(&inbox), Arc::clone(&desk));
        let sender = thread::spawn(move || {
            let Err(letter) = their_inbox.push(letter(1)) else { return 0 };
            assert_eq!(their_desk.get(), 7);
            letter.get()
        });
        desk.set(7);
        let taken: u32 = inbox.close().map(|letter| letter.get()).sum();
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
                let Err(letter) = inbox.push(letter(1)) else { return 0 };
                assert_eq!(desk.get(), 7);
                letter.get()
            })
        });
        desk.set(7);
        let taken: u32 = inbox.close().map(|letter| letter.get()).sum();
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
        let sender = thread::spawn(move || match their_inbox.push(letter(1)) {
            Ok(_) => 0,
            Err(letter) => their_desk.get() - 7 + letter.get(),
        });
        inbox.open();
        let early: u32 = inbox.take().map(|letter| letter.get()).sum();
        let kept = sender.join().unwrap();
        let late: u32 = inbox.take().map(|letter| letter.get()).sum();
        assert_eq!(early + kept + late, 1);
    });
}
