//! Explicit full collections: of garbage, and of a live graph with and without suspects. `Rc` has nothing to compare.

use std::hint::black_box;

use criterion::measurement::WallTime;
use criterion::{BenchmarkGroup, Criterion, Throughput};

use crate::common::{Counted, graphs, tricycle::Tricycle};
use crate::timing;

const OBJECTS: usize = 200_000;

/// All rows of the group.
pub(crate) fn all(criterion: &mut Criterion) {
    let mut group = criterion.benchmark_group("collect");
    group.sample_size(20);
    group.throughput(Throughput::Elements(OBJECTS as u64));
    rows::<Tricycle>(&mut group);
    group.finish();
}

fn rows<C: Counted>(group: &mut BenchmarkGroup<'_, WallTime>) {
    C::automatic(false);
    garbage::<C>(group, "garbage pairs", graphs::pairs::<C>);
    garbage::<C>(group, "garbage ring", graphs::ring::<C>);
    garbage::<C>(group, "garbage random graph", graphs::random::<C>);
    live::<C>(group, "live, all suspects", true);
    live::<C>(group, "live, no suspects", false);
    C::automatic(true);
}

fn garbage<C: Counted>(group: &mut BenchmarkGroup<'_, WallTime>, name: &str, build: fn(usize) -> Vec<C::Node>) {
    group.bench_function(format!("{name}/{}", C::NAME), |bencher| {
        bencher.iter_custom(|iterations| {
            timing::sum(iterations, || {
                drop(black_box(build(OBJECTS)));
                timing::of(C::collect).1
            })
        });
    });
}

fn live<C: Counted>(group: &mut BenchmarkGroup<'_, WallTime>, name: &str, suspects: bool) {
    group.bench_function(format!("{name}/{}", C::NAME), |bencher| {
        let nodes = graphs::random::<C>(OBJECTS);
        C::collect();
        bencher.iter_custom(|iterations| {
            timing::sum(iterations, || {
                if suspects {
                    nodes.iter().for_each(|node| drop(black_box(node.clone())));
                }
                timing::of(C::collect).1
            })
        });
        drop(nodes);
        C::collect();
    });
}
