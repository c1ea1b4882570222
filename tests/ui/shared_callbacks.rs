use std::rc::Rc;

use tricycle::{Biased, Gc};

fn main() {
    let gc = Gc::new_in(1, Biased);
    let captured = Rc::new(());
    let _weak = Gc::downgrade_with(&gc, move || drop(captured));
}
