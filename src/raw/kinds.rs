//! The kinds of heaps: which parts each has, and `heap!`, which declares one.

use std::cell::Cell;

use crate::Heap;
use crate::raw::count::Count;
pub use crate::raw::count::{AtomicCount, BiasedCount, LocalCount};
use crate::raw::handle::borrows::Borrows;
pub use crate::raw::handle::borrows::{LatchBorrows, PlainBorrows, TurnBorrows};
pub use crate::raw::heap::{commons::Commons, sharing::Sharing, slot::Slot};
use crate::raw::memory::{LARGEST_HEADER, header::full_size};
use crate::raw::threads::presence::GateKind;
pub use crate::raw::users::{AnyThread, OneThread};

/// What a heap type has to say of itself. Implemented by `heap!`.
///
/// # Safety
///
/// `slot` returns the same cell each time on one thread, no other heap type uses it, and it is null until this crate
/// sets it `[I11]`. The same goes for `commons`, of all threads. `Count`, `Borrows`, `Gate` and `Users` are made for `SHARING`.
pub unsafe trait RawHeap: Copy + Default + Eq + std::fmt::Debug + std::hash::Hash + 'static {
    /// How objects are counted.
    #[doc(hidden)]
    #[expect(private_bounds, reason = "the trait is not part of the API")]
    type Count: Count;

    /// How cells know who borrows them.
    #[doc(hidden)]
    #[expect(private_bounds, reason = "the trait is not part of the API")]
    type Borrows: Borrows;

    /// How threads get in, if they share the heap.
    #[doc(hidden)]
    #[expect(private_bounds, reason = "the trait is not part of the API")]
    type Gate: GateKind;

    /// What the heap asks of values: [`OneThread`] or [`AnyThread`].
    #[doc(hidden)]
    type Users: 'static;

    /// Who uses the heap.
    #[doc(hidden)]
    const SHARING: Sharing;

    /// Runs `f` with this thread's slot for the heap.
    #[doc(hidden)]
    fn slot<R>(f: impl FnOnce(&Slot<Self>) -> R) -> R
    where
        Self: Heap;

    /// The thread ends, and its slot is as good as new: frees it, if it is not the target that does.
    ///
    /// # Safety
    ///
    /// There is no reference to it `[I11]`.
    #[doc(hidden)]
    unsafe fn release_slot()
    where
        Self: Heap;

    /// Has `end` called when the thread ends, by its [`Teardown`]. False if it is too late for that.
    ///
    /// # Safety
    ///
    /// `end` is the heap's `teardown` `[I11]`.
    #[doc(hidden)]
    unsafe fn at_end(end: fn()) -> bool;

    /// Has the thread's part of the heap taken down when the thread ends. False if it is too late for that.
    #[doc(hidden)]
    fn arm() -> bool
    where
        Self: Heap,
    {
        // Not named in the macro: the collector of each heap would be compiled where the heap is declared, used or not.
        // SAFETY: [I11] it is.
        unsafe { Self::at_end(super::thread_end::teardown::<Self>) }
    }

    /// What the threads have in common, if they share the heap.
    #[doc(hidden)]
    fn commons() -> &'static Commons<Self>
    where
        Self: Heap,
    {
        unreachable!("threads do not share this heap")
    }
}

/// The gates by the names of [`Sharing`].
pub mod gates {
    pub use crate::raw::threads::presence::{Parallel, Turns, Turns as Nobody};
}

/// Dropped at the end of a thread: collects, and lets the heap go as soon as its last object does.
#[derive(Debug, Default)]
pub struct Teardown(Cell<Option<fn()>>);

impl Teardown {
    /// One that does nothing yet.
    pub const fn new() -> Self {
        Teardown(Cell::new(None))
    }

    /// Has `end` called.
    pub fn set(&self, end: fn()) {
        self.0.set(Some(end));
    }
}

impl Drop for Teardown {
    fn drop(&mut self) {
        if let Some(end) = self.0.take() {
            end();
        }
    }
}

/// Declares a heap, of one of the four kinds. It has its own objects, generations, thresholds, lock and statistics.
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
///
/// With the name of a module behind it, there are also the names of the heap's types, for those who can see the heap: it has to be
/// `pub`, if only in a module that is not.
///
/// ```
/// mod machine {
///     tricycle::heap! { pub Vm: Biased as vm }
/// }
/// use machine::vm::{Gc, GcCell, HEAP};
///
/// let gc: Gc<GcCell<i32>> = HEAP.alloc(GcCell::new(1));
/// assert_eq!(gc.get(), 1);
/// ```
#[macro_export]
macro_rules! heap {
    ($(#[$attr:meta])* $vis:vis $name:ident : $kind:ident as $module:ident) => {
        $crate::heap! { $(#[$attr])* $vis $name: $kind }
        $crate::__heap_types! { #[doc = "The types of the heap."] $vis mod $module, super::$name }
    };
    ($(#[$attr:meta])* $vis:vis $name:ident : Local) => {
        $crate::__heap! { @type $(#[$attr])* $vis $name }
        const _: () = {
            $crate::__heap! { @raw $name, LocalCount, PlainBorrows, Nobody, OneThread, {} }
        };
    };
    ($(#[$attr:meta])* $vis:vis $name:ident : Locked) => {
        $crate::__heap! { @shared $(#[$attr])* $vis $name, LocalCount, TurnBorrows, Turns }
    };
    ($(#[$attr:meta])* $vis:vis $name:ident : Atomic) => {
        $crate::__heap! { @shared $(#[$attr])* $vis $name, AtomicCount, LatchBorrows, Parallel }
    };
    ($(#[$attr:meta])* $vis:vis $name:ident : Biased) => {
        $crate::__heap! { @shared $(#[$attr])* $vis $name, BiasedCount, LatchBorrows, Parallel }
    };
}

/// The parts of [`heap!`].
///
/// Where a heap is declared, any name may mean anything, and a heap can have any name: a `Send` that is not the real one would let
/// threads share what they must not. So everything that is not the caller's own is named from `$crate`.
#[doc(hidden)]
#[macro_export]
macro_rules! __heap {
    (@type $(#[$attr:meta])* $vis:vis $name:ident) => {
        $(#[$attr])*
        #[derive($crate::__private::std::clone::Clone, $crate::__private::std::marker::Copy)]
        #[derive($crate::__private::std::fmt::Debug, $crate::__private::std::default::Default)]
        #[derive($crate::__private::std::cmp::PartialEq, $crate::__private::std::cmp::Eq)]
        #[derive($crate::__private::std::cmp::PartialOrd, $crate::__private::std::cmp::Ord)]
        #[derive($crate::__private::std::hash::Hash)]
        $vis struct $name;

        impl $crate::Heap for $name {}

        // SAFETY: it owns nothing.
        unsafe impl $crate::Trace for $name {
            const CONTAINER: $crate::__private::std::primitive::bool = false;

            #[cfg_attr(not(debug_assertions), inline(always))]
            fn trace(&self, _: &mut impl $crate::Visitor) {}
        }

        impl $crate::__private::std::ops::Deref for $name {
            type Target = $crate::Control<$name>;

            #[inline]
            fn deref(&self) -> &$crate::Control<$name> {
                $crate::Control::of()
            }
        }
    };
    (@raw $name:ident, $count:ident, $borrows:ident, $sharing:ident, $users:ident, { $($commons:item)? }) => {
        $crate::__thread_slot! { static SLOT: $crate::__private::Slot<$name> = $crate::__private::Slot::new() }
        $crate::__private::std::thread_local! {
            static TEARDOWN: $crate::__private::Teardown = const { $crate::__private::Teardown::new() };
        }

        // SAFETY: the thread-local above is used here and nowhere else, and so is the static, if there is one; the count,
        // the borrows and the users go with the sharing.
        unsafe impl $crate::__private::RawHeap for $name {
            type Count = $crate::__private::$count;
            type Borrows = $crate::__private::$borrows;
            type Gate = $crate::__private::gates::$sharing;
            type Users = $crate::__private::$users;
            const SHARING: $crate::__private::Sharing = $crate::__private::Sharing::$sharing;

            // Nothing of the caller's has that type, so the parameter is a variable, or an error.
            #[cfg_attr(not(debug_assertions), inline(always))]
            fn slot<__R>(__tricycle_f: impl $crate::__private::std::ops::FnOnce(&$crate::__private::Slot<$name>) -> __R) -> __R {
                $crate::__private::thread_slot::with(&SLOT, __tricycle_f)
            }

            unsafe fn release_slot() {
                // SAFETY: the caller vouches for it.
                unsafe { $crate::__private::thread_slot::release(&SLOT) }
            }

            unsafe fn at_end(__tricycle_end: fn()) -> $crate::__private::std::primitive::bool {
                $crate::__private::std::matches!(
                    $crate::__private::std::thread::LocalKey::try_with(&TEARDOWN, |__tricycle_teardown| {
                        $crate::__private::Teardown::set(__tricycle_teardown, __tricycle_end)
                    }),
                    $crate::__private::std::result::Result::Ok(())
                )
            }

            $($commons)?
        }
    };
    (@shared $(#[$attr:meta])* $vis:vis $name:ident, $count:ident, $borrows:ident, $sharing:ident) => {
        $crate::__heap! { @type $(#[$attr])* $vis $name }
        const _: () = {
            static COMMONS: $crate::__private::std::sync::OnceLock<$crate::__private::Commons<$name>> =
                $crate::__private::std::sync::OnceLock::new();

            $crate::__heap! { @raw $name, $count, $borrows, $sharing, AnyThread, {
                #[inline]
                fn commons() -> &'static $crate::__private::Commons<$name> {
                    $crate::__private::std::sync::OnceLock::get_or_init(&COMMONS, $crate::__private::Commons::new)
                }
            } }
        };
    };
}

/// The names of a heap's types. Not part of the API; see [`heap!`].
#[doc(hidden)]
#[macro_export]
macro_rules! __heap_types {
    ($(#[$attr:meta])* $vis:vis mod $module:ident, $heap:path) => {
        $(#[$attr])*
        $vis mod $module {
            /// The heap: allocates, and controls the collector.
            pub use $heap as HEAP;

            /// [`Gc`]($crate::Gc) of this heap.
            pub type Gc<__T> = $crate::Gc<__T, HEAP>;
            /// [`Weak`]($crate::Weak) of this heap.
            pub type Weak<__T> = $crate::Weak<__T, HEAP>;
            /// [`GcCell`]($crate::GcCell) of this heap.
            pub type GcCell<__T> = $crate::GcCell<__T, HEAP>;
            /// [`GcOnce`]($crate::GcOnce) of this heap.
            pub type GcOnce<__T> = $crate::GcOnce<__T, HEAP>;
            /// [`GcLazy`]($crate::GcLazy) of this heap.
            pub type GcLazy<__T, __F = fn() -> __T> = $crate::GcLazy<__T, HEAP, __F>;
            /// [`GcRef`]($crate::GcRef) of this heap.
            pub type GcRef<'__a, __T> = $crate::GcRef<'__a, __T, HEAP>;
            /// [`GcRefMut`]($crate::GcRefMut) of this heap.
            pub type GcRefMut<'__a, __T> = $crate::GcRefMut<'__a, __T, HEAP>;
            /// [`GcMut`]($crate::GcMut) of this heap.
            pub type GcMut<'__a, __T> = $crate::GcMut<'__a, __T, HEAP>;
            /// [`AnyGc`]($crate::AnyGc) of this heap.
            pub type AnyGc = $crate::AnyGc<HEAP>;
            /// [`WeakMap`]($crate::WeakMap) of this heap.
            pub type WeakMap<__K, __V> = $crate::WeakMap<__K, __V, HEAP>;
            /// [`WeakSet`]($crate::WeakSet) of this heap.
            pub type WeakSet<__T> = $crate::WeakSet<__T, HEAP>;
            /// [`WeakValueMap`]($crate::WeakValueMap) of this heap.
            pub type WeakValueMap<__K, __V> = $crate::WeakValueMap<__K, __V, HEAP>;
        }
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

heap! {
    /// The heap with a global lock: any thread may use it, one at a time. Counts are plain.
    ///
    /// ```
    /// use tricycle::{Gc, GcCell, Locked};
    ///
    /// let total = Gc::new_in(GcCell::<i32, Locked>::new(0), Locked);
    /// std::thread::scope(|scope| {
    ///     for i in 1..=4 {
    ///         let total = total.clone();
    ///         scope.spawn(move || Locked.attach(|| *total.borrow_mut() += i));
    ///     }
    /// });
    /// assert_eq!(total.get(), 10);
    /// ```
    pub Locked: Locked
}

heap! {
    /// The heap with atomic counts: threads use it in parallel.
    ///
    /// ```
    /// use tricycle::{Atomic, Gc};
    ///
    /// let gc = Gc::new_in(String::from("shared"), Atomic);
    /// std::thread::scope(|scope| {
    ///     scope.spawn(|| assert_eq!(gc.clone().len(), 6));
    ///     scope.spawn(|| assert_eq!(gc.clone().len(), 6));
    /// });
    /// ```
    pub Atomic: Atomic
}

heap! {
    /// The heap with biased counts (PEP 703): threads use it in parallel, and the one that made an object counts its handles
    /// without atomic read-modify-writes.
    ///
    /// ```
    /// use tricycle::{Biased, Gc};
    ///
    /// let gc = Gc::new_in(String::from("shared"), Biased);
    /// let theirs = gc.clone();
    /// std::thread::spawn(move || assert_eq!(theirs.len(), 6)).join().unwrap();
    /// assert_eq!(*gc, "shared");
    /// ```
    pub Biased: Biased
}

// What a header takes.
const _: () = {
    assert!(size_of::<<Local as RawHeap>::Count>() == 8);
    assert!(size_of::<<Biased as RawHeap>::Count>() == 16);
    assert!(size_of::<usize>() != 8 || full_size::<Local>() == 24);
    assert!(full_size::<Locked>() == full_size::<Local>() && full_size::<Atomic>() == full_size::<Local>());
    assert!(full_size::<Biased>() == full_size::<Local>() + 8);
    assert!(full_size::<Biased>() == LARGEST_HEADER);
};
