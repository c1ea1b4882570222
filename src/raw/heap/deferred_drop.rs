//! Handles that threads drop while they are outside: they are left to somebody inside.

use std::ptr::NonNull;

use crate::raw::base::erased::Fat;

/// A handle of either kind that a detached thread dropped.
#[derive(Debug)]
pub(crate) struct DeferredDrop {
    pub(crate) value: Fat,
    pub(crate) drop: unsafe fn(Fat),
}

impl DeferredDrop {
    /// A handle to the object with this value, which `drop` makes again to drop it.
    pub(crate) fn new<T: ?Sized>(value: NonNull<T>, drop: unsafe fn(Fat)) -> Self {
        DeferredDrop { value: Fat::new(value), drop }
    }
}

// SAFETY: [I6], [I13] a deferred drop is a handle to an object of a heap that threads share.
unsafe impl Send for DeferredDrop {}
