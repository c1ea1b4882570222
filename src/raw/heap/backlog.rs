//! Destruction that was put off: until the stack is shallow again ([`Queue`]), or to a later step ([`Backlog`]).

use std::cell::{Cell, RefCell};
use std::fmt;
use std::ptr::{self, NonNull};
use std::sync::Mutex;

use super::loose::Loose;
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
    loose: RefCell<Vec<Loose>>,
    any: Cell<bool>,
}

/// One of them.
pub(crate) enum Item {
    Object(NonNull<Links>),
    Loose(Loose),
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
    pub(crate) fn push_loose(&self, loose: Loose) {
        self.loose.borrow_mut().push(loose);
        self.any.set(true);
    }

    /// Takes one out, which is the caller's then.
    pub(crate) fn pop(&self) -> Option<Item> {
        if let Some(links) = NonNull::new(self.first.get()) {
            // SAFETY: [I14] what is in the queue is allocated, and linked through `next`.
            self.first.set(unsafe { links.as_ref() }.next.get());
            return Some(Item::Object(links));
        }
        let loose = self.loose.borrow_mut().pop();
        if loose.is_none() {
            self.any.set(false);
        }
        loose.map(Item::Loose)
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

#[cfg(test)]
mod models {
    use std::sync::atomic::{AtomicUsize, Ordering::Relaxed};
    use std::thread;

    use super::*;

    const ROUNDS: usize = if cfg!(miri) { 4 } else { 1000 };

    /// As a world has it.
    #[derive(Default)]
    struct Shared(Backlog);

    // SAFETY: [I19] to find out whether this is true is what the test is for.
    unsafe impl Sync for Shared {}

    /// Objects on their way from queue to queue: they lie here, and are linked by what they have for that.
    fn objects(n: usize) -> Vec<Links> {
        (0..n).map(|_| Links::detached()).collect()
    }

    /// Puts objects on a queue, each as the caller's.
    fn push_all(queue: &Queue, objects: &[Links]) {
        // SAFETY: [I14] they are on no list, and nobody else's; they lie there for longer than the queue.
        objects.iter().for_each(|links| unsafe { queue.push(NonNull::from(links)) });
    }

    /// How many there are; what has no links is called.
    fn take_all(queue: &Queue) -> usize {
        std::iter::from_fn(|| queue.pop())
            .map(|item| match item {
                Item::Object(_) => (),
                Item::Loose(loose) => loose.finish(),
            })
            .count()
    }

    /// Last in, first out; what is appended goes first, and what was there before is not lost, nor what comes later.
    #[test]
    fn appended() {
        let all = objects(6);
        let (queue, other) = (Queue::default(), Queue::default());
        for turn in 0..2 {
            push_all(&queue, &all[..2]);
            queue.append(&other); // empty
            push_all(&other, &all[2..4]);
            queue.append(&other);
            assert!(other.is_empty() && !other.look() && !queue.is_empty());
            push_all(&other, &all[4..5]);
            push_all(&queue, &all[5..]);
            other.append(&queue);
            let order: Vec<_> = std::iter::from_fn(|| other.pop())
                .map(|item| match item {
                    Item::Object(links) => all.iter().position(|other| ptr::eq(links.as_ptr(), other)).unwrap(),
                    Item::Loose(_) => unreachable!(),
                })
                .collect();
            assert_eq!(order, [5, 3, 2, 1, 0, 4], "turn {turn}");
            assert!(other.is_empty() && !queue.look());
            // Through one that was empty.
            let (through, last) = (Queue::default(), Queue::default());
            push_all(&queue, &all[..2]);
            through.append(&queue);
            assert!(!through.is_empty());
            last.append(&through);
            assert!(take_all(&last) == 2 && queue.is_empty() && through.is_empty());
        }
    }

    /// Threads put things off, and see to what any of them has put off: in the end all has been seen to, and nobody thinks that
    /// something waits, or that nothing does when there is something.
    #[test]
    fn seen_to_by_any() {
        let (backlog, seen, called) =
            (Shared::default(), AtomicUsize::new(0), std::sync::Arc::new(AtomicUsize::new(0)));
        thread::scope(|scope| {
            for _ in 0..2 {
                let (backlog, seen, called): (&Shared, _, _) = (&backlog, &seen, &called);
                scope.spawn(move || {
                    let (queue, backlog) = (Queue::default(), &backlog.0);
                    for _ in 0..ROUNDS {
                        for _ in 0..3 {
                            let called = std::sync::Arc::clone(called);
                            queue.push_loose(Loose::Callback(Box::new(move || _ = called.fetch_add(1, Relaxed))));
                        }
                        backlog.put(&queue);
                        assert!(queue.is_empty());
                        if backlog.is_waiting() {
                            backlog.take(&queue);
                            seen.fetch_add(take_all(&queue), Relaxed);
                        }
                    }
                });
            }
        });
        assert_eq!(seen.load(Relaxed), 6 * ROUNDS, "who has put something off finds that something waits");
        assert!(!backlog.0.is_waiting() && called.load(Relaxed) == 0);
    }
}
