//! Types that the collector does not look into.
//!
//! Some of them own nothing. The others would hide the handles they own, and a cycle through them would leak without a
//! word. They are refused while compiling, unless what they contain is a leaf.

#![expect(unsafe_code, reason = "`Trace` is an unsafe trait")]

use std::cell::LazyCell;
use std::io::{BufWriter, LineWriter, Write};
use std::marker::PhantomData;
use std::mem::{ManuallyDrop, MaybeUninit};
use std::rc::{self, Rc};
use std::sync::{self, Arc, LazyLock, Mutex, OnceLock, RwLock, mpsc};
use std::thread;

use crate::Trace;
use crate::trace::{refuse_if, visits};

// These own nothing. What is behind a `Weak` of the standard library belongs to the `Rc`s or `Arc`s. What is behind a
// `&'static` belongs to nobody: it was leaked, or is a `static`, and handles in it keep their objects alive. (It is `T: Trace`
// only to keep the compiler from advising `Gc::new(&value)` where `Trace` is missing.)
leaves! {
    [T: ?Sized + 'static] PhantomData<T>,
    [T: Trace + ?Sized] &'static T,
    [T: ?Sized + 'static] rc::Weak<T>,
    [T: ?Sized + 'static] sync::Weak<T>,
}

/// Stops the compilation if a `T` can own a handle; `advice` is the error.
#[track_caller]
pub(super) const fn refuse_handles<T: Trace + ?Sized>(advice: &'static str) {
    refuse_if(visits::<T>(), advice);
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
        during a collection. Use `GcOnce` in place of `OnceLock`, or mark the field `#[trace(skip)]`: then cycles \
        through it leak"
}

of_leaves! {
    [T: Trace + ?Sized] ManuallyDrop<T>: T,
        "this type contains a `ManuallyDrop` around something that holds a `Gc` or a `Weak`. The collector cannot tell \
        whether it was dropped already. Use `Option` in place of `ManuallyDrop`, or mark the field `#[trace(skip)]`: \
        then cycles through it leak"
}

of_leaves! {
    [T: Trace] MaybeUninit<T>: T,
        "this type contains a `MaybeUninit` of something that holds a `Gc` or a `Weak`. The collector cannot tell whether it is \
        there. Use `Option` in place of `MaybeUninit`, or mark the field `#[trace(skip)]`: then cycles through it leak"
}

of_leaves! {
    [T: Trace, F: 'static] LazyCell<T, F>: T,
        "this type contains a `LazyCell` of something that holds a `Gc` or a `Weak`. The collector cannot tell whether it was \
        made already. Use `GcLazy` in place of `LazyCell`, or mark the field `#[trace(skip)]`: then cycles through it leak"
}

of_leaves! {
    [T: Trace, F: 'static] LazyLock<T, F>: T,
        "this type contains a `LazyLock` of something that holds a `Gc` or a `Weak`. Another thread could fill it during a \
        collection. Use `GcLazy` in place of `LazyLock`, or mark the field `#[trace(skip)]`: then cycles through it leak"
}

of_leaves! {
    [T: Trace + Write + ?Sized] BufWriter<T>: T,
        "this type contains a `BufWriter` around something that holds a `Gc` or a `Weak`. When it is dropped it writes, and what \
        the handles point to may have been dropped before it. Put the buffer and the writer into a type of your own, or mark \
        the field `#[trace(skip)]`: then cycles through it leak"
}

of_leaves! {
    [T: Trace + Write + ?Sized] LineWriter<T>: T,
        "this type contains a `LineWriter` around something that holds a `Gc` or a `Weak`. When it is dropped it writes, and what \
        the handles point to may have been dropped before it. Put the buffer and the writer into a type of your own, or mark \
        the field `#[trace(skip)]`: then cycles through it leak"
}

of_leaves! {
    [T: Trace] thread::JoinHandle<T>: T,
        "this type contains a `JoinHandle` of something that holds a `Gc` or a `Weak`. The collector does not see what a thread \
        will return. Mark the field `#[trace(skip)]`: then cycles through it leak"
}

of_leaves! {
    [T: Trace] mpsc::Sender<T>: T,
        "this type contains a `Sender` of something that holds a `Gc` or a `Weak`. The collector does not look into channels. \
        Mark the field `#[trace(skip)]`: then cycles through it leak"
}

of_leaves! {
    [T: Trace] mpsc::SyncSender<T>: T,
        "this type contains a `SyncSender` of something that holds a `Gc` or a `Weak`. The collector does not look into channels. \
        Mark the field `#[trace(skip)]`: then cycles through it leak"
}

of_leaves! {
    [T: Trace] mpsc::Receiver<T>: T,
        "this type contains a `Receiver` of something that holds a `Gc` or a `Weak`. The collector does not look into channels. \
        Mark the field `#[trace(skip)]`: then cycles through it leak"
}
