//! [`Weak`]: a pointer that does not keep its object alive.

use std::fmt;
use std::mem::ManuallyDrop;
use std::ptr::NonNull;
use std::sync::Arc;

use crate::raw::count::IMMORTAL;
use crate::raw::handle::coerce;
use crate::raw::handle::ephemerons::{Ephemeron, MapId};
use crate::raw::handle::weak::WeakHandle;
use crate::raw::heap::side_table::Node;
use crate::trace::{Trace, Visitor};
use crate::{Gc, Heap, Local};

/// A handle that does not keep its object alive, for parents, caches and observers.
///
/// ```
/// use tricycle::Gc;
///
/// let gc = Gc::new("here");
/// let weak = Gc::downgrade(&gc);
/// assert_eq!(weak.upgrade().as_deref(), Some(&"here"));
/// drop(gc);
/// assert!(weak.upgrade().is_none());
/// ```
///
/// A weak handle may have a callback: see [`Gc::downgrade_with`]. Its clones have none.
///
/// The memory of the object (not its value) stays as long as there are weak handles.
pub struct Weak<T: ?Sized, H: Heap = Local> {
    handle: WeakHandle<T, H>,
    node: Option<Arc<Node>>,
}

impl<T, H: Heap> Weak<T, H> {
    /// Makes a weak handle to nothing.
    pub const fn new() -> Self {
        Weak { handle: WeakHandle::dangling(), node: None }
    }
}

impl<T: ?Sized, H: Heap> Weak<T, H> {
    pub(crate) fn from_handle(handle: WeakHandle<T, H>) -> Self {
        Weak { handle, node: None }
    }

    pub(crate) fn with_node(handle: WeakHandle<T, H>, node: Arc<Node>) -> Self {
        Weak { handle, node: Some(node) }
    }

    /// Takes out the value of the object in a map. The object may be dead.
    pub(crate) fn remove_ephemeron(&self, map: MapId) -> Option<Ephemeron> {
        self.handle.remove_ephemeron(map)
    }

    pub(crate) fn from_parts(handle: WeakHandle<T, H>, node: Option<Arc<Node>>) -> Self {
        Weak { handle, node }
    }

    /// The weak count, which is the caller's now, and the callback, which stays registered.
    pub(crate) fn into_parts(self) -> (NonNull<T>, Option<Arc<Node>>) {
        let mut this = ManuallyDrop::new(self);
        (this.handle.value(), this.node.take())
    }

    pub(crate) fn node(&self) -> Option<&Node> {
        self.node.as_deref()
    }

    /// Returns a handle to the object, if it is alive.
    #[inline]
    pub fn upgrade(&self) -> Option<Gc<T, H>> {
        if self.node.as_ref().is_some_and(|node| node.is_cleared()) {
            return None;
        }
        self.handle.upgrade().map(Gc::from_handle)
    }

    /// Returns whether two weak handles are to the same object, or both to nothing.
    pub fn ptr_eq(&self, other: &Self) -> bool {
        self.handle.addr() == other.handle.addr()
    }

    /// Returns the number of handles to the object. Zero if the object is dead. A thread may wait, as for
    /// [`Gc::strong_count`].
    pub fn strong_count(&self) -> usize {
        match self.handle.strong() {
            IMMORTAL.. => usize::MAX,
            count => count as usize,
        }
    }

    /// Returns the number of weak handles to the object, with this one. Zero for a handle to nothing.
    pub fn weak_count(&self) -> usize {
        self.handle.weak() as usize
    }

    /// Returns the address that the value has or had. Do not read from it.
    pub fn as_ptr(&self) -> *const T {
        self.handle.as_ptr()
    }

    /// Turns the weak handle into a pointer, which keeps the object's memory. Use [`Weak::from_raw`] to turn it back, or the
    /// memory leaks. If the handle has a callback, that is dropped; one whose callback has run may come back alive, if its object
    /// has.
    ///
    /// ```
    /// use tricycle::{Gc, Weak};
    ///
    /// let gc = Gc::new(5);
    /// let raw = Gc::downgrade(&gc).into_raw();
    /// // SAFETY: just made by `into_raw`.
    /// let weak: Weak<i32> = unsafe { Weak::from_raw(raw) };
    /// assert_eq!(weak.upgrade().as_deref(), Some(&5));
    /// ```
    pub fn into_raw(mut self) -> *const T {
        if let Some(node) = self.node.take() {
            self.handle.unwatch(&node);
        }
        self.into_parts().0.as_ptr()
    }

    /// Turns a pointer from [`Weak::into_raw`] back into a weak handle.
    ///
    /// # Safety
    ///
    /// `ptr` came from [`Weak::into_raw`] of a handle with the same `T` and `H`, on this thread if the heap is of the kind [`Local`], and
    /// each such pointer is turned back at most once.
    #[expect(unsafe_code, reason = "the signature; the work is in `raw`")]
    pub unsafe fn from_raw(ptr: *const T) -> Self {
        // SAFETY: [I13] the caller's promise.
        unsafe { coerce::weak_from_raw(ptr) }
    }
}

impl<T: ?Sized, H: Heap> Clone for Weak<T, H> {
    /// Makes another weak handle to the object, without callback. The clone of a dead handle is dead.
    fn clone(&self) -> Self {
        // A handle that was cleared while its object lives on (a finalizer brought it back) must not come to life by
        // being cloned. Its node is not the clone's: that would drop the callback, or be taken for the one it belongs to.
        let node = self.node.as_ref().filter(|node| node.is_cleared()).map(|_| Node::of_the_dead());
        Weak { handle: self.handle.clone(), node }
    }
}

impl<T: ?Sized, H: Heap> Drop for Weak<T, H> {
    fn drop(&mut self) {
        if let Some(node) = self.node.take() {
            self.handle.unwatch(&node);
        }
    }
}

impl<T, H: Heap> Default for Weak<T, H> {
    fn default() -> Self {
        Weak::new()
    }
}

impl<T: ?Sized, H: Heap> fmt::Debug for Weak<T, H> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("(Weak)")
    }
}

// SAFETY: clauses 1-3 and 5: there is no strong handle to visit; 4: its drop does not look at the object.
#[expect(unsafe_code, reason = "an implementation of `Trace`")]
unsafe impl<T: ?Sized + 'static, H: Heap> Trace for Weak<T, H> {
    const CONTAINER: bool = false;
    const WEAK: bool = true;

    #[cfg_attr(not(debug_assertions), inline(always))]
    fn trace(&self, visitor: &mut impl Visitor) {
        visitor.weak(self);
    }
}
