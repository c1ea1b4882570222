//! Allocation and drop of one object: a leaf, and a node that the collector tracks.

use std::hint::black_box;

use criterion::measurement::WallTime;
use criterion::{BenchmarkGroup, Criterion};

use crate::common::{Counted, std_rc::Std, tricycle::Tricycle};

/// All rows of the group.
pub(crate) fn all(criterion: &mut Criterion) {
    let mut group = criterion.benchmark_group("alloc");
    rows::<Std>(&mut group);
    rows::<Tricycle>(&mut group);
    group.finish();
}

fn rows<C: Counted>(group: &mut BenchmarkGroup<'_, WallTime>) {
    group.bench_function(format!("leaf/{}", C::NAME), |bencher| {
        bencher.iter(|| drop(black_box(C::leaf(1))));
    });
    group.bench_function(format!("node/{}", C::NAME), |bencher| {
        bencher.iter(|| drop(black_box(C::node(1, None, None))));
    });
}
