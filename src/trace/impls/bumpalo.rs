//! [`bumpalo`](https://docs.rs/bumpalo): values in an arena.
//!
//! What goes into a `Gc` is `'static`, and so is the arena of these types: one that was leaked.

#![expect(unsafe_code, reason = "`Trace` is an unsafe trait")]

use bumpalo::boxed::Box;
use bumpalo::collections::{String, Vec};

use crate::Trace;

leaves! {
    String<'static>,
}

owners! {
    [T: Trace + ?Sized] Box<'static, T>: [T] |this, visitor| (**this).trace(visitor);
    [T: Trace] Vec<'static, T>: [T] |this, visitor| for element in this { element.trace(visitor) };
}
