//! Random programs on a heap and on an oracle.

#![forbid(unsafe_code)]

use proptest::prelude::*;
use proptest::test_runner::FileFailurePersistence;
use tricycle::{Local, heap};
use tricycle_model::{self as model, Face};

heap! { Locked: Locked }
heap! { Atomic: Atomic }
heap! { Biased: Biased }
tricycle_model::model_heap!(Locked: dyn Face<Locked> + Send + Sync);
tricycle_model::model_heap!(Atomic: dyn Face<Atomic> + Send + Sync);
tricycle_model::model_heap!(Biased: dyn Face<Biased> + Send + Sync);

/// `last` says that the heap ends with its program. Otherwise what a program that fails leaves behind makes those fail that
/// come after it, so it is not made smaller, and its seed is not kept.
fn config(cases: u32, last: bool) -> ProptestConfig {
    let persistence = FileFailurePersistence::WithSource("proptest-regressions");
    ProptestConfig {
        // With small limits an operation makes as many handles as there may be.
        cases: if cfg!(miri) { 24 } else { cases / if cfg!(gc_small_limits) { 4 } else { 1 } },
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

/// The same on several threads that take turns.
macro_rules! in_turns_on {
    ($($name:ident: $heap:ident;)+) => {$(
        #[test]
        fn $name() {
            heap! { Mine: $heap }
            tricycle_model::model_heap!(Mine: dyn Face<Mine> + Send + Sync);
            proptest!(config(500, false), |(
                program in model::programs(if cfg!(miri) { 12 } else { 60 }),
                turns in proptest::collection::vec(any::<u8>(), 1..=60),
            )| {
                model::run_in_turns::<Mine>(&program, &turns)?;
            });
        }
    )+};
}

in_turns_on! {
    programs_in_turns_on_a_locked_heap: Locked;
    programs_in_turns_on_an_atomic_heap: Atomic;
    programs_in_turns_on_a_biased_heap: Biased;
}

/// Programs on which the oracle was wrong, by what it did not know.
const MISJUDGED: [(&str, &[&str]); 2] = [
    // It drops two handles together: the finalizer of the first object collects, so the second one becomes older, and its
    // finalizer brings it back.
    (
        "an object whose last handle is just going may be examined",
        &[
            "a7981055e0e41bfaa0d064746bd9f14f93647b797f1d05a4e9d9aa71676748378bf3c74c87ae1a1550170bcc9618e3061854",
            "4bc1772a3f1a3182102d3b0bb605c76f16ca583e8af00be449a1c0a61d8d94030c0b2d35488b300f56286d831bb268fadb2c",
            "1d296d2ce15125c22e5ef944350a4e43aab184efab0c969e8ea97ab4252852161b817a4312b424fd751ebbd836bad051fef4",
            "6185288d63628cb7212960d40f9750cd49492f4465c0d9a2f38d7d25f3a71b93130bf1d156aba6bb7175d962388c6580b4db",
            "135a499ba54657fbda4f41f04d0b3ee70dc349bba639fa5b74ecb5126734b80fa16cf6ae743acbf539ff89322582552d4a14",
            "01f7a60b3f9d5b09ed7db83c05090ee0c8d08cf58d70ba0385efa7c656a512956616c017299f8165f69e8200144effc4c992",
            "345a5ad3fb594191c9f02e36ae08ee0dd6dedfe463cbb6e5f102fe54938310636d428977e553c66276d8accdd98eb007b1e8",
            "b479effc",
        ],
    ),
    // It freezes an object that is brought back later, at the end of a long chain.
    (
        "an object that is brought back may still be frozen",
        &[
            "338ac8576dab12840b8b7f8fe44857989af342be137024fd9cc6a6ec51126dd7aae8edffe185add1568c368dae0f633ad283",
            "8a774478af9f7a6a8cf55aba30901412d9042bdcd2d868278c57bc0acd1a2b8763d02ed09f35c62c65cc78780a4ee64028b5",
            "caf6a647e44e508549d3f9769a086923617bb05dcbdba316f8335675a3f9231bffd6510a349c4ce373c9c1e3a22f0ae2e0a2",
            "b13ba4892cd2d00e0e245e2441cb1437a108b5a2672678ae9f2223ce5072ebc2afa44ba38c255b83bbbf4cbf092316888f02",
            "81dbac40b5b4b14b53811468c3f2a65d8b0d0d65dbfff04375efeffaf495b760016c",
        ],
    ),
];

#[test]
fn misjudged_programs() {
    heap! { Mine: Biased }
    tricycle_model::model_heap!(Mine: dyn Face<Mine> + Send + Sync);
    for (name, hex) in MISJUDGED {
        let hex = hex.concat();
        let byte = |i: usize| u8::from_str_radix(&hex[2 * i..2 * i + 2], 16).unwrap();
        let program = model::Program::from_bytes(&(0..hex.len() / 2).map(byte).collect::<Vec<u8>>());
        model::run::<Local>(&program).unwrap_or_else(|wrong| panic!("{name}: {wrong}"));
        model::run::<Mine>(&program).unwrap_or_else(|wrong| panic!("{name}: {wrong}"));
    }
}
