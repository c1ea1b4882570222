//! What stands in front of a value.
//!
//! ```text
//! full:  [ next | prev | count ][ value ]   containers, and types with a finalizer: 24 bytes, or 32 with biased counts
//! slim:                [ count ][ value ]   leaves: 8 bytes, or 16
//! ```
//!
//! What type a full object has is written where its memory comes from: a page of the pool holds full objects of one type
//! only, an allocation of its own says it for itself ([`memory::info`](super::info)).
//!
//! A handle points at the value, so the header is at negative offsets and the value's alignment needs no
//! arithmetic. The count is at the same place in both forms, and its flags say which form it is.

use std::fmt;
use std::marker::PhantomData;
use std::num::NonZeroUsize;
use std::ptr::NonNull;

use crate::Heap;
use crate::raw::base::list::Links;

/// The header of an object that the collector may have to do with.
#[repr(C)]
pub(crate) struct Full<H: Heap> {
    /// Neighbours on the list of its generation.
    pub(crate) links: Links,
    /// Always directly in front of the value.
    pub(crate) count: H::Count,
}

/// Bytes of a full header.
#[cfg_attr(not(debug_assertions), inline(always))]
pub(crate) const fn full_size<H: Heap>() -> usize {
    size_of::<Full<H>>()
}

/// An object of heap `H`, of a type that has been forgotten: the address of its value, with provenance for its whole allocation `[I1]`.
#[repr(transparent)]
pub(crate) struct Object<H: Heap> {
    value: NonNull<u8>,
    heap: PhantomData<fn() -> H>,
}

impl<H: Heap> Clone for Object<H> {
    fn clone(&self) -> Self {
        *self
    }
}

impl<H: Heap> Copy for Object<H> {}

impl<H: Heap> PartialEq for Object<H> {
    fn eq(&self, other: &Self) -> bool {
        self.value == other.value
    }
}

impl<H: Heap> fmt::Debug for Object<H> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.value.fmt(f)
    }
}

impl<H: Heap> Object<H> {
    /// The object with this value.
    #[cfg_attr(not(debug_assertions), inline(always))]
    pub(crate) const fn new<T: ?Sized>(value: NonNull<T>) -> Self {
        Object { value: value.cast(), heap: PhantomData }
    }

    /// Its value.
    #[cfg_attr(not(debug_assertions), inline(always))]
    pub(crate) const fn value(self) -> NonNull<u8> {
        self.value
    }

    /// Its value as one of a type.
    #[cfg_attr(not(debug_assertions), inline(always))]
    pub(crate) const fn cast<T>(self) -> NonNull<T> {
        self.value.cast()
    }

    /// Where its value is.
    #[cfg_attr(not(debug_assertions), inline(always))]
    pub(crate) fn addr(self) -> NonZeroUsize {
        self.value.addr()
    }

    /// Its count.
    ///
    /// # Safety
    ///
    /// The memory of the object has not been released `[I1]`, and is not for as long as the result is used.
    #[cfg_attr(not(debug_assertions), inline(always))]
    pub(crate) unsafe fn count<'a>(self) -> &'a H::Count {
        // SAFETY: [I1] the count lies directly in front of the value, in the same allocation, and is only shared.
        unsafe { self.value.cast::<H::Count>().sub(1).as_ref() }
    }

    /// The object behind a full header.
    ///
    /// # Safety
    ///
    /// `links` are those of a full header of heap `H` whose memory has not been released, and carry provenance for its
    /// allocation `[I1]`.
    #[cfg_attr(not(debug_assertions), inline(always))]
    pub(crate) unsafe fn of(links: NonNull<Links>) -> Self {
        // SAFETY: [I2] the value follows the header, of which the links are the first field.
        Object::new(unsafe { links.cast::<Full<H>>().add(1) })
    }

    /// The links of a full object, with its provenance.
    ///
    /// # Safety
    ///
    /// As for [`count`](Self::count); and the object has the flag `FULL` `[I2]`.
    #[cfg_attr(not(debug_assertions), inline(always))]
    pub(crate) unsafe fn links(self) -> NonNull<Links> {
        // SAFETY: [I2] an object with `FULL` has a `Full` directly in front of its value.
        unsafe { self.value.cast::<Full<H>>().sub(1).cast() }
    }
}
