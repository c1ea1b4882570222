//! Who uses a pool when its thread has ended.
//!
//! What other threads free of a pool's memory they leave on its tray, and its thread takes it back from there. When the thread has ended,
//! nobody does. So its pool is *vacant* then, and whoever frees something that lies in it *tends* it for a moment: it
//! takes back what there is in the place of the thread. The next thread with the seat waits for that moment, and goes on with
//! what is left.

use std::ptr::NonNull;

use super::remote::{Returned, Tray};
use crate::raw::base::sync::{AtomicU32, Ordering, const_fn, give_way, spin};

/// A thread has it.
const HELD: u32 = 0;
/// Nobody has it.
const VACANT: u32 = 1;
/// Nobody has it, but somebody sees to it at the moment.
const TENDED: u32 = 2;

/// Mostly it is tended for less time than this takes.
const SPINS: u32 = if cfg!(loom) { 1 } else { 64 };

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

    /// The thread that has a pool, or tends it, goes. Before, and as often as necessary, `take_back` takes back what there is, and says
    /// whether that was all. If not, what is left waits for the next one that tends.
    pub(crate) fn leave(&self, tray: &Tray, mut take_back: impl FnMut() -> bool) {
        loop {
            let is_all = take_back();
            self.0.store(VACANT, Ordering::Release); // [O172]
            // Somebody may have come meanwhile, and gone on because the pool was not vacant.
            if !is_all || tray.is_empty_for_good() || !self.try_tend() {
                return;
            }
        }
    }

    /// Gives a block back to a pool that is not the calling thread's, and tends the pool, if nobody has it: `free` frees a
    /// block, and `take_back` what is on the tray ([`Tenancy::leave`]).
    ///
    /// # Safety
    ///
    /// As for [`Tray::give_back`]; the tray is that of the pool.
    pub(crate) unsafe fn give_back(
        &self,
        tray: &Tray,
        page: NonNull<Returned>,
        block: NonNull<u8>,
        free: impl FnOnce(NonNull<u8>),
        take_back: impl FnMut() -> bool,
    ) {
        if self.is_left() && self.try_tend() {
            free(block);
        } else {
            // SAFETY: as the caller vouches.
            let is_first = unsafe { tray.give_back(page, block) };
            // Who puts the page on the tray also sees to it that it does not stay there.
            if !is_first || !self.is_left() || !self.try_tend() {
                return;
            }
        }
        self.leave(tray, take_back);
    }

    /// Tends it, if nobody has it or does that. Ends with [`Tenancy::leave`].
    fn try_tend(&self) -> bool {
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
        let mut spins = 0;
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
            // Much may be on the tray, and the one that tends the pool may wait for the processor.
            if spins < SPINS {
                spins += 1;
                spin();
            } else {
                give_way();
            }
        }
    }
}
