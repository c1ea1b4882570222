//! Interior mutability on one thread.

#![expect(unsafe_code, reason = "`Trace` is an unsafe trait")]

use std::cell::{Cell, OnceCell, RefCell};

use crate::Trace;
use crate::raw::handle::cell::peek;

owners! {
    // SAFETY: [I4] to trace is not to change any cell.
    [T: Trace + ?Sized] Cell<T>: [T] |this, visitor| unsafe { peek(this, |value: &T| value.trace(visitor)) };
    [T: Trace] OnceCell<T>: [T] |this, visitor| if let Some(value) = this.get() { value.trace(visitor) };
    // While it is mutably borrowed a `RefCell` is opaque: what it holds is kept alive.
    [T: Trace + ?Sized] RefCell<T>: [T] |this, visitor| if let Ok(value) = this.try_borrow() { value.trace(visitor) };
}
