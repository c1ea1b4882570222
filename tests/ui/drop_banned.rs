use tricycle::{Gc, Trace};

#[derive(Trace)]
struct Node {
    next: Option<Gc<Node>>,
}

impl Drop for Node {
    fn drop(&mut self) {}
}

#[derive(Trace)]
enum Generic<T> {
    Some(T),
}

impl<T> Drop for Generic<T> {
    fn drop(&mut self) {}
}

#[derive(Trace)]
struct Unsized {
    n: u8,
    tail: [Gc<u8>],
}

impl Drop for Unsized {
    fn drop(&mut self) {}
}

fn main() {}
