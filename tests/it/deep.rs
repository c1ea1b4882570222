//! Structures of ten million objects, in a thread with a stack of 256 KiB: whatever the collector and destruction do,
//! they do it in constant stack.

use tricycle::{Generation, Trace};

use super::objects::*;
use crate::support::{Kind, on_small_stack};

/// Ten million, where there is time for that.
const N: usize = if cfg!(miri) {
    150
} else if cfg!(debug_assertions) {
    200_000
} else {
    10_000_000
};

#[derive(Trace)]
struct Link(GcCell<Option<Gc<Link>>>);

/// A chain of `n` links: its first and its last one.
fn chain(n: usize) -> (Gc<Link>, Gc<Link>) {
    let last = gc(Link(GcCell::default()));
    let mut first = last.clone();
    for _ in 1..n {
        first = gc(Link(GcCell::new(Some(first))));
    }
    (first, last)
}

/// A list is collected while it is alive, from either end, and dies by count.
#[test]
fn list() {
    on_small_stack(|| {
        let _gate = Gate::open();
        let (first, last) = chain(N);
        HEAP.collect();
        assert_eq!(HEAP.live_objects(), N);
        drop(last);
        HEAP.collect();
        assert_eq!(HEAP.live_objects(), N);
        drop(first);
        assert_eq!(HEAP.live_objects(), 0);
    });
}

/// A list that hangs on a frozen object, and one that a guard keeps.
#[test]
fn list_with_roots_out_of_sight() {
    on_small_stack(|| {
        let _gate = Gate::open();
        let n = N / 10;
        let root = gc(Link(GcCell::default()));
        HEAP.freeze();
        root.0.set(Some(chain(n).0));
        assert_eq!(collect(), 0);
        HEAP.unfreeze();
        drop(root);
        assert_eq!(HEAP.live_objects(), 0);
    });
}

/// A ring is collected.
#[test]
fn ring() {
    on_small_stack(|| {
        let _gate = Gate::open();
        HEAP.disable();
        let (first, last) = chain(N);
        last.0.set(Some(first.clone()));
        assert_eq!(collect(), 0);
        drop((first, last));
        assert_eq!(collect(), N);
    });
}

/// The same in steps.
#[test]
fn ring_in_steps() {
    use std::time::Duration;
    use tricycle::Progress;
    on_small_stack(|| {
        let _gate = Gate::open();
        HEAP.disable();
        let (first, last) = chain(N);
        last.0.set(Some(first.clone()));
        HEAP.collect();
        drop((first, last));
        let mut steps = 0;
        let collected = loop {
            steps += 1;
            if let Progress::Finished(collection) = HEAP.collect_within(Duration::from_millis(2)) {
                break collection.collected;
            }
        };
        assert_eq!(collected, N);
        // On a heap that is used in parallel there are no steps.
        assert!(if H::PARALLEL { steps == 1 } else { steps > 2 || N < 1000 });
        assert_eq!(HEAP.live_objects(), 0);
    });
}

/// A ring with a list hanging on it: the list dies with the ring.
#[test]
fn ring_with_tail() {
    #[derive(Trace)]
    struct Hub(GcCell<Option<Gc<Hub>>>, Gc<Link>);
    on_small_stack(|| {
        let _gate = Gate::open();
        let hub = gc(Hub(GcCell::default(), chain(N / 10).0));
        hub.0.set(Some(hub.clone()));
        drop(hub);
        assert_eq!(collect(), N / 10 + 1);
    });
}

/// A list that old garbage leads to and whose own objects the collection of the young does not look at: it dies by
/// count while the collection clears.
#[test]
fn list_behind_young_garbage() {
    #[derive(Trace)]
    struct Hub(GcCell<Option<Gc<Hub>>>, Gc<Link>);
    on_small_stack(|| {
        let _gate = Gate::open();
        let list = chain(N / 10).0;
        HEAP.collect();
        let hub = gc(Hub(GcCell::default(), list));
        hub.0.set(Some(hub.clone()));
        drop(hub);
        assert_eq!(HEAP.collect_generation(Generation::Young).collected, 1);
        assert_eq!(HEAP.live_objects(), 0);
    });
}

/// A tree dies by count, and is collected when its root is part of a cycle.
#[test]
fn tree() {
    #[derive(Trace)]
    struct Tree(GcCell<Vec<Gc<Tree>>>);
    fn tree(depth: u32) -> Gc<Tree> {
        let children = if depth > 0 { vec![tree(depth - 1), tree(depth - 1)] } else { vec![] };
        gc(Tree(GcCell::new(children)))
    }
    on_small_stack(|| {
        let _gate = Gate::open();
        let depth = N.ilog2() - 3;
        let root = tree(depth);
        let n = (1 << (depth + 1)) - 1;
        assert_eq!((collect(), HEAP.live_objects()), (0, n));
        drop(root);
        assert_eq!(HEAP.live_objects(), 0);
        let root = tree(depth);
        root.0.borrow_mut().push(root.clone());
        drop(root);
        HEAP.collect();
        assert_eq!(HEAP.live_objects(), 0);
    });
}

/// A list whose objects have finalizers and weak handles with callbacks.
#[test]
fn list_with_all_the_trimmings() {
    on_small_stack(|| {
        let _gate = Gate::open();
        let (log, n) = (Log::new(), N / 100);
        let mut weaks = Vec::new();
        let mut first = Obj::new("", &log);
        for _ in 1..n {
            let next = Obj::new("", &log);
            next.link(&first);
            first = next;
            let log = log.clone();
            weaks.push(Gc::downgrade_with(&first, move || log.add("callback")));
        }
        drop(first);
        assert_eq!((log.count("finalize"), log.count("drop"), log.count("callback")), (n, n, n - 1));
    });
}

/// Leaves whose weak callbacks own the last handle of the next one: leaves that have nothing to drop, with a slot or an
/// allocation of their own, and leaves that have.
#[test]
fn leaves_with_callbacks() {
    fn chain<T: Trace + Send + Sync + 'static>(make: fn() -> T, last: fn(tricycle::Gc<T, H>))
    where
        H: tricycle::Hosts<T>,
    {
        on_small_stack(move || {
            let _gate = Gate::open();
            let (n, mut weaks) = (N / 40 / size_of::<T>().div_ceil(64).max(1) + 100, Vec::new());
            let mut first = gc(make());
            for _ in 1..n {
                let next = gc(make());
                weaks.push(Gc::downgrade_with(&next, move || drop(first)));
                first = next;
            }
            last(first);
            assert!(weaks.iter().all(|weak| weak.upgrade().is_none()));
        });
    }
    chain(|| 1_usize, drop);
    chain(|| [1_u8; 8192], drop);
    chain(|| Box::new(1), drop);
    chain(|| 1_usize, |first| drop(tricycle::Gc::try_unwrap(first)));
    chain(|| Canary::new("leaf", &Log::new()), drop);
}

/// The same, begun by a callback that a collection runs.
#[test]
fn leaves_behind_garbage_with_a_callback() {
    on_small_stack(|| {
        let _gate = Gate::open();
        let mut weaks = Vec::new();
        let mut first = gc(1_usize);
        for _ in 1..N / 40 {
            let next = gc(1_usize);
            weaks.push(Gc::downgrade_with(&next, move || drop(first)));
            first = next;
        }
        let ring = gc(Link(GcCell::default()));
        ring.0.set(Some(ring.clone()));
        let weak = Gc::downgrade_with(&ring, move || drop(first));
        drop(ring);
        HEAP.collect();
        assert!(weak.upgrade().is_none() && weaks.iter().all(|weak| weak.upgrade().is_none()));
    });
}

/// Weak handles whose callbacks own the next weak handle with a callback, to one object, or to others that they own, too.
#[test]
fn weak_handles_in_callbacks() {
    on_small_stack(|| {
        let _gate = Gate::open();
        let target = gc(1);
        let mut first = Gc::downgrade(&target);
        for _ in 1..N / 40 {
            let next = first;
            first = Gc::downgrade_with(&target, move || drop(next));
        }
        drop(first);
        for dies in [false, true] {
            let mut first = (gc(1), Gc::downgrade(&target));
            for _ in 1..N / 40 {
                let (next, other) = (first, gc(2));
                first = (other.clone(), Gc::downgrade_with(&other, move || drop(next)));
            }
            let (last, weak) = first;
            if dies {
                drop(last); // the callback runs
            } else {
                drop(weak); // it does not
            }
        }
    });
}

/// `Debug` does not follow handles for ever.
#[test]
fn debug() {
    #[derive(Trace, Debug)]
    struct Link(GcCell<Option<Gc<Link>>>);
    on_small_stack(|| {
        let _gate = Gate::open();
        let mut first = gc(Link(GcCell::default()));
        let last = first.clone();
        for _ in 0..N.min(if cfg!(miri) { 60 } else { 1000 }) {
            first = gc(Link(GcCell::new(Some(first))));
        }
        assert!(format!("{first:?}").len() < 10_000);
        last.0.set(Some(first.clone()));
        assert!(format!("{first:?}").contains("Gc(…)"));
        drop((first, last));
        HEAP.collect();
    });
}
