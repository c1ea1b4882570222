//! [`AnyGc`]: a handle whose type is known at run time only.

use std::fmt;

use crate::raw::count::IMMORTAL;
use crate::raw::handle::any::AnyHandle;
pub(crate) use crate::raw::handle::any::{AnyEdge, AnyTable};
use crate::raw::heap::world::Epoch;
use crate::{Gc, Heap, HostsRef, Local};

/// A handle to an object of any type. Introspection returns these.
///
/// It goes by the type of the object, whatever the type of the handle that it was made from:
///
/// ```
/// use tricycle::{AnyGc, DynTrace, Gc, Trace, unsize};
///
/// trait Shape: DynTrace {}
/// #[derive(Trace)]
/// struct Circle { center: Gc<(i32, i32)> }
/// impl Shape for Circle {}
///
/// let shape: Gc<dyn Shape> = unsize!(Gc::new(Circle { center: Gc::new((1, 2)) }) => dyn Shape);
/// let any = AnyGc::from(shape);
/// assert!(any.type_name().ends_with("Circle") && any.is::<Circle>() && any.is::<dyn Shape>());
/// assert_eq!(*any.downcast::<Circle>().unwrap().center, (1, 2));
/// ```
///
/// (Of a leaf behind a trait object, only its handles know anything of its type: to `AnyGc`, it is the trait object.)
///
/// On a heap that threads share it is `Send` and `Sync`, whatever handle it was made from. So it returns a typed
/// handle only if that is `Send` and `Sync`, too ([`HostsRef`]).
///
/// A handle from introspection does not make a collection examine its object when it is dropped: to ask for the
/// type, the address, the size or the count of objects costs later collections nothing. Its clones are handles like
/// any other. So is the handle itself, when it has become a typed one ([`AnyGc::downcast`]) or returned a reference
/// to one ([`AnyGc::downcast_ref`]).
///
/// ```
/// use tricycle::{AnyGc, Gc};
///
/// let any = AnyGc::from(Gc::new(7u8));
/// assert_eq!(any.type_name(), "u8");
/// assert_eq!(*any.downcast::<u8>().unwrap(), 7);
/// ```
pub struct AnyGc<H: Heap = Local>(AnyHandle<H>);

impl<H: Heap> AnyGc<H> {
    pub(crate) fn from_handle(handle: AnyHandle<H>) -> Self {
        AnyGc(handle)
    }

    /// A handle for somebody who looks at the object.
    pub(crate) fn look(&self, epoch: Epoch) -> Self {
        AnyGc(self.0.another(Some(epoch)))
    }

    /// Returns the name of the object's type; of a leaf, that of the handle's.
    pub fn type_name(&self) -> &'static str {
        self.0.type_name()
    }

    /// Returns whether this is a handle to a `T`: by the type of the object, or by that of the handle that this one was made from.
    pub fn is<T: ?Sized + 'static>(&self) -> bool {
        self.0.is::<T>()
    }

    /// Returns the typed handle: to the object as what it is, or as what the handle that this one was made from says.
    pub fn downcast_ref<T: ?Sized + 'static>(&self) -> Option<&Gc<T, H>>
    where
        H: HostsRef<T>,
    {
        self.0.typed()
    }

    /// Returns the typed handle: to the object as what it is, or as what the handle that this one was made from says.
    ///
    /// # Errors
    ///
    /// The untyped handle, if its type is another.
    pub fn downcast<T: ?Sized + 'static>(self) -> Result<Gc<T, H>, Self>
    where
        H: HostsRef<T>,
    {
        self.0.into_typed().map(Gc::from_handle).map_err(AnyGc)
    }

    /// Returns the address of the value.
    pub fn address(&self) -> usize {
        self.0.address()
    }

    /// Returns the size of the value in bytes, without its header.
    pub fn size(&self) -> usize {
        self.0.size()
    }

    /// Returns the number of handles, with this one, like [`Gc::strong_count`].
    pub fn strong_count(&self) -> usize {
        match self.0.strong() {
            IMMORTAL.. => usize::MAX,
            count => count as usize,
        }
    }

    /// Returns whether two handles are to the same object.
    pub fn ptr_eq(&self, other: &Self) -> bool {
        self.address() == other.address()
    }
}

impl<T: ?Sized + 'static, H: Heap> From<Gc<T, H>> for AnyGc<H> {
    fn from(gc: Gc<T, H>) -> Self {
        AnyGc(AnyHandle::new(gc.into_handle()))
    }
}

impl<H: Heap> Clone for AnyGc<H> {
    fn clone(&self) -> Self {
        AnyGc(self.0.another(None))
    }
}

impl<H: Heap> fmt::Debug for AnyGc<H> {
    /// Writes the type and the address. Waits for nobody: on a heap with a lock that another thread has, the type is that of the handle.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "AnyGc<{}>({:#x})", self.0.type_name_at_once(), self.address())
    }
}
