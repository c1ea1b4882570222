//! Intrusive, circular, doubly linked lists: the generations.
//!
//! A list head is a [`Links`] of its own, so linking and unlinking need no branches, and an object can be taken off its
//! list without knowing which list that is.

use std::cell::Cell;
use std::ptr::{self, NonNull};

/// The two links at the front of a full header, and the head of a list.
#[repr(C)]
#[derive(Debug)]
pub(crate) struct Links {
    pub(crate) next: Cell<*mut Links>,
    pub(crate) prev: Cell<*mut Links>,
}

impl Links {
    /// Links that are on no list.
    pub(crate) const fn detached() -> Self {
        Links { next: Cell::new(ptr::null_mut()), prev: Cell::new(ptr::null_mut()) }
    }
}

/// A list of objects. Its head is at a fixed address: lists live in a heap's state, which never moves `[I5]`.
#[derive(Debug)]
pub(crate) struct List {
    head: Links,
}

impl List {
    /// An empty list; [`List::init`] must be called once it has its final address.
    pub(crate) const fn new() -> Self {
        List { head: Links::detached() }
    }

    #[cfg_attr(not(debug_assertions), inline(always))]
    fn head(&self) -> *mut Links {
        (&raw const self.head).cast_mut()
    }

    /// Closes the circle.
    pub(crate) fn init(&self) {
        self.head.next.set(self.head());
        self.head.prev.set(self.head());
    }

    #[inline]
    pub(crate) fn is_empty(&self) -> bool {
        ptr::eq(self.head.next.get(), self.head())
    }

    /// The first entry.
    #[inline]
    pub(crate) fn first(&self) -> Option<NonNull<Links>> {
        self.at(self.head.next.get())
    }

    /// The last entry.
    #[inline]
    pub(crate) fn last(&self) -> Option<NonNull<Links>> {
        self.at(self.head.prev.get())
    }

    /// The entry before `entry`.
    ///
    /// # Safety
    ///
    /// `entry` is on this list `[I5]`.
    #[cfg_attr(not(debug_assertions), inline(always))]
    pub(crate) unsafe fn before(&self, entry: NonNull<Links>) -> Option<NonNull<Links>> {
        // SAFETY: [I5] entries of a list are live headers.
        self.at(unsafe { entry.as_ref() }.prev.get())
    }

    /// The entry behind `entry`.
    ///
    /// # Safety
    ///
    /// `entry` is on this list `[I5]`.
    #[cfg_attr(not(debug_assertions), inline(always))]
    pub(crate) unsafe fn after(&self, entry: NonNull<Links>) -> Option<NonNull<Links>> {
        // SAFETY: [I5] entries of a list are live headers.
        self.at(unsafe { entry.as_ref() }.next.get())
    }

    #[cfg_attr(not(debug_assertions), inline(always))]
    fn at(&self, links: *mut Links) -> Option<NonNull<Links>> {
        if ptr::eq(links, self.head()) { None } else { NonNull::new(links) }
    }

    /// Appends an entry.
    ///
    /// # Safety
    ///
    /// `entry` is the header of a live object, on no list, and stays allocated until it is unlinked `[I5]`.
    #[cfg_attr(not(debug_assertions), inline(always))]
    pub(crate) unsafe fn push_back(&self, entry: NonNull<Links>) {
        let (head, last) = (self.head(), self.head.prev.get());
        // SAFETY: [I5] the caller vouches for `entry`; `last` is an entry or the head.
        unsafe {
            let links = entry.as_ref();
            links.next.set(head);
            links.prev.set(last);
            (*last).next.set(entry.as_ptr());
        }
        self.head.prev.set(entry.as_ptr());
    }

    /// Puts an entry in front.
    ///
    /// # Safety
    ///
    /// As for [`List::push_back`].
    #[cfg_attr(not(debug_assertions), inline(always))]
    pub(crate) unsafe fn push_front(&self, entry: NonNull<Links>) {
        let (head, first) = (self.head(), self.head.next.get());
        // SAFETY: [I5] the caller vouches for `entry`; `first` is an entry or the head.
        unsafe {
            let links = entry.as_ref();
            links.prev.set(head);
            links.next.set(first);
            (*first).prev.set(entry.as_ptr());
        }
        self.head.next.set(entry.as_ptr());
    }

    /// Moves all entries of `other` to the end of this list, in constant time.
    pub(crate) fn append(&self, other: &List) {
        if other.is_empty() {
            return;
        }
        let (first, last) = (other.head.next.get(), other.head.prev.get());
        let tail = self.head.prev.get();
        // SAFETY: [I5] all four are entries of one of the lists, or a head.
        unsafe {
            (*tail).next.set(first);
            (*first).prev.set(tail);
            (*last).next.set(self.head());
        }
        self.head.prev.set(last);
        other.init();
    }

    /// Moves the entries up to and including `last` to the end of `to`, in constant time.
    ///
    /// # Safety
    ///
    /// `last` is on this list `[I5]`.
    pub(crate) unsafe fn move_front(&self, last: NonNull<Links>, to: &List) {
        let first = self.head.next.get();
        let tail = to.head.prev.get();
        // SAFETY: [I5] all of them are entries of one of the lists, or a head.
        unsafe {
            let rest = last.as_ref().next.get();
            self.head.next.set(rest);
            (*rest).prev.set(self.head());
            (*tail).next.set(first);
            (*first).prev.set(tail);
            last.as_ref().next.set(to.head());
        }
        to.head.prev.set(last.as_ptr());
    }

    /// Forgets the entries before `first`, or all of them. They are not looked at: their memory may be gone.
    ///
    /// # Safety
    ///
    /// `first` is on this list `[I5]`.
    pub(crate) unsafe fn truncate_front(&self, first: Option<NonNull<Links>>) {
        match first {
            None => self.init(),
            Some(first) => {
                self.head.next.set(first.as_ptr());
                // SAFETY: [I5] as the caller vouches.
                unsafe { first.as_ref() }.prev.set(self.head());
            }
        }
    }

    /// The number of entries. Takes time in proportion to it.
    pub(crate) fn len(&self) -> usize {
        self.iter().count()
    }

    /// The entries, first to last. The list must not be changed meanwhile, except that entries behind the current one
    /// may be appended.
    pub(crate) fn iter(&self) -> impl Iterator<Item = NonNull<Links>> + '_ {
        let mut cursor = self.first();
        std::iter::from_fn(move || {
            let entry = cursor?;
            // SAFETY: [I5] `entry` is on this list, which nobody changes during the iteration.
            cursor = unsafe { self.after(entry) };
            Some(entry)
        })
    }
}

/// Takes an entry off its list.
///
/// # Safety
///
/// `entry` is on a list `[I5]`.
#[cfg_attr(not(debug_assertions), inline(always))]
pub(crate) unsafe fn unlink(entry: NonNull<Links>) {
    // SAFETY: [I5] an entry's neighbours are entries or the head, and alive.
    unsafe {
        let links = entry.as_ref();
        let (next, prev) = (links.next.get(), links.prev.get());
        (*prev).next.set(next);
        (*next).prev.set(prev);
    }
}
