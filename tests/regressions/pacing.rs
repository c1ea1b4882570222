//! Automatic collections, and those in steps: that they come to an end, and what they cost.
#![forbid(unsafe_code)]

use std::cell::Cell;
use std::time::Duration;

use tricycle::{Finalize, Gc, GcCell, Generation, Local, Progress, Thresholds, Trace};

use crate::{Ring, program};

/// Calls `collect_within(ZERO)` until it is finished, with something `between`. Returns the number of calls.
fn finish(mut between: impl FnMut()) -> usize {
    let mut calls = 0;
    while Local.collect_within(Duration::ZERO) == Progress::Unfinished {
        between();
        calls += 1;
        assert!(calls < 10_000, "the collection does not end");
    }
    calls
}

/// Fills a few pages.
#[derive(Trace)]
struct Large {
    _room: [u64; 500],
    next: GcCell<Option<Gc<Large>>>,
}

impl Large {
    fn block() -> Vec<Gc<Large>> {
        let large = || Gc::new(Large { _room: [0; 500], next: GcCell::new(None) });
        let block: Vec<_> = (0..if cfg!(miri) { 4 } else { 1000 }).map(|_| large()).collect();
        block.windows(2).for_each(|pair| pair[0].next.set(Some(pair[1].clone())));
        block
    }
}

/// A collection in steps began anew whenever memory had been given back between two of them, or only might have been: with
/// `trim` after each step it never ended.
#[test]
fn trim_between_steps() {
    program(|| {
        let rings: Vec<_> = (0..if cfg!(miri) { 20 } else { 2000 }).map(|_| Ring::create("ring")).collect();
        Local.collect();
        drop(rings);
        let calls = finish(|| Local.trim());
        assert!(calls > 2, "not a collection in steps");
        assert_eq!(Local.live_objects(), 0);

        // The same when there is something to be given back.
        let mut blocks: Vec<_> = (0..if cfg!(miri) { 3 } else { 8 }).map(|_| Large::block()).collect();
        let rings: Vec<_> = (0..20).map(|_| Ring::create("ring")).collect();
        Local.collect();
        drop(rings);
        let mut left = blocks.len();
        finish(|| {
            blocks.remove(0);
            left = (left - 1).max(2);
            while blocks.len() < left {
                blocks.push(Large::block());
            }
            Local.trim();
        });
        drop(blocks);
        assert_eq!(Local.live_objects(), 0);
    });
}

/// An object that claimed to own all the memory there is made each allocation begin a full collection.
#[test]
fn all_memory_is_external() {
    program(|| {
        Local.enable();
        let heavy = Ring::create("heavy");
        Gc::external_bytes(&heavy, usize::MAX);
        let light = Ring::create("light");
        Gc::external_bytes(&light, 1000);
        assert_eq!(Local.external_bytes(), usize::MAX);
        let full = || Local.stats()[Generation::Old].collections;
        drop(Ring::create("garbage"));
        Local.collect();
        let before = full();
        (0..100).for_each(|_| drop(Ring::create("garbage")));
        assert_eq!(full(), before, "full collections though nothing has become more");
        Gc::external_bytes(&heavy, 5);
        assert_eq!(Local.external_bytes(), 1005);
        heavy.next.take();
        light.next.take();
        drop((heavy, light));
        assert_eq!(Local.external_bytes(), 0);
        Local.disable();
    });
}

/// Garbage that had become old was collected much more slowly than more of it was made, however large the heap became. A window of
/// rings, of which the oldest is replaced.
#[test]
fn in_proportion() {
    for thresholds in [Thresholds::default(), (100, 10, 10).into()] {
        program(move || {
            Local.enable();
            Local.set_thresholds(thresholds);
            let (size, turns) = if cfg!(miri) { (20, 2_000) } else { (4_000, 200_000) };
            let mut window: Vec<_> = (0..size).map(|_| Ring::create("ring")).collect();
            let most = 2 * size + if thresholds.young == 100 { 4_000 } else { 20_000 };
            for turn in 0..turns {
                window[turn % size] = Ring::create("ring");
                if turn % 500 == 0 {
                    assert!(Local.live_objects() <= most, "{} objects, {size} of them alive", Local.live_objects());
                }
            }
            Local.disable();
        });
    }
}

/// Nothing grew any more, so what had become garbage before stayed.
#[test]
fn old_and_known() {
    program(|| {
        Local.enable();
        let many = if cfg!(miri) { 300 } else { 100_000 };
        drop((0..many).map(|_| Ring::create("old")).collect::<Vec<_>>());
        (0..many).for_each(|_| drop(Ring::create("young")));
        assert!(Local.live_objects() <= 20_000, "{} objects, none of them alive", Local.live_objects());
        Local.disable();
    });
}

/// With a threshold near the largest number, the sum of that and what had been allocated overflowed.
#[test]
fn large_thresholds() {
    program(|| {
        let kept: Vec<_> = (0..10).map(|_| Ring::create("kept")).collect();
        for threshold in [usize::MAX, usize::MAX - 1, usize::MAX / 2] {
            // One that was made, and has died.
            drop(Ring::create("short").next.take());
            Local.set_thresholds((threshold, threshold, threshold));
            Local.enable();
            drop(Ring::create("garbage"));
            Local.collect_generation(Generation::Young);
            drop(Ring::create("garbage"));
            Local.collect();
            while Local.collect_within(Duration::ZERO) == Progress::Unfinished {}
        }
        Local.disable();
        kept.iter().for_each(|ring| drop(ring.next.take()));
    });
}

/// The first of several calls examined all young objects at once, however little time it was given.
#[test]
fn young_objects_within_a_budget() {
    program(|| {
        let n = if cfg!(miri) { 50 } else { 20_000 };
        let kept: Vec<_> = (0..n).map(|_| Ring::create("kept")).collect();
        (0..n).for_each(|_| drop(Ring::create("garbage")));
        let candidates = || Local.stats().generations.iter().map(|generation| generation.candidates).sum::<u64>();
        let before = candidates();
        assert_eq!(Local.collect_within(Duration::ZERO), Progress::Unfinished);
        assert_eq!(candidates(), before, "the young objects were examined");
        let calls = finish(|| ());
        assert!(calls >= 2 * n / 1000);
        assert_eq!(Local.live_objects(), n);
        kept.iter().for_each(|ring| drop(ring.next.take()));
    });
}

/// A collection that had begun before was brought to its end, and that was called the end of the whole.
#[test]
fn finished_is_finished() {
    for calls in 0..20 {
        program(move || {
            // What goes on by itself when something is external.
            let heavy = Ring::create("heavy");
            (0..10).for_each(|_| drop(Ring::create("before")));
            Local.set_thresholds((1, 1000, 1000));
            Local.enable();
            Gc::external_bytes(&heavy, 1 << 30);
            (0..calls).for_each(|_| drop(Ring::create("step").next.take()));
            Local.disable();
            (0..10).for_each(|_| drop(Ring::create("garbage")));
            finish(|| ());
            assert_eq!(Local.live_objects(), 1, "garbage is left after {calls} steps");
            heavy.next.take();
        });
    }
}

/// The finalizers of thousands of objects ran in one call.
#[test]
fn finalizers_within_a_budget() {
    thread_local! {
        static RUN: Cell<usize> = const { Cell::new(0) };
    }

    #[derive(Trace)]
    #[trace(finalize)]
    struct Loud(GcCell<Option<Gc<Loud>>>);

    impl Finalize for Loud {
        fn finalize(&self) {
            RUN.set(RUN.get() + 1);
        }
    }

    program(|| {
        let n = if cfg!(miri) { 10 } else { 1_000 };
        for _ in 0..n {
            let one = Gc::new(Loud(GcCell::new(None)));
            one.0.set(Some(one.clone()));
        }
        let mut before = 0;
        finish(|| {
            assert!(RUN.get() - before <= 1, "{} finalizers in one call", RUN.get() - before);
            before = RUN.get();
        });
        assert_eq!(RUN.get(), n);
    });
}

/// All that had been made while automatic collection was off was examined and dropped by the next allocation.
#[test]
fn switched_on_again() {
    program(|| {
        let n = if cfg!(miri) { 100 } else { 200_000 };
        Local.set_thresholds((if cfg!(miri) { 10 } else { 2000 }, 10, 10));
        (0..n).for_each(|_| drop(Ring::create("garbage")));
        Local.enable();
        let (mut before, mut made) = (Local.live_objects(), 0);
        while Local.live_objects() > n / 2 {
            let few = if cfg!(miri) { 1 } else { 100 };
            (0..few).for_each(|_| drop(Ring::create("garbage")));
            made += few;
            let now = Local.live_objects();
            assert!(before.saturating_sub(now) <= n / 4, "{} objects in a hundred allocations", before - now);
            assert!(made < n, "the garbage stays");
            before = now;
        }
        Local.disable();
    });
}
