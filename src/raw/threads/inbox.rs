//! What threads leave for another one: a stack that anybody may push to, and that is taken as a whole.
//!
//! Each thread has an inbox for objects whose counts only it can merge; each heap has one for handles that detached
//! threads dropped. An inbox that is closed takes nothing: its thread has left.

use std::marker::PhantomData;
use std::ptr;

use crate::raw::base::sync::{AtomicPtr, Ordering};

/// A stack of items.
#[derive(Debug)]
pub(crate) struct Inbox<T> {
    /// The latest item, null, or [`closed`].
    head: AtomicPtr<Node<T>>,
    items: PhantomData<T>,
}

// SAFETY: [I16] items go from thread to thread, each to one.
unsafe impl<T: Send> Send for Inbox<T> {}
// SAFETY: [I16] as above; nobody looks at an item through the inbox.
unsafe impl<T: Send> Sync for Inbox<T> {}

#[derive(Debug)]
struct Node<T> {
    next: *mut Node<T>,
    item: T,
}

/// The head of an inbox that takes nothing. No node can be there.
const fn closed<T>() -> *mut Node<T> {
    ptr::without_provenance_mut(1)
}

impl<T> Inbox<T> {
    crate::raw::base::sync::const_fn! {
        /// An empty inbox.
        pub(crate) fn new() -> Self {
            Inbox { head: AtomicPtr::new(ptr::null_mut()), items: PhantomData }
        }
    }

    crate::raw::base::sync::const_fn! {
        /// An inbox that takes nothing yet.
        pub(crate) fn shut() -> Self {
            Inbox { head: AtomicPtr::new(closed()), items: PhantomData }
        }
    }

    /// Puts an item in. True if the inbox was empty before: somebody should be told.
    ///
    /// # Errors
    ///
    /// If the inbox is closed the item comes back. What its owner did before closing it has happened before.
    pub(crate) fn push(&self, item: T) -> Result<bool, T> {
        let node = Box::into_raw(Box::new(Node { next: ptr::null_mut(), item }));
        let mut head = self.head.load(Ordering::Acquire); // [O40]
        loop {
            if ptr::eq(head, closed()) {
                // SAFETY: [I16] the node has not been pushed: it is ours.
                return Err(unsafe { Box::from_raw(node) }.item);
            }
            // SAFETY: [I16] as above.
            unsafe { (*node).next = head };
            match self.head.compare_exchange_weak(
                head,
                node,
                Ordering::Release, // [O41]
                Ordering::Acquire, // [O42]
            ) {
                Ok(_) => return Ok(head.is_null()),
                Err(now) => head = now,
            }
        }
    }

    /// Whether there is nothing to take, as far as this thread knows.
    #[cfg_attr(not(debug_assertions), inline(always))]
    pub(crate) fn is_empty(&self) -> bool {
        let head = self.head.load(Ordering::Relaxed);
        head.is_null() || ptr::eq(head, closed())
    }

    /// Takes everything, in the order in which it was put in. Nobody else opens or closes the inbox meanwhile: it is for its
    /// thread, and for whoever has stopped the world.
    pub(crate) fn take(&self) -> Taken<T> {
        if self.is_empty() {
            return Taken { next: ptr::null_mut(), items: PhantomData };
        }
        Self::taken(self.head.swap(ptr::null_mut(), Ordering::Acquire)) // [O43]
    }

    /// Takes everything, and lets nothing in any more.
    pub(crate) fn close(&self) -> Taken<T> {
        Self::taken(self.head.swap(closed(), Ordering::AcqRel)) // [O44]
    }

    /// Lets items in again.
    pub(crate) fn open(&self) {
        // Relaxed: we know what its last thread did by the lock under which we got its seat.
        let opened = self.head.compare_exchange(closed(), ptr::null_mut(), Ordering::Relaxed, Ordering::Relaxed);
        debug_assert!(opened.is_ok());
    }

    fn taken(latest: *mut Node<T>) -> Taken<T> {
        let mut rest = if ptr::eq(latest, closed()) { ptr::null_mut() } else { latest };
        let mut next = ptr::null_mut();
        while !rest.is_null() {
            // SAFETY: [I16] the nodes were taken off the stack, by us.
            let node = unsafe { &mut *rest };
            (rest, node.next, next) = (node.next, next, rest);
        }
        Taken { next, items: PhantomData }
    }
}

impl<T> Drop for Inbox<T> {
    fn drop(&mut self) {
        drop(self.close());
    }
}

/// What was in an inbox.
#[derive(Debug)]
pub(crate) struct Taken<T> {
    next: *mut Node<T>,
    items: PhantomData<T>,
}

impl<T> Iterator for Taken<T> {
    type Item = T;

    fn next(&mut self) -> Option<T> {
        if self.next.is_null() {
            return None;
        }
        // SAFETY: [I16] the node was taken by us, and is taken apart once.
        let node = unsafe { Box::from_raw(self.next) };
        self.next = node.next;
        Some(node.item)
    }
}

impl<T> Drop for Taken<T> {
    fn drop(&mut self) {
        self.for_each(drop);
    }
}
