//! The core of [`GcCell`](crate::GcCell): a `RefCell`, or a lock for many readers or one writer, that the collector can look
//! into.

use std::cell::{Cell, UnsafeCell};
use std::marker::PhantomData;
use std::ptr::NonNull;

use super::count::Count;
use super::share;
use super::state;
use super::world::latch::{Deadlock, Latch, TurnLatch};
use crate::{Heap, Shared as SharedHeap};

/// Why a cell cannot be borrowed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Refused {
    /// Somebody else borrows it, and waiting would not help, or was not asked for.
    Borrowed,
    /// The calling thread borrows it, and would wait for itself.
    Deadlock,
}

/// Who borrows a cell. The calling thread is inside when it asks.
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
}

/// Many readers (their number) or one writer (`WRITER`), for heaps of one thread.
#[derive(Debug)]
pub struct PlainBorrows(Cell<i32>);

const WRITER: i32 = -1;

impl Borrows for PlainBorrows {
    const NOBODY: Self = PlainBorrows(Cell::new(0));

    #[inline]
    fn read<H: Heap>(&self, _: bool) -> Result<(), Refused> {
        let borrows = self.0.get();
        if borrows < 0 || borrows == i32::MAX {
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

    #[inline(always)]
    fn has_writer<H: Heap>(&self) -> bool {
        self.0.get() < 0
    }
}

/// A lock, for heaps that threads use in turns.
#[derive(Debug)]
pub struct TurnBorrows(TurnLatch);

/// What a thread that has to wait does, where it is outside.
fn sleep_outside<H: Heap>(sleep: &mut dyn FnMut()) {
    share::wait_outside::<H, _>(sleep);
}

impl Borrows for TurnBorrows {
    const NOBODY: Self = TurnBorrows(TurnLatch::new());

    #[inline]
    fn read<H: Heap>(&self, wait: bool) -> Result<(), Refused> {
        let seat = share::seat::<H>();
        let parking = wait.then(|| &H::commons().parking);
        granted(self.0.read(seat.index(), &state::get::<H>().stack().reading, parking, sleep_outside::<H>))
    }

    #[inline]
    fn write<H: Heap>(&self, wait: bool) -> Result<(), Refused> {
        let seat = share::seat::<H>();
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

    #[inline(always)]
    fn has_writer<H: Heap>(&self) -> bool {
        self.0.has_writer()
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
        let seat = share::seat::<H>();
        let outside = |sleep: &dyn Fn()| share::wait_outside::<H, _>(sleep);
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

    #[inline(always)]
    fn has_writer<H: Heap>(&self) -> bool {
        let Some(writer) = self.0.writer() else { return false };
        if H::Count::PRIVATE && !Latch::is_writer(writer, share::seat::<H>().index()) {
            state::get::<H>().blurred.set(true);
        }
        true
    }
}

impl LatchBorrows {
    #[inline(always)]
    fn take<H: Heap>(&self, wait: bool) -> Result<(), Refused> {
        let seat = share::seat::<H>();
        let reading = &state::get::<H>().stack().reading;
        if !wait {
            return if self.0.try_write(seat.index(), reading) { Ok(()) } else { Err(Refused::Borrowed) };
        }
        let outside = |sleep: &dyn Fn()| share::wait_outside::<H, _>(sleep);
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
                share::wait_outside::<H, _>(|| hold_off.wait());
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

/// A value and who borrows it.
pub(crate) struct BorrowCell<T: ?Sized, H: Heap> {
    borrows: H::Borrows,
    value: UnsafeCell<T>,
}

// SAFETY: [I15] the borrows of a heap that threads share are a lock.
unsafe impl<T: ?Sized + Send + Sync, H: SharedHeap> Sync for BorrowCell<T, H> {}

impl<T, H: Heap> BorrowCell<T, H> {
    pub(crate) const fn new(value: T) -> Self {
        BorrowCell { borrows: H::Borrows::NOBODY, value: UnsafeCell::new(value) }
    }

    pub(crate) fn into_inner(self) -> T {
        self.value.into_inner()
    }

    /// Swaps the value, when nobody borrows it.
    #[inline]
    pub(crate) fn replace(&self, value: T) -> Result<T, Refused> {
        let _inside = share::enter::<H>();
        self.borrows.write::<H>(true)?;
        // SAFETY: [I15] nobody else borrows the value, and nothing runs between the check and the write.
        let old = unsafe { self.value.get().replace(value) };
        self.borrows.end_write::<H>();
        Ok(old)
    }
}

impl<T: ?Sized, H: Heap> BorrowCell<T, H> {
    #[inline]
    pub(crate) fn shared(&self, wait: bool) -> Result<Shared<'_, T, H>, Refused> {
        let _inside = share::enter::<H>();
        self.borrows.read::<H>(wait)?;
        // SAFETY: a pointer from a reference is not null.
        let value = unsafe { NonNull::new_unchecked(self.value.get()) };
        Ok(Shared { value, borrow: ReadBorrow(&self.borrows), lifetime: PhantomData })
    }

    #[inline]
    pub(crate) fn exclusive(&self, wait: bool) -> Result<Exclusive<'_, T, H>, Refused> {
        let _inside = share::enter::<H>();
        self.borrows.write::<H>(wait)?;
        // SAFETY: a pointer from a reference is not null.
        let value = unsafe { NonNull::new_unchecked(self.value.get()) };
        Ok(Exclusive { value, borrow: WriteBorrow(&self.borrows), lifetime: PhantomData })
    }

    pub(crate) fn get_mut(&mut self) -> &mut T {
        self.value.get_mut()
    }

    /// Calls `look` with the value, unless there is a writer.
    ///
    /// # Safety
    ///
    /// `look` does not change the cell, and the heap is the calling thread's alone. (It is `Trace::trace`.)
    #[inline(always)]
    pub(crate) unsafe fn peek(&self, look: impl FnOnce(&T)) {
        if !self.borrows.has_writer::<H>() {
            // SAFETY: [I15] there is no writer, and `look` makes none, as the caller vouches.
            look(unsafe { &*self.value.get() });
        }
    }
}

struct ReadBorrow<'a, H: Heap>(&'a H::Borrows);

impl<H: Heap> Drop for ReadBorrow<'_, H> {
    #[inline]
    fn drop(&mut self) {
        let _inside = share::enter::<H>();
        self.0.end_read::<H>();
    }
}

struct WriteBorrow<'a, H: Heap>(&'a H::Borrows);

impl<H: Heap> Drop for WriteBorrow<'_, H> {
    #[inline]
    fn drop(&mut self) {
        let _inside = share::enter::<H>();
        self.0.end_write::<H>();
    }
}

/// A reader. It holds a pointer, not a reference: passed to a function, a reference would promise that there is no
/// writer until the function returns, and the borrow may end before (as in std's `Ref`).
pub(crate) struct Shared<'a, T: ?Sized, H: Heap> {
    value: NonNull<T>,
    borrow: ReadBorrow<'a, H>,
    lifetime: PhantomData<&'a T>,
}

impl<'a, T: ?Sized, H: Heap> Shared<'a, T, H> {
    #[inline]
    pub(crate) fn get(&self) -> &T {
        // SAFETY: [I15] the reader is counted, so there is no writer until it is gone.
        unsafe { self.value.as_ref() }
    }

    pub(crate) fn map<U: ?Sized>(self, f: impl FnOnce(&T) -> &U) -> Shared<'a, U, H> {
        let value = NonNull::from(f(self.get()));
        Shared { value, borrow: self.borrow, lifetime: PhantomData }
    }

    pub(crate) fn duplicate(&self) -> Option<Shared<'a, T, H>> {
        let _inside = share::enter::<H>();
        let borrows = self.borrow.0;
        borrows.read::<H>(false).ok()?;
        Some(Shared { value: self.value, borrow: ReadBorrow(borrows), lifetime: PhantomData })
    }
}

/// The writer.
pub(crate) struct Exclusive<'a, T: ?Sized, H: Heap> {
    value: NonNull<T>,
    borrow: WriteBorrow<'a, H>,
    lifetime: PhantomData<&'a mut T>,
}

impl<'a, T: ?Sized, H: Heap> Exclusive<'a, T, H> {
    #[inline]
    pub(crate) fn get(&self) -> &T {
        // SAFETY: [I15] this is the only borrow.
        unsafe { self.value.as_ref() }
    }

    #[inline]
    pub(crate) fn get_mut(&mut self) -> &mut T {
        // SAFETY: [I15] this is the only borrow, and it is borrowed mutably.
        unsafe { self.value.as_mut() }
    }

    pub(crate) fn map<U: ?Sized>(mut self, f: impl FnOnce(&mut T) -> &mut U) -> Exclusive<'a, U, H> {
        let value = NonNull::from(f(self.get_mut()));
        Exclusive { value, borrow: self.borrow, lifetime: PhantomData }
    }
}
