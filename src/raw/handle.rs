//! The owning pointer inside [`Gc`](crate::Gc): one count of one object.

use std::marker::PhantomData;
use std::mem::ManuallyDrop;
use std::ops::Deref;
use std::ptr::NonNull;
use std::rc::Rc;

use super::count::{Count, Dec, flag};
use super::destroy;
use super::extras::Node;
use super::header::{self, Value};
use super::state;
use crate::Heap;

/// Makes a handle invariant in both of its parameters, and keeps it on its thread.
pub(crate) type Invariant<T, H> = PhantomData<(*mut T, fn(H) -> H)>;

/// One strong count of an object of heap `H`.
pub(crate) struct Handle<T: ?Sized, H: Heap> {
    /// The value, with provenance for the object's whole allocation `[I1]`.
    value: NonNull<T>,
    /// Neither `Send` nor `Sync`: the counts are plain. Invariant in `T`: `GcMut` writes through a handle, and the object
    /// is known to introspection by the type it was created with `[I12]`. Invariant in `H`, which names the object's heap.
    heap: Invariant<T, H>,
}

impl<T: ?Sized, H: Heap> Handle<T, H> {
    /// Takes over a count.
    ///
    /// # Safety
    ///
    /// `value` is that of an object of heap `H` on this thread, with provenance for its allocation, and the caller gives
    /// up one strong count of it `[I1]` `[I6]`.
    #[inline(always)]
    pub(crate) unsafe fn from_raw(value: NonNull<T>) -> Self {
        Handle { value, heap: PhantomData }
    }

    /// Makes a new count.
    ///
    /// # Safety
    ///
    /// As for [`Handle::from_raw`], but the object need only be alive.
    #[inline(always)]
    pub(crate) unsafe fn borrowed(value: NonNull<T>) -> Self {
        // SAFETY: [I6] the object is alive, as the caller vouches.
        unsafe { header::count::<H>(value.cast()) }.inc();
        Handle { value, heap: PhantomData }
    }

    /// Gives the count to the caller.
    #[inline(always)]
    pub(crate) fn into_raw(self) -> NonNull<T> {
        ManuallyDrop::new(self).value
    }

    #[inline(always)]
    pub(crate) fn value(&self) -> NonNull<T> {
        self.value
    }

    #[inline(always)]
    pub(crate) fn erased(&self) -> Value {
        self.value.cast()
    }

    #[inline(always)]
    pub(crate) fn count(&self) -> &H::Count {
        // SAFETY: [I6] a handle keeps its object's memory.
        unsafe { header::count::<H>(self.erased()) }
    }

    /// The pointer to the value, for reading only.
    #[inline(always)]
    pub(crate) fn as_ptr(&self) -> *const T {
        self.value.as_ptr()
    }

    /// Whether the value can have only one user: this handle.
    pub(crate) fn is_unique(&self) -> bool {
        let flags = self.count().flags();
        self.count().strong() == 1 && flags & (flag::WEAK | flag::DYING) == 0
    }

    /// Whether the object has a full header.
    pub(crate) fn is_full(&self) -> bool {
        self.count().flags() & flag::FULL != 0
    }

    /// Whether the object is on a list that the collector knows.
    pub(crate) fn is_tracked(&self) -> bool {
        self.count().flags() & flag::LINKED != 0
    }

    /// Whether the object's finalizer has run.
    pub(crate) fn is_finalized(&self) -> bool {
        self.count().flags() & flag::FINALIZED != 0
    }

    /// Registers a weak callback.
    pub(crate) fn watch(&self, node: &Rc<Node>) {
        self.count().set(flag::EXTRAS);
        state::get::<H>().extras.watch(self.erased().addr().get(), Rc::clone(node));
    }

    /// Registers how many bytes the object owns outside the heap.
    pub(crate) fn set_external(&self, bytes: usize) {
        let state = state::get::<H>();
        self.count().set(flag::EXTRAS);
        let before = state.extras.set_external(self.erased().addr().get(), bytes);
        state.external_changed(before, bytes);
    }
}

impl<T: ?Sized, H: Heap> Clone for Handle<T, H> {
    #[inline(always)]
    fn clone(&self) -> Self {
        // SAFETY: [I6] this handle keeps the object alive.
        unsafe { Handle::borrowed(self.value) }
    }
}

impl<T: ?Sized, H: Heap> Deref for Handle<T, H> {
    type Target = T;

    #[inline(always)]
    fn deref(&self) -> &T {
        // SAFETY: [I6] a handle's value is initialised and not dropped; [I12] nobody has a `&mut` to it.
        unsafe { self.value.as_ref() }
    }
}

impl<T: ?Sized, H: Heap> Drop for Handle<T, H> {
    #[inline(always)]
    fn drop(&mut self) {
        match self.count().dec() {
            Dec::Alive => {}
            Dec::Suspect => suspect::<H>(self.erased()),
            // SAFETY: [I6] that was the last handle.
            Dec::Zero => unsafe { destroy::last_handle::<T, H>(self.value) },
        }
    }
}

/// The first decrement of a full object since it was last cleared of suspicion.
#[inline(never)]
fn suspect<H: Heap>(value: Value) {
    // SAFETY: [I6] the decrement found other handles, so the object is alive.
    unsafe { header::count::<H>(value) }.set(flag::SUSPECT);
    let suspicions = &state::get::<H>().suspicions;
    suspicions.set(suspicions.get() + 1);
}
