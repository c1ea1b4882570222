//! What is tried on every heap, where there are no threads, nothing is unwound, and no time passes.

use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::Duration;

use tricycle::{Finalize, Progress, Trace};

use super::{HEAP, IN_STEPS};

type Gc<T> = tricycle::Gc<T, HEAP>;
type GcCell<T> = tricycle::GcCell<T, HEAP>;

/// An object that counts its end.
#[derive(Trace)]
#[trace(finalize)]
struct Node {
    next: GcCell<Option<Gc<Node>>>,
    #[trace(skip)]
    finalized: Arc<AtomicUsize>,
}

impl Finalize for Node {
    fn finalize(&self) {
        self.finalized.fetch_add(1, Ordering::Relaxed);
    }
}

/// `n` of them in a circle.
fn ring(n: usize, finalized: &Arc<AtomicUsize>) -> Gc<Node> {
    let node = |next| Gc::new_in(Node { next: GcCell::new(next), finalized: finalized.clone() }, HEAP);
    let last = node(None);
    let first = (1..n).fold(last.clone(), |next, _| node(Some(next)));
    last.next.set(Some(first.clone()));
    first
}

/// Circles go, young and old. How long it took is not known.
pub(super) fn collections() {
    let finalized = Arc::default();
    let kept = ring(10, &finalized);
    for n in 1..4 {
        drop(ring(100, &finalized));
        let result = HEAP.collect();
        assert_eq!(finalized.load(Ordering::Relaxed), n * 100);
        assert!(result.duration.is_zero());
    }
    drop(kept);
    HEAP.collect();
    assert_eq!(finalized.load(Ordering::Relaxed), 310);
}

/// Collections begin by themselves, and full ones, too: in steps, or in one piece.
pub(super) fn automatic_collections() {
    let finalized = Arc::default();
    let kept: Vec<_> = (0..3000).map(|_| ring(10, &finalized)).collect();
    (0..20_000).for_each(|_| drop(ring(10, &finalized)));
    assert!(finalized.load(Ordering::Relaxed) > 100_000);
    drop(kept);
    HEAP.collect();
    assert_eq!(finalized.load(Ordering::Relaxed), 230_000);
}

/// A collection within a budget comes to an end, in steps that are as small as the budget.
pub(super) fn budgets() {
    let finalized = Arc::default();
    let kept: Vec<_> = (0..1000).map(|_| ring(10, &finalized)).collect();
    HEAP.collect();
    drop(kept);
    let mut steps = 0;
    while let Progress::Unfinished = HEAP.collect_within(Duration::from_micros(100)) {
        steps += 1;
        assert!(steps < 1000);
    }
    assert_eq!(finalized.load(Ordering::Relaxed), 10_000);
    // Steps of a thousand objects, and each is counted and marked at least.
    assert!(if IN_STEPS { steps >= 20 } else { steps == 0 });
    assert!(matches!(HEAP.collect_within(Duration::MAX), Progress::Finished(_)));
}

/// Weak handles, their callbacks, and what cannot be borrowed.
pub(super) fn farewells() {
    let finalized = Arc::default();
    let node = ring(2, &finalized);
    let weak = Gc::downgrade_with(&node, {
        let finalized = finalized.clone();
        move || {
            finalized.fetch_add(10, Ordering::Relaxed);
        }
    });
    assert!(weak.upgrade().is_some());
    {
        let _guard = node.next.borrow_mut();
        assert!(node.next.try_borrow().is_err());
    }
    drop(node);
    HEAP.collect();
    assert!(weak.upgrade().is_none());
    assert_eq!(finalized.load(Ordering::Relaxed), 12);
}

/// Coming in, going out, and giving way to nobody.
pub(super) fn controls() {
    let finalized = Arc::default();
    HEAP.set_switch_interval(Duration::from_millis(1));
    HEAP.attach(|| {
        let node = ring(3, &finalized);
        HEAP.poll();
        HEAP.detach(|| drop(node));
        HEAP.detach(|| drop(ring(3, &finalized)));
        HEAP.freeze();
        HEAP.unfreeze();
        HEAP.collect();
    });
    assert_eq!(finalized.load(Ordering::Relaxed), 6);
    assert!(HEAP.stats().generations.len() == 3);
    HEAP.trim();
}
