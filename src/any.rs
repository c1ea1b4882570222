//! [`AnyGc`]: a handle whose type is known at run time only.

use std::any::Any;
use std::fmt;

use crate::raw::base::relaxed::Flag;
use crate::raw::heap::state::Epoch;
use crate::{Gc, Heap, HostsRef, Local};

/// What can be done with a handle of any type.
trait Erased<H: Heap>: Any {
    /// The `Gc`, to be asked for its type only.
    fn gc(&self) -> &dyn Any;
    /// The `Gc`, for somebody who may do with it what one can do with any.
    fn give(&self) -> &dyn Any;
    fn into_gc(self: Box<Self>) -> Box<dyn Any>;
    /// Another handle, which only looks.
    fn look(&self, epoch: Epoch) -> Box<dyn Erased<H>>;
    fn duplicate(&self) -> Box<dyn Erased<H>>;
    fn type_name(&self) -> &'static str;
    fn address(&self) -> usize;
    fn size(&self) -> usize;
    fn strong_count(&self) -> usize;
}

impl<T: ?Sized + 'static, H: Heap> Erased<H> for Gc<T, H> {
    fn gc(&self) -> &dyn Any {
        self
    }

    fn give(&self) -> &dyn Any {
        self
    }

    fn into_gc(self: Box<Self>) -> Box<dyn Any> {
        self
    }

    fn look(&self, epoch: Epoch) -> Box<dyn Erased<H>> {
        Box::new(Look::new(self.clone(), epoch))
    }

    fn duplicate(&self) -> Box<dyn Erased<H>> {
        Box::new(self.clone())
    }

    fn type_name(&self) -> &'static str {
        std::any::type_name::<T>()
    }

    fn address(&self) -> usize {
        Gc::address(self)
    }

    fn size(&self) -> usize {
        size_of_val::<T>(self)
    }

    fn strong_count(&self) -> usize {
        Gc::strong_count(self)
    }
}

/// A handle that introspection has made, and that goes without leaving a trace, unless it was given out as a `Gc`: through that
/// one gets at the value, and can change what it refers to.
struct Look<T: ?Sized + 'static, H: Heap> {
    /// There is one until it is dropped, or taken out.
    gc: Option<Gc<T, H>>,
    /// When it was made.
    epoch: Epoch,
    /// Somebody has had a reference to the `Gc`.
    given: Flag,
}

impl<T: ?Sized + 'static, H: Heap> Look<T, H> {
    fn new(gc: Gc<T, H>, epoch: Epoch) -> Self {
        Look { gc: Some(gc), epoch, given: Flag::new(false) }
    }

    fn get(&self) -> &Gc<T, H> {
        self.gc.as_ref().unwrap_or_else(|| unreachable!("nobody has taken it out"))
    }
}

impl<T: ?Sized + 'static, H: Heap> Drop for Look<T, H> {
    fn drop(&mut self) {
        if let Some(gc) = self.gc.take() {
            if self.given.get() {
                return drop(gc);
            }
            gc.into_handle().look_away(self.epoch);
        }
    }
}

impl<T: ?Sized + 'static, H: Heap> Erased<H> for Look<T, H> {
    fn gc(&self) -> &dyn Any {
        self.get()
    }

    /// From now on it is a handle like any other.
    fn give(&self) -> &dyn Any {
        self.given.set(true);
        self.get()
    }

    /// As above.
    fn into_gc(mut self: Box<Self>) -> Box<dyn Any> {
        Box::new(self.gc.take().unwrap_or_else(|| unreachable!("nobody has taken it out")))
    }

    fn look(&self, epoch: Epoch) -> Box<dyn Erased<H>> {
        self.get().look(epoch)
    }

    fn duplicate(&self) -> Box<dyn Erased<H>> {
        self.get().duplicate()
    }

    fn type_name(&self) -> &'static str {
        self.get().type_name()
    }

    fn address(&self) -> usize {
        Gc::address(self.get())
    }

    fn size(&self) -> usize {
        self.get().size()
    }

    fn strong_count(&self) -> usize {
        Gc::strong_count(self.get())
    }
}

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
pub struct AnyGc<H: Heap = Local>(Box<dyn Erased<H>>);

impl<H: Heap> AnyGc<H> {
    /// A handle for somebody who looks at the object.
    pub(crate) fn looking<T: ?Sized + 'static>(gc: Gc<T, H>, epoch: Epoch) -> Self {
        AnyGc(Box::new(Look::new(gc, epoch)))
    }

    /// Another one of those.
    pub(crate) fn look(&self, epoch: Epoch) -> Self {
        AnyGc(self.0.look(epoch))
    }

    /// The name of the handle's type.
    pub fn type_name(&self) -> &'static str {
        self.0.type_name()
    }

    /// Whether this is a handle to a `T`.
    pub fn is<T: ?Sized + 'static>(&self) -> bool {
        self.0.gc().is::<Gc<T, H>>()
    }

    /// The typed handle.
    pub fn downcast_ref<T: ?Sized + 'static>(&self) -> Option<&Gc<T, H>>
    where
        H: HostsRef<T>,
    {
        if self.is::<T>() { self.0.give().downcast_ref() } else { None }
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
        if self.is::<T>() {
            return Ok(*self.0.into_gc().downcast().unwrap_or_else(|_| unreachable!("the type was just checked")));
        }
        Err(self)
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
        self.0.strong_count()
    }

    /// Whether two handles are to the same object.
    pub fn ptr_eq(&self, other: &Self) -> bool {
        self.address() == other.address()
    }
}

impl<T: ?Sized + 'static, H: Heap> From<Gc<T, H>> for AnyGc<H> {
    fn from(gc: Gc<T, H>) -> Self {
        AnyGc(Box::new(gc))
    }
}

impl<H: Heap> Clone for AnyGc<H> {
    fn clone(&self) -> Self {
        AnyGc(self.0.duplicate())
    }
}

impl<H: Heap> fmt::Debug for AnyGc<H> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "AnyGc<{}>({:#x})", self.type_name(), self.address())
    }
}
