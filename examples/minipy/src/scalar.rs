//! Truths and floats, each in a word like any other.
//!
//! If what each kind of [`Value`](crate::value::Value) carries is a word, an integer or a pointer, the compiler passes values in two
//! registers. One `bool` or `f64` among them, and they go through memory, in pieces that have to be put together again.

use tricycle::Trace;

/// A `bool`.
#[derive(Clone, Copy, PartialEq, Eq, Trace)]
#[repr(u64)]
pub enum Truth {
    False,
    True,
}

impl Truth {
    #[inline(always)]
    pub fn get(self) -> bool {
        self == Truth::True
    }
}

impl From<bool> for Truth {
    #[inline(always)]
    fn from(value: bool) -> Self {
        if value { Truth::True } else { Truth::False }
    }
}

/// An `f64`, by its bits.
#[derive(Clone, Copy, PartialEq, Eq, Trace)]
pub struct Real(u64);

impl Real {
    #[inline(always)]
    pub fn get(self) -> f64 {
        f64::from_bits(self.0)
    }
}

impl From<f64> for Real {
    #[inline(always)]
    fn from(value: f64) -> Self {
        Real(value.to_bits())
    }
}
