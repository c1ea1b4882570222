//! What only threads can show: coming in and going out, the ends of threads, cells as locks, weak handles and finalizers
//! between threads, collections while others go on, the global lock.
//!
//! Each test is run on the three heaps that threads share, and has a heap of its own (`own!`), so that tests do not
//! disturb each other. The lines of CPython's tests that have a meaning here are named next to the tests.
#![expect(clippy::duplicate_mod, reason = "each file is compiled once for every kind of heap")]

mod support;

/// Instantiates the tests for a kind of heap. Modules in braces are for this kind only.
macro_rules! kinds {
    ($dollar:tt $($module:ident: $kind:ident { $(mod $more:ident;)* })+) => {$(
        #[path = "."]
        mod $module {
            /// Declares a heap of this kind, with nobody else on it.
            macro_rules! own {
                ($dollar name:ident) => {
                    tricycle::heap! { $dollar name: $kind }
                };
            }

            mod attach;
            mod cells;
            mod collections;
            mod controls;
            mod exit;
            mod guards;
            mod last_moment;
            mod left_behind;
            mod limits;
            mod once_wrong;
            mod owners_outside;
            mod own_young;
            mod pools;
            mod slow_waits;
            mod stress;
            mod two_heaps;
            mod uniqueness;
            mod waits;
            mod weak;
            mod write_once;
            $(mod $more;)*
        }
    )+};
}

kinds! { $
    locked: Locked {
        mod lock;
    }
    atomic: Atomic {
        mod solo;
    }
    biased: Biased {
        mod solo;
    }
}
