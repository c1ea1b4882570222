//! The core of [`GcCell`](crate::GcCell) on heaps that one thread uses at a time: a `RefCell` that the collector can look
//! into.

use std::cell::{Cell, UnsafeCell};
use std::marker::PhantomData;
use std::ptr::NonNull;

/// Many readers (their number) or one writer (`WRITER`).
const WRITER: i32 = -1;

/// A value and who borrows it.
pub(crate) struct BorrowCell<T: ?Sized> {
    borrows: Cell<i32>,
    value: UnsafeCell<T>,
}

impl<T> BorrowCell<T> {
    pub(crate) const fn new(value: T) -> Self {
        BorrowCell { borrows: Cell::new(0), value: UnsafeCell::new(value) }
    }

    pub(crate) fn into_inner(self) -> T {
        self.value.into_inner()
    }

    /// Swaps the value, if nobody borrows it.
    #[inline]
    pub(crate) fn replace(&self, value: T) -> Result<T, T> {
        if self.borrows.get() != 0 {
            return Err(value);
        }
        // SAFETY: [I15] nobody borrows the value, and nothing runs between the check and the write.
        Ok(unsafe { self.value.get().replace(value) })
    }
}

impl<T: ?Sized> BorrowCell<T> {
    #[inline]
    pub(crate) fn shared(&self) -> Option<Shared<'_, T>> {
        let borrows = self.borrows.get();
        if borrows < 0 || borrows == i32::MAX {
            return None;
        }
        self.borrows.set(borrows + 1);
        // SAFETY: a pointer from a reference is not null.
        let value = unsafe { NonNull::new_unchecked(self.value.get()) };
        Some(Shared { value, borrow: ReadBorrow(&self.borrows), lifetime: PhantomData })
    }

    #[inline]
    pub(crate) fn exclusive(&self) -> Option<Exclusive<'_, T>> {
        if self.borrows.get() != 0 {
            return None;
        }
        self.borrows.set(WRITER);
        // SAFETY: a pointer from a reference is not null.
        let value = unsafe { NonNull::new_unchecked(self.value.get()) };
        Some(Exclusive { value, borrow: WriteBorrow(&self.borrows), lifetime: PhantomData })
    }

    pub(crate) fn get_mut(&mut self) -> &mut T {
        self.value.get_mut()
    }

    /// Calls `look` with the value, unless there is a writer.
    ///
    /// # Safety
    ///
    /// `look` does not change the cell. (It is `Trace::trace`.)
    #[inline(always)]
    pub(crate) unsafe fn peek(&self, look: impl FnOnce(&T)) {
        if self.borrows.get() >= 0 {
            // SAFETY: [I15] there is no writer, and `look` makes none, as the caller vouches.
            look(unsafe { &*self.value.get() });
        }
    }
}

struct ReadBorrow<'a>(&'a Cell<i32>);

impl Drop for ReadBorrow<'_> {
    #[inline]
    fn drop(&mut self) {
        self.0.set(self.0.get() - 1);
    }
}

struct WriteBorrow<'a>(&'a Cell<i32>);

impl Drop for WriteBorrow<'_> {
    #[inline]
    fn drop(&mut self) {
        self.0.set(0);
    }
}

/// A reader. It holds a pointer, not a reference: passed to a function, a reference would promise that there is no
/// writer until the function returns, and the borrow may end before (as in std's `Ref`).
pub(crate) struct Shared<'a, T: ?Sized> {
    value: NonNull<T>,
    borrow: ReadBorrow<'a>,
    lifetime: PhantomData<&'a T>,
}

impl<'a, T: ?Sized> Shared<'a, T> {
    #[inline]
    pub(crate) fn get(&self) -> &T {
        // SAFETY: [I15] the reader is counted, so there is no writer until it is gone.
        unsafe { self.value.as_ref() }
    }

    pub(crate) fn map<U: ?Sized>(self, f: impl FnOnce(&T) -> &U) -> Shared<'a, U> {
        let value = NonNull::from(f(self.get()));
        Shared { value, borrow: self.borrow, lifetime: PhantomData }
    }

    pub(crate) fn duplicate(&self) -> Option<Shared<'a, T>> {
        let borrows = self.borrow.0;
        borrows.set(borrows.get().checked_add(1)?);
        Some(Shared { value: self.value, borrow: ReadBorrow(borrows), lifetime: PhantomData })
    }
}

/// The writer.
pub(crate) struct Exclusive<'a, T: ?Sized> {
    value: NonNull<T>,
    borrow: WriteBorrow<'a>,
    lifetime: PhantomData<&'a mut T>,
}

impl<'a, T: ?Sized> Exclusive<'a, T> {
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

    pub(crate) fn map<U: ?Sized>(mut self, f: impl FnOnce(&mut T) -> &mut U) -> Exclusive<'a, U> {
        let value = NonNull::from(f(self.get_mut()));
        Exclusive { value, borrow: self.borrow, lifetime: PhantomData }
    }
}
