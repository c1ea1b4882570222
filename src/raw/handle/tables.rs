//! The tables of types: one static table per type and heap, made of its `Trace` implementation and its handles.

use std::alloc::Layout;
use std::marker::PhantomData;
use std::ptr::{self, NonNull};

use super::{any, merge};
use crate::raw::base::erased::Fat;
use crate::raw::count::Owner;
use crate::raw::heap::part::Parts;
use crate::raw::memory;
use crate::raw::memory::header::Object;
use crate::raw::object::type_info::{Shape, TypeInfo, slice_len};
use crate::raw::object::visit::{DynVisitor, Gather, Reach, Subtract};
use crate::{Heap, Trace};

/// How to get from the erased value to the typed one.
trait Typed {
    type Target: ?Sized + Trace;
    const SHAPE: Shape;
    const LAYOUT: Layout;

    /// # Safety
    ///
    /// `object` belongs to an object created with this type `[I3]`.
    unsafe fn typed<H: Heap>(object: Object<H>) -> NonNull<Self::Target>;
}

struct Sized_<T>(PhantomData<T>);

impl<T: Trace> Typed for Sized_<T> {
    type Target = T;
    const LAYOUT: Layout = Layout::new::<T>();
    const SHAPE: Shape = if memory::pooled(size_of::<T>(), align_of::<T>()) { Shape::Pooled } else { Shape::Large };

    #[cfg_attr(not(debug_assertions), inline(always))]
    unsafe fn typed<H: Heap>(object: Object<H>) -> NonNull<T> {
        object.cast()
    }
}

struct Slice_<T>(PhantomData<T>);

impl<T: Trace> Typed for Slice_<T> {
    type Target = [T];
    const LAYOUT: Layout = Layout::new::<T>();
    const SHAPE: Shape = Shape::Slice;

    #[cfg_attr(not(debug_assertions), inline(always))]
    unsafe fn typed<H: Heap>(object: Object<H>) -> NonNull<[T]> {
        // SAFETY: [I3] an object created as a slice has its length in front of the header.
        let len = unsafe { slice_len(object) };
        NonNull::slice_from_raw_parts(object.cast(), len)
    }
}

/// The table for sized values of type `T`.
pub(crate) const fn of<T: Trace, H: Heap>() -> &'static TypeInfo<H> {
    const { &table::<Sized_<T>, H>() }
}

/// The table for slices of `T`.
pub(crate) const fn of_slice<T: Trace, H: Heap>() -> &'static TypeInfo<H> {
    const { &table::<Slice_<T>, H>() }
}

const fn table<P: Typed, H: Heap>() -> TypeInfo<H> {
    TypeInfo {
        shape: P::SHAPE,
        container: <P::Target as Trace>::CONTAINER,
        subtract: subtract::<P, H>,
        reach: reach::<P, H>,
        gather: gather::<P, H>,
        trace: trace::<P, H>,
        finalize: finalize::<P, H>,
        drop: drop_value::<P, H>,
        divide: if <P::Target as Trace>::DIVISIBLE { Some(divide::<P, H>) } else { None },
        queue: queue::<P, H>,
        layout: P::LAYOUT,
        any: any::table::<P::Target, H>(),
        pointer: pointer::<P, H>,
    }
}

unsafe fn subtract<P: Typed, H: Heap>(object: Object<H>, visitor: &mut Subtract<H>) {
    // SAFETY: [I3] the table belongs to the object; [I4] its value is initialised and not mutably borrowed.
    unsafe { P::typed(object).as_ref() }.trace(visitor);
}

unsafe fn reach<P: Typed, H: Heap>(object: Object<H>, visitor: &mut Reach<'_, '_, H>) {
    // SAFETY: [I3], [I4] as above.
    unsafe { P::typed(object).as_ref() }.trace(visitor);
}

unsafe fn gather<P: Typed, H: Heap>(object: Object<H>, visitor: &mut Gather<'_, H>) {
    // SAFETY: [I3], [I4] as above.
    unsafe { P::typed(object).as_ref() }.trace(visitor);
}

unsafe fn trace<P: Typed, H: Heap>(object: Object<H>, visitor: &mut DynVisitor<'_>) {
    // SAFETY: [I3], [I4] as above.
    unsafe { P::typed(object).as_ref() }.trace(visitor);
}

unsafe fn finalize<P: Typed, H: Heap>(object: Object<H>) {
    // SAFETY: [I3], [I4] as above.
    unsafe { P::typed(object).as_ref() }.run_finalizer();
}

unsafe fn drop_value<P: Typed, H: Heap>(object: Object<H>) {
    // SAFETY: [I3]; [I7] the caller drops each value once and nobody reads it afterwards.
    unsafe { ptr::drop_in_place(P::typed(object).as_ptr()) }
}

unsafe fn divide<P: Typed, H: Heap>(object: Object<H>, parts: &mut Parts) {
    // SAFETY: [I3]; [I4], [I6] nobody else uses the value, which is about to be dropped.
    unsafe { P::typed(object).as_mut() }.divide(parts);
}

unsafe fn queue<P: Typed, H: Heap>(object: Object<H>, owner: Owner) {
    // SAFETY: [I3]; the rest is the caller's.
    unsafe { merge::queue::<P::Target, H>(P::typed(object), owner) }
}

unsafe fn pointer<P: Typed, H: Heap>(object: Object<H>) -> Fat {
    // SAFETY: [I3] the table belongs to the object.
    Fat::new(unsafe { P::typed(object) })
}
