//! Errors of the pointer API.

use std::fmt;

/// There is no memory for an object, or the heap has reached its limit
/// ([`Control::set_limit`](crate::Control::set_limit)). Holds the value of the object, or the function that makes
/// it.
#[derive(Clone, Copy, PartialEq, Eq)]
pub struct AllocError<T>(pub(crate) T);

impl<T> AllocError<T> {
    /// Returns the value that could not be allocated, or the function that makes it.
    pub fn into_inner(self) -> T {
        self.0
    }
}

impl<T> fmt::Debug for AllocError<T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("AllocError(..)")
    }
}

impl<T> fmt::Display for AllocError<T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("no memory for an object")
    }
}

impl<T> std::error::Error for AllocError<T> {}
