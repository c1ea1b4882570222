//! What the collector knows of a type: the table of operations on its values, of which the type has been forgotten.

use std::alloc::Layout;
use std::ptr::NonNull;

use super::visit::{DynVisitor, Gather, Reach, Subtract};
use crate::Heap;
use crate::any::AnyTable;
use crate::raw::base::erased::Fat;
use crate::raw::count::{Count, Owner, flag};
use crate::raw::heap::part::Parts;
use crate::raw::memory::header::{Object, full_size};
use crate::raw::memory::{self, Request, SLICE_PREFIX};

/// How an object's value is shaped.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Shape {
    /// A sized value, in a slot of the pool.
    Pooled,
    /// A sized value, in an allocation of its own.
    Large,
    /// A slice: its length stands in front of the header, and decides where it lives.
    Slice,
}

/// The operations on a type-erased value. Each takes the value of an object created with this table `[I3]`.
pub(crate) struct TypeInfo<H: Heap> {
    pub(crate) shape: Shape,
    pub(crate) container: bool,
    pub(crate) subtract: unsafe fn(Object<H>, &mut Subtract<H>),
    pub(crate) reach: unsafe fn(Object<H>, &mut Reach<'_, '_, H>),
    pub(crate) gather: unsafe fn(Object<H>, &mut Gather<'_, H>),
    /// For all other visitors.
    pub(crate) trace: unsafe fn(Object<H>, &mut DynVisitor<'_>),
    pub(crate) finalize: unsafe fn(Object<H>),
    pub(crate) drop: unsafe fn(Object<H>),
    /// Takes out of a value what is large, if there may be anything: it is about to be dropped.
    pub(crate) divide: Option<unsafe fn(Object<H>, &mut Parts)>,
    /// Sends the object to the owner of its count.
    pub(crate) queue: unsafe fn(Object<H>, Owner),
    /// The layout of the value; of one element, if it is a slice.
    pub(crate) layout: Layout,
    /// What its handles are, of which the type has been forgotten,
    pub(crate) any: &'static AnyTable<H>,
    /// and the pointer of one.
    pub(crate) pointer: unsafe fn(Object<H>) -> Fat,
}

impl<H: Heap> TypeInfo<H> {
    /// The request that the object's memory was allocated with.
    ///
    /// # Safety
    ///
    /// `object` belongs to an object created with this table `[I3]`.
    #[cfg_attr(not(debug_assertions), inline(always))]
    pub(crate) unsafe fn request(&self, object: Object<H>) -> Request {
        if self.shape != Shape::Slice {
            return Request::new::<H>(self.layout, true, 0);
        }
        // SAFETY: [I3] as the caller vouches; an array of this length was allocated, so its layout exists.
        let layout = unsafe {
            let bytes = slice_len(object).unchecked_mul(self.layout.size());
            Layout::from_size_align_unchecked(bytes, self.layout.align())
        };
        Request::new::<H>(layout, true, SLICE_PREFIX)
    }
}

impl<H: Heap> Object<H> {
    /// The table of a full object.
    ///
    /// # Safety
    ///
    /// The object is allocated, and has the flag `FULL`.
    #[cfg_attr(not(debug_assertions), inline(always))]
    pub(crate) unsafe fn table(self) -> &'static TypeInfo<H> {
        // SAFETY: [I3] as the caller vouches: where the object was allocated, its table was written down.
        unsafe {
            let pooled = self.count().flags() & flag::LARGE == 0;
            &*memory::info(self, pooled).cast()
        }
    }
}

/// The length of an object created as a slice.
///
/// # Safety
///
/// `object` belongs to an object of [`Shape::Slice`] `[I3]`.
#[cfg_attr(not(debug_assertions), inline(always))]
pub(crate) unsafe fn slice_len<H: Heap>(object: Object<H>) -> usize {
    // SAFETY: [I3] as the caller vouches.
    unsafe { length_slot(object).read() }
}

/// Where the length of a slice stands.
///
/// # Safety
///
/// `object` has a slice's allocation around it.
#[cfg_attr(not(debug_assertions), inline(always))]
pub(crate) unsafe fn length_slot<H: Heap>(object: Object<H>) -> NonNull<usize> {
    // SAFETY: [I3] the prefix is part of the allocation.
    unsafe { object.value().sub(full_size::<H>() + SLICE_PREFIX).cast() }
}
