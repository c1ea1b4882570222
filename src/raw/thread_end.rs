//! The end of a thread: a heap of its own is collected a last time, and goes with its last object; on any other it gives up its
//! seat.

use std::mem::ManuallyDrop;

use super::base::nesting::NO_LIMIT;
use super::base::panic::keep_panic;
use super::base::sync::lock;
use super::heap::sharing::Sharing;
use super::heap::slot::Slot;
use super::heap::state::{existing, free_if_ended};
use super::{attach, collect, introspect};
use crate::{Generation, Heap, tell};

/// The end of a thread: a last collection, then the heap's own handles and callbacks go, then the heap itself, now or
/// with its last object.
pub(crate) fn teardown<H: Heap>() {
    tell::thread_ends();
    take_down::<H>();
    if H::slot(Slot::retire) {
        // SAFETY: [I11] the slot is on no list, and nobody has a reference: we are called by a thread-local's destructor. If the process ends
        // in the middle of something of ours, the thread still has a state or a seat, so it is not retired.
        unsafe { H::release_slot() };
    }
}

fn take_down<H: Heap>() {
    if H::SHARING != Sharing::Nobody {
        return attach::leave::<H>();
    }
    let Some(state) = existing::<H>() else { return };
    state.pins.set(state.pins.get() + 1);
    // A panic that left this function would abort the process. The panic hook has reported it, and we go on.
    let quietly = |f: &dyn Fn()| {
        let mut panic = None;
        keep_panic(&mut panic, f);
        let _ = ManuallyDrop::new(panic);
    };
    state.save_all.set(false);
    state.stack().nesting.set_limit(NO_LIMIT);
    quietly(&|| state.callbacks.clear());
    let leak = state.leak_at_exit.get();
    if leak {
        // Other thread-locals that are destroyed may still allocate.
        state.enabled.set(false);
    }
    // Nothing is to be kept any more, so what is frozen is collected, too.
    let last_collection = || {
        if leak {
            return;
        }
        introspect::unfreeze::<H>();
        collect::collect_all(state, Generation::Old);
    };
    quietly(&last_collection);
    quietly(&|| {
        let saved = std::mem::take(&mut *lock(&state.saved));
        drop(saved);
    });
    quietly(&last_collection);
    state.closing.set(true);
    // Somebody may have put off something meanwhile. From now on nothing is.
    state.stack().nesting.set_limit(NO_LIMIT);
    quietly(&|| {
        collect::backlog::work_off(state, NO_LIMIT);
    });
    state.pool.close();
    state.pins.set(state.pins.get() - 1);
    free_if_ended::<H>();
}

#[cfg(test)]
mod tests {
    use std::sync::Arc;
    use std::sync::atomic::{AtomicUsize, Ordering::Relaxed};

    use crate::{Gc, GcCell, Local, Trace};

    #[derive(Trace)]
    struct Node(
        #[expect(dead_code, reason = "counts")]
        #[trace(skip)]
        Ends,
        GcCell<Vec<Gc<Node>>>,
    );

    /// Counts its end.
    struct Ends(Arc<AtomicUsize>);

    impl Drop for Ends {
        fn drop(&mut self) {
            self.0.fetch_add(1, Relaxed);
        }
    }

    /// How many nodes end when a thread does that has done this.
    fn ended(work: impl FnOnce(&dyn Fn() -> Gc<Node>) + Send + 'static) -> usize {
        let ends = Arc::new(AtomicUsize::new(0));
        let theirs = Arc::clone(&ends);
        let make = move || Gc::new(Node(Ends(Arc::clone(&theirs)), GcCell::default()));
        std::thread::spawn(move || work(&make)).join().unwrap();
        ends.load(Relaxed)
    }

    #[test]
    fn frozen_garbage() {
        let freeze = |make: &dyn Fn() -> Gc<Node>| {
            let node = make();
            node.1.borrow_mut().push(node.clone());
            Local.freeze();
        };
        assert_eq!(ended(freeze), 1);
    }

    #[test]
    fn put_off_and_put_off_at_the_end() {
        let put_off = |make: &dyn Fn() -> Gc<Node>| {
            Local.set_defer_drop(Some(1));
            let (node, garbage) = (make(), make());
            (0..9).for_each(|_| node.1.borrow_mut().push(make()));
            (0..9).for_each(|_| garbage.1.borrow_mut().push(make()));
            garbage.1.borrow_mut().push(garbage.clone());
        };
        assert_eq!(ended(put_off), 20);
    }
}
