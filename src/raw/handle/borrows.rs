//! Who borrows a cell: a number on a heap of one thread, a lock on those that threads share.

use std::cell::Cell;

use crate::Heap;
use crate::raw::attach;
use crate::raw::count::Count;
use crate::raw::heap::{slot, state};
use crate::raw::lock::latch::{Deadlock, Latch};
use crate::raw::lock::turn_latch::TurnLatch;

/// Why a cell cannot be borrowed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Refused {
    /// Somebody else borrows it, and waiting would not help, or was not asked for.
    Borrowed,
    /// The calling thread borrows it, and would wait for itself.
    Deadlock,
}

/// Who borrows a cell. The calling thread is inside when it asks, unless it says that it is quick.
pub(crate) trait Borrows: Sized + Send + 'static {
    /// Nobody.
    const NOBODY: Self;

    /// One reader more, unless there is a writer, who is waited for if `wait` says so.
    fn read<H: Heap>(&self, wait: bool) -> Result<(), Refused>;

    /// A writer, unless there is anybody else.
    fn write<H: Heap>(&self, wait: bool) -> Result<(), Refused>;

    fn end_read<H: Heap>(&self);
    fn end_write<H: Heap>(&self);

    /// Whether there is a writer. Collectors ask.
    fn has_writer<H: Heap>(&self) -> bool;

    /// As [`Borrows::read`], by whatever thread, in few instructions. False if it takes more: then nothing was done.
    fn read_quickly<H: Heap>(&self) -> bool;

    fn write_quickly<H: Heap>(&self) -> bool;
    fn end_read_quickly<H: Heap>(&self) -> bool;
    fn end_write_quickly<H: Heap>(&self) -> bool;
}

/// Many readers (their number) or one writer (`WRITER`), for heaps of one thread.
#[derive(Debug)]
pub struct PlainBorrows(Cell<i32>);

const WRITER: i32 = -1;

/// As many readers as a cell can have.
const MOST_READERS: i32 = if cfg!(gc_small_limits) { 63 } else { i32::MAX };

impl Borrows for PlainBorrows {
    const NOBODY: Self = PlainBorrows(Cell::new(0));

    #[inline]
    fn read<H: Heap>(&self, _: bool) -> Result<(), Refused> {
        let borrows = self.0.get();
        if borrows < 0 || borrows == MOST_READERS {
            return Err(Refused::Borrowed);
        }
        self.0.set(borrows + 1);
        Ok(())
    }

    #[inline]
    fn write<H: Heap>(&self, _: bool) -> Result<(), Refused> {
        if self.0.get() != 0 {
            return Err(Refused::Borrowed);
        }
        self.0.set(WRITER);
        Ok(())
    }

    #[inline]
    fn end_read<H: Heap>(&self) {
        self.0.set(self.0.get() - 1);
    }

    #[inline]
    fn end_write<H: Heap>(&self) {
        self.0.set(0);
    }

    #[cfg_attr(not(debug_assertions), inline(always))]
    fn has_writer<H: Heap>(&self) -> bool {
        self.0.get() < 0
    }

    #[cfg_attr(not(debug_assertions), inline(always))]
    fn read_quickly<H: Heap>(&self) -> bool {
        self.read::<H>(false).is_ok()
    }

    #[cfg_attr(not(debug_assertions), inline(always))]
    fn write_quickly<H: Heap>(&self) -> bool {
        self.write::<H>(false).is_ok()
    }

    #[cfg_attr(not(debug_assertions), inline(always))]
    fn end_read_quickly<H: Heap>(&self) -> bool {
        self.end_read::<H>();
        true
    }

    #[cfg_attr(not(debug_assertions), inline(always))]
    fn end_write_quickly<H: Heap>(&self) -> bool {
        self.end_write::<H>();
        true
    }
}

/// A lock, for heaps that threads use in turns.
#[derive(Debug)]
pub struct TurnBorrows(TurnLatch);

/// What a thread that has to wait does, where it is outside.
fn sleep_outside<H: Heap>(sleep: &mut dyn FnMut()) {
    attach::wait_for_turn::<H>(sleep);
}

impl Borrows for TurnBorrows {
    const NOBODY: Self = TurnBorrows(TurnLatch::new());

    #[inline]
    fn read<H: Heap>(&self, wait: bool) -> Result<(), Refused> {
        let seat = slot::seat::<H>();
        let parking = wait.then(|| &H::commons().parking);
        granted(self.0.read(seat.index(), &state::get::<H>().stack().reading, parking, sleep_outside::<H>))
    }

    #[inline]
    fn write<H: Heap>(&self, wait: bool) -> Result<(), Refused> {
        let seat = slot::seat::<H>();
        let parking = wait.then(|| &H::commons().parking);
        granted(self.0.write(seat.index(), &state::get::<H>().stack().reading, parking, sleep_outside::<H>))
    }

    #[inline]
    fn end_read<H: Heap>(&self) {
        self.0.end_read(&state::get::<H>().stack().reading, &H::commons().parking);
    }

    #[inline]
    fn end_write<H: Heap>(&self) {
        self.0.end_write(&state::get::<H>().stack().reading, &H::commons().parking);
    }

    #[cfg_attr(not(debug_assertions), inline(always))]
    fn has_writer<H: Heap>(&self) -> bool {
        self.0.has_writer()
    }

    #[cfg_attr(not(debug_assertions), inline(always))]
    fn read_quickly<H: Heap>(&self) -> bool {
        attach::is_inside::<H>() && self.0.try_read(&state::get::<H>().stack().reading)
    }

    #[cfg_attr(not(debug_assertions), inline(always))]
    fn write_quickly<H: Heap>(&self) -> bool {
        attach::is_inside::<H>() && self.0.try_write(slot::seat::<H>().index(), &state::get::<H>().stack().reading)
    }

    #[cfg_attr(not(debug_assertions), inline(always))]
    fn end_read_quickly<H: Heap>(&self) -> bool {
        let inside = attach::is_inside::<H>();
        if inside {
            self.end_read::<H>();
        }
        inside
    }

    #[cfg_attr(not(debug_assertions), inline(always))]
    fn end_write_quickly<H: Heap>(&self) -> bool {
        let inside = attach::is_inside::<H>();
        if inside {
            self.end_write::<H>();
        }
        inside
    }
}

fn granted(taken: Result<bool, Deadlock>) -> Result<(), Refused> {
    match taken {
        Ok(true) => Ok(()),
        Ok(false) => Err(Refused::Borrowed),
        Err(Deadlock) => Err(Refused::Deadlock),
    }
}

/// A lock, for heaps that threads use in parallel.
#[derive(Debug)]
pub struct LatchBorrows(Latch);

impl Borrows for LatchBorrows {
    const NOBODY: Self = LatchBorrows(Latch::new());

    #[inline]
    fn read<H: Heap>(&self, wait: bool) -> Result<(), Refused> {
        let reading = &state::get::<H>().stack().reading;
        if !wait {
            return if self.0.try_read(reading) { Ok(()) } else { Err(Refused::Borrowed) };
        }
        let seat = slot::seat::<H>();
        let outside = |sleep: &dyn Fn()| attach::wait_for_cell::<H>(sleep);
        self.0.read(seat.index(), reading, &H::commons().parking, outside).map_err(|_| Refused::Deadlock)
    }

    #[inline]
    fn write<H: Heap>(&self, wait: bool) -> Result<(), Refused> {
        self.take::<H>(wait)?;
        if H::Count::PRIVATE && state::get::<H>().examiners.any() { self.after_examiners::<H>(wait) } else { Ok(()) }
    }

    #[inline]
    fn end_read<H: Heap>(&self) {
        self.0.end_read(&state::get::<H>().stack().reading, &H::commons().parking);
    }

    #[inline]
    fn end_write<H: Heap>(&self) {
        self.0.end_write(&state::get::<H>().stack().reading, &H::commons().parking);
    }

    #[cfg_attr(not(debug_assertions), inline(always))]
    fn has_writer<H: Heap>(&self) -> bool {
        let Some(writer) = self.0.writer() else { return false };
        if H::Count::PRIVATE && !Latch::is_writer(writer, slot::seat::<H>().index()) {
            state::get::<H>().saw_foreign_writer.set(true);
        }
        true
    }

    #[cfg_attr(not(debug_assertions), inline(always))]
    fn read_quickly<H: Heap>(&self) -> bool {
        slot::solo_seat::<H>().is_some_and(|_| self.0.read_solo(&state::get::<H>().stack().reading))
    }

    #[cfg_attr(not(debug_assertions), inline(always))]
    fn write_quickly<H: Heap>(&self) -> bool {
        let reading = || &state::get::<H>().stack().reading;
        slot::solo_seat::<H>().is_some_and(|seat| self.0.write_solo(seat.index(), reading()))
    }

    #[cfg_attr(not(debug_assertions), inline(always))]
    fn end_read_quickly<H: Heap>(&self) -> bool {
        slot::solo_seat::<H>().is_some_and(|_| self.0.end_read_solo(&state::get::<H>().stack().reading))
    }

    #[cfg_attr(not(debug_assertions), inline(always))]
    fn end_write_quickly<H: Heap>(&self) -> bool {
        slot::solo_seat::<H>().is_some_and(|_| self.0.end_write_solo(&state::get::<H>().stack().reading))
    }
}

impl LatchBorrows {
    #[cfg_attr(not(debug_assertions), inline(always))]
    fn take<H: Heap>(&self, wait: bool) -> Result<(), Refused> {
        let seat = slot::seat::<H>();
        let reading = &state::get::<H>().stack().reading;
        if !wait {
            return if self.0.try_write(seat.index(), reading) { Ok(()) } else { Err(Refused::Borrowed) };
        }
        let outside = |sleep: &dyn Fn()| attach::wait_for_cell::<H>(sleep);
        self.0.write(seat.index(), reading, &H::commons().parking, outside).map_err(|_| Refused::Deadlock)
    }

    /// The calling thread has become the writer while others examine their objects. If the cell may be in one of those, it
    /// waits, and begins anew.
    #[cold]
    #[inline(never)]
    fn after_examiners<H: Heap>(&self, wait: bool) -> Result<(), Refused> {
        let state = state::get::<H>();
        if state.pool.contains(std::ptr::from_ref(self).addr()) {
            return Ok(()); // what others examine lies in their pools
        }
        loop {
            self.end_write::<H>();
            {
                let hold_off = state.examiners.hold_off();
                attach::wait_outside::<H, _>(|| hold_off.wait());
                if self.take::<H>(false).is_ok() {
                    if state.examiners.any() {
                        continue;
                    }
                    return Ok(());
                }
            }
            // Somebody else has the cell, perhaps for long: that is no reason to keep others from examining.
            self.take::<H>(wait)?;
            if !state.examiners.any() {
                return Ok(());
            }
        }
    }
}
