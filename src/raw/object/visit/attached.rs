//! The edges that are not in a value: what weak maps have attached to its object.

use crate::Heap;
use crate::raw::count::{Count, flag};
use crate::raw::heap::side_table::Extras;
use crate::raw::memory::header::{self, Value};
use crate::trace::Visitor;

/// Shows a visitor what is attached to an object, if anything is attached to any.
///
/// # Safety
///
/// `value` is that of an allocated object.
#[cfg_attr(not(debug_assertions), inline(always))]
pub(crate) unsafe fn attached<H: Heap>(extras: Option<&Extras>, value: Value, visitor: &mut impl Visitor) {
    if let Some(extras) = extras
        // SAFETY: [I5] as the caller vouches.
        && unsafe { header::count::<H>(value) }.flags() & flag::EXTRAS != 0
    {
        visit(extras, value, visitor);
    }
}

#[cold]
#[inline(never)]
fn visit(extras: &Extras, value: Value, visitor: &mut impl Visitor) {
    extras.each_attached(value.addr().get(), |attached| attached.trace(&mut visitor.erase()));
}
