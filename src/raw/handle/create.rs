//! Creating objects, and taking them apart again without destroying the value.

use std::alloc::Layout;
use std::mem::ManuallyDrop;
use std::ptr::{self, NonNull};

use super::strong::Handle;
use super::weak::WeakHandle;
use crate::raw::attach;
use crate::raw::base::list::Links;
use crate::raw::collect;
use crate::raw::count::{Count, Down, flag};
use crate::raw::handle::tables;
use crate::raw::heap::slot::who;
use crate::raw::heap::state::{self, State};
use crate::raw::memory::budget::UNLIMITED;
use crate::raw::memory::header::{Full, Object};
use crate::raw::memory::{self, Request, SLICE_PREFIX};
use crate::raw::object::type_info::TypeInfo;
use crate::raw::object::{destroy, put_off, release, track, type_info};
use crate::trace::refuse_if;
use crate::{Heap, Trace, Weak};

/// Whether objects of `T` have a full header.
#[cfg_attr(not(debug_assertions), inline(always))]
pub(super) const fn full<T: Trace + ?Sized>() -> bool {
    T::CONTAINER || T::FINALIZER
}

/// What it takes to make an object of some type: all that the code which does it has to know.
struct Recipe<H: Heap> {
    request: Request,
    /// The flags of a new object, but for `LINKED`.
    flags: u32,
    /// Whether objects of the type are tracked, ...
    container: bool,
    /// ... and have a full header: then they have a table.
    table: Option<&'static TypeInfo<H>>,
}

impl<H: Heap> Recipe<H> {
    /// The recipe for objects with values of type `T`.
    #[cfg_attr(not(debug_assertions), inline(always))]
    const fn of<T: Trace>() -> &'static Self {
        const {
            let request = Request::new::<H>(Layout::new::<T>(), full::<T>(), 0);
            &Recipe::new::<T>(request, if full::<T>() { Some(tables::of::<T, H>()) } else { None })
        }
    }

    #[cfg_attr(not(debug_assertions), inline(always))]
    const fn new<T: Trace + ?Sized>(request: Request, table: Option<&'static TypeInfo<H>>) -> Self {
        let suspect = if T::CONTAINER { 0 } else { flag::SUSPECT };
        let full = if full::<T>() { flag::FULL } else { 0 };
        let finalizer = if T::FINALIZER { flag::FINALIZER } else { 0 };
        let large = if request.pooled() { 0 } else { flag::LARGE };
        Recipe { request, flags: suspect | full | finalizer | large, container: T::CONTAINER, table }
    }

    /// Memory for an object, and the state, which a collection may have replaced: if the heap has come to its limit, everything is
    /// collected first.
    #[cfg_attr(not(debug_assertions), inline(always))]
    fn allocate<'a>(&self, state: &'a State<H>) -> Option<(&'a State<H>, Object<H>)> {
        match self.allocate_once(state) {
            Some(place) => Some((state, place)),
            None => make_room(self),
        }
    }

    #[cfg_attr(not(debug_assertions), inline(always))]
    fn allocate_once(&self, state: &State<H>) -> Option<Object<H>> {
        let table = self.table.map_or(ptr::null(), |table| ptr::from_ref(table).cast());
        memory::allocate(&state.pool, self.request, table)
    }

    /// Writes the header of a new object.
    ///
    /// # Safety
    ///
    /// `object` was allocated by this recipe `[I2]`.
    #[cfg_attr(not(debug_assertions), inline(always))]
    unsafe fn write_header(&self, object: Object<H>, count: H::Count) {
        // SAFETY: [I2] as the caller vouches.
        unsafe {
            if self.table.is_some() {
                object.cast::<Full<H>>().sub(1).write(Full { links: Links::detached(), count });
            } else {
                object.cast::<H::Count>().sub(1).write(count);
            }
        }
    }

    /// The count of a new object with one handle.
    #[cfg_attr(not(debug_assertions), inline(always))]
    fn count(&self) -> H::Count {
        H::Count::new(self.flags | if self.container { flag::LINKED } else { 0 }, who::<H>())
    }

    /// The state, after a collection if one is due. It is asked for anew then: on a thread that is ending, the collection may
    /// have freed the last object, and the state with it.
    #[cfg_attr(not(debug_assertions), inline(always))]
    fn poll<'a>(&self) -> &'a State<H> {
        attach::safepoint::<H>();
        let state = state::get::<H>();
        if self.container && state.births.get() >= state.pool.trigger.get() {
            collect::automatic::<H>();
            return state::get::<H>();
        }
        state
    }

    /// Passes a safepoint, and allocates memory for an object.
    #[cfg_attr(not(debug_assertions), inline(always))]
    fn begin<'a>(&self) -> Option<(&'a State<H>, Object<H>)> {
        self.allocate(self.poll())
    }
}

/// How often an allocation that has failed collects, or waits for another thread that does, at most: finalizers may make as much garbage
/// as is collected, and others may take all that is freed.
const ROUNDS: usize = 64;

/// An allocation has failed: collects everything, if the heap has a limit, and tries again. If another thread collects, that is
/// waited for. Others may take what has been freed, so one round may not be enough.
#[cold]
#[inline(never)]
fn make_room<'a, H: Heap>(recipe: &Recipe<H>) -> Option<(&'a State<H>, Object<H>)> {
    if state::get::<H>().budget.limit() == UNLIMITED {
        return None;
    }
    for _ in 0..ROUNDS {
        let may_be_room = attach::with::<H, _>(collect::make_room);
        let state = state::get::<H>();
        if let Some(place) = recipe.allocate_once(state) {
            return Some((state, place));
        }
        if !may_be_room {
            break;
        }
    }
    None
}

/// Creates an object; aborts when there is no memory.
#[cfg_attr(not(debug_assertions), inline(always))]
pub(crate) fn create<T: Trace, H: Heap>(value: T) -> Handle<T, H> {
    let _inside = attach::enter::<H>();
    let Some((state, place)) = Recipe::of::<T>().begin() else { no_memory(Layout::new::<T>()) };
    // SAFETY: [I2] the recipe made room for the object.
    unsafe { fill(state, place, value) }
}

/// Creates an object.
///
/// # Errors
///
/// If there is no memory the value comes back.
pub(crate) fn try_create<T: Trace, H: Heap>(value: T) -> Result<Handle<T, H>, T> {
    let _inside = attach::enter::<H>();
    let Some((state, place)) = Recipe::of::<T>().begin() else { return Err(value) };
    // SAFETY: [I2] the recipe made room for the object.
    Ok(unsafe { fill(state, place, value) })
}

#[cold]
#[inline(never)]
pub(crate) fn no_memory(layout: Layout) -> ! {
    std::alloc::handle_alloc_error(layout)
}

/// Makes an object of its memory.
///
/// # Safety
///
/// `object` was allocated for a `T` in a slot of this heap.
#[cfg_attr(not(debug_assertions), inline(always))]
unsafe fn fill<T: Trace, H: Heap>(state: &State<H>, object: Object<H>, value: T) -> Handle<T, H> {
    // SAFETY: [I2] there is room for the header and the value; [I3] the table is that of `T`; [I5] a new object is on no
    // list; [I6] its count is one, which the handle takes over.
    unsafe {
        let recipe = Recipe::<H>::of::<T>();
        recipe.write_header(object, recipe.count());
        object.cast::<T>().write(value);
        if T::CONTAINER {
            track::track(state, object);
        }
        Handle::from_raw(object.cast())
    }
}

/// Creates an object whose value is made with a weak handle to it, the only one.
pub(crate) fn create_cyclic<T: Trace, H: Heap>(make: impl FnOnce(&Weak<T, H>) -> T) -> Handle<T, H> {
    try_create_cyclic(make).unwrap_or_else(|_| no_memory(Layout::new::<T>()))
}

/// The same.
///
/// # Errors
///
/// If there is no memory the function comes back, and has not been called.
pub(crate) fn try_create_cyclic<T: Trace, F: FnOnce(&Weak<T, H>) -> T, H: Heap>(make: F) -> Result<Handle<T, H>, F> {
    let _inside = attach::enter::<H>();
    let recipe = Recipe::<H>::of::<T>();
    let Some((_, place)) = recipe.begin() else { return Err(make) };
    // SAFETY: [I2], [I3] as in `create`. The strong count is zero until the value is there, so the weak handle cannot be
    // upgraded; it keeps the memory, also when `make` panics `[I13]`.
    let weak = unsafe {
        recipe.write_header(place, H::Count::unborn(recipe.flags));
        Weak::from_handle(WeakHandle::<T, H>::from_raw(place.cast()))
    };
    // It goes before the weak handle does, also when `make` panics.
    let unborn = Unborn(place);
    let value = make(&weak);
    let _ = ManuallyDrop::new(unborn);
    // SAFETY: [I5], [I6] as in `create`.
    unsafe {
        place.cast::<T>().write(value);
        let count = place.count();
        if T::CONTAINER {
            let state = state::get::<H>();
            count.set(flag::LINKED);
            track::track(state, place);
        }
        // Last: now weak handles can be upgraded.
        count.revive();
        Ok(Handle::from_raw(place.cast()))
    }
}

/// Leaves the memory of an object whose value could not be made to its weak handles.
struct Unborn<H: Heap>(Object<H>);

impl<H: Heap> Drop for Unborn<H> {
    fn drop(&mut self) {
        // SAFETY: [I13] the weak handle of whoever makes the value keeps the memory.
        unsafe { self.0.count() }.let_go();
    }
}

/// Frees the memory of a half-made slice, and drops the elements it has.
struct HalfSlice<T, H: Heap> {
    object: Object<H>,
    request: Request,
    done: usize,
    element: std::marker::PhantomData<T>,
}

impl<T, H: Heap> Drop for HalfSlice<T, H> {
    fn drop(&mut self) {
        // SAFETY: [I7] `done` elements are initialised; nobody else knows of the memory, which goes also if a drop panics.
        unsafe {
            let _memory = Unused(self.object, self.request);
            let elements = ptr::slice_from_raw_parts_mut(self.object.cast::<T>().as_ptr(), self.done);
            ptr::drop_in_place(elements);
        }
    }
}

/// Releases memory in which no object has been made, also when a drop panics.
struct Unused<H: Heap>(Object<H>, Request);

impl<H: Heap> Drop for Unused<H> {
    fn drop(&mut self) {
        // SAFETY: [I6], [I9] nobody else knows of the memory, which was allocated with this request.
        unsafe { release::release(self.0, self.1) };
    }
}

/// Creates a slice of `len` elements, each made by `next`; aborts when there is no memory.
///
/// # Panics
///
/// If `next` does, what has been made is dropped; if no allocation can be so large.
pub(crate) fn create_slice<T: Trace, H: Heap>(len: usize, next: impl FnMut() -> T) -> Handle<[T], H> {
    let Ok(layout) = Layout::array::<T>(len) else { panic!("capacity overflow") };
    try_create_slice(len, next).unwrap_or_else(|| no_memory(layout))
}

/// The same; nothing when there is no memory, and then `next` has not been called.
///
/// # Panics
///
/// If `next` does; what has been made is dropped.
pub(crate) fn try_create_slice<T: Trace, H: Heap>(len: usize, mut next: impl FnMut() -> T) -> Option<Handle<[T], H>> {
    let layout = Layout::array::<T>(len).ok()?;
    let _inside = attach::enter::<H>();
    let table = if full::<[T]>() { Some(tables::of_slice::<T, H>()) } else { None };
    let request = Request::new::<H>(layout, table.is_some(), if table.is_some() { SLICE_PREFIX } else { 0 });
    let recipe = Recipe::<H>::new::<[T]>(request, table);
    let (_, place) = recipe.begin()?;
    let mut half = HalfSlice::<T, H> { object: place, request, done: 0, element: std::marker::PhantomData };
    while half.done < len {
        let element = next();
        // SAFETY: [I2] the allocation has room for `len` elements.
        unsafe { place.cast::<T>().add(half.done).write(element) };
        half.done += 1;
    }
    let _ = ManuallyDrop::new(half);
    // SAFETY: as in `create`; the length stands in front of a full header `[I3]`.
    unsafe {
        if table.is_some() {
            type_info::length_slot(place).write(len);
        }
        recipe.write_header(place, recipe.count());
        if T::CONTAINER {
            track::track(state::get::<H>(), place);
        }
        Some(Handle::from_raw(NonNull::slice_from_raw_parts(place.cast(), len)))
    }
}

/// Creates a leaf whose value is in a box, perhaps of an unknown size; aborts when there is no memory.
pub(crate) fn create_from_box<T: Trace + ?Sized, H: Heap>(value: Box<T>) -> Handle<T, H> {
    const {
        refuse_if(
            full::<T>(),
            "an object that can hold a `Gc` or has a finalizer has a table of its type, which a box does not bring along: put the \
             box into an object (`Gc<Box<dyn Trait>>`), or make the object first and `unsize!` its handle",
        );
    }
    let layout = Layout::for_value(&*value);
    let _inside = attach::enter::<H>();
    let recipe = Recipe::<H>::new::<T>(Request::leaf::<H>(layout), None);
    let Some((_, place)) = recipe.begin() else { no_memory(layout) };
    let boxed = Box::into_raw(value);
    let mut object = boxed;
    // SAFETY: [I2] there is room for the value, which moves: [I7] its bytes are copied, and the box goes as one of a value that is not
    // dropped. A pointer begins with its address, and what follows (`metadata`) goes along: the value has the same type. [I6] as in `create`.
    unsafe {
        ptr::copy_nonoverlapping(boxed.cast::<u8>(), place.cast::<u8>().as_ptr(), layout.size());
        drop(Box::from_raw(boxed as *mut ManuallyDrop<T>));
        (&raw mut object).cast::<*mut u8>().write(place.cast::<u8>().as_ptr());
        assert!(object.cast::<u8>() == place.cast::<u8>().as_ptr(), "a pointer begins with its address");
        recipe.write_header(place, recipe.count());
        Handle::from_raw(NonNull::new_unchecked(object))
    }
}

/// Creates a slice of bytes; nothing when there is no memory.
pub(crate) fn try_create_bytes<H: Heap>(bytes: &[u8]) -> Option<Handle<[u8], H>> {
    let mut at = 0;
    try_create_slice(bytes.len(), || {
        at += 1;
        bytes[at - 1]
    })
}

/// Moves the value out of an object that nobody else uses, and frees the object. Weak handles to it are dead.
pub(crate) fn take_apart<T: Trace, H: Heap>(handle: Handle<T, H>) -> Result<T, Handle<T, H>> {
    let _inside = attach::enter::<H>();
    if !handle.merged_first(|count| count.dec_last(who::<H>())) {
        return Err(handle);
    }
    // SAFETY: [I6] the only handle is ours, and the count is zero.
    Ok(unsafe { take_value::<T, H>(handle.into_raw()) })
}

/// Drops a handle, and moves the value out if it was the last one, as [`take_apart`] does. If several threads do this with all handles
/// that there are, one of them has the value: it is one decrement that drops the handle and tells whether it was the last.
pub(crate) fn take_last<T: Trace, H: Heap>(handle: Handle<T, H>) -> Option<T> {
    let _inside = attach::enter::<H>();
    if handle.count().is_strange(who::<H>()) {
        handle.merge_in_stop();
    }
    if handle.count().flags() & flag::DYING != 0 {
        drop(handle); // inside
        return None;
    }
    let down = handle.count().dec(who::<H>(), track::suspicion(handle.object()));
    let place = handle.into_raw();
    // SAFETY: [I6] the count was decremented for the handle, which is gone; if it is zero, that was the last one.
    unsafe {
        if down == Down::Zero {
            return Some(take_value::<T, H>(place));
        }
        Handle::<T, H>::dropped(place, down);
    }
    None
}

/// Moves the value out, and frees the object.
///
/// # Safety
///
/// The object has no handles any more, and the one that was the last was the caller's `[I6]`.
unsafe fn take_value<T: Trace, H: Heap>(place: NonNull<T>) -> T {
    // SAFETY: [I6] the value is ours to move; [I5] it goes off its list first, so the collector cannot see it; [I13] weak handles keep the
    // memory and find a count of zero.
    unsafe {
        let object = Object::<H>::new(place);
        track::untrack(object);
        let value = place.read();
        destroy::notify_and_release(object, Recipe::<H>::of::<T>().request);
        // To take it off its list the world may have been stopped, and queued objects been merged.
        put_off::drain_late(state::get::<H>());
        value
    }
}
