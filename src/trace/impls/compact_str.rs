//! [`compact_str`](https://docs.rs/compact_str): strings of two or three words that keep short texts in place.

#![expect(unsafe_code, reason = "`Trace` is an unsafe trait")]

leaves! {
    compact_str::CompactString,
}
