use tricycle::{Gc, Trace, unsize};

trait Shape: Trace {}

#[derive(Trace)]
struct Square(f64);
impl Shape for Square {}

fn main() {
    let _: Gc<dyn Shape> = unsize!(Gc::new(Square(1.0)) => _);
}
