//! [`smallvec`](https://docs.rs/smallvec): vectors that keep a few elements in place.

#![expect(unsafe_code, reason = "`Trace` is an unsafe trait")]

use smallvec::{Array, SmallVec};

use crate::Trace;

owners! {
    [A: Array<Item: Trace> + 'static] SmallVec<A>: [A::Item] |this, visitor| for element in this { element.trace(visitor) };
}
