//! [`arrayvec`](https://docs.rs/arrayvec): vectors and strings that are kept in place.

#![expect(unsafe_code, reason = "`Trace` is an unsafe trait")]

use arrayvec::{ArrayString, ArrayVec};

use crate::Trace;

leaves! {
    [const N: usize] ArrayString<N>,
}

owners! {
    [T: Trace, const N: usize] ArrayVec<T, N>: [T] |this, visitor| for element in this { element.trace(visitor) };
}
