//! [`GcMut`]: exclusive access to the value behind a handle.

use std::fmt;
use std::ops::{Deref, DerefMut};

use crate::Heap;
use crate::raw::handle::exclusive::Exclusive;

/// Exclusive access to a value, from [`Gc::get_mut`](crate::Gc::get_mut) or [`Gc::make_mut`](crate::Gc::make_mut).
///
/// While the guard lives the collector does not look at the object, so only the guard accesses the value. What the
/// value refers to stays alive. If the guard is leaked, the collector never looks at the object again, and cycles
/// through it leak.
pub struct GcMut<'a, T: ?Sized, H: Heap>(Exclusive<'a, T, H>);

impl<'a, T: ?Sized, H: Heap> GcMut<'a, T, H> {
    pub(crate) fn new(exclusive: Exclusive<'a, T, H>) -> Self {
        GcMut(exclusive)
    }
}

impl<T: ?Sized, H: Heap> Deref for GcMut<'_, T, H> {
    type Target = T;

    fn deref(&self) -> &T {
        &self.0
    }
}

impl<T: ?Sized, H: Heap> DerefMut for GcMut<'_, T, H> {
    fn deref_mut(&mut self) -> &mut T {
        &mut self.0
    }
}

impl<T: ?Sized + fmt::Debug, H: Heap> fmt::Debug for GcMut<'_, T, H> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        (**self).fmt(f)
    }
}

impl<T: ?Sized + fmt::Display, H: Heap> fmt::Display for GcMut<'_, T, H> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        (**self).fmt(f)
    }
}
