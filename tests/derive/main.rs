//! `#[derive(Trace)]` and the implementations for foreign types: which handles the collector sees, and which it does not.

// Whoever derives `Trace` need not permit unsafe code.
#![forbid(unsafe_code)]

mod attributes;
mod crates;
mod generics;
mod hygiene;
mod recursion;
mod rewritten;
mod shapes;
mod std_types;
mod strict;

use tricycle::{Gc, Local, Trace};

/// A handle with a number, to recognize it by.
fn gc(number: u32) -> Gc<u32> {
    Gc::new(number)
}

/// The numbers of the handles that the collector finds in `value`, in the order in which it finds them.
fn edges<T: Trace + 'static>(value: T) -> Vec<u32> {
    let edges = Local.referents(&Gc::new(value));
    edges.iter().map(|edge| **edge.downcast_ref::<u32>().expect("all handles are made by `gc`")).collect()
}

/// Asserts that values of this type are leaves: nothing is found in them, and nothing looked for.
fn assert_leaf<T: Trace>() {
    assert!(!T::CONTAINER && !T::WEAK, "{} is a leaf", std::any::type_name::<T>());
}
