//! The owning pointer inside [`Gc`](crate::Gc): one count of one object.

use std::marker::PhantomData;
use std::mem::ManuallyDrop;
use std::ops::Deref;
use std::ptr::NonNull;
use std::sync::Arc;

use crate::raw::attach;
use crate::raw::base::erased::Fat;
use crate::raw::count::{Count, Down, Unique, flag};
use crate::raw::handle::merge;
use crate::raw::heap::deferred_drop::DeferredDrop;
use crate::raw::heap::side_table::Node;
use crate::raw::heap::slot::who;
use crate::raw::heap::state;
use crate::raw::heap::stop;
use crate::raw::memory::header::Object;
use crate::raw::object::{destroy, put_off, track};
use crate::{Heap, Shared};

/// Makes a handle invariant in both of its parameters, and keeps it on its thread.
pub(crate) type Invariant<T, H> = PhantomData<(*mut T, fn(H) -> H)>;

/// One strong count of an object of heap `H`.
#[repr(transparent)]
pub(crate) struct Handle<T: ?Sized, H: Heap> {
    /// The value, with provenance for the object's whole allocation `[I1]`.
    value: NonNull<T>,
    /// Neither `Send` nor `Sync` of itself: counts may be plain. Invariant in `T`: `GcMut` writes through a handle, and the object
    /// is known to introspection by the type it was created with `[I12]`. Invariant in `H`, which names the object's heap.
    heap: Invariant<T, H>,
}

// SAFETY: [I6], [I19] the heap is one that threads share: counts are atomic, or used by one thread at a time, which comes in
// for that. Whoever has the handle may use and drop the value.
unsafe impl<T: ?Sized + Send + Sync, H: Shared> Send for Handle<T, H> {}
// SAFETY: as above.
unsafe impl<T: ?Sized + Send + Sync, H: Shared> Sync for Handle<T, H> {}

impl<T: ?Sized, H: Heap> Handle<T, H> {
    /// Takes over a count.
    ///
    /// # Safety
    ///
    /// `value` is that of an object of heap `H` on this thread, with provenance for its allocation, and the caller gives
    /// up one strong count of it `[I1]` `[I6]`.
    #[cfg_attr(not(debug_assertions), inline(always))]
    pub(crate) unsafe fn from_raw(value: NonNull<T>) -> Self {
        Handle { value, heap: PhantomData }
    }

    /// Makes a new count.
    ///
    /// # Safety
    ///
    /// As for [`Handle::from_raw`], but the object need only be alive; and the thread is inside.
    #[cfg_attr(not(debug_assertions), inline(always))]
    pub(crate) unsafe fn borrowed(value: NonNull<T>) -> Self {
        // SAFETY: [I6] the object is alive, as the caller vouches.
        unsafe { Object::<H>::new(value).count() }.inc(who::<H>());
        Handle { value, heap: PhantomData }
    }

    /// Gives the count to the caller.
    #[cfg_attr(not(debug_assertions), inline(always))]
    pub(crate) fn into_raw(self) -> NonNull<T> {
        ManuallyDrop::new(self).value
    }

    #[cfg_attr(not(debug_assertions), inline(always))]
    pub(crate) fn value(&self) -> NonNull<T> {
        self.value
    }

    #[cfg_attr(not(debug_assertions), inline(always))]
    pub(crate) fn object(&self) -> Object<H> {
        Object::new(self.value)
    }

    #[cfg_attr(not(debug_assertions), inline(always))]
    pub(crate) fn count(&self) -> &H::Count {
        // SAFETY: [I6] a handle keeps its object's memory.
        unsafe { self.object().count() }
    }

    /// The pointer to the value, for reading only.
    #[cfg_attr(not(debug_assertions), inline(always))]
    pub(crate) fn as_ptr(&self) -> *const T {
        self.value.as_ptr()
    }

    /// Whether the value can have only one user: this handle. The thread is inside.
    pub(crate) fn is_unique(&self) -> bool {
        self.merged_first(|count| count.unique(who::<H>()))
    }

    /// Asks the count something, and if it does not know, once more when it has been merged.
    pub(crate) fn merged_first(&self, ask: impl Fn(&H::Count) -> Unique) -> bool {
        let mut answer = ask(self.count());
        if answer == Unique::Unknown {
            self.merge_in_stop();
            answer = ask(self.count());
        }
        answer == Unique::Yes
    }

    /// From now on the count can tell what becomes of it, whoever asks.
    pub(crate) fn merge_in_stop(&self) {
        let stop = stop::stop::<H>();
        self.count().merge_in_stop();
        drop(stop);
        // What came to its end by merging is ours to destroy.
        put_off::drain_late(state::get::<H>());
    }

    /// Whether the object has a full header.
    pub(crate) fn is_full(&self) -> bool {
        self.has(flag::FULL)
    }

    /// Whether the object is on a list that the collector knows.
    pub(crate) fn is_tracked(&self) -> bool {
        self.has(flag::LINKED)
    }

    /// Whether the object's finalizer has run.
    pub(crate) fn is_finalized(&self) -> bool {
        self.has(flag::FINALIZED)
    }

    fn has(&self, flag: u32) -> bool {
        let _inside = attach::enter_to_read::<H>();
        self.count().flags() & flag != 0
    }

    /// The number of handles.
    pub(crate) fn strong(&self) -> u32 {
        let _inside = attach::enter_to_read::<H>();
        self.count().strong()
    }

    /// The number of weak handles.
    pub(crate) fn weak(&self) -> u32 {
        let _inside = attach::enter_to_read::<H>();
        self.count().weak()
    }

    /// Sees to what dropping a handle came to.
    ///
    /// # Safety
    ///
    /// `down` is what became of the count of `value` just now.
    #[cfg_attr(not(debug_assertions), inline(always))]
    pub(super) unsafe fn dropped(value: NonNull<T>, down: Down) {
        match down {
            Down::Alive | Down::Suspect => {}
            // SAFETY: [I6] that was the last handle.
            Down::Zero => unsafe { destroy::last_handle::<T, H>(value) },
            // SAFETY: the count says so.
            Down::Queue(owner) => unsafe { merge::queue::<T, H>(value, owner) },
        }
    }

    /// Registers a weak callback.
    pub(crate) fn watch(&self, node: &Arc<Node>) {
        let _inside = attach::enter::<H>();
        self.count().set(flag::EXTRAS);
        state::get::<H>().extras.watch(self.object().addr().get(), Arc::clone(node));
    }

    /// Makes the object live for ever.
    pub(crate) fn immortalize(&self) {
        let _inside = attach::enter::<H>();
        if let Down::Queue(owner) = self.count().immortalize(who::<H>()) {
            // SAFETY: the owner is told of an object, as with a decrement.
            unsafe { merge::queue::<T, H>(self.value, owner) };
        }
    }

    /// Registers how many bytes the object owns outside the heap.
    pub(crate) fn set_external(&self, bytes: usize) {
        let _inside = attach::enter::<H>();
        let state = state::get::<H>();
        self.count().set(flag::EXTRAS);
        state.set_external(self.object().addr().get(), bytes);
    }
}

impl<T: ?Sized, H: Heap> Clone for Handle<T, H> {
    #[cfg_attr(not(debug_assertions), inline(always))]
    fn clone(&self) -> Self {
        let _inside = attach::enter_briefly::<H>();
        // SAFETY: [I6] this handle keeps the object alive.
        unsafe { Handle::borrowed(self.value) }
    }
}

impl<T: ?Sized, H: Heap> Deref for Handle<T, H> {
    type Target = T;

    #[cfg_attr(not(debug_assertions), inline(always))]
    fn deref(&self) -> &T {
        // SAFETY: [I6] a handle's value is initialised and not dropped; [I12] nobody has a `&mut` to it.
        unsafe { self.value.as_ref() }
    }
}

/// Out of line, or every drop would have to make room for the deferred drop.
///
/// # Safety
///
/// The caller gives up one strong count of the object `[I6]`.
#[cold]
#[inline(never)]
unsafe fn drop_outside<T: ?Sized, H: Heap>(value: NonNull<T>) {
    // SAFETY: [I6] as the caller vouches.
    unsafe { attach::drop_outside::<H>(DeferredDrop::new(value, drop_inside::<T, H>)) };
}

/// Drops the handle that was made to a deferred drop of `value`.
///
/// # Safety
///
/// Nobody else does.
unsafe fn drop_inside<T: ?Sized, H: Heap>(value: Fat) {
    // SAFETY: [I6] it is what the deferred drop was made of.
    drop(unsafe { Handle::<T, H>::from_raw(value.get()) });
}

impl<T: ?Sized, H: Heap> Drop for Handle<T, H> {
    #[cfg_attr(not(debug_assertions), inline(always))]
    fn drop(&mut self) {
        if !attach::is_inside::<H>() {
            // SAFETY: [I6] the handle goes.
            return unsafe { drop_outside::<T, H>(self.value) };
        }
        let down = self.count().dec(who::<H>(), track::suspicion(self.object()));
        // SAFETY: [I6] the handle goes.
        unsafe { Self::dropped(self.value, down) };
    }
}
