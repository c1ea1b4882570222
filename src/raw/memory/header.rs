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

/// A type-erased object: the address of its value, with provenance for its whole allocation `[I1]`.
pub(crate) type Value = NonNull<u8>;

/// The count of the object at `value`.
///
/// # Safety
///
/// `value` is the value of an object of heap `H` whose memory has not been released `[I1]`, for as long as the result is
/// used.
#[cfg_attr(not(debug_assertions), inline(always))]
pub(crate) unsafe fn count<'a, H: Heap>(value: NonNull<u8>) -> &'a H::Count {
    // SAFETY: [I1] the count lies directly in front of the value, in the same allocation, and is only shared.
    unsafe { value.cast::<H::Count>().sub(1).as_ref() }
}

/// The value behind a full header.
///
/// # Safety
///
/// `links` are those of a full header of heap `H` whose memory has not been released, and carry provenance for its
/// allocation `[I1]`.
#[cfg_attr(not(debug_assertions), inline(always))]
pub(crate) unsafe fn value_of<H: Heap>(links: NonNull<Links>) -> Value {
    // SAFETY: [I2] the value follows the header, of which the links are the first field.
    unsafe { links.cast::<Full<H>>().add(1).cast() }
}

/// The links of the full object at `value`, with its provenance.
///
/// # Safety
///
/// As for [`count`]; and the object has the flag `FULL` `[I2]`.
#[cfg_attr(not(debug_assertions), inline(always))]
pub(crate) unsafe fn links_of<H: Heap>(value: Value) -> NonNull<Links> {
    // SAFETY: [I2] an object with `FULL` has a `Full` directly in front of its value.
    unsafe { value.cast::<Full<H>>().sub(1).cast() }
}
