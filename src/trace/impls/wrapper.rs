//! Types that own one value, or one of several.

#![expect(unsafe_code, reason = "`Trace` is an unsafe trait")]

use std::borrow::Cow;
use std::cmp::Reverse;
use std::io;
use std::num::{Saturating, Wrapping};
use std::ops::{Bound, ControlFlow, Range, RangeFrom, RangeInclusive, RangeTo, RangeToInclusive};
use std::pin::Pin;
use std::task::Poll;

use crate::Trace;

divisible! {
    [T: Trace + ?Sized] Box<T>: [T] false |this, parts| T::divide_boxed(this, parts),
        |this, visitor| (**this).trace(visitor);
    [T: Trace] Option<T>: [T] false |this, parts| parts.each(this), |this, visitor| if let Some(value) = this {
        value.trace(visitor);
    };
    [T: Trace, E: Trace] Result<T, E>: [T, E] false
        |this, parts| match this {
            Ok(value) => value.divide(parts),
            Err(error) => error.divide(parts),
        },
        |this, visitor| match this {
            Ok(value) => value.trace(visitor),
            Err(error) => error.trace(visitor),
        };
}

owners! {
    [T: Trace + ?Sized] Pin<Box<T>>: [T] |this, visitor| (**this).trace(visitor);
    [T: Trace] Wrapping<T>: [T] |this, visitor| this.0.trace(visitor);
    [T: Trace] Saturating<T>: [T] |this, visitor| this.0.trace(visitor);
    [T: Trace] Reverse<T>: [T] |this, visitor| this.0.trace(visitor);
}

owners! {
    [T: Trace] Poll<T>: [T] |this, visitor| if let Poll::Ready(value) = this { value.trace(visitor) };
    [B: Trace, C: Trace] ControlFlow<B, C>: [B, C] |this, visitor| match this {
        ControlFlow::Break(value) => value.trace(visitor),
        ControlFlow::Continue(value) => value.trace(visitor),
    };
    // What is borrowed is not owned, and not visited.
    [B: ToOwned<Owned: Trace> + ?Sized + 'static] Cow<'static, B>: [B::Owned] |this, visitor| if let Cow::Owned(value) = this {
        value.trace(visitor);
    };
}

owners! {
    [T: Trace] Bound<T>: [T] |this, visitor| match this {
        Bound::Included(limit) | Bound::Excluded(limit) => limit.trace(visitor),
        Bound::Unbounded => {}
    };
    [T: Trace] Range<T>: [T] |this, visitor| {
        this.start.trace(visitor);
        this.end.trace(visitor);
    };
    [T: Trace] RangeInclusive<T>: [T] |this, visitor| {
        this.start().trace(visitor);
        this.end().trace(visitor);
    };
    [T: Trace] RangeFrom<T>: [T] |this, visitor| this.start.trace(visitor);
    [T: Trace] RangeTo<T>: [T] |this, visitor| this.end.trace(visitor);
    [T: Trace] RangeToInclusive<T>: [T] |this, visitor| this.end.trace(visitor);
}

// Readers. (Writers with a buffer write it out when they are dropped: see `opaque.rs`.)
owners! {
    [T: Trace + ?Sized] io::BufReader<T>: [T] |this, visitor| this.get_ref().trace(visitor);
    [T: Trace] io::Cursor<T>: [T] |this, visitor| this.get_ref().trace(visitor);
    [T: Trace] io::Take<T>: [T] |this, visitor| this.get_ref().trace(visitor);
    [T: Trace, U: Trace] io::Chain<T, U>: [T, U] |this, visitor| {
        let (first, second) = this.get_ref();
        first.trace(visitor);
        second.trace(visitor);
    };
}
