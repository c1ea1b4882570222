//! Who uses a pool when its thread has ended.
//!
//! What other threads free of a pool's memory they leave on its tray, and its thread takes it back from there. When the thread has ended,
//! nobody does. So its pool is *vacant* then, and whoever frees something that lies in it *tends* it for a moment: it
//! takes back what there is in the place of the thread. The next thread with the seat waits for that moment, and goes on with
//! what is left.

use crate::raw::base::sync::{AtomicU32, Ordering, const_fn, spin};

/// A thread has it.
const HELD: u32 = 0;
/// Nobody has it.
const VACANT: u32 = 1;
/// Nobody has it, but somebody sees to it at the moment.
const TENDED: u32 = 2;

/// The word.
#[derive(Debug)]
pub(crate) struct Tenancy(AtomicU32);

impl Tenancy {
    const_fn! {
        /// That of a thread that has just made what it is about.
        pub(crate) fn new() -> Self {
            Tenancy(AtomicU32::new(HELD))
        }
    }

    /// Whether there is no thread that has it, as far as this one knows.
    #[cfg_attr(not(debug_assertions), inline(always))]
    pub(crate) fn is_left(&self) -> bool {
        self.0.load(Ordering::Relaxed) != HELD
    }

    /// The thread that has it, or tends it, goes.
    pub(crate) fn leave(&self) {
        self.0.store(VACANT, Ordering::Release); // [O172]
    }

    /// Tends it, if nobody has it or does that. Ends with [`Tenancy::leave`].
    pub(crate) fn try_tend(&self) -> bool {
        self.0
            .compare_exchange(
                VACANT,
                TENDED,
                Ordering::Acquire, // [O173]
                Ordering::Relaxed,
            )
            .is_ok()
    }

    /// The calling thread has it from now on. One thread at a time can call this; nothing happens if it has it.
    pub(crate) fn hold(&self) {
        if !self.is_left() {
            return;
        }
        while self
            .0
            .compare_exchange_weak(
                VACANT,
                HELD,
                Ordering::Acquire, // [O174]
                Ordering::Relaxed,
            )
            .is_err()
        {
            spin();
        }
    }
}
