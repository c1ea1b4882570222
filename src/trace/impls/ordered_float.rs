//! [`ordered-float`](https://docs.rs/ordered-float): floating-point numbers that can be keys.

#![expect(unsafe_code, reason = "`Trace` is an unsafe trait")]

use ordered_float::{FloatIsNan, NotNan, OrderedFloat};

leaves! {
    OrderedFloat<f32>, OrderedFloat<f64>, NotNan<f32>, NotNan<f64>, FloatIsNan,
}
