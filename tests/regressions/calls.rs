//! Calls that nobody had thought of.
#![forbid(unsafe_code)]

use std::cell::Cell;
use std::rc::Rc;
use std::time::Duration;

use tricycle::{Gc, GcCell, GcRef, GcRefMut, Local, Phase, Progress, Trace};

use crate::{Ring, program};

/// A guard, passed by value, is dropped while the function runs, and the cell written to. The guard held a reference,
/// which has to be good until the function returns. It holds a pointer now.
#[test]
fn guard_by_value() {
    fn read(guard: GcRef<'_, i32>, cell: &GcCell<i32>) -> i32 {
        let value = *guard;
        drop(guard);
        *cell.borrow_mut() += 1;
        value
    }
    fn write(mut guard: GcRefMut<'_, i32>, cell: &GcCell<i32>) -> i32 {
        *guard += 1;
        drop(guard);
        cell.set(cell.get() + 1);
        cell.get()
    }
    let cell = GcCell::new(1);
    assert_eq!(read(cell.borrow(), &cell), 1);
    assert_eq!(write(cell.borrow_mut(), &cell), 4);
}

/// A budget without end overflowed the clock, and panicked. It means: until finished.
#[test]
fn within_forever() {
    program(|| {
        drop(Ring::create("garbage"));
        let Progress::Finished(result) = Local.collect_within(Duration::MAX) else { panic!("there was time enough") };
        assert_eq!(result.collected, 1);
    });
}

/// A loop until a collection in steps is finished, run by a callback of another collection, never ended: nothing can be
/// done there. It is told so now: finished, with nothing.
#[test]
fn within_a_collection() {
    program(|| {
        let calls = Rc::new(Cell::new(0));
        let id = Local.on_collection({
            let calls = calls.clone();
            move |event| {
                let Progress::Finished(result) = Local.collect_within(Duration::MAX) else {
                    panic!("it would not end")
                };
                assert_eq!((result.collected, result.candidates), (0, 0));
                calls.set(calls.get() + usize::from(event.phase == Phase::Stop));
            }
        });
        drop(Ring::create("garbage"));
        assert_eq!(Local.collect().collected, 1);
        assert_eq!(calls.get(), 1);
        assert!(Local.remove_callback(id));
    });
}

/// A `tricycle` whose visitor visits every field twice.
mod evil {
    pub(super) use tricycle::{__private, Trace};

    pub(super) trait Visitor: tricycle::Visitor {
        #[expect(dead_code, reason = "the derive called it")]
        fn field<T: Trace + ?Sized>(&mut self, name: &'static str, value: &T);
    }

    impl<V: tricycle::Visitor> Visitor for V {
        fn field<T: Trace + ?Sized>(&mut self, _: &'static str, value: &T) {
            value.trace(self);
            value.trace(self);
        }
    }
}

#[derive(Trace)]
#[trace(crate = evil)]
struct Node {
    name: String,
    next: GcCell<Option<Gc<Node>>>,
}

/// `#[trace(crate = …)]` named a crate with another `Visitor`, whose `field` the derive called, and edges were reported
/// twice. It calls a method of the trait that is being implemented now.
#[test]
fn another_crate() {
    program(|| {
        let node = Gc::new(Node { name: "alive".to_owned(), next: GcCell::new(None) });
        node.next.set(Some(node.clone()));
        drop(node.clone());
        assert_eq!(Local.referents(&node).len(), 1);
        assert_eq!(Local.collect().collected, 0);
        assert_eq!(node.name, "alive");
    });
}
