//! Weak handles and their callbacks.
#![forbid(unsafe_code)]

use std::cell::{Cell, RefCell};
use std::rc::Rc;

use tricycle::{Finalize, Gc, GcCell, Local, Trace, Weak};

use crate::program;

thread_local! {
    static REVIVED: RefCell<Vec<Gc<Owner>>> = const { RefCell::new(Vec::new()) };
}

#[derive(Trace)]
#[trace(finalize)]
struct Owner {
    weak: GcCell<Option<Weak<u8>>>,
    next: GcCell<Option<Gc<Owner>>>,
}

impl Finalize for Owner {
    fn finalize(&self) {
        REVIVED.with_borrow_mut(|revived| revived.extend(self.next.get()));
    }
}

/// Garbage owns a weak handle with a callback to something alive, and is brought back. It had been marked as garbage, and
/// its callback never ran. The mark holds for one collection only.
#[test]
fn callback_of_the_revived() {
    program(|| {
        let ran = Rc::new(Cell::new(0));
        let target = Gc::new(1u8);
        let count = {
            let ran = ran.clone();
            move || ran.set(ran.get() + 1)
        };
        let weak = Gc::downgrade_with(&target, count);
        let owner = Gc::new(Owner { weak: GcCell::new(Some(weak)), next: GcCell::new(None) });
        owner.next.set(Some(owner.clone()));
        let watcher = Gc::downgrade_with(&owner, || {});
        drop(owner);
        assert_eq!(Local.collect().collected, 0);
        let revived = REVIVED.take();
        assert_eq!((revived.len(), ran.get()), (1, 0));
        drop(target);
        assert_eq!(ran.get(), 1);
        assert!(revived[0].weak.borrow().as_ref().is_some_and(|weak| weak.upgrade().is_none()));
        drop(watcher);
    });
}

tricycle::heap! {
    /// Another heap, which numbers its collections from one, too.
    Elsewhere: Local
}

#[derive(Trace)]
struct There(GcCell<Option<Gc<There, Elsewhere>>, Elsewhere>);

#[derive(Trace)]
#[trace(finalize)]
struct Here {
    _weak: Weak<There, Elsewhere>,
    next: GcCell<Option<Gc<Here>>>,
}

thread_local! {
    static HERE: RefCell<Vec<Gc<Here>>> = const { RefCell::new(Vec::new()) };
}

impl Finalize for Here {
    fn finalize(&self) {
        HERE.with_borrow_mut(|revived| revived.extend(self.next.get()));
    }
}

/// As before, but what the weak handle is to lives on another heap, whose collection had the number of the one that had
/// marked the handle's owner: its callback never ran.
#[test]
fn callback_of_the_revived_on_another_heap() {
    program(|| {
        let ran = Rc::new(Cell::new(0));
        let there = Gc::new_in(There(GcCell::new(None)), Elsewhere);
        there.0.set(Some(there.clone()));
        let count = {
            let ran = ran.clone();
            move || ran.set(ran.get() + 1)
        };
        let here = Gc::new(Here { _weak: Gc::downgrade_with(&there, count), next: GcCell::new(None) });
        here.next.set(Some(here.clone()));
        let watcher = Gc::downgrade_with(&here, || {});
        drop(here);
        assert_eq!(Local.collect().collected, 0);
        let revived = HERE.take();
        drop(there);
        assert_eq!((Elsewhere.collect().collected, ran.get()), (1, 1));
        revived[0].next.take();
        drop((revived, watcher));
    });
}
