extern crate self as core;

use tricycle::{Finalize, Gc, GcCell, Trace};

pub mod ops {
    pub trait Drop {}
}

pub mod marker {
    pub use std::marker::*;
}

#[derive(Trace)]
#[trace(finalize)]
struct Node {
    name: String,
    next: GcCell<Option<Gc<Node>>>,
}

impl Finalize for Node {
    fn finalize(&self) {
        if let Some(next) = &*self.next.borrow() {
            println!("{}", next.name);
        }
    }
}

fn main() {}
