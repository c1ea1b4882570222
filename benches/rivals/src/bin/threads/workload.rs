//! The rows that compare counts and collections.

use std::hint::black_box;
use std::sync::Barrier;
use std::sync::mpsc::channel;
use std::thread;
use std::time::Instant;

use tricycle::Gc;

use crate::clock::Stopwatch;
use crate::common::shared::{Named, On};
use crate::common::{Counted, graphs};
use crate::contestants::{Leaves, Pairs, SharedHeap};
use crate::rows::Scale;

fn clone_drop<T: Clone>(handle: &T, count: usize) -> f64 {
    let watch = Stopwatch::start();
    for _ in 0..count {
        drop(black_box(T::clone(black_box(handle))));
    }
    watch.nanos_per(count)
}

/// Clones and drops a handle to an object that the thread has made.
pub fn own<C: Leaves>(scale: &Scale) -> f64 {
    C::attached(|| clone_drop(&C::leaf(1), scale.operations))
}

/// Clones and drops a handle to an object that another thread has made, which is still there, and detached.
pub fn foreign<C: Leaves<Leaf: Send>>(scale: &Scale) -> f64 {
    let (give, take) = channel();
    let done = &Barrier::new(2);
    thread::scope(|scope| {
        scope.spawn(move || {
            C::attached(|| {
                let leaf = C::leaf(1);
                give.send(leaf).expect("the other thread waits for it");
                C::detached(|| done.wait());
            });
        });
        let leaf = take.recv().expect("the other thread sends it");
        let figure = C::attached(|| clone_drop(&leaf, scale.operations));
        done.wait();
        figure
    })
}

/// Clones and drops a handle to an immortal object on so many threads at once; the average of their CPU times.
pub fn immortal<H: SharedHeap>(heap: H, scale: &Scale, threads: usize) -> f64 {
    let leaf: Gc<u64, H> = Gc::new_in(1, heap);
    Gc::immortalize(&leaf);
    let line = Barrier::new(threads);
    let times: f64 = thread::scope(|scope| {
        let one = || {
            line.wait();
            heap.attach(|| clone_drop(&leaf, scale.operations))
        };
        let crew: Vec<_> = (0..threads).map(|_| scope.spawn(one)).collect();
        crew.into_iter().map(|thread| thread.join().expect("it does not panic")).sum()
    });
    times / threads as f64
}

/// Allocates and drops.
pub fn leaf<C: Leaves>(scale: &Scale) -> f64 {
    C::attached(|| {
        let watch = Stopwatch::start();
        for i in 0..scale.operations {
            drop(black_box(C::leaf(i as u64)));
        }
        watch.nanos_per(scale.operations)
    })
}

/// Cyclic pairs, on one thread beside nobody.
fn some_pairs<C: Pairs>(count: usize) {
    let mut since = 0;
    for i in 0..count / 2 {
        C::pair(i as u64);
        since += 2;
        if C::COLLECT_EVERY.is_some_and(|every| since >= every) {
            since = 0;
            C::collect();
        }
    }
}

/// Makes cyclic pairs on one thread.
pub fn pairs<C: Pairs>(scale: &Scale) -> f64 {
    pairs_by::<C>(1, scale.cyclic)
}

/// Makes cyclic pairs on two threads, each as many as one alone.
pub fn pairs_by_two<C: Pairs>(scale: &Scale) -> f64 {
    pairs_by::<C>(2, scale.cyclic)
}

fn pairs_by<C: Pairs>(threads: usize, each: usize) -> f64 {
    C::attached(C::collect);
    let each = each / C::ONE_IN;
    let line = Barrier::new(threads + 1);
    let elapsed = thread::scope(|scope| {
        let one = || {
            line.wait();
            C::attached(|| some_pairs::<C>(each));
        };
        let crew: Vec<_> = (0..threads).map(|_| scope.spawn(one)).collect();
        line.wait();
        let start = Instant::now();
        for thread in crew {
            thread.join().expect("it does not panic");
        }
        start.elapsed()
    });
    C::attached(C::collect);
    elapsed.as_nanos() as f64 / (threads * each) as f64
}

/// A full collection of a graph that is alive, after every object had a handle cloned and dropped.
pub fn full_collection<H: Named>(scale: &Scale) -> f64 {
    let heap = H::default();
    heap.attach(|| {
        On::<H>::automatic(false);
        let nodes = graphs::random::<On<H>>(scale.objects);
        heap.collect();
        nodes.iter().for_each(|node| drop(black_box(node.clone())));
        let watch = Stopwatch::start();
        heap.collect();
        let figure = watch.nanos_per(scale.objects);
        drop(nodes);
        On::<H>::automatic(true);
        heap.collect();
        figure
    })
}
