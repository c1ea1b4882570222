//! A module for a WebAssembly engine: each function that it exports as `test_…` is a test, and traps if it fails
//! (`ci/wasm.py`).

/// Exports tests, for every heap.
macro_rules! tests {
    ($($heap:ident: $kind:ident, $in_steps:literal { $($name:ident)+ })+) => {$(
        #[path = "."]
        pub mod $heap {
            use tricycle::$kind as HEAP;

            /// Whether full collections may be done in steps.
            const IN_STEPS: bool = $in_steps;

            mod programs;

            $(
                #[unsafe(export_name = concat!("test_", stringify!($heap), "_", stringify!($name)))]
                extern "C" fn $name() {
                    programs::$name();
                }
            )+
        }
    )+};
}

tests! {
    local: Local, true { collections automatic_collections budgets farewells controls }
    locked: Locked, true { collections automatic_collections budgets farewells controls }
    atomic: Atomic, false { collections automatic_collections budgets farewells controls }
    biased: Biased, false { collections automatic_collections budgets farewells controls }
}
