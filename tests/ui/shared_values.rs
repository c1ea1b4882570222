use std::cell::{Cell, RefCell};

use tricycle::{Atomic, Biased, Gc, GcCell, Trace};

#[derive(Trace)]
struct Counter {
    count: RefCell<u32>,
}

/// Of the wrong heap.
#[derive(Trace)]
struct Node {
    next: GcCell<Option<Gc<Node>>>,
}

fn main() {
    let gc = Gc::new_in(Cell::new(1), Atomic);
    gc.set(2);
    let _ = Gc::new_in(RefCell::new(1), Atomic);
    let _ = Gc::new_in(Counter { count: RefCell::new(1) }, Biased);
    let _ = Gc::new_in(Node { next: GcCell::new(None) }, Biased);
}
