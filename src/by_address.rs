//! [`ByAddress`]: handles as keys that mean an object, not a value.

use std::cmp::Ordering;
use std::fmt;
use std::hash::{Hash, Hasher};
use std::ops::Deref;

use crate::trace::{Trace, Visitor};
use crate::{Gc, Heap, Weak};

/// A handle ([`Gc`] or [`Weak`]) that is compared, ordered and hashed by the identity of its object.
///
/// A `Gc` itself is compared by value, like an `Rc`.
///
/// ```
/// use std::collections::HashSet;
/// use tricycle::{ByAddress, Gc};
///
/// let (a, b) = (Gc::new(1), Gc::new(1));
/// assert!(a == b && ByAddress(a.clone()) != ByAddress(b.clone()));
///
/// let mut seen = HashSet::new();
/// assert!(seen.insert(ByAddress(a.clone())) && seen.insert(ByAddress(b)));
/// assert!(!seen.insert(ByAddress(a)));
/// ```
///
/// All weak handles to nothing are equal.
#[derive(Clone, Copy, Default)]
#[repr(transparent)]
pub struct ByAddress<P>(pub P);

/// A handle that has an address.
pub trait Address: sealed::Sealed {
    /// The address of the object, which tells it from all others as long as there is a handle or a weak handle to it.
    fn address(&self) -> usize;
}

mod sealed {
    pub trait Sealed {}
}

impl<T: ?Sized, H: Heap> sealed::Sealed for Gc<T, H> {}
impl<T: ?Sized, H: Heap> Address for Gc<T, H> {
    fn address(&self) -> usize {
        Gc::address(self)
    }
}

impl<T: ?Sized, H: Heap> sealed::Sealed for Weak<T, H> {}
impl<T: ?Sized, H: Heap> Address for Weak<T, H> {
    fn address(&self) -> usize {
        self.as_ptr().addr()
    }
}

impl<P: Address> PartialEq for ByAddress<P> {
    fn eq(&self, other: &Self) -> bool {
        self.0.address() == other.0.address()
    }
}

impl<P: Address> Eq for ByAddress<P> {}

impl<P: Address> PartialOrd for ByAddress<P> {
    fn partial_cmp(&self, other: &Self) -> Option<Ordering> {
        Some(self.cmp(other))
    }
}

impl<P: Address> Ord for ByAddress<P> {
    fn cmp(&self, other: &Self) -> Ordering {
        self.0.address().cmp(&other.0.address())
    }
}

impl<P: Address> Hash for ByAddress<P> {
    fn hash<S: Hasher>(&self, state: &mut S) {
        self.0.address().hash(state);
    }
}

impl<P> Deref for ByAddress<P> {
    type Target = P;

    fn deref(&self) -> &P {
        &self.0
    }
}

impl<P> From<P> for ByAddress<P> {
    fn from(handle: P) -> Self {
        ByAddress(handle)
    }
}

impl<P: fmt::Debug> fmt::Debug for ByAddress<P> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.fmt(f)
    }
}

// SAFETY: as the handle's own.
#[expect(unsafe_code, reason = "an implementation of `Trace`")]
unsafe impl<P: Trace> Trace for ByAddress<P> {
    const CONTAINER: bool = P::CONTAINER;
    const WEAK: bool = P::WEAK;
    const ONLY_HANDLES: bool = P::ONLY_HANDLES;

    fn trace(&self, visitor: &mut impl Visitor) {
        self.0.trace(visitor);
    }
}
