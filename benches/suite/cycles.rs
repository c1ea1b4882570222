//! Automatic collection: cyclic pairs, alone and beside live objects, and churn. `Rc` takes part in churn only: it leaks
//! cycles.

use std::hint::black_box;

use criterion::{Criterion, Throughput};

use crate::common::churn::{Churn, Links};
use crate::common::{Counted, graphs, std_rc::Std, tricycle::Tricycle};

const LIVE: usize = 1_000_000;
const SLOTS: usize = 10_000;

/// All rows of the group.
pub(crate) fn all(criterion: &mut Criterion) {
    pairs::<Tricycle>(criterion, "pairs", 0);
    pairs::<Tricycle>(criterion, "pairs beside live objects", LIVE);
    churn::<Std>(criterion);
    churn::<Tricycle>(criterion);
}

fn pairs<C: Counted>(criterion: &mut Criterion, name: &str, live: usize) {
    let mut group = criterion.benchmark_group("cycles");
    group.throughput(Throughput::Elements(2));
    let mut graph = None;
    group.bench_function(format!("{name}/{}", C::NAME), |bencher| {
        // Only when the benchmark is not filtered out, and only once.
        graph.get_or_insert_with(|| {
            let graph = (live > 0).then(|| graphs::random::<C>(live));
            C::collect();
            graph
        });
        bencher.iter(|| drop(black_box(graphs::cyclic_pair::<C>(1))));
    });
    drop(graph);
    C::collect();
}

fn churn<C: Counted>(criterion: &mut Criterion) {
    let mut group = criterion.benchmark_group("cycles");
    let mut churn = None;
    group.bench_function(format!("churn/{}", C::NAME), |bencher| {
        let churn = churn.get_or_insert_with(|| Churn::<C>::new(SLOTS, Links::OneOrTwo));
        bencher.iter(|| churn.step());
    });
}
