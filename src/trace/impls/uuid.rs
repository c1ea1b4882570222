//! [`uuid`](https://docs.rs/uuid): identifiers of 128 bits.

#![expect(unsafe_code, reason = "`Trace` is an unsafe trait")]

leaves! {
    uuid::Uuid,
}
