//! Random programs on a heap and on an oracle.

#![forbid(unsafe_code)]

use proptest::prelude::*;
use proptest::test_runner::FileFailurePersistence;
use tricycle::Local;
use tricycle::testing::model;

fn config(cases: u32) -> ProptestConfig {
    let persistence = FileFailurePersistence::WithSource("proptest-regressions");
    ProptestConfig {
        cases: if cfg!(miri) { 24 } else { cases },
        failure_persistence: if cfg!(miri) { None } else { Some(Box::new(persistence)) },
        max_shrink_iters: 20_000,
        ..ProptestConfig::default()
    }
}

proptest! {
    #![proptest_config(config(10_000))]

    #[test]
    fn programs_do_what_the_oracle_says(program in model::programs(if cfg!(miri) { 20 } else { 60 })) {
        model::run::<Local>(&program)?;
    }
}
