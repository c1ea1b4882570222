//! Which state a heap type has on which thread, and the end of a thread.

use std::cell::Cell;
use std::marker::PhantomData;

use super::count::Count;
pub use super::count::LocalCount;
use super::state::State;
use crate::Heap;

/// What a heap type has to say of itself. Implemented by `heap!`.
///
/// # Safety
///
/// `slot` returns the same cell each time on one thread, no other heap type uses it, and it is null until this crate
/// sets it `[I11]`.
pub unsafe trait RawHeap: Copy + Default + Eq + std::fmt::Debug + std::hash::Hash + 'static {
    /// How objects are counted.
    #[doc(hidden)]
    #[expect(private_bounds, reason = "the trait is not part of the API")]
    type Count: Count;

    /// Runs `f` with this thread's pointer to the heap's state.
    #[doc(hidden)]
    fn slot<R>(f: impl FnOnce(&StatePtr<Self>) -> R) -> R
    where
        Self: Heap;

    /// Has [`Teardown`] dropped when the thread ends. False if it is too late for that.
    #[doc(hidden)]
    fn arm() -> bool;
}

/// This thread's pointer to a heap's state; null before its first use and after its end.
pub struct StatePtr<H: Heap>(Cell<*const State<H>>);

impl<H: Heap> StatePtr<H> {
    /// A pointer that is not set.
    #[expect(clippy::new_without_default, reason = "used in const thread-locals only")]
    pub const fn new() -> Self {
        StatePtr(Cell::new(std::ptr::null()))
    }

    #[inline(always)]
    pub(crate) fn get(&self) -> *const State<H> {
        self.0.get()
    }

    pub(crate) fn set(&self, state: *const State<H>) {
        self.0.set(state);
    }
}

impl<H: Heap> std::fmt::Debug for StatePtr<H> {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("StatePtr")
    }
}

/// Dropped at the end of a thread: collects, and lets the heap go as soon as its last object does.
#[derive(Debug)]
pub struct Teardown<H: Heap>(PhantomData<H>);

impl<H: Heap> Teardown<H> {
    /// A guard for the calling thread.
    ///
    /// # Safety
    ///
    /// It is dropped at the end of its thread, and there is no other for the heap `[I11]`.
    pub const unsafe fn new() -> Self {
        Teardown(PhantomData)
    }
}

impl<H: Heap> Drop for Teardown<H> {
    fn drop(&mut self) {
        super::state::teardown::<H>();
    }
}

/// Declares a heap of its own: own generations, thresholds and statistics, on each thread that uses it.
///
/// ```
/// use tricycle::{Gc, heap};
///
/// heap! {
///     /// The heap of one virtual machine.
///     pub Vm: Local
/// }
///
/// let gc = Gc::new_in(vec![1, 2, 3], Vm);
/// assert_eq!(gc.len(), 3);
/// Vm.collect();
/// ```
#[macro_export]
macro_rules! heap {
    ($(#[$attr:meta])* $vis:vis $name:ident : Local) => {
        $(#[$attr])*
        #[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash)]
        $vis struct $name;

        const _: () = {
            $crate::__private::thread_local! {
                static STATE: $crate::__private::StatePtr<$name> = const { $crate::__private::StatePtr::new() };
                // SAFETY: it lies in a thread-local, and is the only one for this heap.
                static TEARDOWN: $crate::__private::Teardown<$name> = const { unsafe { $crate::__private::Teardown::new() } };
            }

            // SAFETY: the thread-local above is used here and nowhere else.
            unsafe impl $crate::__private::RawHeap for $name {
                type Count = $crate::__private::LocalCount;

                #[inline(always)]
                fn slot<R>(f: impl FnOnce(&$crate::__private::StatePtr<$name>) -> R) -> R {
                    STATE.with(f)
                }

                fn arm() -> bool {
                    TEARDOWN.try_with(|_| ()).is_ok()
                }
            }

            impl $crate::Heap for $name {}
            // SAFETY: a heap of kind `Local` never leaves its thread, so it can hold anything.
            unsafe impl<T: $crate::Trace + ?Sized + 'static> $crate::Hosts<T> for $name {}
            // SAFETY: as above.
            unsafe impl<F: FnOnce() + 'static> $crate::HostsFn<F> for $name {}

            impl ::std::ops::Deref for $name {
                type Target = $crate::Control<$name>;

                #[inline]
                fn deref(&self) -> &$crate::Control<$name> {
                    $crate::Control::of()
                }
            }
        };
    };
}

heap! {
    /// The default heap: plain counts, one independent heap for each thread that uses it.
    ///
    /// Handles to its objects cannot leave their thread:
    ///
    /// ```compile_fail,E0277
    /// let gc = tricycle::Gc::new(1);
    /// std::thread::spawn(move || drop(gc));
    /// ```
    ///
    /// ```
    /// let gc = tricycle::Gc::new(1);
    /// std::thread::spawn(move || drop(tricycle::Gc::new(1)));
    /// # drop(gc);
    /// ```
    pub Local: Local
}
