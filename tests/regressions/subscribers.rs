//! `tracing` subscribers: user code that runs in the middle of a collection.
#![forbid(unsafe_code)]

use std::cell::{Cell, RefCell};
use std::panic::catch_unwind;

use tracing::span::{Attributes, Id, Record};
use tracing::subscriber::{Interest, with_default};
use tracing::{Event, Metadata, Subscriber};
use tricycle::{Finalize, Gc, GcCell, Local, Trace, Weak};

use crate::{Ring, program};

/// Runs these at each question whether a span is wanted, and at each span that is. Both are given its name.
struct Listener {
    enabled: fn(&str) -> bool,
    span: fn(&str),
}

impl Subscriber for Listener {
    fn register_callsite(&self, _: &'static Metadata<'static>) -> Interest {
        Interest::sometimes() // ask every time
    }
    fn enabled(&self, metadata: &Metadata<'_>) -> bool {
        (self.enabled)(metadata.name())
    }
    fn new_span(&self, span: &Attributes<'_>) -> Id {
        (self.span)(span.metadata().name());
        Id::from_u64(1)
    }
    fn record(&self, _: &Id, _: &Record<'_>) {}
    fn record_follows_from(&self, _: &Id, _: &Id) {}
    fn event(&self, _: &Event<'_>) {}
    fn enter(&self, _: &Id) {}
    fn exit(&self, _: &Id) {}
}

thread_local! {
    static WEAK: RefCell<Weak<Ring>> = const { RefCell::new(Weak::new()) };
    static UPGRADED: RefCell<Option<Gc<Ring>>> = const { RefCell::new(None) };
}

fn upgrade() {
    let upgraded = WEAK.with_borrow(Weak::upgrade);
    UPGRADED.with_borrow_mut(|slot| *slot = upgraded.or(slot.take()));
}

/// Collects a ring under a listener that upgrades a weak handle to it. Whether it got one; if so, the ring must be intact.
fn upgraded_by(enabled: fn(&str) -> bool, span: fn(&str)) -> bool {
    let ring = Ring::create("ring");
    WEAK.set(Gc::downgrade(&ring));
    drop(ring);
    let result = with_default(Listener { enabled, span }, || Local.collect());
    let upgraded = UPGRADED.take();
    assert_eq!(result.collected, usize::from(upgraded.is_none()));
    if let Some(ring) = &upgraded {
        ring.assert_intact("ring");
    }
    WEAK.set(Weak::new());
    let was_upgraded = upgraded.is_some();
    drop(upgraded);
    Local.collect();
    was_upgraded
}

/// A subscriber upgrades a weak handle to garbage when it is told of the clearing: the object was cleared all the same.
/// When anybody listens, garbage is looked at again after the last span, and what is found is condemned at once.
#[test]
fn upgrade_in_a_span() {
    program(|| {
        let upgrade_when_cleared = |name: &str| {
            if name == "clear" {
                upgrade();
            }
        };
        assert!(upgraded_by(|_| true, upgrade_when_cleared));
    });
}

/// As above, but it says that it does not listen, and upgrades when it is asked.
#[test]
fn upgrade_in_a_question() {
    program(|| {
        let ask = |name: &str| {
            if name == "clear" {
                upgrade();
            }
            false
        };
        upgraded_by(ask, |_| ());
    });
}

/// The same at every question: those about the spans before, and whether anybody listens at all.
#[test]
fn upgrade_in_every_question() {
    program(|| {
        let ask = |_: &str| {
            upgrade();
            false
        };
        upgraded_by(ask, |_| ());
        let ask = |_: &str| {
            upgrade();
            true
        };
        upgraded_by(ask, |_| ());
    });
}

/// As above, but it listens to a span in the examination only. Nothing is found out there that is not condemned.
#[test]
fn upgrade_in_the_examination() {
    program(|| {
        upgraded_by(|name| name == "subtract", |_| upgrade());
        upgraded_by(|name| name == "scan", |_| upgrade());
    });
}

#[derive(Trace)]
#[trace(finalize)]
struct Reviver {
    name: String,
    next: GcCell<Option<Gc<Reviver>>>,
}

thread_local! {
    static REVIVED: RefCell<Vec<Gc<Reviver>>> = const { RefCell::new(Vec::new()) };
    static ARMED: Cell<bool> = const { Cell::new(false) };
}

impl Finalize for Reviver {
    fn finalize(&self) {
        REVIVED.with_borrow_mut(|revived| revived.extend(self.next.get()));
    }
}

fn panic_once(name: &str) {
    if name == "clear" && ARMED.replace(false) {
        panic!("subscriber");
    }
}

/// An object is brought back by its finalizer, and then the listener panics once. Whatever was garbage then must be intact
/// after further collections.
fn panic_between(enabled: fn(&str) -> bool, span: fn(&str)) {
    let node = Gc::new(Reviver { name: "revived".to_owned(), next: GcCell::new(None) });
    node.next.set(Some(node.clone()));
    drop(node);
    ARMED.set(true);
    with_default(Listener { enabled, span }, || {
        assert!(catch_unwind(|| Local.collect()).is_err());
        drop(Ring::create("more garbage"));
        assert_eq!(Local.collect().collected, 1);
    });
    assert!(!ARMED.get());
    let revived = REVIVED.take();
    assert_eq!(revived.iter().map(|node| &node.name).collect::<Vec<_>>(), ["revived"]);
    assert_eq!(Local.objects(None).len(), 1, "it is back in a generation");
}

/// A subscriber panics at the span between the finalizers and the clearing. What was on the collection's lists stayed
/// there, and the next collection cleared it with its own garbage. Each collection first puts back what it finds there.
#[test]
fn panic_in_a_span() {
    program(|| panic_between(|name| name == "clear", panic_once));
}

/// As above, but when it is asked whether it wants the span: nobody listens, so the next collection has no second look.
#[test]
fn panic_in_a_question() {
    program(|| {
        let ask = |name: &str| {
            panic_once(name);
            false
        };
        panic_between(ask, |_| ());
    });
}

/// A subscriber allocates when it is asked: an object of its own, on the young list. A full collection goes through the
/// pages, took the object for one of those it had put on its list, and relinked it under the young list's hands.
#[test]
fn allocation_in_a_question() {
    thread_local! {
        static MADE: RefCell<Vec<Gc<Ring>>> = const { RefCell::new(Vec::new()) };
    }
    program(|| {
        let garbage = || {
            for _ in 0..8 {
                drop(Ring::create("garbage"));
            }
        };
        let ask = |_: &str| {
            MADE.with_borrow_mut(|made| made.push(Ring::create("made")));
            false
        };
        garbage();
        assert_eq!(with_default(Listener { enabled: ask, span: |_| () }, || Local.collect()).collected, 8);
        let made = MADE.take();
        assert!(!made.is_empty());
        assert_eq!(Local.objects(None).len(), made.len());
        made.iter().for_each(|ring| ring.assert_intact("made"));
        let more = Ring::create("more");
        assert_eq!(Local.objects(None).len(), made.len() + 1);
        let n = made.len();
        drop((made, more));
        assert_eq!(Local.collect().collected, n + 1);
        assert_eq!(Local.objects(None).len(), 0);
    });
}
