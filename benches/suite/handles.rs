//! What is done with a handle: clone, drop, deref.

use std::hint::black_box;

use criterion::measurement::WallTime;
use criterion::{BenchmarkGroup, Criterion, Throughput};

use crate::common::{Counted, std_rc::Std, tricycle::Tricycle};

/// All rows of the group.
pub(crate) fn all(criterion: &mut Criterion) {
    let mut group = criterion.benchmark_group("handles");
    rows::<Std>(&mut group);
    rows::<Tricycle>(&mut group);
    group.finish();
}

fn rows<C: Counted>(group: &mut BenchmarkGroup<'_, WallTime>) {
    let node = C::node(1, None, None);
    group.throughput(Throughput::Elements(1));
    group.bench_function(format!("clone and drop/{}", C::NAME), |bencher| {
        bencher.iter(|| drop(black_box(C::Node::clone(black_box(&node)))));
    });

    // All objects fit into the first cache.
    let nodes: Vec<_> = (0..256).map(|i| C::node(i, None, None)).collect();
    group.throughput(Throughput::Elements(nodes.len() as u64));
    group.bench_function(format!("deref/{}", C::NAME), |bencher| {
        bencher.iter(|| black_box(&nodes).iter().map(|node| *C::value(node)).sum::<u64>());
    });
}
