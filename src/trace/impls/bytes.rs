//! [`bytes`](https://docs.rs/bytes): buffers of bytes with shared parts.
//!
//! A `Bytes` may be made of any value that owns bytes. If that holds handles, they are left out: they keep their objects alive.

#![expect(unsafe_code, reason = "`Trace` is an unsafe trait")]

leaves! {
    bytes::Bytes,
    bytes::BytesMut,
}
