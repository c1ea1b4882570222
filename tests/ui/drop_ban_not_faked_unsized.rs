//! A parameter that need not have a size does not open a way round the ban.

extern crate self as core;

use std::marker::PhantomData;

use tricycle::{Gc, GcCell, Trace};

pub mod ops {
    pub trait Drop {}
}

#[derive(Trace)]
struct InParams<T: ?Sized + 'static> {
    next: GcCell<Option<Gc<InParams<T>>>>,
    of: PhantomData<T>,
}

impl<T: ?Sized + 'static> std::ops::Drop for InParams<T> {
    fn drop(&mut self) {
        let _ = self.next.borrow().is_some();
    }
}

#[derive(Trace)]
struct InClause<T>
where
    T: ?Sized + 'static,
{
    next: GcCell<Option<Gc<InClause<T>>>>,
    of: PhantomData<T>,
}

impl<T> std::ops::Drop for InClause<T>
where
    T: ?Sized + 'static,
{
    fn drop(&mut self) {
        let _ = self.next.borrow().is_some();
    }
}

fn main() {}
