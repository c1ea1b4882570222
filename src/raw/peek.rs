//! A look into std's `Cell`, which has no borrow flag because nobody can hold a reference into it.

use std::cell::Cell;

/// Calls `look` with a reference to the cell's content.
///
/// Used by `Cell`'s `Trace` implementation only: `look` runs `Trace::trace`, which does not change what any cell holds
/// (clause 3 of the trait's contract).
#[inline(always)]
pub(crate) fn cell<T: ?Sized, R>(cell: &Cell<T>, look: impl FnOnce(&T) -> R) -> R {
    // SAFETY: [I4] a `Cell` is used by one thread, and `look` writes to no cell, so nothing is written while the
    // reference lives.
    look(unsafe { &*cell.as_ptr() })
}
