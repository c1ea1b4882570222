use tricycle::{Finalize, Gc, Trace};

#[derive(Trace)]
#[trace(finalize)]
struct Node {
    next: Option<Gc<Node>>,
}

impl Finalize for Node {
    fn finalize(&self) {}
}

#[derive(Trace)]
#[trace(acyclic)]
enum Generic<T> {
    Some(T),
}

impl<T> Drop for Generic<T> {
    fn drop(&mut self) {}
}

#[derive(Trace)]
#[trace(acyclic)]
struct Unsized {
    n: u8,
    tail: [Gc<u8>],
}

impl Drop for Unsized {
    fn drop(&mut self) {}
}
