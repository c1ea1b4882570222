//! Destruction that was put off: until the stack is shallow again ([`Queue`]), or to a later step ([`Backlog`]).

use std::cell::{Cell, RefCell};
use std::fmt;
use std::ptr::{self, NonNull};
use std::sync::Mutex;

use super::deferred::Deferred;
use crate::raw::base::list::Links;
use crate::raw::base::relaxed::Flag;
use crate::raw::base::sync::lock;

/// What was put off, last in, first out: so what hangs on an object goes before what hangs on the next one, and the queue stays
/// short where it can.
#[derive(Default)]
pub(crate) struct Queue {
    /// Objects whose count is zero, linked through `next`; the last one leads nowhere.
    first: Cell<*mut Links>,
    last: Cell<*mut Links>,
    /// What has no links.
    loose: RefCell<Vec<Deferred>>,
    any: Cell<bool>,
}

/// One of them.
pub(crate) enum Item {
    Object(NonNull<Links>),
    Loose(Deferred),
}

impl Queue {
    /// Whether there is anything.
    #[inline(always)]
    pub(crate) fn is_empty(&self) -> bool {
        !self.any.get()
    }

    /// Adds an object.
    ///
    /// # Safety
    ///
    /// It is allocated, full, `DYING`, on no list, has no handles, and is the caller's `[I6]`, who gives it up.
    pub(crate) unsafe fn push(&self, links: NonNull<Links>) {
        let first = self.first.replace(links.as_ptr());
        if first.is_null() {
            self.last.set(links.as_ptr());
        }
        // SAFETY: [I14] as the caller vouches.
        unsafe { links.as_ref() }.next.set(first);
        self.any.set(true);
    }

    /// Adds what has no links.
    pub(crate) fn push_loose(&self, deferred: Deferred) {
        self.loose.borrow_mut().push(deferred);
        self.any.set(true);
    }

    /// Takes one out, which is the caller's then.
    pub(crate) fn pop(&self) -> Option<Item> {
        if let Some(links) = NonNull::new(self.first.get()) {
            // SAFETY: [I14] what is in the queue is allocated, and linked through `next`.
            self.first.set(unsafe { links.as_ref() }.next.get());
            return Some(Item::Object(links));
        }
        let deferred = self.loose.borrow_mut().pop();
        if deferred.is_none() {
            self.any.set(false);
        }
        deferred.map(Item::Loose)
    }

    /// Takes all that is in another one, in a time that does not depend on how many objects those are.
    pub(crate) fn append(&self, other: &Queue) {
        if let Some(last) = NonNull::new(other.last.get())
            && let Some(first) = NonNull::new(other.first.replace(ptr::null_mut()))
        {
            let mine = self.first.replace(first.as_ptr());
            // SAFETY: [I14] as above.
            unsafe { last.as_ref() }.next.set(mine);
            if mine.is_null() {
                self.last.set(last.as_ptr());
            }
        }
        let (mut mine, mut theirs) = (self.loose.borrow_mut(), other.loose.borrow_mut());
        if mine.is_empty() {
            std::mem::swap(&mut *mine, &mut *theirs);
        } else {
            mine.append(&mut theirs);
        }
        other.any.set(false);
        drop((mine, theirs));
        self.look();
    }

    /// Whether there is anything, also just after the last one was taken out.
    pub(crate) fn look(&self) -> bool {
        let any = !self.first.get().is_null() || !self.loose.borrow().is_empty();
        self.any.set(any);
        any
    }
}

impl fmt::Debug for Queue {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Queue")
    }
}

/// What all threads of a heap have put off to a later step. Any of them may see to it.
#[derive(Default)]
pub(crate) struct Backlog {
    queue: Mutex<Queue>,
    waiting: Flag,
}

impl Backlog {
    /// Whether there is anything, as far as one can tell without looking.
    #[inline(always)]
    pub(crate) fn is_waiting(&self) -> bool {
        self.waiting.get()
    }

    /// Takes over what is in `queue`.
    pub(crate) fn put(&self, queue: &Queue) {
        let all = lock(&self.queue);
        all.append(queue);
        self.waiting.set(!all.is_empty());
    }

    /// Moves everything to `queue`.
    pub(crate) fn take(&self, queue: &Queue) {
        let all = lock(&self.queue);
        queue.append(&all);
        self.waiting.set(false);
    }
}
