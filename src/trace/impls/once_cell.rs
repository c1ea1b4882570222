//! [`once_cell`](https://docs.rs/once_cell): cells that are written once.

#![expect(unsafe_code, reason = "`Trace` is an unsafe trait")]

use once_cell::{sync, unsync};

use crate::Trace;

owners! {
    [T: Trace] unsync::OnceCell<T>: [T] |this, visitor| if let Some(value) = this.get() { value.trace(visitor) };
    // A function that has yet to make the value may be of any type. If it owns handles, they are left out.
    [T: Trace, F: FnOnce() -> T + 'static] unsync::Lazy<T, F>: [T] |this, visitor| if let Some(value) = unsync::Lazy::get(this) { value.trace(visitor) };
}

of_leaves! {
    [T: Trace] sync::OnceCell<T>: T,
        "this type contains a `once_cell::sync::OnceCell` around something that holds a `Gc` or a `Weak`. Another thread could \
        fill it during a collection. Use `tricycle::GcOnce` in its place, or mark the field `#[trace(skip)]`: then cycles \
        through it leak"
}

of_leaves! {
    [T: Trace, F: 'static] sync::Lazy<T, F>: T,
        "this type contains a `once_cell::sync::Lazy` of something that holds a `Gc` or a `Weak`. Another thread could fill it \
        during a collection. Use `tricycle::GcLazy` in its place, or mark the field `#[trace(skip)]`: then cycles through \
        it leak"
}
