//! The longest of many steps of churn beside a million live objects. The figure is that step, not their sum.

use std::time::{Duration, Instant};

use criterion::measurement::WallTime;
use criterion::{BenchmarkGroup, Criterion};

use crate::common::churn::{Churn, Links};
use crate::common::{Counted, std_rc::Std, tricycle::Tricycle};
use crate::timing;

const SLOTS: usize = 1_000_000;
const STEPS: usize = 500_000;

/// All rows of the group.
pub(crate) fn all(criterion: &mut Criterion) {
    let mut group = criterion.benchmark_group("pauses");
    group.sample_size(10);
    longest::<Std>(&mut group, "one way", Links::One);
    longest::<Tricycle>(&mut group, "one way", Links::One);
    longest::<Tricycle>(&mut group, "mutual", Links::Mutual);
    group.finish();
}

fn longest<C: Counted>(group: &mut BenchmarkGroup<'_, WallTime>, name: &str, links: Links) {
    let mut churn = None;
    group.bench_function(format!("{name}/{}", C::NAME), |bencher| {
        let churn = churn.get_or_insert_with(|| Churn::<C>::new(SLOTS, links));
        bencher.iter_custom(|iterations| timing::sum(iterations, || longest_of(churn)));
    });
    drop(churn);
    C::collect();
}

fn longest_of<C: Counted>(churn: &mut Churn<C>) -> Duration {
    let mut longest = Duration::ZERO;
    let mut last = Instant::now();
    for _ in 0..STEPS {
        churn.step();
        let now = Instant::now();
        longest = longest.max(now - last);
        last = now;
    }
    longest
}
