//! A crate that calls itself `core` and has a `Drop` of its own does not get round the ban of the real one.

extern crate self as core;

use tricycle::{Gc, GcCell, Trace};

pub mod ops {
    pub trait Drop {}
}

#[derive(Trace)]
struct Node {
    name: String,
    next: GcCell<Option<Gc<Node>>>,
}

impl std::ops::Drop for Node {
    fn drop(&mut self) {
        if let Some(next) = &*self.next.borrow() {
            println!("{}", next.name);
        }
    }
}

fn main() {}
