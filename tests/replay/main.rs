//! The replay example: what it says about damaged files, and that real and random heaps come out as they should.
//!
//! The example is compiled into this test and runs in its process, so that Miri and coverage see it.

#![forbid(unsafe_code)]

#[path = "../../examples/replay/app/mod.rs"]
#[allow(dead_code, reason = "what only `main` uses")]
mod app;
#[cfg(not(miri))]
mod damage;
mod parts;
mod threads;

use std::path::PathBuf;

use app::crew::Single;
use app::experiment::Experiment;
use app::heap_file::HeapFile;
use app::oracle::Oracle;
use app::{Bars, Exit};
use parts::{Parts, gzip};
use proptest::collection::vec;
use proptest::prelude::*;
use serde_json::{Value, json};

/// Runs the program and returns how it ended, its output and its error output.
fn run(args: &[&str]) -> (Exit, String, String) {
    let (mut out, mut err) = (Vec::new(), Vec::new());
    let args = ["replay"].iter().chain(args).map(Into::into);
    let exit = app::run(args, &mut out, &mut err, Bars::Hidden).unwrap();
    (exit, String::from_utf8(out).unwrap(), String::from_utf8(err).unwrap())
}

/// Runs the program on a file with these contents.
fn run_on(name: &str, contents: &[u8], args: &[&str]) -> (Exit, String, String) {
    let path: PathBuf = std::env::temp_dir().join(format!("tricycle-replay-{}-{name}", std::process::id()));
    std::fs::write(&path, contents).unwrap();
    let result = run(&[&[path.to_str().unwrap()], args].concat());
    std::fs::remove_file(&path).unwrap();
    result
}

#[test]
#[cfg_attr(miri, ignore = "Miri keeps programs away from files")]
fn a_damaged_file_ends_the_program_with_2_and_one_line() {
    let mut parts = Parts::tiny();
    parts.targets[0] = 6;
    for contents in [&b"not gzip"[..], &parts.file(), &gzip(b"")] {
        let (exit, out, err) = run_on("damaged", contents, &["--json"]);
        assert_eq!((exit, &*out, err.lines().count()), (Exit::Unusable, "", 1), "{err}");
        assert!(err.starts_with("replay: ") && err.contains(": ") && err.contains("byte "), "{err}");
    }
    let (exit, out, err) = run(&["/nowhere/at/all.heap.gz"]);
    assert_eq!((exit, &*out, err.lines().count()), (Exit::Unusable, "", 1), "{err}");
}

#[test]
fn the_command_line() {
    assert_eq!(run(&["--help"]).0, Exit::Agrees);
    assert_eq!(run(&["--version"]).0, Exit::Agrees);
    for wrong in [
        &["--seed", "x"][..],
        &["--seed"],
        &["--jsno"],
        &["a", "b"],
        &["--heap", "global"],
        &["--threads", "0"],
        &["--threads", "2"],
    ] {
        let (exit, out, err) = run(wrong);
        assert_eq!((exit, &*out), (Exit::Unusable, ""));
        assert!(err.contains("error: "), "{err}");
    }
}

#[test]
#[cfg_attr(miri, ignore = "46,082 objects; the small and the random heaps run")]
fn the_built_in_heap_agrees_with_the_oracle() {
    for args in [&["--json"][..], &["--json", "--seed", "1"]] {
        let (exit, out, err) = run(args);
        assert_eq!((exit, &*err, out.lines().count()), (Exit::Agrees, "", 1), "{out}{err}");
        let report: Value = serde_json::from_str(&out).unwrap();
        assert_eq!(report["heap_file"], "stdlib.heap.gz");
        assert_eq!((&report["objects"], &report["edges"]), (&json!(46_082), &json!(106_492)));
        assert_eq!((&report["tracked"], &report["bytes"]), (&json!(18_322), &json!(7_711_904)));
        assert_eq!((&report["leaked"], &report["oracle"]), (&json!(0), &json!("agrees")));
        let freed = |how: &str| report[how].as_u64().unwrap();
        assert_eq!(freed("freed_by_count") + freed("freed_by_collector"), 46_082);
    }
    let (exit, table, err) = run(&[]);
    assert_eq!((exit, &*err), (Exit::Agrees, ""));
    assert!(table.contains("46,082") && table.contains("agrees"), "{table}");
}

/// Measures and checks one heap on this thread.
fn report(parts: &Parts, seed: Option<u64>) -> app::report::Report {
    let experiment = Experiment::new(HeapFile::read(&*parts.file()).unwrap(), seed);
    app::replay("test".to_owned(), &experiment, tricycle::Local, &Single, Bars::Hidden)
}

#[test]
fn the_json_has_these_keys_in_this_order() {
    let json = report(&Parts::tiny(), None).json();
    let keys = "heap_file objects tracked edges bytes build_ns_per_object collect_ns_per_tracked freed_by_count \
                freed_by_collector leaked pause_ns p50 p99 max oracle";
    let in_text: Vec<&str> = json.split('"').filter(|word| keys.split(' ').any(|key| key == *word)).collect();
    assert_eq!(in_text.join(" "), keys);
    let json: Value = serde_json::from_str(&json).unwrap();
    assert_eq!((&json["objects"], &json["freed_by_count"]), (&json!(6), &json!(1)));
    assert_eq!((&json["freed_by_collector"], &json["leaked"]), (&json!(5), &json!(0)));
    assert_eq!(json.as_object().unwrap().len(), 12);
    assert_eq!(json["pause_ns"].as_object().unwrap().len(), 3);
}

#[test]
fn a_disagreement_ends_the_program_with_1_and_is_named() {
    let file = || HeapFile::read(&*Parts::tiny().file()).unwrap();
    let mut experiment = Experiment::new(file(), None);
    experiment.oracle = Oracle::new(&file(), &[]); // an oracle that takes everything for garbage
    let report = app::replay("test".to_owned(), &experiment, tricycle::Local, &Single, Bars::Hidden);
    let expected = "after building the heap: node 0 (builtins.list) is alive, but is not reachable";
    assert_eq!(report.oracle, expected);
    for json in [true, false] {
        let (mut out, mut err) = (Vec::new(), Vec::new());
        assert_eq!(app::print(&report, json, &mut out, &mut err).unwrap(), Exit::Differs);
        assert!(String::from_utf8(out).unwrap().contains(expected));
        assert_eq!(String::from_utf8(err).unwrap(), format!("replay: the oracle disagrees: {expected}\n"));
    }
}

#[test]
fn untracked_nodes_in_cycles_and_above_containers_are_tracked() {
    // 1 and 2 hold each other, 3 holds 2, 4 holds the tracked 0; 5 is a real tuple.
    let edges = [vec![6], vec![2], vec![1], vec![2], vec![0], vec![6, 6], vec![]];
    let parts = Parts::new(1, &[0; 7], &[0, 0, 0, 1, 1, 1, 0], &[48; 7], &edges);
    let report = report(&parts, None);
    assert_eq!((report.tracked, report.leaked, &*report.oracle), (5, 0, "agrees"));
}

/// Small graphs of all shapes: any node may be tracked, a root, in a cycle, garbage.
pub(crate) fn any_heap() -> impl Strategy<Value = Parts> {
    (0_usize..24).prop_flat_map(|nodes| {
        let target = 0..nodes.max(1) as u32;
        let edges = vec(prop_oneof![2 => vec(target.clone(), 0..5), 1 => Just(vec![])], nodes);
        let (types, roots) = (vec(0_u32..5, nodes), vec(prop_oneof![2 => Just(0_u32), 1 => 1..9_u32], nodes));
        (0..=nodes, types, roots, vec(16_u32..400, nodes), edges)
            .prop_map(|(tracked, types, roots, sizes, edges)| Parts::new(tracked, &types, &roots, &sizes, &edges))
    })
}

proptest! {
    #![proptest_config(ProptestConfig {
        cases: if cfg!(miri) { 4 } else { 256 },
        failure_persistence: None,
        ..ProptestConfig::default()
    })]

    #[test]
    fn random_heaps_agree_with_the_oracle(parts in any_heap(), seed in any::<Option<u64>>()) {
        let report = report(&parts, seed);
        prop_assert_eq!(&*report.oracle, "agrees");
        prop_assert_eq!(report.leaked, 0);
        prop_assert_eq!(report.freed_by_count + report.freed_by_collector, report.objects);
    }

    #[test]
    fn the_oracle_is_one_plain_search_per_step(parts in any_heap(), seed in any::<Option<u64>>()) {
        let Experiment { file, batches, oracle, .. } = Experiment::new(HeapFile::read(&*parts.file()).unwrap(), seed);
        for step in 0..=batches.len() {
            let mut alive: Vec<u32> = batches[step..].iter().flat_map(|batch| batch.roots.clone()).collect();
            let mut next = 0;
            while let Some(&node) = alive.get(next) {
                next += 1;
                let new: Vec<u32> = file.edges(node).iter().copied().filter(|node| !alive.contains(node)).collect();
                alive.extend(new);
            }
            for node in 0..file.nodes() {
                prop_assert_eq!(oracle.alive(node, step as u32), alive.contains(&node));
            }
        }
    }
}
