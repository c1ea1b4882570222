//! Thread-locals of the target's own.

use std::thread::LocalKey;

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
