//! What the collector knows of a type: one static table per type and heap.

use std::alloc::Layout;
use std::marker::PhantomData;
use std::ptr::{self, NonNull};

use super::count::{Count, Owner, flag};
use super::handle::Handle;
use super::share;
use super::state;
use super::visit::{Descend, Edges, Fetch, Reach, Subtract, Weaks};
use crate::raw::memory::header::{self, Value};
use crate::raw::memory::{self, Request, SLICE_PREFIX};
use crate::{AnyGc, Gc, Heap, Trace};

/// How an object's value is shaped.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Shape {
    /// A sized value, in a slot of the pool.
    Pooled,
    /// A sized value, in an allocation of its own.
    Alone,
    /// A slice: its length stands in front of the header, and decides where it lives.
    Slice,
}

/// The operations on a type-erased value. Each takes the value of an object created with this table `[I3]`.
pub(crate) struct TypeInfo<H: Heap> {
    pub(crate) shape: Shape,
    pub(crate) container: bool,
    pub(crate) subtract: unsafe fn(Value, &mut Subtract<H>),
    pub(crate) reach: unsafe fn(Value, &mut Reach<'_, '_, H>),
    pub(crate) descend: unsafe fn(Value, &mut Descend<'_, H>),
    pub(crate) fetch: unsafe fn(Value),
    pub(crate) edges: unsafe fn(Value, &mut Edges<'_, H>),
    pub(crate) weaks: unsafe fn(Value, &mut Weaks<H>),
    pub(crate) finalize: unsafe fn(Value),
    pub(crate) drop: unsafe fn(Value),
    /// Sends the object to the owner of its count.
    pub(crate) queue: unsafe fn(Value, Owner),
    /// The layout of the value; of one element, if it is a slice.
    layout: Layout,
    /// A new handle; raises the count.
    pub(crate) handle: unsafe fn(Value) -> AnyGc<H>,
    /// A new handle for somebody who looks at the object.
    pub(crate) look: unsafe fn(Value) -> AnyGc<H>,
    /// A handle for a count that was raised already.
    pub(crate) adopt: unsafe fn(Value) -> AnyGc<H>,
    pub(crate) name: fn() -> &'static str,
}

impl<H: Heap> TypeInfo<H> {
    /// The request that the object's memory was allocated with.
    ///
    /// # Safety
    ///
    /// `value` belongs to an object created with this table `[I3]`.
    #[inline(always)]
    pub(crate) unsafe fn request(&self, value: Value) -> Request {
        if self.shape != Shape::Slice {
            return Request::new::<H>(self.layout, true, 0);
        }
        // SAFETY: [I3] as the caller vouches; an array of this length was allocated, so its layout exists.
        let layout = unsafe {
            let bytes = slice_len::<H>(value).unchecked_mul(self.layout.size());
            Layout::from_size_align_unchecked(bytes, self.layout.align())
        };
        Request::new::<H>(layout, true, SLICE_PREFIX)
    }
}

/// The table of a full object.
///
/// # Safety
///
/// `value` is that of an allocated object with `FULL`.
#[inline(always)]
pub(crate) unsafe fn table_of<H: Heap>(value: Value) -> &'static TypeInfo<H> {
    // SAFETY: [I3] as the caller vouches: where the object was allocated, its table was written down.
    unsafe {
        let pooled = header::count::<H>(value).flags() & flag::ALONE == 0;
        &*memory::info::<H>(value, pooled).cast()
    }
}

/// How to get from the erased value to the typed one.
trait Typed {
    type Target: ?Sized + Trace + 'static;
    const SHAPE: Shape;
    const LAYOUT: Layout;

    /// # Safety
    ///
    /// `value` belongs to an object created with this type `[I3]`.
    unsafe fn typed<H: Heap>(value: Value) -> NonNull<Self::Target>;
}

struct Sized_<T>(PhantomData<T>);

impl<T: Trace + 'static> Typed for Sized_<T> {
    type Target = T;
    const LAYOUT: Layout = Layout::new::<T>();
    const SHAPE: Shape = if memory::pooled(size_of::<T>(), align_of::<T>()) { Shape::Pooled } else { Shape::Alone };

    #[inline(always)]
    unsafe fn typed<H: Heap>(value: Value) -> NonNull<T> {
        value.cast()
    }
}

struct Slice_<T>(PhantomData<T>);

impl<T: Trace + 'static> Typed for Slice_<T> {
    type Target = [T];
    const LAYOUT: Layout = Layout::new::<T>();
    const SHAPE: Shape = Shape::Slice;

    #[inline(always)]
    unsafe fn typed<H: Heap>(value: Value) -> NonNull<[T]> {
        // SAFETY: [I3] an object created as a slice has its length in front of the header.
        let len = unsafe { slice_len::<H>(value) };
        NonNull::slice_from_raw_parts(value.cast(), len)
    }
}

/// The length of an object created as a slice.
///
/// # Safety
///
/// `value` belongs to an object of [`Shape::Slice`] `[I3]`.
#[inline(always)]
pub(crate) unsafe fn slice_len<H: Heap>(value: Value) -> usize {
    // SAFETY: [I3] as the caller vouches.
    unsafe { length_slot::<H>(value).read() }
}

/// Where the length of a slice stands.
///
/// # Safety
///
/// `value` has a slice's allocation around it.
#[inline(always)]
pub(crate) unsafe fn length_slot<H: Heap>(value: Value) -> NonNull<usize> {
    // SAFETY: [I3] the prefix is part of the allocation.
    unsafe { value.sub(header::full_size::<H>() + SLICE_PREFIX).cast() }
}

/// The table for sized values of type `T`.
pub(crate) const fn of<T: Trace + 'static, H: Heap>() -> &'static TypeInfo<H> {
    const { &table::<Sized_<T>, H>() }
}

/// The table for slices of `T`.
pub(crate) const fn of_slice<T: Trace + 'static, H: Heap>() -> &'static TypeInfo<H> {
    const { &table::<Slice_<T>, H>() }
}

const fn table<P: Typed, H: Heap>() -> TypeInfo<H> {
    TypeInfo {
        shape: P::SHAPE,
        container: <P::Target as Trace>::CONTAINER,
        subtract: subtract::<P, H>,
        reach: reach::<P, H>,
        descend: descend::<P, H>,
        fetch: fetch::<P, H>,
        edges: edges::<P, H>,
        weaks: weaks::<P, H>,
        finalize: finalize::<P, H>,
        drop: drop_value::<P, H>,
        queue: queue::<P, H>,
        layout: P::LAYOUT,
        handle: handle::<P, H>,
        look: look::<P, H>,
        adopt: adopt::<P, H>,
        name: std::any::type_name::<P::Target>,
    }
}

unsafe fn subtract<P: Typed, H: Heap>(value: Value, visitor: &mut Subtract<H>) {
    // SAFETY: [I3] the table belongs to the object; [I4] its value is initialised and not mutably borrowed.
    unsafe { P::typed::<H>(value).as_ref() }.trace(visitor);
}

unsafe fn reach<P: Typed, H: Heap>(value: Value, visitor: &mut Reach<'_, '_, H>) {
    // SAFETY: [I3], [I4] as above.
    unsafe { P::typed::<H>(value).as_ref() }.trace(visitor);
}

unsafe fn descend<P: Typed, H: Heap>(value: Value, visitor: &mut Descend<'_, H>) {
    // SAFETY: [I3], [I4] as above.
    unsafe { P::typed::<H>(value).as_ref() }.trace(visitor);
}

unsafe fn fetch<P: Typed, H: Heap>(value: Value) {
    // SAFETY: [I3], [I4] as above.
    unsafe { P::typed::<H>(value).as_ref() }.trace(&mut Fetch::<H>(PhantomData));
}

unsafe fn edges<P: Typed, H: Heap>(value: Value, visitor: &mut Edges<'_, H>) {
    // SAFETY: [I3], [I4] as above.
    unsafe { P::typed::<H>(value).as_ref() }.trace(visitor);
}

unsafe fn weaks<P: Typed, H: Heap>(value: Value, visitor: &mut Weaks<H>) {
    // SAFETY: [I3], [I4] as above.
    unsafe { P::typed::<H>(value).as_ref() }.trace(visitor);
}

unsafe fn finalize<P: Typed, H: Heap>(value: Value) {
    // SAFETY: [I3], [I4] as above.
    unsafe { P::typed::<H>(value).as_ref() }.run_finalizer();
}

unsafe fn drop_value<P: Typed, H: Heap>(value: Value) {
    // SAFETY: [I3]; [I7] the caller drops each value once and nobody reads it afterwards.
    unsafe { ptr::drop_in_place(P::typed::<H>(value).as_ptr()) }
}

unsafe fn queue<P: Typed, H: Heap>(value: Value, owner: Owner) {
    // SAFETY: [I3]; the rest is the caller's.
    unsafe { share::queue::<P::Target, H>(P::typed::<H>(value), owner) }
}

unsafe fn handle<P: Typed, H: Heap>(value: Value) -> AnyGc<H> {
    // SAFETY: [I3], [I6] the object is alive, so one handle more can be made.
    let handle = unsafe { Handle::<P::Target, H>::borrowed(P::typed::<H>(value)) };
    AnyGc::from(Gc::from_handle(handle))
}

unsafe fn look<P: Typed, H: Heap>(value: Value) -> AnyGc<H> {
    // SAFETY: [I3], [I6] as above.
    let handle = unsafe { Handle::<P::Target, H>::borrowed(P::typed::<H>(value)) };
    AnyGc::looking(Gc::from_handle(handle), state::get::<H>().epoch())
}

unsafe fn adopt<P: Typed, H: Heap>(value: Value) -> AnyGc<H> {
    // SAFETY: [I3], [I6] the caller gives up a count of the object.
    AnyGc::from(Gc::from_handle(unsafe { Handle::<P::Target, H>::from_raw(P::typed::<H>(value)) }))
}
