//! The heaps that threads share: handles, leaves, cyclic pairs on one thread and on two, and a full collection. std's `Arc` for
//! comparison. Threads are attached while they work.

use std::hint::black_box;
use std::sync::Arc;
use std::sync::Barrier;
use std::thread;
use std::time::{Duration, Instant};

use criterion::measurement::WallTime;
use criterion::{BenchmarkGroup, Criterion, Throughput};
use tricycle::{Atomic, Biased, Gc, Local, Locked, Shared};

use crate::common::shared::{Named, On};
use crate::common::{Counted, graphs};
use crate::timing;

const OBJECTS: usize = 200_000;

/// All rows of the groups.
pub(crate) fn all(criterion: &mut Criterion) {
    let mut group = criterion.benchmark_group("threads");
    let arc = Arc::new(1_u64);
    group.bench_function("clone and drop/std Arc", |bencher| {
        bencher.iter(|| drop(black_box(Arc::clone(black_box(&arc)))));
    });
    group.bench_function("leaf/std Arc", |bencher| bencher.iter(|| drop(black_box(Arc::new(1_u64)))));
    one_thread::<Locked>(&mut group);
    one_thread::<Atomic>(&mut group);
    one_thread::<Biased>(&mut group);
    foreign::<Atomic>(&mut group);
    foreign::<Biased>(&mut group);
    for threads in [1, 2] {
        pairs::<Local>(&mut group, threads);
        pairs::<Locked>(&mut group, threads);
        pairs::<Atomic>(&mut group, threads);
        pairs::<Biased>(&mut group, threads);
    }
    group.sample_size(20);
    full_collection::<Locked>(&mut group);
    full_collection::<Atomic>(&mut group);
    full_collection::<Biased>(&mut group);
    group.finish();
}

fn one_thread<H: Named>(group: &mut BenchmarkGroup<'_, WallTime>) {
    H::default().attach(|| {
        let leaf = On::<H>::leaf(1);
        group.bench_function(format!("clone and drop/{}", H::NAME), |bencher| {
            bencher.iter(|| drop(black_box(Gc::clone(black_box(&leaf)))));
        });
        group.bench_function(format!("leaf/{}", H::NAME), |bencher| {
            bencher.iter(|| drop(black_box(On::<H>::leaf(1))));
        });
    });
}

/// A handle to an object whose thread has ended.
fn foreign<H: Named + Shared>(group: &mut BenchmarkGroup<'_, WallTime>) {
    let heap = H::default();
    let leaf: Gc<u64, H> = thread::spawn(move || Gc::new_in(1, heap)).join().expect("it does not panic");
    heap.attach(|| {
        group.bench_function(format!("clone and drop, of another thread/{}", H::NAME), |bencher| {
            bencher.iter(|| drop(black_box(Gc::clone(black_box(&leaf)))));
        });
    });
}

/// So many pairs by each thread; the figure is the time until all are done.
fn pairs<H: Named>(group: &mut BenchmarkGroup<'_, WallTime>, threads: u64) {
    group.throughput(Throughput::Elements(2 * threads));
    group.bench_function(format!("pairs by {threads}/{}", H::NAME), |bencher| {
        bencher.iter_custom(|each| pairs_by::<H>(threads, each));
    });
}

fn pairs_by<H: Named>(threads: u64, each: u64) -> Duration {
    let line = Barrier::new(threads as usize + 1);
    thread::scope(|scope| {
        let work = || {
            line.wait();
            H::default().attach(|| (0..each).for_each(|i| drop(black_box(graphs::cyclic_pair::<On<H>>(i)))));
        };
        let crew: Vec<_> = (0..threads).map(|_| scope.spawn(work)).collect();
        line.wait();
        let start = Instant::now();
        for thread in crew {
            thread.join().expect("it does not panic");
        }
        start.elapsed()
    })
}

fn full_collection<H: Named>(group: &mut BenchmarkGroup<'_, WallTime>) {
    group.throughput(Throughput::Elements(OBJECTS as u64));
    H::default().attach(|| {
        group.bench_function(format!("collect live, all suspects/{}", H::NAME), |bencher| {
            let nodes = graphs::random::<On<H>>(OBJECTS);
            On::<H>::collect();
            bencher.iter_custom(|iterations| {
                timing::sum(iterations, || {
                    nodes.iter().for_each(|node| drop(black_box(node.clone())));
                    timing::of(On::<H>::collect).1
                })
            });
        });
        On::<H>::collect();
    });
}
