//! [`either`](https://docs.rs/either): one of two.

#![expect(unsafe_code, reason = "`Trace` is an unsafe trait")]

use either::Either;

use crate::Trace;

owners! {
    [L: Trace, R: Trace] Either<L, R>: [L, R] |this, visitor| match this {
        Either::Left(value) => value.trace(visitor),
        Either::Right(value) => value.trace(visitor),
    };
}
