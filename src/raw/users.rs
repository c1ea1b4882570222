//! What a heap asks of values and callbacks, by who uses it: one thread, or any. (Here and not in `heap!`: what a macro generates in
//! another crate shows in that crate's errors, and an attribute of ours could there be taken for one of a module called `diagnostic`.)

use crate::{Heap, Hosts, HostsFn, HostsRef, Shared};

/// Each thread has a heap of its own.
#[derive(Debug)]
pub struct OneThread;

/// Any thread may use and drop what is on the heap.
#[derive(Debug)]
pub struct AnyThread;

/// Users that may have a `T`.
///
/// # Safety
///
/// `T` is `Send + Sync`, if it is not one thread alone.
pub unsafe trait Use<T: ?Sized> {}

/// Users of which any may call or drop an `F`.
///
/// # Safety
///
/// `F` is `Send`, if it is not one thread alone.
pub unsafe trait Keep<F> {}

/// Users that are more than one thread.
///
/// # Safety
///
/// They are.
pub unsafe trait Threads {}

// Errors are to name the heap, and neither what of this was not met nor other heaps, for which it was: `do_not_recommend`.

// SAFETY: what is on a heap of one thread never leaves it.
#[diagnostic::do_not_recommend]
unsafe impl<T: ?Sized> Use<T> for OneThread {}
// SAFETY: as above.
#[diagnostic::do_not_recommend]
unsafe impl<F> Keep<F> for OneThread {}

// SAFETY: other threads may use and drop what is `Send` and `Sync`.
#[diagnostic::do_not_recommend]
unsafe impl<T: ?Sized + Send + Sync> Use<T> for AnyThread {}
// SAFETY: other threads may call and drop what is `Send`.
#[diagnostic::do_not_recommend]
unsafe impl<F: Send> Keep<F> for AnyThread {}
// SAFETY: that is what such heaps are made for.
#[diagnostic::do_not_recommend]
unsafe impl Threads for AnyThread {}

// SAFETY: the heap's users may have the value.
#[diagnostic::do_not_recommend]
unsafe impl<T: ?Sized + 'static, H: Heap> Hosts<T> for H where H::Users: Use<T> {}
// SAFETY: as above.
#[diagnostic::do_not_recommend]
unsafe impl<T: ?Sized, H: Heap> HostsRef<T> for H where H::Users: Use<T> {}
// SAFETY: the heap's users may have the callback.
#[diagnostic::do_not_recommend]
unsafe impl<F: 'static, H: Heap> HostsFn<F> for H where H::Users: Keep<F> {}
// SAFETY: the heap's users are threads that share it.
#[diagnostic::do_not_recommend]
unsafe impl<H: Heap> Shared for H where H::Users: Threads {}
