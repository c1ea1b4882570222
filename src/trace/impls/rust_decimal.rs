//! [`rust_decimal`](https://docs.rs/rust_decimal): decimal numbers.

#![expect(unsafe_code, reason = "`Trace` is an unsafe trait")]

leaves! {
    rust_decimal::Decimal,
}
