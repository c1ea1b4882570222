//! Heaps: the second type parameter of [`Gc`](crate::Gc).

use std::fmt::Debug;
use std::hash::Hash;
use std::ops::Deref;

use crate::CollectionEvent;
use crate::control::Control;
use crate::raw::kinds::RawHeap;
pub use crate::raw::kinds::{Atomic, Biased, Local, Locked};
use crate::trace::Trace;

/// A heap, as a value of size zero. Its type says where objects live and how they are counted.
///
/// Every heap dereferences to [`Control`], which has the methods: `Local.collect()`, `H::default().stats()`.
///
/// Generic code allocates with [`Gc::new_in`](crate::Gc::new_in):
///
/// ```
/// use tricycle::{Gc, Heap, Hosts, Local};
///
/// fn origin<H: Hosts<(i32, i32)>>() -> Gc<(i32, i32), H> {
///     Gc::new_in((0, 0), H::default())
/// }
/// assert_eq!(*origin::<Local>(), (0, 0));
/// ```
///
/// A heap is a leaf to the collector, so a value may contain one to allocate with:
///
/// ```
/// use tricycle::{Gc, GcCell, Heap, Local, Trace};
///
/// #[derive(Trace)]
/// struct Names<H: Heap> {
///     heap: H,
///     all: GcCell<Vec<Gc<String, H>>, H>,
/// }
/// let names = Names { heap: Local, all: GcCell::default() };
/// names.all.borrow_mut().push(Gc::new_in("a".to_owned(), names.heap));
/// ```
///
/// The trait is sealed; [`heap!`](crate::heap!) declares further heaps.
///
/// Every heap can keep boxed callbacks that are `Send` ([`HostsFn`]). So code that is generic over the heap boxes
/// its callbacks.
pub trait Heap:
    RawHeap
    + Trace
    + Copy
    + Send
    + Sync
    + Default
    + Eq
    + Hash
    + Debug
    + Deref<Target = Control<Self>>
    + HostsFn<Box<dyn FnOnce() + Send>>
    + HostsFn<Box<dyn FnMut(&CollectionEvent) + Send>>
    + 'static
{
}

/// A heap that can hold values of type `T`.
///
/// [`Local`] and the heaps of its kind can hold every `T: Trace`. Heaps that threads share can hold every
/// `T: Trace + Send + Sync`.
#[diagnostic::on_unimplemented(
    message = "heap `{Self}` cannot hold a `{T}`",
    label = "not allowed on this heap",
    note = "what is on a heap that threads share is used by all of them: it has to be `Send + Sync`",
    note = "for a cell that threads share use `GcCell<_, {Self}>` (not `Cell`, `RefCell` or a lock), for a handle `Gc<_, {Self}>` (not `Rc`)",
    note = "a `Gc<T>`, `GcCell<T>` or `Weak<T>` that names no heap is of the heap `Local`: take all types of one heap from a module, such as \
            `tricycle::biased`"
)]
///
/// # Safety
///
/// Any thread that can get at objects of the heap may use and drop a `T`. Implemented for all heaps of which that is true.
#[expect(unsafe_code, reason = "a heap that threads share must not host what cannot be shared")]
pub unsafe trait Hosts<T: ?Sized>: Heap + HostsRef<T> {}

/// A heap on which any thread that has a handle to a `T` may use the `T`. On a heap that threads share, `T` must be
/// `Send + Sync`.
///
/// The type of a handle need not say that, even if it is true for the object: a `Gc<dyn Debug, Atomic>` cannot be
/// sent, a `Gc<dyn Debug + Send + Sync, Atomic>` can. An [`AnyGc`](crate::AnyGc) can be sent, whichever it was made
/// from, so it returns the latter only.
///
/// # Safety
///
/// See [`Hosts`].
#[expect(unsafe_code, reason = "as for `Hosts`")]
#[diagnostic::on_unimplemented(
    message = "heap `{Self}` cannot give out a `{T}` on any thread",
    label = "may be on another thread than the one that has handles of this type",
    note = "on a heap that threads share, a value needs `Send + Sync`, also as a trait object: `dyn Trait + Send + Sync`"
)]
pub unsafe trait HostsRef<T: ?Sized> {}

/// A heap that threads share: [`Locked`], [`Atomic`], [`Biased`], and heaps that are declared as one of these
/// kinds. Handles to its objects are `Send` and `Sync` if the values are.
///
/// # Safety
///
/// Threads may use objects of the heap in turns or in parallel. Implemented for all heaps of which that is true.
#[expect(unsafe_code, reason = "handles of a heap that is not shared must not be sent")]
#[diagnostic::on_unimplemented(
    message = "`{Self}` is a heap of one thread: its handles cannot be sent to another, nor shared",
    label = "has handles of the heap `{Self}`",
    note = "threads can share the heaps `Locked`, `Atomic` and `Biased`: `Gc<_, Biased>`, or all types of one of them from `tricycle::biased`"
)]
pub unsafe trait Shared: Heap {}

/// A heap that can keep a callback of type `F`. On a heap that threads share, `F` must be `Send`.
///
/// # Safety
///
/// See [`Hosts`].
#[expect(unsafe_code, reason = "as for `Hosts`")]
#[diagnostic::on_unimplemented(
    message = "heap `{Self}` cannot keep this callback",
    label = "a callback that not every thread may call",
    note = "on a heap that threads share, a callback needs `Send`, as any of them may call it: does it capture an `Rc`, a `RefCell` or \
            a handle of a `Local` heap?"
)]
pub unsafe trait HostsFn<F> {}
