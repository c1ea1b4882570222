//! Automatic collections, and those in steps: that they come to an end, and what they cost.
#![forbid(unsafe_code)]

use std::time::Duration;

use tricycle::{Gc, GcCell, Generation, Local, Progress, Trace};

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
