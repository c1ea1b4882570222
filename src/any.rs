//! [`AnyGc`]: a handle whose type is known at run time only.

use std::fmt;

use crate::raw::handle::any::AnyHandle;
pub(crate) use crate::raw::handle::any::{AnyEdge, AnyTable};
use crate::raw::heap::world::Epoch;
use crate::{Gc, Heap, HostsRef, Local};

/// A handle to an object of any type: what introspection returns.
///
/// On a heap that threads share it is `Send` and `Sync`, whatever handle it was made from. So it gives out a typed handle only
/// if that one is, too ([`HostsRef`]).
///
/// A handle from introspection goes unnoticed: to ask for the type, the address, the size or the count of objects does not make
/// the collector look at them, too. Its clones are handles like any other, and so is the handle itself when it has become a
/// typed one ([`AnyGc::downcast`]) or given out a reference to one ([`AnyGc::downcast_ref`]).
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

    /// The name of the handle's type.
    pub fn type_name(&self) -> &'static str {
        self.0.type_name()
    }

    /// Whether this is a handle to a `T`.
    pub fn is<T: ?Sized + 'static>(&self) -> bool {
        self.0.is::<T>()
    }

    /// The typed handle.
    pub fn downcast_ref<T: ?Sized + 'static>(&self) -> Option<&Gc<T, H>>
    where
        H: HostsRef<T>,
    {
        self.0.typed()
    }

    /// The typed handle.
    ///
    /// # Errors
    ///
    /// The untyped handle, if the type is another.
    pub fn downcast<T: ?Sized + 'static>(self) -> Result<Gc<T, H>, Self>
    where
        H: HostsRef<T>,
    {
        self.0.into_typed().map(Gc::from_handle).map_err(AnyGc)
    }

    /// The address of the value.
    pub fn address(&self) -> usize {
        self.0.address()
    }

    /// The size of the value in bytes, without its header.
    pub fn size(&self) -> usize {
        self.0.size()
    }

    /// As [`Gc::strong_count`]; this handle is one of them.
    pub fn strong_count(&self) -> usize {
        self.0.strong() as usize
    }

    /// Whether two handles are to the same object.
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
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "AnyGc<{}>({:#x})", self.type_name(), self.address())
    }
}
