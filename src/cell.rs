//! [`GcCell`]: the interior mutability that works on every heap.

use std::any::TypeId;
use std::cmp::Ordering;
use std::fmt;

pub use guards::{GcRef, GcRefMut};

use crate::raw::handle::cell::{BorrowCell, Refused, try_enter_briefly};
use crate::raw::heap::part::Parts;
use crate::trace::{Trace, Visitor};
use crate::{Heap, Local};

mod guards;

/// A value inside an object that can be changed through a shared handle.
///
/// On [`Local`] it is a `RefCell` with methods to read and write by value. On heaps that threads share it is also
/// the object's lock: a borrow that would panic on `Local` waits for the other thread. The thread is detached
/// meanwhile, so collections do not wait for it. A thread that would wait for itself panics.
///
/// When the cell is free, the waiting threads are woken. If one of them has waited for a millisecond, they come
/// before threads that ask later, so readers that follow each other do not keep a writer out. (But readers may wait
/// for each other. So no thread is kept waiting for this reason alone for longer than ten milliseconds, or up to 64
/// times as long if that has happened to the same writer before.)
///
/// The heap is that of the object that the cell is a part of:
///
/// ```
/// use tricycle::{Gc, GcCell, Trace};
///
/// #[derive(Trace)]
/// struct Stack { items: GcCell<Vec<Gc<str>>> }
///
/// let stack = Gc::new(Stack { items: GcCell::new(Vec::new()) });
/// stack.items.borrow_mut().push("one".into());
/// assert_eq!(stack.items.borrow().len(), 1);
/// ```
///
/// A cell that is mutably borrowed during a collection is *opaque*: what it holds stays alive. So is a cell of a
/// heap that threads share, if it is in an object of another heap.
///
/// If a guard is leaked, for instance by [`std::mem::forget`], the cell stays borrowed for ever, by the thread of
/// the guard.
pub struct GcCell<T: ?Sized, H: Heap = Local> {
    cell: BorrowCell<T, H>,
}

impl<T, H: Heap> GcCell<T, H> {
    /// Makes a cell that holds `value`. The field that it is put into says of which heap it is; where there is none, say it.
    ///
    /// ```
    /// use tricycle::{Biased, Gc, GcCell};
    ///
    /// static TOTAL: GcCell<u64, Biased> = GcCell::new(0);
    /// let count = Gc::new_in(GcCell::<u64, Biased>::new(5), Biased);
    /// TOTAL.set(count.get());
    /// assert_eq!(TOTAL.get(), 5);
    /// ```
    #[inline]
    pub const fn new(value: T) -> Self {
        GcCell { cell: BorrowCell::new(value) }
    }

    /// Returns the value.
    ///
    /// ```
    /// let cell = tricycle::GcCell::<_>::new("a");
    /// assert_eq!(cell.into_inner(), "a");
    /// ```
    pub fn into_inner(self) -> T {
        self.cell.into_inner()
    }

    /// Returns a clone of the value.
    ///
    /// ```
    /// use tricycle::{Gc, GcCell};
    ///
    /// let name: GcCell<Gc<str>> = GcCell::new("a".into());
    /// let handle = name.get();
    /// name.set("b".into());
    /// assert_eq!((&*handle, &*name.get()), ("a", "b"));
    /// ```
    ///
    /// # Panics
    ///
    /// If the cell is mutably borrowed.
    #[inline]
    #[track_caller]
    pub fn get(&self) -> T
    where
        T: Clone,
    {
        T::clone(&self.borrow())
    }

    /// Stores `value`. The old value is dropped when the cell is no longer borrowed.
    ///
    /// ```
    /// let cell = tricycle::GcCell::<_>::new(1);
    /// cell.set(2);
    /// assert_eq!(cell.get(), 2);
    /// ```
    ///
    /// # Panics
    ///
    /// If the cell is borrowed.
    #[inline]
    #[track_caller]
    pub fn set(&self, value: T) {
        drop(self.replace(value));
    }

    /// Stores `value`, and returns the old value.
    ///
    /// ```
    /// let cell = tricycle::GcCell::<_>::new(1);
    /// assert_eq!((cell.replace(2), cell.get()), (1, 2));
    /// ```
    ///
    /// # Panics
    ///
    /// If the cell is borrowed.
    #[inline]
    #[track_caller]
    pub fn replace(&self, value: T) -> T {
        match self.cell.replace(value) {
            Ok(old) => old,
            Err(Refused::Borrowed) => panic!("{BorrowMutError}"),
            Err(Refused::Deadlock) => panic!("the cell is borrowed by this thread, which would wait for itself"),
        }
    }

    /// Puts in what `f` makes of the value, and returns what was there. The cell is borrowed meanwhile.
    ///
    /// ```
    /// let cell = tricycle::GcCell::<_>::new(vec![1]);
    /// let old = cell.replace_with(|list| vec![list.len(); 2]);
    /// assert_eq!((old, cell.get()), (vec![1], vec![1, 1]));
    /// ```
    ///
    /// # Panics
    ///
    /// If the cell is borrowed, or `f` does.
    #[track_caller]
    pub fn replace_with(&self, f: impl FnOnce(&mut T) -> T) -> T {
        let mut value = self.borrow_mut();
        let new = f(&mut value);
        std::mem::replace(&mut *value, new)
    }

    /// Puts in what `f` makes of the value. No other thread comes in between.
    ///
    /// ```
    /// let cell = tricycle::GcCell::<_>::new(1);
    /// cell.update(|n| n + 1);
    /// assert_eq!(cell.get(), 2);
    /// ```
    ///
    /// # Panics
    ///
    /// If the cell is borrowed, or `f` does.
    #[track_caller]
    pub fn update(&self, f: impl FnOnce(T) -> T)
    where
        T: Copy,
    {
        let mut value = self.borrow_mut();
        *value = f(*value);
    }

    /// Moves the value out, and leaves the default.
    ///
    /// ```
    /// use tricycle::{Gc, GcCell};
    ///
    /// let next: GcCell<Option<Gc<u8>>> = GcCell::new(Some(Gc::new(1)));
    /// assert_eq!(next.take().as_deref(), Some(&1));
    /// assert!(next.take().is_none());
    /// ```
    ///
    /// # Panics
    ///
    /// If the cell is borrowed.
    #[inline]
    #[track_caller]
    pub fn take(&self) -> T
    where
        T: Default,
    {
        self.replace(T::default())
    }

    /// Swaps the values of two cells.
    ///
    /// ```
    /// use tricycle::{GcCell, Local};
    ///
    /// let (a, b) = (GcCell::<_, Local>::new(1), GcCell::new(2));
    /// a.swap(&b);
    /// assert_eq!((a.get(), b.get()), (2, 1));
    /// ```
    ///
    /// # Panics
    ///
    /// If either is borrowed, or they are the same.
    #[track_caller]
    pub fn swap(&self, other: &Self) {
        // In one order, whoever asks: two threads that swap the same cells must not wait for each other.
        let (first, second) =
            if std::ptr::from_ref(self) <= std::ptr::from_ref(other) { (self, other) } else { (other, self) };
        std::mem::swap(&mut *first.borrow_mut(), &mut *second.borrow_mut());
    }
}

impl<T: ?Sized, H: Heap> GcCell<T, H> {
    /// Borrows the value for reading, until the guard is dropped. There may be 2²⁷ - 1 readers, or 2³¹ - 1 on a
    /// heap of one thread.
    ///
    /// ```
    /// let cell = tricycle::GcCell::<_>::new(vec![1, 2]);
    /// let (first, second) = (cell.borrow(), cell.borrow());
    /// assert_eq!(first[0] + second[1], 3);
    /// ```
    ///
    /// # Panics
    ///
    /// If the cell is mutably borrowed, or has as many readers as there can be.
    #[cfg_attr(not(debug_assertions), inline(always))]
    #[track_caller]
    pub fn borrow(&self) -> GcRef<'_, T, H> {
        GcRef { shared: self.cell.borrow() }
    }

    /// Borrows the value for reading, unless there is a writer.
    ///
    /// ```
    /// let cell = tricycle::GcCell::<_>::new(1);
    /// let writer = cell.borrow_mut();
    /// assert!(cell.try_borrow().is_err());
    /// drop(writer);
    /// assert_eq!(cell.try_borrow().as_deref(), Ok(&1));
    /// ```
    ///
    /// # Errors
    ///
    /// If the cell is mutably borrowed, or has as many readers as there can be.
    #[inline]
    pub fn try_borrow(&self) -> Result<GcRef<'_, T, H>, BorrowError> {
        if let Some(shared) = self.cell.shared_quickly() {
            return Ok(GcRef { shared });
        }
        self.cell.shared(false).map(|shared| GcRef { shared }).map_err(|_| BorrowError)
    }

    /// Borrows the value for reading; waits for other threads.
    ///
    /// # Errors
    ///
    /// If [`GcCell::borrow`] would panic.
    #[cfg(feature = "serde")]
    pub(crate) fn borrow_or_error(&self) -> Result<GcRef<'_, T, H>, BorrowError> {
        self.cell.shared(true).map(|shared| GcRef { shared }).map_err(|_| BorrowError)
    }

    /// Borrows the value for writing, until the guard is dropped.
    ///
    /// ```
    /// let cell = tricycle::GcCell::<_>::new(vec![1]);
    /// cell.borrow_mut().push(2);
    /// assert_eq!(*cell.borrow(), [1, 2]);
    /// ```
    ///
    /// # Panics
    ///
    /// If the cell is borrowed.
    #[cfg_attr(not(debug_assertions), inline(always))]
    #[track_caller]
    pub fn borrow_mut(&self) -> GcRefMut<'_, T, H> {
        GcRefMut { exclusive: self.cell.borrow_mut() }
    }

    /// Borrows the value for writing, unless somebody else has borrowed it. On a `Biased` heap it may wait, like any writer, until
    /// other threads have examined their young objects. That takes some microseconds.
    ///
    /// ```
    /// let cell = tricycle::GcCell::<_>::new(1);
    /// let reader = cell.borrow();
    /// assert!(cell.try_borrow_mut().is_err());
    /// drop(reader);
    /// *cell.try_borrow_mut().unwrap() = 2;
    /// assert_eq!(cell.get(), 2);
    /// ```
    ///
    /// # Errors
    ///
    /// If the cell is borrowed.
    #[inline]
    pub fn try_borrow_mut(&self) -> Result<GcRefMut<'_, T, H>, BorrowMutError> {
        if let Some(exclusive) = self.cell.exclusive_quickly() {
            return Ok(GcRefMut { exclusive });
        }
        self.cell.exclusive(false).map(|exclusive| GcRefMut { exclusive }).map_err(|_| BorrowMutError)
    }

    /// Returns the value, without a check at run time.
    ///
    /// ```
    /// let mut cell = tricycle::GcCell::<_>::new(1);
    /// *cell.get_mut() += 1;
    /// assert_eq!(cell.get(), 2);
    /// ```
    pub fn get_mut(&mut self) -> &mut T {
        self.cell.get_mut()
    }
}

// SAFETY: clauses 1-3: the value's edges are visited, or none while there is a writer, who cannot come or go between two
// traces without other code; 4: no `Drop`; 5.
#[expect(unsafe_code, reason = "an implementation of `Trace`")]
unsafe impl<T: Trace + ?Sized, H: Heap> Trace for GcCell<T, H> {
    const CONTAINER: bool = T::CONTAINER;
    const WEAK: bool = T::WEAK;
    const ONLY_HANDLES: bool = T::ONLY_HANDLES;
    const DIVISIBLE: bool = T::DIVISIBLE;

    #[cfg_attr(not(debug_assertions), inline(always))]
    fn trace(&self, visitor: &mut impl Visitor) {
        // A collector has stopped the threads of its own heap, and nobody else.
        if H::SHARING.is_shared() && visitor.heap() != TypeId::of::<H>() {
            return;
        }
        // SAFETY: [I15] to trace is not to change any cell.
        if let Some(value) = unsafe { self.cell.peek() } {
            value.trace(visitor);
        }
    }

    fn divide(&mut self, parts: &mut Parts) {
        self.get_mut().divide(parts);
    }
}

/// The cell is mutably borrowed, or has as many readers as there can be. The error of [`GcCell::try_borrow`].
///
/// ```
/// use tricycle::{BorrowError, GcCell};
///
/// let cell = GcCell::<_>::new(1);
/// let writer = cell.borrow_mut();
/// assert!(matches!(cell.try_borrow(), Err(BorrowError)));
/// # drop(writer);
/// ```
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct BorrowError;

impl fmt::Display for BorrowError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("the cell is mutably borrowed, or has too many readers")
    }
}

impl std::error::Error for BorrowError {}

/// The cell is borrowed. The error of [`GcCell::try_borrow_mut`].
///
/// ```
/// use tricycle::{BorrowMutError, GcCell};
///
/// let cell = GcCell::<_>::new(1);
/// let reader = cell.borrow();
/// assert!(matches!(cell.try_borrow_mut(), Err(BorrowMutError)));
/// # drop(reader);
/// ```
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct BorrowMutError;

impl fmt::Display for BorrowMutError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("the cell is borrowed")
    }
}

impl std::error::Error for BorrowMutError {}

impl<T: ?Sized + fmt::Debug, H: Heap> fmt::Debug for GcCell<T, H> {
    /// Formats the value. Waits for nobody: writes `<borrowed>` if somebody has the cell mutably borrowed, and `<locked>` if the thread is
    /// not attached and would have to wait to come in. Whoever formats may have the lock of a stream that others print to.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let mut tuple = f.debug_tuple("GcCell");
        let Some(_inside) = try_enter_briefly::<H>() else {
            return tuple.field(&format_args!("<locked>")).finish();
        };
        match self.try_borrow() {
            Ok(value) => tuple.field(&value),
            Err(_) => tuple.field(&format_args!("<borrowed>")),
        };
        tuple.finish()
    }
}

impl<T: Default, H: Heap> Default for GcCell<T, H> {
    fn default() -> Self {
        GcCell::new(T::default())
    }
}

impl<T, H: Heap> From<T> for GcCell<T, H> {
    fn from(value: T) -> Self {
        GcCell::new(value)
    }
}

impl<T: Clone, H: Heap> Clone for GcCell<T, H> {
    fn clone(&self) -> Self {
        GcCell::new(self.get())
    }
}

impl<T: ?Sized + PartialEq, H: Heap> PartialEq for GcCell<T, H> {
    fn eq(&self, other: &Self) -> bool {
        *self.borrow() == *other.borrow()
    }
}

impl<T: ?Sized + Eq, H: Heap> Eq for GcCell<T, H> {}

impl<T: ?Sized + PartialOrd, H: Heap> PartialOrd for GcCell<T, H> {
    fn partial_cmp(&self, other: &Self) -> Option<Ordering> {
        self.borrow().partial_cmp(&*other.borrow())
    }
}

impl<T: ?Sized + Ord, H: Heap> Ord for GcCell<T, H> {
    fn cmp(&self, other: &Self) -> Ordering {
        self.borrow().cmp(&*other.borrow())
    }
}
