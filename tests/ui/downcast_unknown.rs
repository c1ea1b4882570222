use std::fmt::Debug;

use tricycle::{Gc, unsize};

fn main() {
    let gc: Gc<dyn Debug> = unsize!(Gc::new(1_u8) => dyn Debug);
    let _ = Gc::downcast::<u8>(gc);
}
