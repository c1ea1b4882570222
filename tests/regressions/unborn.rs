//! Values that never came to be, or are gone, while weak handles keep their memory: it goes without a look at the value.
//! (Miri sees one with `-Zmiri-recursive-validation`: there may be anything in the place of a `bool`.)
#![forbid(unsafe_code)]

use std::panic::{AssertUnwindSafe, catch_unwind, resume_unwind};

use tricycle::{Gc, GcCell, Heap, Hosts, Trace, Weak, heap};

/// As large, and as aligned, as to have an allocation of its own.
#[derive(Trace, Clone, Copy)]
#[repr(align(64))]
struct Aligned(bool);

/// Too many for the pool; under Miri nothing is in the pool.
const MANY: usize = if cfg!(miri) { 10 } else { 8192 };

/// A container.
#[derive(Trace)]
struct Node<H: Heap>(GcCell<Option<Gc<Node<H>, H>>, H>, bool);

fn never_made<T: Trace + 'static, H: Hosts<T>>(heap: H) {
    let mut kept: Option<Weak<T, H>> = None;
    let panic = catch_unwind(AssertUnwindSafe(|| {
        Gc::<T, H>::new_cyclic_in(
            |weak| {
                kept = Some(weak.clone());
                resume_unwind(Box::new("there will be no value"))
            },
            heap,
        )
    }));
    assert!(panic.is_err());
    let weak = kept.expect("it was called");
    assert!(weak.upgrade().is_none());
    assert_eq!(heap.live_allocations(), 1);
    drop(weak);
    assert_eq!(heap.live_allocations(), 0);
}

fn dropped<T: Trace + 'static, H: Hosts<T>>(value: T, heap: H) {
    let gc = Gc::new_in(value, heap);
    let weak = Gc::downgrade(&gc);
    drop(gc);
    assert_eq!((weak.upgrade().is_none(), heap.live_allocations()), (true, 1));
    drop(weak);
    assert_eq!(heap.live_allocations(), 0);
}

/// On each heap: leaves in the pool and outside of it, containers, leaves that own something, slices.
macro_rules! on {
    ($($name:ident: $kind:ident;)+) => {$(
        #[test]
        fn $name() {
            heap! { Mine: $kind }
            never_made::<bool, _>(Mine);
            never_made::<[bool; MANY], _>(Mine);
            never_made::<Aligned, _>(Mine);
            never_made::<Box<bool>, _>(Mine);
            never_made::<Node<Mine>, _>(Mine);
            dropped(true, Mine);
            dropped([true; MANY], Mine);
            dropped(Aligned(true), Mine);
            dropped(Box::new(5), Mine);
            dropped(vec![Box::new(5)], Mine);
            dropped(Node::<Mine>(GcCell::new(None), true), Mine);
            for len in [3, MANY] {
                let gc: Gc<[Box<usize>], Mine> = (0..len).map(Box::new).collect();
                let weak = Gc::downgrade(&gc);
                drop(gc);
                drop(weak);
                assert_eq!(Mine.live_allocations(), 0);
            }
        }
    )+};
}

on! {
    on_a_local_heap: Local;
    on_a_locked_heap: Locked;
    on_an_atomic_heap: Atomic;
    on_a_biased_heap: Biased;
}
