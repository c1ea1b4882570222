//! [`GcOnce`] and [`GcLazy`]: cells that are written once, on every heap.

use std::any::TypeId;
use std::fmt;
use std::ops::Deref;
use std::sync::OnceLock;

use crate::raw::handle::cell::BorrowCell;
use crate::raw::heap::part::Parts;
use crate::trace::{Trace, Visitor};
use crate::{GcCell, Heap, Local};

/// A cell that is written once, and read without a guard. It may hold handles, and works on every heap. (`OnceCell` works on heaps of
/// one thread only. The collector cannot look into a `OnceLock`.)
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
/// While a thread writes, the collector does not look into the cell, and other writers wait, as with a [`GcCell`]: detached, so they
/// keep no thread from collecting or coming in. To read takes no lock.
pub struct GcOnce<T, H: Heap = Local> {
    /// Written by whoever writes to the gate.
    value: OnceLock<T>,
    gate: BorrowCell<(), H>,
}

impl<T, H: Heap> GcOnce<T, H> {
    /// Makes an empty cell.
    pub const fn new() -> Self {
        GcOnce { value: OnceLock::new(), gate: BorrowCell::new(()) }
    }

    /// Returns the value, if it has been written.
    #[inline]
    pub fn get(&self) -> Option<&T> {
        self.value.get()
    }

    /// Returns the value for writing, if there is one.
    pub fn get_mut(&mut self) -> Option<&mut T> {
        self.value.get_mut()
    }

    /// Writes the value.
    ///
    /// # Errors
    ///
    /// Returns `value`, if the cell has one already.
    ///
    /// # Panics
    ///
    /// If this thread is in the function of [`GcOnce::get_or_init`] for this cell.
    #[track_caller]
    pub fn set(&self, value: T) -> Result<(), T> {
        if self.value.get().is_some() {
            return Err(value);
        }
        let _writer = self.gate.borrow_mut();
        self.value.set(value)
    }

    /// Returns the value. If there is none, `make` makes it first. On a heap that threads share, other threads that want to write wait
    /// meanwhile.
    ///
    /// ```
    /// use tricycle::{Gc, GcOnce};
    ///
    /// let once: GcOnce<Gc<u8>> = GcOnce::new();
    /// assert_eq!(**once.get_or_init(|| Gc::new(1)), 1);
    /// assert_eq!(**once.get_or_init(|| unreachable!()), 1);
    /// ```
    ///
    /// # Panics
    ///
    /// If `make` panics; the cell stays empty then. If `make` writes to the same cell.
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

    /// Moves the value out, and leaves the cell empty.
    pub fn take(&mut self) -> Option<T> {
        self.value.take()
    }

    /// Returns the value, if it has been written.
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
    const ONLY_HANDLES: bool = T::ONLY_HANDLES;
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

/// A value that is made when it is first used: a [`GcOnce`] with the function that makes it.
///
/// ```
/// use tricycle::{Gc, GcLazy};
///
/// let lazy: GcLazy<Gc<str>> = GcLazy::new(|| "made".into());
/// assert_eq!(&**lazy, "made");
/// ```
///
/// It can be a `static`. Threads that come while one makes the value wait for it, detached, as with a [`GcOnce`]:
///
/// ```
/// use tricycle::biased::{Gc, GcLazy};
///
/// static GREETING: GcLazy<Gc<str>> = GcLazy::new(|| "hello".into());
///
/// let there = std::thread::spawn(|| GREETING.clone());
/// assert!(Gc::ptr_eq(&there.join().unwrap(), &GREETING));
/// ```
///
/// The collector looks at the value. It does not look at handles that the function captures, as in a [`Leaf`](crate::Leaf). Those go
/// when the function has been called.
pub struct GcLazy<T, H: Heap = Local, F = fn() -> T> {
    value: GcOnce<T, H>,
    make: GcCell<Option<F>, H>,
}

impl<T, H: Heap, F: FnOnce() -> T> GcLazy<T, H, F> {
    /// Makes a cell whose value `make` will make.
    pub const fn new(make: F) -> Self {
        GcLazy { value: GcOnce::new(), make: GcCell::new(Some(make)) }
    }

    /// Returns the value. If there is none yet, makes it.
    ///
    /// # Panics
    ///
    /// If the function panics, has panicked before, or uses the value itself.
    #[inline]
    #[track_caller]
    pub fn force(this: &Self) -> &T {
        this.value.get_or_init(|| match this.make.take() {
            Some(make) => make(),
            None => panic!("the function that makes the value has panicked"),
        })
    }

    /// Returns the value, if it has been made.
    pub fn get(this: &Self) -> Option<&T> {
        this.value.get()
    }
}

impl<T, H: Heap, F: FnOnce() -> T> Deref for GcLazy<T, H, F> {
    type Target = T;

    /// Returns the value. If there is none yet, makes it.
    ///
    /// # Panics
    ///
    /// As [`GcLazy::force`].
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
    const DIVISIBLE: bool = T::DIVISIBLE;

    #[inline]
    fn trace(&self, visitor: &mut impl Visitor) {
        self.value.trace(visitor);
    }

    fn divide(&mut self, parts: &mut Parts) {
        self.value.divide(parts);
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
