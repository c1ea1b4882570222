//! Interior mutability on one thread.

#![expect(unsafe_code, reason = "`Trace` is an unsafe trait")]

use std::cell::{Cell, OnceCell, RefCell};

use crate::Trace;
use crate::raw::handle::cell::peek;

divisible! {
    [T: Trace + ?Sized] Cell<T>: [T] false |this, parts| this.get_mut().divide(parts),
        // SAFETY: [I4] to trace is not to change any cell.
        |this, visitor| unsafe { peek(this, |value: &T| value.trace(visitor)) };
    [T: Trace] OnceCell<T>: [T] false |this, parts| parts.each(this.get_mut()),
        |this, visitor| if let Some(value) = this.get() { value.trace(visitor) };
    // While it is mutably borrowed a `RefCell` is opaque: what it holds is kept alive.
    [T: Trace + ?Sized] RefCell<T>: [T] false |this, parts| this.get_mut().divide(parts),
        |this, visitor| if let Ok(value) = this.try_borrow() { value.trace(visitor) };
}
