//! [`GcOnce`] and [`GcLazy`]: cells that are written once, on every heap.

use std::any::TypeId;
use std::fmt;
use std::ops::Deref;
use std::sync::OnceLock;

use crate::raw::handle::cell::BorrowCell;
use crate::raw::heap::part::Parts;
use crate::trace::{Trace, Visitor};
use crate::{GcCell, Heap, Local};

/// A cell that is written once, and read without a guard. It may hold handles, and is there on every heap: what `OnceCell` is on
/// one of a single thread, and `OnceLock` would be if the collector could look into it.
///
/// ```
/// use tricycle::{Gc, GcOnce, Trace};
///
/// #[derive(Trace)]
/// struct Node { name: &'static str, parent: GcOnce<Gc<Node>> }
///
/// let root = Gc::new(Node { name: "root", parent: GcOnce::new() });
/// let leaf = Gc::new(Node { name: "leaf", parent: root.clone().into() });
/// assert_eq!(leaf.parent.get().unwrap().name, "root");
/// assert!(root.parent.set(leaf.clone()).is_ok() && root.parent.set(leaf).is_err());
/// # tricycle::Local.collect();
/// ```
///
/// Whoever writes keeps the collector out meanwhile, and others wait, as with a [`GcCell`]; whoever reads does not.
pub struct GcOnce<T, H: Heap = Local> {
    /// Written by whoever writes to the gate.
    value: OnceLock<T>,
    gate: BorrowCell<(), H>,
}

impl<T, H: Heap> GcOnce<T, H> {
    /// An empty cell.
    pub const fn new() -> Self {
        GcOnce { value: OnceLock::new(), gate: BorrowCell::new(()) }
    }

    /// The value, if it has been written.
    #[inline]
    pub fn get(&self) -> Option<&T> {
        self.value.get()
    }

    /// The value, if it has been written.
    pub fn get_mut(&mut self) -> Option<&mut T> {
        self.value.get_mut()
    }

    /// Writes the value.
    ///
    /// # Errors
    ///
    /// The value, if there is one already.
    ///
    /// # Panics
    ///
    /// If the thread is about to write it: in the function of [`GcOnce::get_or_init`].
    #[track_caller]
    pub fn set(&self, value: T) -> Result<(), T> {
        if self.value.get().is_some() {
            return Err(value);
        }
        let _writer = self.gate.borrow_mut();
        self.value.set(value)
    }

    /// The value, which `make` makes if it is not there. On a heap that threads share others wait meanwhile.
    ///
    /// # Panics
    ///
    /// If `make` does, and then the cell stays empty; if it comes back to the same cell.
    #[inline]
    #[track_caller]
    pub fn get_or_init(&self, make: impl FnOnce() -> T) -> &T {
        match self.get() {
            Some(value) => value,
            None => self.init(make),
        }
    }

    #[cold]
    #[track_caller]
    fn init(&self, make: impl FnOnce() -> T) -> &T {
        let _writer = self.gate.borrow_mut();
        self.value.get_or_init(make)
    }

    /// Takes the value out, and leaves the cell empty.
    pub fn take(&mut self) -> Option<T> {
        self.value.take()
    }

    /// The value, if it has been written.
    pub fn into_inner(self) -> Option<T> {
        self.value.into_inner()
    }
}

// SAFETY: clauses 1-3: the value's edges are visited, or none while somebody writes, who cannot come or go between two traces
// without other code; a value that is there is not written again; 4: no `Drop`; 5.
#[expect(unsafe_code, reason = "an implementation of `Trace`")]
unsafe impl<T: Trace, H: Heap> Trace for GcOnce<T, H> {
    const CONTAINER: bool = T::CONTAINER;
    const WEAK: bool = T::WEAK;
    const DIVISIBLE: bool = T::DIVISIBLE;

    #[inline]
    fn trace(&self, visitor: &mut impl Visitor) {
        // As with a `GcCell`: a collector has stopped the threads of its own heap, and nobody else.
        if H::SHARING.is_shared() && visitor.heap() != TypeId::of::<H>() {
            return;
        }
        // SAFETY: [I15] to trace is not to change any cell.
        if unsafe { self.gate.peek() }.is_some()
            && let Some(value) = self.value.get()
        {
            value.trace(visitor);
        }
    }

    fn divide(&mut self, parts: &mut Parts) {
        parts.each(self.value.get_mut());
    }
}

impl<T, H: Heap> Default for GcOnce<T, H> {
    fn default() -> Self {
        GcOnce::new()
    }
}

impl<T, H: Heap> From<T> for GcOnce<T, H> {
    fn from(value: T) -> Self {
        GcOnce { value: value.into(), gate: BorrowCell::new(()) }
    }
}

impl<T: Clone, H: Heap> Clone for GcOnce<T, H> {
    fn clone(&self) -> Self {
        GcOnce { value: self.value.clone(), gate: BorrowCell::new(()) }
    }
}

impl<T: PartialEq, H: Heap> PartialEq for GcOnce<T, H> {
    fn eq(&self, other: &Self) -> bool {
        self.get() == other.get()
    }
}

impl<T: Eq, H: Heap> Eq for GcOnce<T, H> {}

impl<T: fmt::Debug, H: Heap> fmt::Debug for GcOnce<T, H> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let mut tuple = f.debug_tuple("GcOnce");
        match self.get() {
            Some(value) => tuple.field(value),
            None => tuple.field(&format_args!("<empty>")),
        };
        tuple.finish()
    }
}

/// A value that is made when it is first asked for: a [`GcOnce`] with the function that makes it.
///
/// ```
/// use tricycle::{Gc, GcLazy};
///
/// let lazy: GcLazy<Gc<str>> = GcLazy::new(|| "made".into());
/// assert_eq!(&**lazy, "made");
/// ```
///
/// The collector looks at the value. Handles that the function captures are out of its sight, as in a [`Leaf`](crate::Leaf), until
/// it has been called.
pub struct GcLazy<T, H: Heap = Local, F = fn() -> T> {
    value: GcOnce<T, H>,
    make: GcCell<Option<F>, H>,
}

impl<T, H: Heap, F: FnOnce() -> T> GcLazy<T, H, F> {
    /// A value that `make` will make.
    pub const fn new(make: F) -> Self {
        GcLazy { value: GcOnce::new(), make: GcCell::new(Some(make)) }
    }

    /// The value, made now if it was not yet.
    ///
    /// # Panics
    ///
    /// If the function does, or has done before, or asks for the value itself.
    #[inline]
    #[track_caller]
    pub fn force(this: &Self) -> &T {
        this.value.get_or_init(|| match this.make.take() {
            Some(make) => make(),
            None => panic!("the function that makes the value has panicked"),
        })
    }

    /// The value, if it has been made.
    pub fn get(this: &Self) -> Option<&T> {
        this.value.get()
    }
}

impl<T, H: Heap, F: FnOnce() -> T> Deref for GcLazy<T, H, F> {
    type Target = T;

    #[track_caller]
    fn deref(&self) -> &T {
        GcLazy::force(self)
    }
}

// SAFETY: clauses 1-3: the value is visited, and the function is not; 4: no `Drop`; 5.
#[expect(unsafe_code, reason = "an implementation of `Trace`")]
unsafe impl<T: Trace, H: Heap, F: 'static> Trace for GcLazy<T, H, F> {
    const CONTAINER: bool = T::CONTAINER;
    const WEAK: bool = T::WEAK;

    #[inline]
    fn trace(&self, visitor: &mut impl Visitor) {
        self.value.trace(visitor);
    }
}

impl<T: fmt::Debug, H: Heap, F> fmt::Debug for GcLazy<T, H, F> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let mut tuple = f.debug_tuple("GcLazy");
        match self.value.get() {
            Some(value) => tuple.field(value),
            None => tuple.field(&format_args!("<not made yet>")),
        };
        tuple.finish()
    }
}
