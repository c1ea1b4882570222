//! [`slotmap`](https://docs.rs/slotmap): values with keys that tell whether theirs is still there.
//!
//! Keys can be copied, so they own no handles.

#![expect(unsafe_code, reason = "`Trace` is an unsafe trait")]

use slotmap::{DefaultKey, DenseSlotMap, Key, KeyData, SecondaryMap, SlotMap};

use crate::Trace;

leaves! {
    KeyData, DefaultKey,
}

owners! {
    [K: Key + 'static, V: Trace] SlotMap<K, V>: [V] |this, visitor| for value in this.values() { value.trace(visitor) };
    [K: Key + 'static, V: Trace] DenseSlotMap<K, V>: [V] |this, visitor| for value in this.values() { value.trace(visitor) };
    [K: Key + 'static, V: Trace] SecondaryMap<K, V>: [V] |this, visitor| for value in this.values() { value.trace(visitor) };
}
