//! GCBench, at a quarter of the size of the table in `benches/README.md`.

use criterion::Criterion;

use crate::common::gcbench::{Sizes, run};
use crate::common::{Counted, std_rc::Std, tricycle::Tricycle};

const SIZES: Sizes = Sizes { stretch: 16, array: 125_000, deepest: 14 };

/// All rows of the group.
pub(crate) fn all(criterion: &mut Criterion) {
    total::<Std>(criterion);
    total::<Tricycle>(criterion);
}

fn total<C: Counted>(criterion: &mut Criterion) {
    let mut group = criterion.benchmark_group("gcbench");
    group.sample_size(10);
    group.bench_function(format!("total/{}", C::NAME), |bencher| bencher.iter(|| run::<C>(SIZES)));
}
