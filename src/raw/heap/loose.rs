//! Destruction that was put off until the stack is shallow again, of what has no links to be strung together by.

use std::fmt;

use super::part::Part;
use super::side_table::Callback;
use super::state;
use crate::Heap;
use crate::raw::base::erased::Fat;

/// What was put off, and has no links to be strung together by.
pub(crate) enum Loose {
    /// A leaf.
    Leaf { value: Fat, destroy: unsafe fn(Fat) },
    /// A callback that will not run.
    Callback(Callback),
    /// Handles that were taken out of a value.
    Part(Box<dyn Part>),
}

impl fmt::Debug for Loose {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Loose")
    }
}

impl Loose {
    /// Puts this off until the stack is shallow again.
    pub(crate) fn put_off<H: Heap>(self) {
        state::get::<H>().stack().queue.push_loose(self);
    }

    pub(crate) fn finish(self) {
        match self {
            // SAFETY: [I14] leaves that were put off are ours.
            Loose::Leaf { value, destroy } => unsafe { destroy(value) },
            Loose::Callback(callback) => drop(callback),
            Loose::Part(part) => drop(part),
        }
    }
}
