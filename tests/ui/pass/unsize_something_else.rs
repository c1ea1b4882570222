use std::fmt::Debug;
use std::rc::Rc;

use tricycle::{Gc, unsize};

fn main() {
    let _: Rc<dyn Debug> = Rc::new(1_u8);
    let gc = Gc::new(1_u8);
    let _: Gc<u8> = unsize!(gc => _);
}
