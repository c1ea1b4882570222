//! Random programs on a heap and on an oracle.

#![forbid(unsafe_code)]

use proptest::prelude::*;
use proptest::test_runner::FileFailurePersistence;
use tricycle::testing::model::{self, Face};
use tricycle::{Local, heap};

heap! { Locked: Locked }
heap! { Atomic: Atomic }
heap! { Biased: Biased }
tricycle::model_heap!(Locked: dyn Face<Locked> + Send + Sync);
tricycle::model_heap!(Atomic: dyn Face<Atomic> + Send + Sync);
tricycle::model_heap!(Biased: dyn Face<Biased> + Send + Sync);

/// `last` says that the heap ends with its program. Otherwise what a program that fails leaves behind makes those fail that
/// come after it, so it is not made smaller, and its seed is not kept.
fn config(cases: u32, last: bool) -> ProptestConfig {
    let persistence = FileFailurePersistence::WithSource("proptest-regressions");
    ProptestConfig {
        cases: if cfg!(miri) { 24 } else { cases },
        failure_persistence: if cfg!(miri) || !last { None } else { Some(Box::new(persistence)) },
        max_shrink_iters: if last { 20_000 } else { 0 },
        ..ProptestConfig::default()
    }
}

/// Programs on a heap. One test for each: on a heap that threads share, there is one program at a time.
macro_rules! on {
    ($($name:ident: $heap:ty, $last:literal;)+) => {$(
        proptest! {
            #![proptest_config(config(10_000, $last))]

            #[test]
            fn $name(program in model::programs(if cfg!(miri) { 20 } else { 60 })) {
                model::run::<$heap>(&program)?;
            }
        }
    )+};
}

on! {
    programs_do_what_the_oracle_says: Local, true;
    programs_on_a_locked_heap: Locked, false;
    programs_on_an_atomic_heap: Atomic, false;
    programs_on_a_biased_heap: Biased, false;
}
