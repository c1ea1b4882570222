//! The collections of the standard library.
//!
//! Hashers and comparisons are never called: a collection is walked in the order in which it lies in memory.

#![expect(unsafe_code, reason = "`Trace` is an unsafe trait")]

use std::collections::{BTreeMap, BTreeSet, BinaryHeap, HashMap, HashSet, LinkedList, VecDeque};

use crate::Trace;

owners! {
    [T: Trace] [T]: [T] |this, visitor| for element in this { element.trace(visitor) };
    [T: Trace, const N: usize] [T; N]: [T] |this, visitor| for element in this { element.trace(visitor) };
    [T: Trace] Vec<T>: [T] |this, visitor| for element in this { element.trace(visitor) };
    [T: Trace] VecDeque<T>: [T] |this, visitor| for element in this { element.trace(visitor) };
    [T: Trace] LinkedList<T>: [T] |this, visitor| for element in this { element.trace(visitor) };
    [T: Trace] BinaryHeap<T>: [T] |this, visitor| for element in this { element.trace(visitor) };
    [T: Trace] BTreeSet<T>: [T] |this, visitor| for element in this { element.trace(visitor) };
    [K: Trace, V: Trace] BTreeMap<K, V>: [K, V] |this, visitor| for (key, value) in this {
        key.trace(visitor);
        value.trace(visitor);
    };
}

// A hasher may be of any type. If it owns handles, they are left out: they keep their objects alive.
owners! {
    [T: Trace, S: 'static] HashSet<T, S>: [T] |this, visitor| for element in this { element.trace(visitor) };
    [K: Trace, V: Trace, S: 'static] HashMap<K, V, S>: [K, V] |this, visitor| for (key, value) in this {
        key.trace(visitor);
        value.trace(visitor);
    };
}
