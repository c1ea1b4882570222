//! A limit for the memory of a heap, on each kind of heap.

use tricycle::{Gc, GcCell, Trace, heap};

/// Some nodes fit.
const LIMIT: usize = if cfg!(miri) { 1 << 19 } else { 4 << 20 };

macro_rules! on {
    ($($module:ident: $kind:ident)+) => {$(
        mod $module {
            use super::*;

            heap! { Own: $kind }

            #[derive(Trace)]
            struct Node<const N: usize>(GcCell<Option<Gc<Node<N>, Own>>, Own>, [u8; N]);

            fn node<const N: usize>(next: Option<Gc<Node<N>, Own>>) -> Result<Gc<Node<N>, Own>, Node<N>> {
                Gc::try_new_in(Node(GcCell::new(next), [1; N]), Own).map_err(|error| error.into_inner())
            }

            /// A list as long as the limit allows, in nodes of some size. The value that did not fit comes back, with all that it keeps.
            fn fill<const N: usize>() {
                let (mut list, mut length) = (None, 0);
                let last = loop {
                    match node::<N>(list.take()) {
                        Ok(node) => list = Some(node),
                        Err(value) => break value,
                    }
                    length += 1;
                    assert!(length * N < LIMIT, "there is no limit");
                };
                assert!(length * N > LIMIT / 4, "{length} nodes of {N} bytes are not nearly {LIMIT}");
                assert_eq!((Own.live_objects(), last.1[N - 1]), (length, 1));
                // It stays so until something goes.
                assert!(node::<N>(None).is_err());
                drop(last);
                assert!(node::<N>(None).is_ok());
                Own.trim();
                assert_eq!(Own.live_allocations(), 0);
            }

            #[test]
            fn all() {
                assert_eq!(Own.limit(), usize::MAX);
                Own.set_limit(LIMIT);
                assert_eq!(Own.limit(), LIMIT);
                Own.attach(|| {
                    fill::<100>();
                    fill::<1000>();
                    fill::<10_000>();
                    garbage_goes_first();
                    external();
                });
                // Slices too; what has no `try_` is not to be had at all.
                Own.set_limit(usize::MAX);
                let kept: Vec<_> = (0..2 * LIMIT / 1000).map(|_| node::<1000>(None).ok().expect("no limit")).collect();
                // A limit below what there is touches nothing, and allows nothing.
                Own.set_limit(LIMIT);
                assert_eq!(Own.live_objects(), kept.len());
                assert!(node::<10_000>(None).is_err());
                drop(kept);
                assert!(node::<10_000>(None).is_ok());
            }

            /// Garbage is collected before an allocation fails, whatever automatic collection would do.
            fn garbage_goes_first() {
                Own.disable();
                for _ in 0..4 * LIMIT / 1000 {
                    let ring = node::<1000>(None).ok().expect("garbage makes room");
                    ring.0.set(Some(ring.clone()));
                }
                Own.enable();
                Own.collect();
                assert_eq!(Own.live_objects(), 0);
            }

            /// Bytes outside of the heap count.
            fn external() {
                let holder = node::<100>(None).ok().expect("room");
                Gc::external_bytes(&holder, LIMIT);
                assert!(node::<100>(None).is_err());
                assert!(node::<10_000>(None).is_err());
                Gc::external_bytes(&holder, LIMIT / 4);
                assert!(node::<100>(None).is_ok());
                drop(holder);
            }
        }
    )+};
}

on! {
    local: Local
    locked: Locked
    atomic: Atomic
    biased: Biased
}

/// What a thread has made and others have freed makes room, also while that thread waits, or is about to end.
macro_rules! freed_by_others {
    ($($name:ident: $kind:ident)+) => {$(
        #[test]
        fn $name() {
            heap! { Own: $kind }
            type Item = Gc<[u64; 100], Own>;
            Own.set_limit(LIMIT);
            let fill = || -> Vec<Item> { std::iter::from_fn(|| Gc::try_new_in([0; 100], Own).ok()).collect() };
            let (made, done) = (std::sync::mpsc::channel(), std::sync::mpsc::channel::<()>());
            std::thread::scope(|scope| {
                scope.spawn(move || {
                    made.0.send(fill()).unwrap();
                    assert!(done.1.recv().is_err());
                });
                let theirs = made.1.recv().unwrap();
                let most = theirs.len();
                drop(theirs);
                let mine = fill();
                assert!(mine.len() > most / 2, "{} of {most}", mine.len());
                drop(done.0);
            });
        }
    )+};
}

freed_by_others! {
    freed_by_others_atomic: Atomic
    freed_by_others_biased: Biased
}

/// The threads of a heap have one limit together.
#[test]
fn threads() {
    heap! { Own: Atomic }
    type Item = Gc<(GcCell<u32, Own>, [u64; 120]), Own>;
    Own.set_limit(LIMIT);
    let fill =
        || -> Vec<Item> { std::iter::from_fn(|| Gc::try_new_in((GcCell::new(0), [0; 120]), Own).ok()).collect() };
    let (first, second) = std::thread::scope(|scope| {
        let (first, second) = (scope.spawn(fill), scope.spawn(fill));
        (first.join().unwrap(), second.join().unwrap())
    });
    let most = LIMIT / 960;
    assert!(first.len() + second.len() <= most && first.len() + second.len() > most / 2);
    // What other threads free, also of those that have ended, makes room.
    drop((first, second));
    let third = fill();
    assert!(third.len() > most / 2);
}
