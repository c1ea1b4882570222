//! [`hashbrown`](https://docs.rs/hashbrown): the hash tables of the standard library, with more ways in.

#![expect(unsafe_code, reason = "`Trace` is an unsafe trait")]

use hashbrown::{HashMap, HashSet, HashTable};

use crate::Trace;

owners! {
    [T: Trace] HashTable<T>: [T] |this, visitor| for element in this { element.trace(visitor) };
    [T: Trace, S: 'static] HashSet<T, S>: [T] |this, visitor| for element in this { element.trace(visitor) };
    [K: Trace, V: Trace, S: 'static] HashMap<K, V, S>: [K, V] |this, visitor| for (key, value) in this {
        key.trace(visitor);
        value.trace(visitor);
    };
}
