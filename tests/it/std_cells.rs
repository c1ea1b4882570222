//! Cells of the standard library, which heaps of one thread can hold.

use std::cell::{Cell, OnceCell, RefCell};

use tricycle::Trace;

use super::objects::*;

/// The cells of the standard library do too, on a heap of one thread.
#[test]
fn cells_of_the_standard_library() {
    let _gate = Gate::open_for(cells_of_the_standard_library);
    #[derive(Trace)]
    struct Std {
        refcell: RefCell<Option<Gc<Std>>>,
        cell: Cell<Option<Gc<Std>>>,
        once: OnceCell<Gc<Std>>,
    }
    let new = || gc(Std { refcell: RefCell::default(), cell: Cell::default(), once: OnceCell::new() });
    let [a, b, c] = [new(), new(), new()];
    a.refcell.replace(Some(b.clone()));
    b.cell.set(Some(c.clone()));
    assert!(c.once.set(a.clone()).is_ok());
    drop((b, c));
    assert_eq!(collect(), 0);
    let writer = a.refcell.borrow_mut();
    assert_eq!(collect(), 0);
    assert!(writer.is_some());
    drop(writer);
    drop(a);
    assert_eq!(collect(), 3);
}

/// A collection while a `OnceCell` is being filled.
#[test]
fn collected_while_a_once_cell_is_filled() {
    let _gate = Gate::open_for(collected_while_a_once_cell_is_filled);
    #[derive(Trace)]
    struct Once(OnceCell<Gc<Once>>);
    let once = gc(Once(OnceCell::new()));
    let me = once.0.get_or_init(|| {
        let me = once.clone();
        assert_eq!(collect(), 0);
        me
    });
    assert!(Gc::ptr_eq(me, &once));
    drop(once);
    assert_eq!(collect(), 1);
}
