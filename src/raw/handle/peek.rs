//! A look into std's `Cell`, which has no borrow flag because nobody can hold a reference into it.

use std::cell::Cell;

/// Calls `look` with a reference to the cell's content.
///
/// # Safety
///
/// `look` does not change what any cell holds. (It is `Trace::trace`, whose contract says so in clause 3.)
#[cfg_attr(not(debug_assertions), inline(always))]
pub(crate) unsafe fn cell<T: ?Sized, R>(cell: &Cell<T>, look: impl FnOnce(&T) -> R) -> R {
    // SAFETY: [I4] a `Cell` is used by one thread, and `look` writes to no cell, as the caller vouches, so nothing is
    // written while the reference lives.
    look(unsafe { &*cell.as_ptr() })
}
