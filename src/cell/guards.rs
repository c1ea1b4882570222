//! What a borrowed [`GcCell`](super::GcCell) gives out.

use std::fmt;
use std::ops::{Deref, DerefMut};

use crate::raw::handle::cell::{Exclusive, Shared};
use crate::{Heap, Local};

/// A value borrowed for reading, by [`GcCell::borrow`](crate::GcCell::borrow).
///
/// ```
/// use tricycle::{GcCell, GcRef};
///
/// struct Names(GcCell<Vec<String>>);
/// impl Names {
///     fn all(&self) -> GcRef<'_, [String]> { GcRef::map(self.0.borrow(), |names| &names[..]) }
/// }
/// assert!(Names(GcCell::default()).all().is_empty());
/// ```
pub struct GcRef<'a, T: ?Sized, H: Heap = Local> {
    pub(super) shared: Shared<'a, T, H>,
}

impl<'a, T: ?Sized, H: Heap> GcRef<'a, T, H> {
    /// Narrows the borrow to a part of the value.
    ///
    /// ```
    /// use tricycle::{GcCell, GcRef};
    ///
    /// let cell = GcCell::<_>::new((1, "one"));
    /// let name = GcRef::map(cell.borrow(), |pair| &pair.1);
    /// assert_eq!(*name, "one");
    /// ```
    pub fn map<U: ?Sized>(this: Self, f: impl FnOnce(&T) -> &U) -> GcRef<'a, U, H> {
        GcRef { shared: this.shared.map(f) }
    }

    /// Narrows the borrow to a part of the value, if there is such a part.
    ///
    /// # Errors
    ///
    /// The borrow, if there is not.
    ///
    /// ```
    /// use tricycle::{GcCell, GcRef};
    ///
    /// let cell = GcCell::<_>::new(vec![1, 2]);
    /// let Err(all) = GcRef::filter_map(cell.borrow(), |list| list.get(2)) else { panic!() };
    /// let last = GcRef::filter_map(all, |list| list.last()).unwrap();
    /// assert_eq!(*last, 2);
    /// ```
    pub fn filter_map<U: ?Sized>(this: Self, f: impl FnOnce(&T) -> Option<&U>) -> Result<GcRef<'a, U, H>, Self> {
        this.shared.filter_map(f).map(|shared| GcRef { shared }).map_err(|shared| GcRef { shared })
    }

    /// Two borrows, of two parts of the value.
    ///
    /// # Panics
    ///
    /// If there are as many as can be counted, as in [`GcRef::clone`].
    ///
    /// ```
    /// use tricycle::{GcCell, GcRef};
    ///
    /// let cell = GcCell::<_>::new((1, "one"));
    /// let (number, name) = GcRef::map_split(cell.borrow(), |pair| (&pair.0, &pair.1));
    /// assert_eq!((*number, *name), (1, "one"));
    /// ```
    pub fn map_split<U: ?Sized, V: ?Sized>(
        this: Self,
        f: impl FnOnce(&T) -> (&U, &V),
    ) -> (GcRef<'a, U, H>, GcRef<'a, V, H>) {
        let (first, second) = this.shared.map_split(f).expect("too many borrows");
        (GcRef { shared: first }, GcRef { shared: second })
    }

    /// Returns another borrow of the same value.
    ///
    /// ```
    /// use tricycle::{GcCell, GcRef};
    ///
    /// let cell = GcCell::<_>::new(1);
    /// let first = cell.borrow();
    /// let second = GcRef::clone(&first);
    /// drop(first);
    /// assert!(cell.try_borrow_mut().is_err() && *second == 1);
    /// ```
    ///
    /// # Panics
    ///
    /// If there are as many as can be counted: 2³¹ − 1, or 2²⁷ − 1 on a heap that threads share.
    #[expect(clippy::should_implement_trait, reason = "as `Ref::clone`, not to get in the way of the value's own")]
    pub fn clone(this: &Self) -> Self {
        GcRef { shared: this.shared.duplicate().expect("too many borrows") }
    }
}

impl<T: ?Sized, H: Heap> Deref for GcRef<'_, T, H> {
    type Target = T;

    #[inline]
    fn deref(&self) -> &T {
        self.shared.get()
    }
}

impl<T: ?Sized + fmt::Debug, H: Heap> fmt::Debug for GcRef<'_, T, H> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        (**self).fmt(f)
    }
}

impl<T: ?Sized + fmt::Display, H: Heap> fmt::Display for GcRef<'_, T, H> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        (**self).fmt(f)
    }
}

/// A value borrowed for writing, by [`GcCell::borrow_mut`](crate::GcCell::borrow_mut).
///
/// ```
/// use tricycle::{GcCell, GcRefMut};
///
/// let cell = GcCell::<_>::new(vec![2, 1]);
/// let mut list: GcRefMut<'_, Vec<i32>> = cell.borrow_mut();
/// list.sort();
/// drop(list);
/// assert_eq!(cell.get(), [1, 2]);
/// ```
///
/// There is no `map_split`: a cell has one writer, which it does not count. Put the parts into cells of their own, or borrow the whole.
pub struct GcRefMut<'a, T: ?Sized, H: Heap = Local> {
    pub(super) exclusive: Exclusive<'a, T, H>,
}

impl<'a, T: ?Sized, H: Heap> GcRefMut<'a, T, H> {
    /// Narrows the borrow to a part of the value.
    ///
    /// ```
    /// use tricycle::{GcCell, GcRefMut};
    ///
    /// let cell = GcCell::<_>::new((1, "one"));
    /// *GcRefMut::map(cell.borrow_mut(), |pair| &mut pair.0) = 2;
    /// assert_eq!(cell.get(), (2, "one"));
    /// ```
    pub fn map<U: ?Sized>(this: Self, f: impl FnOnce(&mut T) -> &mut U) -> GcRefMut<'a, U, H> {
        GcRefMut { exclusive: this.exclusive.map(f) }
    }

    /// Narrows the borrow to a part of the value, if there is such a part.
    ///
    /// # Errors
    ///
    /// The borrow, if there is not.
    ///
    /// ```
    /// use tricycle::{GcCell, GcRefMut};
    ///
    /// let cell = GcCell::<_>::new(vec![1, 2]);
    /// let Err(all) = GcRefMut::filter_map(cell.borrow_mut(), |list| list.get_mut(2)) else { panic!() };
    /// let mut last = GcRefMut::filter_map(all, |list| list.last_mut()).unwrap();
    /// *last += 1;
    /// # drop(last);
    /// assert_eq!(cell.get(), [1, 3]);
    /// ```
    pub fn filter_map<U: ?Sized>(
        this: Self,
        f: impl FnOnce(&mut T) -> Option<&mut U>,
    ) -> Result<GcRefMut<'a, U, H>, Self> {
        this.exclusive.filter_map(f).map(|exclusive| GcRefMut { exclusive }).map_err(|exclusive| GcRefMut { exclusive })
    }
}

impl<T: ?Sized, H: Heap> Deref for GcRefMut<'_, T, H> {
    type Target = T;

    #[inline]
    fn deref(&self) -> &T {
        self.exclusive.get()
    }
}

impl<T: ?Sized, H: Heap> DerefMut for GcRefMut<'_, T, H> {
    #[inline]
    fn deref_mut(&mut self) -> &mut T {
        self.exclusive.get_mut()
    }
}

impl<T: ?Sized + fmt::Debug, H: Heap> fmt::Debug for GcRefMut<'_, T, H> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        (**self).fmt(f)
    }
}

impl<T: ?Sized + fmt::Display, H: Heap> fmt::Display for GcRefMut<'_, T, H> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        (**self).fmt(f)
    }
}
