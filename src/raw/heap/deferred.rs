//! Destruction that was put off until the stack is shallow again, of what has no links to be strung together by.

use std::fmt;

use super::part::Part;
use super::side_table::Callback;
use super::state;
use crate::Heap;
use crate::raw::base::erased::Fat;

/// What was put off, and has no links to be strung together by.
pub(crate) enum Deferred {
    /// A leaf.
    Leaf { value: Fat, destroy: unsafe fn(Fat) },
    /// A callback that will not run.
    Callback(Callback),
    /// Handles that were taken out of a value.
    Part(Box<dyn Part>),
}

impl fmt::Debug for Deferred {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Deferred")
    }
}

impl Deferred {
    /// Puts this off until the stack is shallow again.
    pub(crate) fn defer<H: Heap>(self) {
        state::get::<H>().stack().queue.push_loose(self);
    }

    pub(crate) fn finish(self) {
        match self {
            // SAFETY: [I14] deferred leaves are ours.
            Deferred::Leaf { value, destroy } => unsafe { destroy(value) },
            Deferred::Callback(callback) => drop(callback),
            Deferred::Part(part) => drop(part),
        }
    }
}
