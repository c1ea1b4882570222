//! [`vec1`](https://docs.rs/vec1): vectors that are never empty.

#![expect(unsafe_code, reason = "`Trace` is an unsafe trait")]

use vec1::Vec1;

use crate::Trace;

owners! {
    [T: Trace] Vec1<T>: [T] |this, visitor| for element in this.as_slice() { element.trace(visitor) };
}
