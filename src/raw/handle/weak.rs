//! The pointer inside [`Weak`](crate::Weak): one weak count of one object.
//!
//! A weak count keeps the memory of its object, not the value `[I13]`.

use std::marker::PhantomData;
use std::ptr::{self, NonNull};
use std::sync::Arc;

use super::strong::{Handle, Invariant};
use crate::raw::attach;
use crate::raw::base::erased::Fat;
use crate::raw::count::{Count, flag};
use crate::raw::heap::deferred_drop::DeferredDrop;
use crate::raw::heap::side_table::Node;
use crate::raw::heap::slot::who;
use crate::raw::heap::state;
use crate::raw::memory::header::Object;
use crate::raw::object::{put_off, release};
use crate::{Heap, Shared};

/// One weak count, or none for a weak handle that never had an object.
pub(crate) struct WeakHandle<T: ?Sized, H: Heap> {
    value: NonNull<T>,
    /// As in `Handle`, or a weak handle could be used to change a strong one's type.
    heap: Invariant<T, H>,
}

/// The address of a weak handle without object. No value can be there.
const DANGLING: NonNull<u8> = match NonNull::new(ptr::without_provenance_mut(usize::MAX)) {
    Some(ptr) => ptr,
    None => unreachable!(),
};

// SAFETY: [I6], [I13], [I19] as for `Handle`.
unsafe impl<T: ?Sized + Send + Sync, H: Shared> Send for WeakHandle<T, H> {}
// SAFETY: as above.
unsafe impl<T: ?Sized + Send + Sync, H: Shared> Sync for WeakHandle<T, H> {}

impl<T, H: Heap> WeakHandle<T, H> {
    /// A weak handle without object.
    pub(crate) const fn dangling() -> Self {
        WeakHandle { value: DANGLING.cast(), heap: PhantomData }
    }
}

impl<T: ?Sized, H: Heap> WeakHandle<T, H> {
    /// Takes over a weak count.
    ///
    /// # Safety
    ///
    /// `value` is that of an object of heap `H` on this thread, with provenance for its allocation, and the caller gives
    /// up one weak count of it `[I13]`.
    pub(crate) unsafe fn from_raw(value: NonNull<T>) -> Self {
        WeakHandle { value, heap: PhantomData }
    }

    /// A weak handle to the object of `handle`.
    pub(crate) fn new(handle: &Handle<T, H>) -> Self {
        // SAFETY: [I6] the handle keeps the object.
        unsafe { add(handle.object()) };
        WeakHandle { value: handle.value(), heap: PhantomData }
    }

    /// Removes a callback that was registered with this handle.
    pub(crate) fn unwatch(&self, node: &Arc<Node>) {
        unwatch::<H>(self.addr(), node);
    }

    /// The number of strong handles; zero if the object is gone or condemned.
    pub(crate) fn strong(&self) -> u32 {
        // SAFETY: [I13] the weak count keeps the memory.
        unsafe { strong(self.object()) }
    }

    /// The number of weak handles; zero if there is no object.
    pub(crate) fn weak(&self) -> u32 {
        // SAFETY: [I13] as above.
        unsafe { weak(self.object()) }
    }

    fn object(&self) -> Object<H> {
        Object::new(self.value)
    }

    pub(crate) fn addr(&self) -> usize {
        self.value.cast::<u8>().addr().get()
    }

    pub(crate) fn value(&self) -> NonNull<T> {
        self.value
    }

    pub(crate) fn as_ptr(&self) -> *const T {
        self.value.as_ptr()
    }

    /// A strong handle, if the object is alive and not condemned.
    pub(crate) fn upgrade(&self) -> Option<Handle<T, H>> {
        // SAFETY: [I13] the weak count keeps the memory; [I6] if the strong count was raised, nobody had condemned the object,
        // so it is alive.
        unsafe { upgrade(self.object()).then(|| Handle::from_raw(self.value)) }
    }
}

impl<T: ?Sized, H: Heap> Clone for WeakHandle<T, H> {
    fn clone(&self) -> Self {
        // SAFETY: [I13] the weak count keeps the memory.
        unsafe { add(self.object()) };
        WeakHandle { value: self.value, heap: PhantomData }
    }
}

impl<T: ?Sized, H: Heap> Drop for WeakHandle<T, H> {
    fn drop(&mut self) {
        // SAFETY: [I13] the handle goes.
        unsafe { end(self.object()) };
    }
}

// What follows knows no type: it is compiled once for each heap, and not for each type of its users.

/// The count of an object, unless there is none.
///
/// # Safety
///
/// `object` is that of a weak handle, which keeps the memory `[I13]` as long as the result is used.
unsafe fn count<'a, H: Heap>(object: Object<H>) -> Option<&'a H::Count> {
    // SAFETY: [I13] as the caller vouches.
    (object.addr() != DANGLING.addr()).then(|| unsafe { object.count() })
}

/// Counts a weak handle more.
///
/// # Safety
///
/// As for [`count`].
unsafe fn add<H: Heap>(object: Object<H>) {
    // SAFETY: [I13] as the caller vouches.
    if let Some(count) = unsafe { count(object) } {
        let _inside = attach::enter_briefly::<H>();
        count.inc_weak();
    }
}

/// Counts a strong handle more, if the object is alive and not condemned.
///
/// # Safety
///
/// As for [`count`].
unsafe fn upgrade<H: Heap>(object: Object<H>) -> bool {
    // SAFETY: [I13] as the caller vouches.
    let Some(count) = (unsafe { count(object) }) else { return false };
    let _inside = attach::enter_briefly::<H>();
    count.upgrade(who::<H>())
}

/// # Safety
///
/// As for [`count`].
unsafe fn strong<H: Heap>(object: Object<H>) -> u32 {
    let _inside = attach::enter_to_read::<H>();
    // SAFETY: [I13] as the caller vouches.
    unsafe { count(object) }.filter(|count| count.flags() & flag::DYING == 0).map_or(0, Count::strong)
}

/// # Safety
///
/// As for [`count`].
unsafe fn weak<H: Heap>(object: Object<H>) -> u32 {
    let _inside = attach::enter_to_read::<H>();
    // SAFETY: [I13] as the caller vouches.
    unsafe { count(object) }.map_or(0, Count::weak)
}

/// Counts a weak handle less.
///
/// # Safety
///
/// As for [`count`]; that handle goes.
unsafe fn end<H: Heap>(object: Object<H>) {
    // SAFETY: [I13] as the caller vouches.
    let Some(count) = (unsafe { count(object) }) else { return };
    if !attach::is_inside::<H>() {
        // SAFETY: [I13] the handle goes.
        return unsafe { attach::drop_outside::<H>(DeferredDrop::new(object.value(), end_inside::<H>)) };
    }
    if count.dec_weak() {
        // SAFETY: [I13] the value is gone and nobody else has the memory.
        unsafe { release_memory(object) };
    }
}

/// # Safety
///
/// It is the value of a deferred drop, and this is done once.
unsafe fn end_inside<H: Heap>(value: Fat) {
    // SAFETY: [I13] as the caller vouches.
    unsafe { end(Object::<H>::new(value.get::<u8>())) };
}

/// Removes a callback that was registered with a weak handle to `object`, and drops it: now, or when the stack is shallow
/// again, as it may own further handles. If the thread is outside and somebody is in the way, it is whoever comes in next, or is told,
/// that drops it: nobody waits to drop something. From now on it is not called, whoever drops the object.
fn unwatch<H: Heap>(object: usize, node: &Arc<Node>) {
    if node.is_cleared() && node.is_spent() {
        return;
    }
    let watch = Watch { object, node: node.clone() };
    if attach::is_inside::<H>() {
        return watch.end::<H>();
    }
    node.silence();
    let watch = NonNull::from(Box::leak(Box::new(watch)));
    // SAFETY: [I6] the callback of a heap that threads share is `Send`, and the box is given up.
    unsafe { attach::drop_outside::<H>(DeferredDrop::new(watch, end_watch::<H>)) };
}

/// A callback that was registered with a weak handle which goes.
struct Watch {
    object: usize,
    node: Arc<Node>,
}

impl Watch {
    /// The thread is inside: a fork finds none of the locks taken.
    fn end<H: Heap>(self) {
        let (registered, callback) = (!self.node.is_cleared(), self.node.take());
        if registered && let Some(state) = state::existing::<H>() {
            state.extras.unwatch(self.object, &self.node);
        }
        if let Some(callback) = callback {
            put_off::drop_callback::<H>(callback);
        }
    }
}

/// # Safety
///
/// It is the `Watch` of a deferred drop, and this is done once.
unsafe fn end_watch<H: Heap>(watch: Fat) {
    // SAFETY: [I6] as the caller vouches; `unwatch` made the box.
    let watch = unsafe { Box::from_raw(watch.get::<Watch>().as_ptr()) };
    watch.end::<H>();
}

/// Releases the memory of an object whose value has been dropped, or never was made: there is nothing to refer to.
#[cold]
unsafe fn release_memory<H: Heap>(object: Object<H>) {
    // SAFETY: [I13] as the caller vouches; [I3], [I9] where the memory comes from, there is written what it was asked for.
    unsafe {
        let flags = object.count().flags();
        if flags & flag::FULL != 0 {
            release::release(object, object.table().request(object));
        } else {
            release::release_leaf(object, flags & flag::LARGE == 0);
        }
    }
}
