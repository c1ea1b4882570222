//! The derive and the macros of a tricycle that is not among the dependencies, but re-exported by one of them.

#![forbid(unsafe_code)]
#![cfg(test)]

use engine::prelude::{Gc, GcCell, Trace, function, new_heap, trace_dyn, unsize};
use engine::tricycle::{Call, DynTrace, Finalize, Local};

new_heap! { Shared: Biased }

trait Shape: DynTrace {
    fn sides(&self) -> u32;
}
trace_dyn!(dyn Shape);

#[derive(Trace)]
#[trace(crate = engine::tricycle, finalize)]
struct Node<T> {
    value: T,
    next: GcCell<Option<Gc<Node<T>>>>,
}

impl<T> Finalize for Node<T> {
    fn finalize(&self) {}
}

/// By the name of the module that has the macro.
#[derive(engine::tricycle::Trace)]
#[trace(crate = engine::tricycle)]
enum Figure {
    Square(u32),
    Two(Box<Figure>, Gc<Figure>),
}

impl Shape for Figure {
    fn sides(&self) -> u32 {
        match self {
            Figure::Square(_) => 4,
            Figure::Two(a, b) => a.sides() + b.sides(),
        }
    }
}

#[test]
fn cycles_are_found() {
    let node = Gc::new(Node { value: 1, next: GcCell::default() });
    node.next.set(Some(node.clone()));
    assert_eq!(node.value, 1);
    drop(node);
    assert_eq!(Local.collect().collected, 1);
}

#[test]
fn other_macros() {
    let two = Gc::new(Figure::Two(Box::new(Figure::Square(1)), Gc::new(Figure::Square(2))));
    let shape: Gc<dyn Shape> = unsize!(two => dyn Shape);
    assert_eq!(shape.sides(), 8);
    assert_eq!(*Shared.alloc(1), 1);
}

/// All of it is safe code: this crate forbids the other kind.
#[test]
fn functions() {
    let sum: Gc<GcCell<u32>> = Gc::new(GcCell::new(1));
    let add = Gc::new(function!([sum, by = 2] |n: u32| -> u32 { sum.update(|sum| sum + by * n); sum.get() }));
    let add: Gc<dyn Call<(u32,), u32>> = unsize!(add => _);
    assert_eq!(add.call((3,)), 7);
}
