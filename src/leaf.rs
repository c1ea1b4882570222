//! [`Leaf`]: a value of a foreign type that holds no handles, inside a value that is traced.

use std::borrow::{Borrow, BorrowMut};
use std::fmt;
use std::ops::{Deref, DerefMut};
use std::str::FromStr;

use crate::{Trace, Visitor};

/// A value that the collector does not look into. Use it for types of other crates that do not implement [`Trace`]
/// and can hold no [`Gc`](crate::Gc).
///
/// `#[trace(skip)]` hides a whole field. `Leaf` hides one type in it, so that the collector finds the handles
/// beside it:
///
/// ```
/// use std::collections::HashMap;
/// use tricycle::{Gc, GcCell, Leaf, Local, Trace};
/// # mod elsewhere {
/// #     #[derive(PartialEq, Eq, Hash)]
/// #     pub struct Name(pub &'static str);
/// # }
/// use elsewhere::Name; // of a crate that knows nothing of `tricycle`
///
/// #[derive(Trace)]
/// struct Scope { variables: GcCell<HashMap<Leaf<Name>, Gc<Scope>>> }
///
/// let scope = Gc::new(Scope { variables: GcCell::default() });
/// scope.variables.borrow_mut().insert(Leaf(Name("me")), scope.clone());
/// assert!(scope.variables.borrow().contains_key(&Name("me"))); // `Leaf<T>` is borrowed as a `T`
///
/// drop(scope);
/// assert_eq!(Local.collect().collected, 1); // with `skip` on the field this would leak
/// ```
///
/// `T` may be unsized. A `Gc<Leaf<dyn Fn(u32) -> u32>>` is a function that captures no handles. So is an `Rc<Leaf<dyn
/// Fn(u32) -> u32>>`, which may be a part of a value that is traced.
///
/// ```
/// use std::rc::Rc;
/// use tricycle::{Gc, Leaf, Trace, unsize};
///
/// #[derive(Trace)]
/// struct Native { name: &'static str, body: Rc<Leaf<dyn Fn(u32) -> u32>> }
///
/// let double = Gc::new(Native { name: "double", body: Rc::new(Leaf(|n| 2 * n)) });
/// assert_eq!((double.body)(21), 42);
///
/// let function: Gc<Leaf<dyn Fn(u32) -> u32>> = unsize!(Gc::new(Leaf(|n| n + 1)) => Leaf<dyn Fn(u32) -> u32>);
/// assert_eq!(function(1), 2);
/// # let _ = double.name;
/// ```
///
/// # If it holds a handle after all
///
/// The handle keeps its object alive, like a handle on the stack. The collector takes the object for reachable, so a cycle through
/// it leaks. Nothing else happens: no object is destroyed early, a destructor of the value finds its objects alive, and the callback
/// of a weak handle in it is called.
///
/// So it is safe to put *any* type into a `Leaf`, as it is to put `#[trace(skip)]` on a field. For a type of your own, derive
/// [`Trace`] instead, with `#[trace(acyclic)]` if it holds no handles.
#[repr(transparent)]
#[derive(Clone, Copy, Default, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Leaf<T: ?Sized>(pub T);

impl<T> Leaf<T> {
    /// Returns the value.
    ///
    /// ```
    /// assert_eq!(tricycle::Leaf(5).into_inner(), 5);
    /// ```
    pub fn into_inner(self) -> T {
        self.0
    }
}

// SAFETY: clauses 1 to 3: nothing is visited. An edge that is left out only leaks: its target has a count that no examination
// accounts for, so it is reachable. 4: nothing is reported that a `Drop` could look at. 5: nothing is visited.
#[expect(unsafe_code, reason = "an implementation of `Trace`")]
unsafe impl<T: ?Sized + 'static> Trace for Leaf<T> {
    const CONTAINER: bool = false;
    const ONLY_HANDLES: bool = !std::mem::needs_drop::<T>();

    #[cfg_attr(not(debug_assertions), inline(always))]
    fn trace(&self, _: &mut impl Visitor) {}
}

impl<T: ?Sized> Deref for Leaf<T> {
    type Target = T;

    #[inline]
    fn deref(&self) -> &T {
        &self.0
    }
}

impl<T: ?Sized> DerefMut for Leaf<T> {
    #[inline]
    fn deref_mut(&mut self) -> &mut T {
        &mut self.0
    }
}

impl<T: ?Sized> Borrow<T> for Leaf<T> {
    fn borrow(&self) -> &T {
        &self.0
    }
}

impl<T: ?Sized> BorrowMut<T> for Leaf<T> {
    fn borrow_mut(&mut self) -> &mut T {
        &mut self.0
    }
}

impl<T: ?Sized + AsRef<U>, U: ?Sized> AsRef<U> for Leaf<T> {
    fn as_ref(&self) -> &U {
        self.0.as_ref()
    }
}

impl<T: ?Sized + AsMut<U>, U: ?Sized> AsMut<U> for Leaf<T> {
    fn as_mut(&mut self) -> &mut U {
        self.0.as_mut()
    }
}

impl<T> From<T> for Leaf<T> {
    fn from(value: T) -> Self {
        Leaf(value)
    }
}

impl<T: FromStr> FromStr for Leaf<T> {
    type Err = T::Err;

    fn from_str(text: &str) -> Result<Self, T::Err> {
        text.parse().map(Leaf)
    }
}

impl<T: FromIterator<A>, A> FromIterator<A> for Leaf<T> {
    fn from_iter<I: IntoIterator<Item = A>>(items: I) -> Self {
        Leaf(items.into_iter().collect())
    }
}

impl<T: Extend<A>, A> Extend<A> for Leaf<T> {
    fn extend<I: IntoIterator<Item = A>>(&mut self, items: I) {
        self.0.extend(items);
    }
}

impl<T: IntoIterator> IntoIterator for Leaf<T> {
    type Item = T::Item;
    type IntoIter = T::IntoIter;

    fn into_iter(self) -> T::IntoIter {
        self.0.into_iter()
    }
}

impl<'a, T: ?Sized> IntoIterator for &'a Leaf<T>
where
    &'a T: IntoIterator,
{
    type Item = <&'a T as IntoIterator>::Item;
    type IntoIter = <&'a T as IntoIterator>::IntoIter;

    fn into_iter(self) -> Self::IntoIter {
        self.0.into_iter()
    }
}

impl<'a, T: ?Sized> IntoIterator for &'a mut Leaf<T>
where
    &'a mut T: IntoIterator,
{
    type Item = <&'a mut T as IntoIterator>::Item;
    type IntoIter = <&'a mut T as IntoIterator>::IntoIter;

    fn into_iter(self) -> Self::IntoIter {
        self.0.into_iter()
    }
}

/// Formats the value, as if there were no `Leaf`.
impl<T: ?Sized + fmt::Debug> fmt::Debug for Leaf<T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.fmt(f)
    }
}

impl<T: ?Sized + fmt::Display> fmt::Display for Leaf<T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.fmt(f)
    }
}

impl<T: ?Sized + std::error::Error> std::error::Error for Leaf<T> {
    fn source(&self) -> Option<&(dyn std::error::Error + 'static)> {
        self.0.source()
    }
}
