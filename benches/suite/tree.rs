//! Building and dropping a binary tree, dropping a list.

use std::hint::black_box;

use criterion::measurement::WallTime;
use criterion::{BatchSize, BenchmarkGroup, Criterion, Throughput};

use crate::common::{Counted, graphs, std_rc::Std, tricycle::Tricycle};
use crate::timing;

const DEPTH: u32 = 17;
/// As long as `Rc` can bear on a stack of ordinary size.
const LIST: usize = 20_000;

/// All rows of the group.
pub(crate) fn all(criterion: &mut Criterion) {
    let mut group = criterion.benchmark_group("tree");
    group.sample_size(20);
    rows::<Std>(&mut group);
    rows::<Tricycle>(&mut group);
    group.finish();
}

fn rows<C: Counted>(group: &mut BenchmarkGroup<'_, WallTime>) {
    group.throughput(Throughput::Elements(graphs::tree_size(DEPTH) as u64));
    group.bench_function(format!("build/{}", C::NAME), |bencher| {
        bencher.iter_custom(|iterations| timing::sum(iterations, || timing::of(|| graphs::bottom_up::<C>(DEPTH)).1));
    });
    group.bench_function(format!("drop/{}", C::NAME), |bencher| {
        bencher.iter_batched(|| graphs::bottom_up::<C>(DEPTH), drop, BatchSize::PerIteration);
    });
    group.throughput(Throughput::Elements(LIST as u64));
    group.bench_function(format!("drop list/{}", C::NAME), |bencher| {
        bencher.iter_batched(|| graphs::list::<C>(LIST), |head| drop(black_box(head)), BatchSize::PerIteration);
    });
}
