use std::fmt::Debug;

use tricycle::{Gc, unsize};

fn main() {
    let gc = Gc::new(1_u8);
    let _ = unsize!(&gc => dyn Debug);
}
