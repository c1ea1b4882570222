//! Thread-locals of the target's own.

use std::cell::Cell;
use std::thread::LocalKey;

#[cfg(loom)]
use loom::thread::LocalKey as Key;
#[cfg(shuttle)]
use shuttle::thread::LocalKey as Key;
#[cfg(not(any(loom, shuttle)))]
use std::thread::LocalKey as Key;

/// Declares one.
#[doc(hidden)]
#[macro_export]
macro_rules! __thread_slot {
    (static $name:ident: $type:ty = $value:expr) => {
        $crate::__private::std::thread_local! {
            static $name: $type = const { $value };
        }
    };
}

/// Runs `f` with the calling thread's.
#[cfg_attr(not(debug_assertions), inline(always))]
pub fn with<T, R>(slot: &'static LocalKey<T>, f: impl FnOnce(&T) -> R) -> R {
    slot.with(f)
}

/// The thread ends, and does not use what it has any more.
///
/// # Safety
///
/// There is no reference to it `[I11]`.
pub unsafe fn release<T>(_: &'static LocalKey<T>) {}

/// Declares a [`ThreadRef`]. In models it goes with the other thread-locals.
macro_rules! thread_ref {
    (static $name:ident: $type:ty) => {
        static $name: ThreadRef<$type> = {
            #[cfg(not(any(loom, shuttle)))]
            std::thread_local! {
                static VALUE: std::cell::Cell<Option<&'static $type>> = const { std::cell::Cell::new(None) };
            }
            #[cfg(loom)]
            loom::thread_local! {
                static VALUE: std::cell::Cell<Option<&'static $type>> = std::cell::Cell::new(None);
            }
            #[cfg(shuttle)]
            shuttle::thread_local! {
                static VALUE: std::cell::Cell<Option<&'static $type>> = std::cell::Cell::new(None);
            }
            ThreadRef::new(&VALUE)
        };
    };
}
pub(crate) use thread_ref;

/// A reference for each thread, none at first.
pub(crate) struct ThreadRef<T: 'static>(&'static Key<Cell<Option<&'static T>>>);

impl<T> ThreadRef<T> {
    pub(crate) const fn new(value: &'static Key<Cell<Option<&'static T>>>) -> Self {
        ThreadRef(value)
    }

    pub(crate) fn get(&self) -> Option<&'static T> {
        self.0.with(Cell::get)
    }

    pub(crate) fn set(&self, reference: Option<&'static T>) {
        self.0.with(|value| value.set(reference));
    }
}

/// Whether the calling thread ends.
pub(crate) mod ending {
    use std::cell::Cell;

    thread_local! {
        static ENDING: Cell<bool> = const { Cell::new(false) };
    }

    /// It does.
    pub(crate) fn begin() {
        ENDING.set(true);
    }

    pub(crate) fn has_begun() -> bool {
        ENDING.get()
    }
}
