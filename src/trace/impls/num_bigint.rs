//! [`num-bigint`](https://docs.rs/num-bigint): whole numbers of any size.

#![expect(unsafe_code, reason = "`Trace` is an unsafe trait")]

use num_bigint::{BigInt, BigUint, Sign};

leaves! {
    BigInt, BigUint, Sign,
}
