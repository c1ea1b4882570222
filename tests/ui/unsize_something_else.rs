//! Only handles are coerced, and only by unsizing.

use std::fmt::Debug;
use std::rc::Rc;

use tricycle::{Gc, unsize};

fn main() {
    let _: Rc<dyn Debug> = unsize!(Rc::new(1_u8) => dyn Debug);
    let gc = Gc::new(1_u8);
    let _: Gc<u16> = unsize!(gc => _);
}
