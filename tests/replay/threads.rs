//! The heaps that threads share, with one thread and with several.

use std::sync::{Mutex, MutexGuard, PoisonError};

use proptest::prelude::*;
use serde_json::{Value, json};
use tricycle::{Atomic, Biased, Locked, Shared};

use crate::app::experiment::Experiment;
use crate::app::heap_file::HeapFile;
use crate::app::objects::ReplayHeap;
use crate::app::{self, Bars, Exit};
use crate::parts::Parts;
use crate::{any_heap, run};

/// The heaps are the process's, and each test counts all that is on them.
fn take_turn() -> MutexGuard<'static, ()> {
    static ALONE: Mutex<()> = Mutex::new(());
    ALONE.lock().unwrap_or_else(PoisonError::into_inner)
}

#[test]
#[cfg_attr(miri, ignore = "46,082 objects; the random heaps run")]
fn the_built_in_heap_agrees_with_the_oracle_on_every_heap() {
    let _turn = take_turn();
    for heap in ["locked", "atomic", "biased"] {
        for threads in ["1", "2", "5"] {
            let (exit, out, err) = run(&["--json", "--heap", heap, "--threads", threads]);
            assert_eq!((exit, &*err), (Exit::Agrees, ""), "{heap}, {threads} threads: {out}");
            let report: Value = serde_json::from_str(&out).unwrap();
            assert_eq!((&report["leaked"], &report["oracle"]), (&json!(0), &json!("agrees")));
            let freed = |how: &str| report[how].as_u64().unwrap();
            assert_eq!(freed("freed_by_count") + freed("freed_by_collector"), 46_082);
        }
    }
}

fn agrees<H: ReplayHeap + Shared>(parts: &Parts, seed: Option<u64>, threads: usize, heap: H) {
    let experiment = Experiment::new(HeapFile::read(&*parts.file()).unwrap(), seed);
    let report = app::replay_shared("test".to_owned(), &experiment, heap, threads, Bars::Hidden);
    assert_eq!((&*report.oracle, report.leaked), ("agrees", 0));
    assert_eq!(report.freed_by_count + report.freed_by_collector, report.objects);
}

proptest! {
    #![proptest_config(ProptestConfig {
        cases: if cfg!(miri) { 1 } else { 32 },
        failure_persistence: None,
        ..ProptestConfig::default()
    })]

    #[test]
    fn random_heaps_agree_with_the_oracle(parts in any_heap(), seed in any::<Option<u64>>(), threads in 1_usize..4) {
        let _turn = take_turn();
        agrees(&parts, seed, threads, Locked);
        agrees(&parts, seed, threads, Atomic);
        agrees(&parts, seed, threads, Biased);
    }
}
