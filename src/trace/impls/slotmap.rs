//! [`slotmap`](https://docs.rs/slotmap): values with keys that tell whether theirs is still there.
//!
//! Keys can be copied, so they own no handles.

#![expect(unsafe_code, reason = "`Trace` is an unsafe trait")]
#![allow(deprecated, reason = "`HopSlotMap` is, from slotmap 1.1 on; programs still have it")]

use std::hash::BuildHasher;

use slotmap::{DefaultKey, DenseSlotMap, HopSlotMap, Key, KeyData, SecondaryMap, SlotMap, SparseSecondaryMap};

use crate::Trace;

leaves! {
    KeyData, DefaultKey,
}

owners! {
    [K: Key + 'static, V: Trace] SlotMap<K, V>: [V] |this, visitor| for value in this.values() { value.trace(visitor) };
    [K: Key + 'static, V: Trace] DenseSlotMap<K, V>: [V] |this, visitor| for value in this.values() { value.trace(visitor) };
    [K: Key + 'static, V: Trace] HopSlotMap<K, V>: [V] |this, visitor| for value in this.values() { value.trace(visitor) };
    [K: Key + 'static, V: Trace] SecondaryMap<K, V>: [V] |this, visitor| for value in this.values() { value.trace(visitor) };
    [K: Key + 'static, V: Trace, S: BuildHasher + 'static] SparseSecondaryMap<K, V, S>: [V]
        |this, visitor| for value in this.values() { value.trace(visitor) };
}
