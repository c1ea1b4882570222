//! A method of the user's gives `unsize!` a pointer to something else, or takes the handle out of a box.

use std::fmt::Debug;

use tricycle::{Gc, unsize};

trait Methods {
    fn pointer(&self) -> *mut u8 {
        std::ptr::null_mut()
    }
    fn __tricycle_pointer(&self) -> *mut u8 {
        std::ptr::null_mut()
    }
}

impl Methods for Box<Gc<u8>> {}

fn main() {
    let gc = Box::new(Gc::new(1_u8));
    let _ = unsize!(gc => dyn Debug);
}
