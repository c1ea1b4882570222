use tricycle::{Gc, Trace};

#[derive(Trace)]
struct Node {
    value: Gc<u8>,
    parent: Option<Gc<Node>>,
}

fn main() {
    Gc::new(Node { value: Gc::new(1), parent: None });
}
