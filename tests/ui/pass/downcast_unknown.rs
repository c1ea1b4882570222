use std::any::Any;

use tricycle::{Gc, unsize};

fn main() {
    let gc: Gc<dyn Any> = unsize!(Gc::new(1_u8) => dyn Any);
    let _ = Gc::downcast::<u8>(gc);
}
