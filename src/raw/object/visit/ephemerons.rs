//! The edges of an object that are not in its value: the values of the entries in weak maps of which it is the key.

use crate::Heap;
use crate::raw::count::{Count, flag};
use crate::raw::heap::side_table::Extras;
use crate::raw::memory::header::Object;
use crate::trace::Visitor;

/// Shows a visitor the ephemerons of an object, if any object has some.
///
/// # Safety
///
/// `object` is allocated.
#[cfg_attr(not(debug_assertions), inline(always))]
pub(crate) unsafe fn ephemerons<H: Heap>(extras: Option<&Extras>, object: Object<H>, visitor: &mut impl Visitor) {
    if let Some(extras) = extras
        // SAFETY: [I5] as the caller vouches.
        && unsafe { object.count() }.flags() & flag::EXTRAS != 0
    {
        visit(extras, object.addr().get(), visitor);
    }
}

#[cold]
#[inline(never)]
fn visit(extras: &Extras, addr: usize, visitor: &mut impl Visitor) {
    extras.each_ephemeron(addr, |ephemeron| ephemeron.trace(&mut visitor.erase()));
}
