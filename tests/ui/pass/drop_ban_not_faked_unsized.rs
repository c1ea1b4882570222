extern crate self as core;

use std::marker::PhantomData;

use tricycle::{Gc, GcCell, Trace};

pub mod ops {
    pub trait Drop {}
}

pub mod marker {
    pub use std::marker::*;
}

#[derive(Trace)]
struct InParams<T: ?Sized + 'static> {
    next: GcCell<Option<Gc<InParams<T>>>>,
    of: PhantomData<T>,
}

#[derive(Trace)]
struct InClause<T>
where
    T: ?Sized + 'static,
{
    next: GcCell<Option<Gc<InClause<T>>>>,
    of: PhantomData<T>,
}

#[derive(Trace)]
struct Tail<T: ?Sized> {
    next: Option<Gc<u8>>,
    tail: T,
}

fn main() {
    let tail: Gc<Tail<[u8]>> = tricycle::unsize!(Gc::new(Tail { next: None, tail: [1, 2, 3] }) => Tail<[u8]>);
    assert_eq!(tail.tail.len() + usize::from(tail.next.is_some()), 3);
}
