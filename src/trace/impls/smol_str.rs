//! [`smol_str`](https://docs.rs/smol_str): short strings that are kept in place.

#![expect(unsafe_code, reason = "`Trace` is an unsafe trait")]

leaves! {
    smol_str::SmolStr,
}
