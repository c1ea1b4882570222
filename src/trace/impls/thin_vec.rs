//! [`thin-vec`](https://docs.rs/thin-vec): vectors of one word.

#![expect(unsafe_code, reason = "`Trace` is an unsafe trait")]

use thin_vec::ThinVec;

use crate::Trace;

owners! {
    [T: Trace] ThinVec<T>: [T] |this, visitor| for element in this { element.trace(visitor) };
}
