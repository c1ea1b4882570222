use std::marker::PhantomData;

use tricycle::{Gc, GcCell, Trace};

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

#[test]
fn passes() {
    let tail: Gc<Tail<[u8]>> = tricycle::unsize!(Gc::new(Tail { next: None, tail: [1, 2, 3] }) => Tail<[u8]>);
    assert_eq!(tail.tail.len() + usize::from(tail.next.is_some()), 3);
}
