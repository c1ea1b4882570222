//! [`Error`]: what is wrong with a graph, and where.

use std::fmt;

use crate::{AllocError, BorrowError, BorrowMutError};

/// Why a graph cannot be written or read. It becomes the error of the format, by [`Error::custom`](serde::ser::Error::custom) of serde,
/// with the number or the type of the object in front.
///
/// ```
/// use tricycle::graph::Error;
///
/// assert_eq!(Error::custom("this color is not known").to_string(), "this color is not known");
/// ```
#[derive(Debug)]
pub struct Error(String);

impl Error {
    /// An error with this text.
    pub fn custom(text: impl fmt::Display) -> Self {
        Error(text.to_string())
    }

    /// The same with the place in front.
    pub(super) fn at(self, place: impl fmt::Display) -> Self {
        Error(format!("{place}: {}", self.0))
    }
}

impl fmt::Display for Error {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

impl std::error::Error for Error {}

impl<T> From<AllocError<T>> for Error {
    fn from(error: AllocError<T>) -> Self {
        Error::custom(error)
    }
}

impl From<BorrowError> for Error {
    fn from(error: BorrowError) -> Self {
        Error::custom(error)
    }
}

impl From<BorrowMutError> for Error {
    fn from(error: BorrowMutError) -> Self {
        Error::custom(error)
    }
}
