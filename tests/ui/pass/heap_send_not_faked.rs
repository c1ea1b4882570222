use std::cell::Cell;

use tricycle::{Gc, heap};

trait Send {}
impl<T: ?Sized> Send for T {}

trait Sync {}
impl<T: ?Sized> Sync for T {}

heap! { Vm: Local }

#[test]
fn value() {
    let number = Gc::new_in(Cell::new(1), Vm);
    number.set(2);
}

#[test]
fn callback() {
    let rc = std::rc::Rc::new(1);
    Vm.on_collection(move |_| drop(rc.clone()));
}
