use std::cell::Cell;

use tricycle::{Atomic, Gc};

fn main() {
    let gc = Gc::new_in(Cell::new(1), Atomic);
    gc.set(2);
}
