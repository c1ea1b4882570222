//! The core of [`GcCell`](crate::GcCell): a `RefCell`, or a lock for many readers or one writer, that the collector can look
//! into. What is borrowed lies here; who borrows it is in `borrows.rs`.

use std::cell::UnsafeCell;
use std::marker::PhantomData;
use std::ptr::NonNull;

use super::borrows::Borrows;
pub(crate) use super::borrows::Refused;
use crate::raw::attach::{self, Briefly};
use crate::raw::heap::slot;
use crate::{BorrowError, BorrowMutError, Heap, Shared as SharedHeap};

#[inline(never)]
fn read_slowly<H: Heap>(borrows: &H::Borrows, wait: bool) -> Result<(), Refused> {
    let _inside = attach::enter_briefly::<H>();
    borrows.read::<H>(wait)
}

#[inline(never)]
fn write_slowly<H: Heap>(borrows: &H::Borrows, wait: bool) -> Result<(), Refused> {
    let _inside = attach::enter_briefly::<H>();
    borrows.write::<H>(wait)
}

/// Calls `write` as the only borrower.
#[inline(never)]
fn write_and<H: Heap>(borrows: &H::Borrows, write: &mut dyn FnMut()) -> Result<(), Refused> {
    let _inside = attach::enter_briefly::<H>();
    borrows.write::<H>(true)?;
    write();
    borrows.end_write::<H>();
    Ok(())
}

#[inline(never)]
#[track_caller]
fn read_or_panic<H: Heap>(borrows: &H::Borrows) {
    match read_slowly::<H>(borrows, true) {
        Ok(()) => {}
        Err(Refused::Borrowed) => panic!("{BorrowError}"),
        Err(Refused::Deadlock) => {
            panic!("the cell is mutably borrowed by this thread, or has too many readers: it would wait for itself")
        }
    }
}

#[inline(never)]
#[track_caller]
fn write_or_panic<H: Heap>(borrows: &H::Borrows) {
    match write_slowly::<H>(borrows, true) {
        Ok(()) => {}
        Err(Refused::Borrowed) => panic!("{BorrowMutError}"),
        Err(Refused::Deadlock) => panic!("the cell is borrowed by this thread, which would wait for itself"),
    }
}

#[inline(never)]
fn end_read_slowly<H: Heap>(borrows: &H::Borrows) {
    if slot::is_forking::<H>() {
        return; // as if the borrow had been leaked: others may wait for it, and we have the lock of their queue
    }
    let _inside = attach::enter_briefly::<H>();
    borrows.end_read::<H>();
}

#[inline(never)]
fn end_write_slowly<H: Heap>(borrows: &H::Borrows) {
    if slot::is_forking::<H>() {
        return; // as above
    }
    let _inside = attach::enter_briefly::<H>();
    borrows.end_write::<H>();
}

/// For somebody who would rather not look than wait to come in. A reader that it has must go before this does.
pub(crate) fn try_enter_briefly<H: Heap>() -> Option<Briefly<H>> {
    attach::try_enter_briefly::<H>()
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
    #[cfg_attr(not(debug_assertions), inline(always))]
    pub(crate) fn replace(&self, value: T) -> Result<T, Refused> {
        if !self.borrows.write_quickly::<H>() {
            return self.replace_slowly(value);
        }
        // SAFETY: [I15] nobody else borrows the value, and nothing runs between the check and the write.
        let old = unsafe { self.value.get().replace(value) };
        drop(WriteBorrow::<H>(&self.borrows));
        Ok(old)
    }

    #[cold]
    fn replace_slowly(&self, mut value: T) -> Result<T, Refused> {
        // SAFETY: [I15] as above.
        let swap = &mut || unsafe { std::ptr::swap(self.value.get(), &raw mut value) };
        write_and::<H>(&self.borrows, swap)?;
        Ok(value)
    }
}

impl<T: ?Sized, H: Heap> BorrowCell<T, H> {
    #[cfg_attr(not(debug_assertions), inline(always))]
    fn reader(&self) -> Shared<'_, T, H> {
        // SAFETY: a pointer from a reference is not null.
        let value = unsafe { NonNull::new_unchecked(self.value.get()) };
        Shared { value, borrow: ReadBorrow(&self.borrows), lifetime: PhantomData }
    }

    #[cfg_attr(not(debug_assertions), inline(always))]
    fn writer(&self) -> Exclusive<'_, T, H> {
        // SAFETY: a pointer from a reference is not null.
        let value = unsafe { NonNull::new_unchecked(self.value.get()) };
        Exclusive { value, borrow: WriteBorrow(&self.borrows), lifetime: PhantomData }
    }

    /// A reader, or a panic.
    #[cfg_attr(not(debug_assertions), inline(always))]
    #[track_caller]
    pub(crate) fn borrow(&self) -> Shared<'_, T, H> {
        if !self.borrows.read_quickly::<H>() {
            read_or_panic::<H>(&self.borrows);
        }
        self.reader()
    }

    /// A writer, or a panic.
    #[cfg_attr(not(debug_assertions), inline(always))]
    #[track_caller]
    pub(crate) fn borrow_mut(&self) -> Exclusive<'_, T, H> {
        if !self.borrows.write_quickly::<H>() {
            write_or_panic::<H>(&self.borrows);
        }
        self.writer()
    }

    /// If that takes few instructions.
    #[cfg_attr(not(debug_assertions), inline(always))]
    pub(crate) fn shared_quickly(&self) -> Option<Shared<'_, T, H>> {
        self.borrows.read_quickly::<H>().then(|| self.reader())
    }

    /// If that takes few instructions.
    #[cfg_attr(not(debug_assertions), inline(always))]
    pub(crate) fn exclusive_quickly(&self) -> Option<Exclusive<'_, T, H>> {
        self.borrows.write_quickly::<H>().then(|| self.writer())
    }

    pub(crate) fn shared(&self, wait: bool) -> Result<Shared<'_, T, H>, Refused> {
        read_slowly::<H>(&self.borrows, wait).map(|()| self.reader())
    }

    pub(crate) fn exclusive(&self, wait: bool) -> Result<Exclusive<'_, T, H>, Refused> {
        write_slowly::<H>(&self.borrows, wait).map(|()| self.writer())
    }

    pub(crate) fn get_mut(&mut self) -> &mut T {
        self.value.get_mut()
    }

    /// The value, unless there is a writer.
    ///
    /// # Safety
    ///
    /// As long as the result is used nobody changes the cell, and no other thread uses the heap. (It is for `Trace::trace`.)
    #[cfg_attr(not(debug_assertions), inline(always))]
    pub(crate) unsafe fn peek(&self) -> Option<&T> {
        if self.borrows.has_writer::<H>() {
            return None;
        }
        // SAFETY: [I15] there is no writer, and none comes, as the caller vouches.
        Some(unsafe { &*self.value.get() })
    }
}

struct ReadBorrow<'a, H: Heap>(&'a H::Borrows);

impl<H: Heap> Drop for ReadBorrow<'_, H> {
    #[cfg_attr(not(debug_assertions), inline(always))]
    fn drop(&mut self) {
        if !self.0.end_read_quickly::<H>() {
            end_read_slowly::<H>(self.0);
        }
    }
}

struct WriteBorrow<'a, H: Heap>(&'a H::Borrows);

impl<H: Heap> Drop for WriteBorrow<'_, H> {
    #[cfg_attr(not(debug_assertions), inline(always))]
    fn drop(&mut self) {
        if !self.0.end_write_quickly::<H>() {
            end_write_slowly::<H>(self.0);
        }
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

    pub(crate) fn filter_map<U: ?Sized>(self, f: impl FnOnce(&T) -> Option<&U>) -> Result<Shared<'a, U, H>, Self> {
        match f(self.get()).map(NonNull::from) {
            Some(value) => Ok(Shared { value, borrow: self.borrow, lifetime: PhantomData }),
            None => Err(self),
        }
    }

    /// Nothing, if there are as many readers as there can be.
    pub(crate) fn map_split<U: ?Sized, V: ?Sized>(
        self,
        f: impl FnOnce(&T) -> (&U, &V),
    ) -> Option<(Shared<'a, U, H>, Shared<'a, V, H>)> {
        let other = self.duplicate()?;
        let (first, second) = f(self.get());
        let (first, second) = (NonNull::from(first), NonNull::from(second));
        Some((
            Shared { value: first, borrow: self.borrow, lifetime: PhantomData },
            Shared { value: second, borrow: other.borrow, lifetime: PhantomData },
        ))
    }

    pub(crate) fn duplicate(&self) -> Option<Shared<'a, T, H>> {
        let borrows = self.borrow.0;
        if !borrows.read_quickly::<H>() {
            read_slowly::<H>(borrows, false).ok()?;
        }
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

    pub(crate) fn filter_map<U: ?Sized>(
        mut self,
        f: impl FnOnce(&mut T) -> Option<&mut U>,
    ) -> Result<Exclusive<'a, U, H>, Self> {
        match f(self.get_mut()).map(NonNull::from) {
            Some(value) => Ok(Exclusive { value, borrow: self.borrow, lifetime: PhantomData }),
            None => Err(self),
        }
    }

    pub(crate) fn map<U: ?Sized>(mut self, f: impl FnOnce(&mut T) -> &mut U) -> Exclusive<'a, U, H> {
        let value = NonNull::from(f(self.get_mut()));
        Exclusive { value, borrow: self.borrow, lifetime: PhantomData }
    }
}

/// Calls `look` with a reference to the content of std's `Cell`, which has no borrow flag because nobody can hold a reference into
/// it.
///
/// # Safety
///
/// `look` does not change what any cell holds. (It is `Trace::trace`, whose contract says so in clause 3.)
#[cfg_attr(not(debug_assertions), inline(always))]
pub(crate) unsafe fn peek<T: ?Sized, R>(cell: &std::cell::Cell<T>, look: impl FnOnce(&T) -> R) -> R {
    // SAFETY: [I4] a `Cell` is used by one thread, and `look` writes to no cell, as the caller vouches, so nothing is
    // written while the reference lives.
    look(unsafe { &*cell.as_ptr() })
}
