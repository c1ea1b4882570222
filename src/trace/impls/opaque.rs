//! Types that the collector does not look into.
//!
//! Some of them own nothing. The others would hide the handles they own, and a cycle through them would leak without a
//! word. They are refused while compiling, unless what they contain is a leaf.

#![expect(unsafe_code, reason = "`Trace` is an unsafe trait")]

use std::marker::PhantomData;
use std::mem::ManuallyDrop;
use std::rc::{self, Rc};
use std::sync::{self, Arc, Mutex, OnceLock, RwLock};

use crate::trace::visits;
use crate::{Trace, Visitor};

// These own nothing. What is behind a `Weak` of the standard library belongs to the `Rc`s or `Arc`s. What is behind a
// `&'static` belongs to nobody: it was leaked, or is a `static`, and handles in it keep their objects alive. (It is `T: Trace`
// only to keep the compiler from advising `Gc::new(&value)` where `Trace` is missing.)
leaves! {
    [T: ?Sized] PhantomData<T>,
    [T: Trace + ?Sized] &'static T,
    [T: ?Sized] rc::Weak<T>,
    [T: ?Sized] sync::Weak<T>,
}

/// Stops the compilation if a `T` can own a handle; `advice` is the error.
#[track_caller]
const fn refuse_handles<T: Trace + ?Sized>(advice: &'static str) {
    if visits::<T>() {
        panic!("{}", advice);
    }
}

/// `Trace` for a type that may only contain leaves: `[generics] Type: Contents, advice`.
macro_rules! of_leaves {
    ([$($generics:tt)*] $ty:ty: $contents:ty, $advice:literal) => {
        // SAFETY: clauses 1 to 3: nothing is visited. 4: no handles are reported. 5: nothing is visited.
        unsafe impl<$($generics)*> Trace for $ty {
            const CONTAINER: bool = {
                refuse_handles::<$contents>($advice);
                false
            };
            #[inline]
            fn trace(&self, _: &mut impl Visitor) {
                // The constants of the derive do not see a type's mentions of itself; the code does.
                const { assert!(!Self::CONTAINER) }
            }
        }
    };
}

of_leaves! {
    [T: Trace + ?Sized] Rc<T>: T,
        "this type contains an `Rc` of something that holds a `Gc` or a `Weak`. `Rc` shares its contents, so the \
        collector cannot tell how many of its owners are garbage. Use `Gc` in place of `Rc`, or mark the field \
        `#[trace(skip)]`: then cycles through it leak"
}

of_leaves! {
    [T: Trace + ?Sized] Arc<T>: T,
        "this type contains an `Arc` of something that holds a `Gc` or a `Weak`. `Arc` shares its contents, so the \
        collector cannot tell how many of its owners are garbage. Use `Gc` in place of `Arc`, or mark the field \
        `#[trace(skip)]`: then cycles through it leak"
}

of_leaves! {
    [T: Trace + ?Sized] Mutex<T>: T,
        "this type contains a `Mutex` around something that holds a `Gc` or a `Weak`. The collector does not take locks. \
        Use `GcCell` in place of `Mutex`, or mark the field `#[trace(skip)]`: then cycles through it leak"
}

of_leaves! {
    [T: Trace + ?Sized] RwLock<T>: T,
        "this type contains an `RwLock` around something that holds a `Gc` or a `Weak`. The collector does not take locks. \
        Use `GcCell` in place of `RwLock`, or mark the field `#[trace(skip)]`: then cycles through it leak"
}

of_leaves! {
    [T: Trace] OnceLock<T>: T,
        "this type contains a `OnceLock` around something that holds a `Gc` or a `Weak`. Another thread could fill it \
        during a collection. Use `OnceCell` in place of `OnceLock`, or mark the field `#[trace(skip)]`: then cycles \
        through it leak"
}

of_leaves! {
    [T: Trace + ?Sized] ManuallyDrop<T>: T,
        "this type contains a `ManuallyDrop` around something that holds a `Gc` or a `Weak`. The collector cannot tell \
        whether it was dropped already. Use `Option` in place of `ManuallyDrop`, or mark the field `#[trace(skip)]`: \
        then cycles through it leak"
}
