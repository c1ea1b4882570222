//! [`indexmap`](https://docs.rs/indexmap): hash tables that keep the order of insertion.

#![expect(unsafe_code, reason = "`Trace` is an unsafe trait")]

use indexmap::{IndexMap, IndexSet};

use crate::Trace;

owners! {
    [T: Trace, S: 'static] IndexSet<T, S>: [T] |this, visitor| for element in this { element.trace(visitor) };
    [K: Trace, V: Trace, S: 'static] IndexMap<K, V, S>: [K, V] |this, visitor| for (key, value) in this {
        key.trace(visitor);
        value.trace(visitor);
    };
}
