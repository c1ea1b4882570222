//! A `Send` and a `Sync` that everything implements do not open the heaps that threads share.

use std::cell::Cell;

use tricycle::{Gc, heap};

trait Send {}
impl<T: ?Sized> Send for T {}

trait Sync {}
impl<T: ?Sized> Sync for T {}

heap! { Vm: Biased }

fn value() {
    let number = Gc::new_in(Cell::new(1), Vm);
    number.set(2);
}

fn callback() {
    let rc = std::rc::Rc::new(1);
    Vm.on_collection(move |_| drop(rc.clone()));
}

fn main() {}
