//! Cells: values that change inside of objects, and what the collector makes of those that are borrowed.

use tricycle::{GcRef, GcRefMut, Trace};

use super::objects::*;

#[test]
fn by_value() {
    let _gate = Gate::open_for(by_value);
    let cell = gc(GcCell::new(1));
    assert_eq!(cell.get(), 1);
    cell.set(2);
    assert_eq!(cell.replace(3), 2);
    assert_eq!(cell.take(), 3);
    let other = GcCell::new(7);
    cell.swap(&other);
    assert_eq!((cell.get(), other.clone().into_inner()), (7, 0));
    let mut other = other;
    *other.get_mut() = 5;
    assert!(other < *cell && other == GcCell::from(5));
    assert_eq!(format!("{other:?}"), "GcCell(5)");
    let _writer = other.borrow_mut();
    assert_eq!(format!("{other:?}"), "GcCell(<borrowed>)");
}

#[test]
fn borrows() {
    let _gate = Gate::open_for(borrows);
    let cell = gc(GcCell::new((1, String::from("one"))));
    {
        let first = cell.borrow();
        let name = GcRef::map(GcRef::clone(&first), |pair| &*pair.1);
        assert_eq!((first.0, &*name), (1, "one"));
        assert!(cell.try_borrow().is_ok() && cell.try_borrow_mut().is_err());
        drop(first);
        assert!(cell.try_borrow_mut().is_err());
    }
    {
        let mut number = GcRefMut::map(cell.borrow_mut(), |pair| &mut pair.0);
        *number += 1;
        assert!(cell.try_borrow().is_err() && cell.try_borrow_mut().is_err());
    }
    assert_eq!(cell.borrow().0, 2);
    let errors = (cell.try_borrow_mut().err(), cell.borrow_mut().1.clone());
    assert_eq!(errors, (None, "one".into()));
}

/// A value that looks at its cell while it is dropped: the new value is there, and nothing is borrowed.
#[test]
fn old_values_are_dropped_last() {
    #[derive(Trace)]
    #[trace(acyclic)]
    struct Peek(u8, Shelf<Weak<GcCell<Peek>>>, Log);
    impl Drop for Peek {
        fn drop(&mut self) {
            for weak in self.1.take() {
                if let Some(cell) = weak.upgrade() {
                    self.2.add(format!("{} after {}", cell.borrow_mut().0, self.0));
                }
            }
        }
    }
    let _gate = Gate::open_for(old_values_are_dropped_last);
    let (log, shelf) = (Log::new(), Shelf::new());
    let cell = gc(GcCell::new(Peek(1, shelf.clone(), log.clone())));
    shelf.put(Gc::downgrade(&cell));
    cell.set(Peek(2, Shelf::new(), log.clone()));
    assert_eq!(log.take(), ["2 after 1"]);
}

/// While there is a writer, the collector does not look inside: what the cell holds is kept, and nothing is freed that
/// a later reader could see.
#[test]
fn written_while_collecting() {
    let _gate = Gate::open_for(written_while_collecting);
    let log = Log::new();
    let ring = Node::ring(3, &log);
    let hub = Node::named("hub", &log);
    hub.link(&ring[0]);
    ring[1].link(&hub);
    drop(ring);
    {
        let mut edges = hub.edges.borrow_mut();
        assert_eq!(collect(), 0);
        edges.push(Node::new());
        assert_eq!(collect(), 0);
        assert_eq!(edges[0].edges.borrow()[0].name(), "1");
    }
    assert!(log.take().is_empty());
    drop(hub);
    assert_eq!(collect(), 5);
}

/// A reader is in nobody's way: garbage elsewhere goes, and the cell is looked at.
#[test]
fn read_while_collecting() {
    let _gate = Gate::open_for(read_while_collecting);
    let hub = Node::new();
    hub.link(&Node::ring(3, &Log::new())[0]);
    let edges = hub.edges.borrow();
    drop(Node::ring(2, &Log::new()));
    assert_eq!(collect(), 2);
    assert_eq!(edges[0].edges.borrow()[0].name(), "1");
}

/// A collection set off by an allocation while cells are borrowed for writing.
#[test]
fn allocated_while_written() {
    let _gate = Gate::open_for(allocated_while_written);
    HEAP.set_thresholds((1, 1, 1));
    let hub = Node::new();
    for _ in 0..if cfg!(miri) { 12 } else { 50 } {
        let mut edges = hub.edges.borrow_mut();
        edges.push(Node::ring(2, &Log::new()).swap_remove(0));
        if edges.len() > 4 {
            edges.clear();
        }
    }
    assert!(hub.edges.borrow().iter().all(|node| node.edges.borrow().len() == 1));
}

/// A writer that is never dropped: its object is opaque for good, and when it becomes garbage it leaks what it holds,
/// but does not get in the way of others.
#[test]
#[cfg_attr(miri, ignore = "leaks")]
fn a_leaked_writer() {
    let log = Log::new();
    crate::support::apart::<H>(concat!(module_path!(), "::a_leaked_writer"), {
        let log = log.clone();
        move || {
            let node = Node::named("stuck", &log);
            node.link(&node);
            let weak = Gc::downgrade(&node);
            #[expect(clippy::mem_forget, reason = "what is tested")]
            std::mem::forget(node.edges.borrow_mut());
            drop(node);
            drop(Node::ring(3, &Log::new()));
            assert_eq!(collect(), 3);
            let node = weak.upgrade().unwrap();
            assert!(node.edges.try_borrow().is_err() && Gc::is_tracked(&node));
            assert_eq!(Gc::strong_count(&node), 2);
        }
    });
    assert!(log.take().is_empty());
}

/// A writer that is leaked in an object that then dies by count: its value is dropped as usual.
#[test]
fn a_leaked_writer_dies_by_count() {
    let _gate = Gate::open_for(a_leaked_writer_dies_by_count);
    let log = Log::new();
    let node = Node::named("stuck", &log);
    node.link(&Node::named("held", &log));
    #[expect(clippy::mem_forget, reason = "what is tested")]
    std::mem::forget(node.edges.borrow_mut());
    drop(node);
    assert_eq!(log.sorted(), ["drop held", "drop stuck"]);
}
