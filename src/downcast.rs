//! From a handle to a trait object back to a handle to the object's own type.

use std::any::{Any, TypeId};

use crate::raw::handle::coerce;
use crate::{DynTrace, Gc, Heap};

/// A trait object that knows the type of its value: `dyn Any`, and each one whose trait has [`DynTrace`] as a supertrait.
///
/// [`Gc::downcast`] takes handles to such trait objects. The trait is sealed.
///
/// ```
/// use std::any::Any;
/// use tricycle::{DynTrace, Gc, Trace, unsize};
///
/// trait Shape: DynTrace + Any {}
/// #[derive(Debug, PartialEq, Trace)]
/// struct Square(u32);
/// impl Shape for Square {}
///
/// let shape: Gc<dyn Shape> = unsize!(Gc::new(Square(2)) => dyn Shape);
/// assert_eq!(Gc::downcast_ref::<Square>(&shape), Some(&Square(2)));
/// assert!(!Gc::is::<u32>(&shape));
///
/// // To a supertrait, and from there to the type of the value.
/// let any: Gc<dyn Any> = unsize!(shape => dyn Any);
/// let square: Gc<Square> = Gc::downcast(any).unwrap();
/// assert_eq!(square.0, 2);
/// ```
#[diagnostic::on_unimplemented(
    message = "`{Self}` does not know the type of the value behind it",
    label = "cannot be downcast",
    note = "the trait of the trait object needs `DynTrace` as a supertrait: `trait Shape: tricycle::DynTrace`"
)]
pub trait Downcast: Sealed + 'static {
    /// The type of the value.
    #[doc(hidden)]
    fn value_type(&self) -> TypeId;
}

/// Keeps [`Downcast`] closed: what it says is believed.
#[doc(hidden)]
pub trait Sealed {}

impl<T: DynTrace + ?Sized> Sealed for T {}
impl<T: DynTrace + ?Sized> Downcast for T {
    fn value_type(&self) -> TypeId {
        T::dyn_type_id(self)
    }
}

macro_rules! any {
    ($($any:ty),+) => {$(
        impl Sealed for $any {}
        impl Downcast for $any {
            fn value_type(&self) -> TypeId {
                self.type_id()
            }
        }
    )+};
}

any!(dyn Any, dyn Any + Send, dyn Any + Send + Sync);

impl<T: Downcast + ?Sized, H: Heap> Gc<T, H> {
    /// Returns whether the object is a `U`.
    ///
    /// ```
    /// use std::any::Any;
    /// use tricycle::{Gc, unsize};
    ///
    /// let any: Gc<dyn Any> = unsize!(Gc::new(5u32) => dyn Any);
    /// assert!(Gc::is::<u32>(&any) && !Gc::is::<dyn Any>(&any));
    /// ```
    pub fn is<U: ?Sized + 'static>(this: &Self) -> bool {
        T::value_type(this) == TypeId::of::<U>()
    }

    /// Returns the handle as a handle to a `U`, if the object is one.
    ///
    /// # Errors
    ///
    /// Returns the handle as it was, if the object is of another type.
    ///
    /// ```
    /// use std::any::Any;
    /// use tricycle::{Gc, unsize};
    ///
    /// let any: Gc<dyn Any> = unsize!(Gc::new(5u32) => dyn Any);
    /// let any = Gc::downcast::<u8>(any).unwrap_err();
    /// assert_eq!(*Gc::downcast::<u32>(any).unwrap(), 5);
    /// ```
    pub fn downcast<U: 'static>(this: Self) -> Result<Gc<U, H>, Self> {
        coerce::downcast(this)
    }

    /// Returns the value as a `U`, if it is one.
    ///
    /// ```
    /// use std::any::Any;
    /// use tricycle::{Gc, unsize};
    ///
    /// let any: Gc<dyn Any> = unsize!(Gc::new(5u32) => dyn Any);
    /// assert_eq!(Gc::downcast_ref::<u32>(&any), Some(&5));
    /// assert_eq!(Gc::downcast_ref::<u8>(&any), None);
    /// ```
    pub fn downcast_ref<U: 'static>(this: &Self) -> Option<&U> {
        coerce::downcast_ref::<T, U>(this)
    }
}

impl<T: DynTrace + ?Sized, H: Heap> Gc<T, H> {
    /// Returns the name of the object's type.
    ///
    /// ```
    /// use tricycle::{DynTrace, Gc, Trace, unsize};
    ///
    /// trait Shape: DynTrace {}
    /// #[derive(Trace)]
    /// struct Square;
    /// impl Shape for Square {}
    ///
    /// let shape: Gc<dyn Shape> = unsize!(Gc::new(Square) => dyn Shape);
    /// assert!(Gc::type_name(&shape).ends_with("Square"));
    /// ```
    pub fn type_name(this: &Self) -> &'static str {
        T::dyn_type_name(this)
    }
}
