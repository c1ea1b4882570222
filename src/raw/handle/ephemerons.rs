//! Attaching handles to objects, for weak maps: the value of an entry is kept with its key.

use std::ptr::NonNull;

use super::strong::Handle;
use super::weak::WeakHandle;
use crate::raw::attach;
use crate::raw::base::erased::Fat;
use crate::raw::base::panic::{keep_panic, pass_on};
use crate::raw::count::{Count, flag};
use crate::raw::heap::deferred_drop::DeferredDrop;
pub(crate) use crate::raw::heap::ephemerons::{Ephemeron, MapId};
use crate::raw::heap::{slot, state};
use crate::{Heap, Weak};

impl<T: ?Sized, H: Heap> Handle<T, H> {
    /// Makes the object the key of an entry. Returns the value that it had in that map.
    pub(crate) fn insert_ephemeron(&self, map: MapId, value: Ephemeron) -> Option<Ephemeron> {
        let _inside = attach::enter_briefly::<H>();
        self.count().set(flag::EXTRAS);
        state::get::<H>().extras.insert_ephemeron(self.object().addr().get(), map, value)
    }

    /// Calls `look` with the value of the object in a map. It must run no user code.
    pub(crate) fn with_ephemeron<R>(&self, map: MapId, look: impl FnOnce(&Ephemeron) -> R) -> Option<R> {
        let _inside = attach::enter_briefly::<H>();
        if self.count().flags() & flag::EXTRAS == 0 {
            return None;
        }
        state::get::<H>().extras.with_ephemeron(self.object().addr().get(), map, look)
    }
}

impl<T: ?Sized, H: Heap> WeakHandle<T, H> {
    /// Takes out the value of the object in a map. The object may be dead.
    pub(crate) fn remove_ephemeron(&self, map: MapId) -> Option<Ephemeron> {
        let _inside = attach::enter_briefly::<H>();
        // As with callbacks: nobody makes a state to look for something that is not there.
        state::existing::<H>()?.extras.remove_ephemeron(self.addr(), map)
    }
}

/// What a map leaves that goes: the keys of its entries.
struct Abandoned<T: ?Sized, H: Heap> {
    map: MapId,
    keys: Vec<Weak<T, H>>,
}

/// Takes the values of a map out of its keys, and drops them: now, or if the thread is outside, which nobody who
/// drops something has to wait for, when somebody comes in next.
pub(crate) fn abandon<T: ?Sized, H: Heap>(map: MapId, keys: impl ExactSizeIterator<Item = Weak<T, H>>) {
    if keys.len() == 0 {
        return;
    }
    let abandoned = Abandoned { map, keys: keys.collect() };
    if attach::is_inside::<H>() && !slot::is_forking::<H>() {
        return abandoned.end();
    }
    let abandoned = NonNull::from(Box::leak(Box::new(abandoned)));
    // SAFETY: [I6] values of entries, and weak handles, may be dropped by any thread of the heap `[I19]`, and the box is given up.
    unsafe { attach::drop_outside::<H>(DeferredDrop::new(abandoned, end_abandoned::<T, H>)) };
}

impl<T: ?Sized, H: Heap> Abandoned<T, H> {
    fn end(self) {
        let mut panic = None;
        for key in self.keys {
            keep_panic(&mut panic, || drop(key.remove_ephemeron(self.map)));
        }
        pass_on(panic);
    }
}

/// # Safety
///
/// It is the `Abandoned` of a deferred drop, and this is done once.
unsafe fn end_abandoned<T: ?Sized, H: Heap>(abandoned: Fat) {
    // SAFETY: [I6] as the caller vouches; `abandon` made the box.
    let abandoned = unsafe { Box::from_raw(abandoned.get::<Abandoned<T, H>>().as_ptr()) };
    abandoned.end();
}
