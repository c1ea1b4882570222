//! [`enum-map`](https://docs.rs/enum-map): one value for each variant of an enum.

#![expect(unsafe_code, reason = "`Trace` is an unsafe trait")]

use enum_map::{EnumArray, EnumMap};

use crate::Trace;

owners! {
    [K: EnumArray<V> + 'static, V: Trace] EnumMap<K, V>: [V] |this, visitor| {
        for value in this.as_slice() {
            value.trace(visitor);
        }
    };
}
