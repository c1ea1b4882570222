//! The replay example: what it says about damaged files, and that real and random heaps come out as they should.
//!
//! The example is compiled into this test and runs in its process, so that Miri and coverage see it.

#![forbid(unsafe_code)]

#[path = "../examples/replay/app/mod.rs"]
#[allow(dead_code, reason = "what only `main` uses")]
mod app;

use std::io::Write;
use std::path::PathBuf;

use app::experiment::Experiment;
use app::heap_file::HeapFile;
use app::oracle::Oracle;
use app::{Bars, Exit};
use flate2::Compression;
use flate2::write::GzEncoder;
use proptest::collection::vec;
use proptest::prelude::*;
use serde_json::{Value, json};

/// A file in pieces, each of which can be damaged.
#[derive(Debug, Clone)]
struct Parts {
    header: Value,
    type_of: Vec<u32>,
    external_refs: Vec<u32>,
    size: Vec<u32>,
    offsets: Vec<u32>,
    targets: Vec<u32>,
}

impl Parts {
    /// A list and a dict in a cycle, a list that only holds itself (garbage), and a tuple of two leaves.
    fn tiny() -> Self {
        let edges = [vec![1, 3, 1], vec![0, 4], vec![2], vec![], vec![3, 5], vec![]];
        Self::new(3, &[0, 1, 0, 2, 3, 4], &[1, 0, 0, 7, 0, 0], &[88, 232, 88, 54, 56, 28], &edges)
    }

    fn new(tracked: usize, type_of: &[u32], external_refs: &[u32], size: &[u32], edges: &[Vec<u32>]) -> Self {
        let mut offsets = vec![0];
        for edges in edges {
            offsets.push(offsets.last().unwrap() + edges.len() as u32);
        }
        let header = json!({
            "format": "pyheap-1", "note": "made by hand", "python": "3.11.7",
            "nodes": edges.len(), "edges": offsets.last(), "tracked": tracked,
            "types": ["builtins.list", "builtins.dict", "builtins.str", "builtins.tuple", "builtins.int"],
        });
        let (type_of, external_refs, size) = (type_of.to_vec(), external_refs.to_vec(), size.to_vec());
        Self { header, type_of, external_refs, size, offsets, targets: edges.concat() }
    }

    fn data(&self) -> Vec<u8> {
        let mut data = self.header.to_string().into_bytes();
        data.push(b'\n');
        let arrays = [&self.type_of, &self.external_refs, &self.size, &self.offsets, &self.targets];
        data.extend(arrays.into_iter().flatten().flat_map(|word| word.to_le_bytes()));
        data
    }

    fn file(&self) -> Vec<u8> {
        gzip(&self.data())
    }

    /// The byte at which the element of an array lies.
    #[cfg(not(miri))]
    fn byte(&self, array: usize, element: usize) -> app::heap_file::Place {
        let arrays = [&self.type_of, &self.external_refs, &self.size, &self.offsets, &self.targets];
        let words: usize = arrays[..array].iter().map(|array| array.len()).sum();
        app::heap_file::Place::Data((self.header.to_string().len() + 1 + (words + element) * 4) as u64)
    }
}

fn gzip(data: &[u8]) -> Vec<u8> {
    let mut encoder = GzEncoder::new(Vec::new(), Compression::fast());
    encoder.write_all(data).unwrap();
    encoder.finish().unwrap()
}

/// The reader, on files that are damaged. Not for Miri: hundreds of files to compress, and nothing of ours that is unsafe.
#[cfg(not(miri))]
mod damage {
    use super::app::heap_file::{HeapFileError, Place};
    use super::*;

    /// Reads a file that must be refused.
    #[track_caller]
    fn refused(file: &[u8]) -> HeapFileError {
        let error = HeapFile::read(file).expect_err("a damaged file");
        assert_eq!(error.to_string().lines().count(), 1, "{error}");
        error
    }

    /// Reads a damaged file and looks at the field, the byte (if the caller knows it) and a part of the message.
    #[track_caller]
    fn assert_refused(file: &[u8], field: &str, place: Option<Place>, message: &str) {
        let error = refused(file);
        let text = error.to_string();
        assert_eq!(error.field, field, "{text}");
        assert!(text.contains(message), "{text}");
        if let Some(place) = place {
            assert_eq!(error.place, place, "{text}");
        }
    }

    #[test]
    fn a_sound_file_is_read_as_it_is() {
        let file = HeapFile::read(&*Parts::tiny().file()).unwrap();
        assert_eq!((file.nodes(), file.edge_count(), file.tracked(), file.bytes()), (6, 8, 3, 546));
        assert_eq!(file.edges(0), [1, 3, 1]);
        assert!(file.edges(5).is_empty());
        assert_eq!((file.type_name(1), file.size(1)), ("builtins.dict", 232));
        assert_eq!(file.roots().collect::<Vec<_>>(), [0, 3]);
        let empty = Parts::new(0, &[], &[], &[], &[]);
        assert_eq!(HeapFile::read(&*empty.file()).unwrap().nodes(), 0);
    }

    #[test]
    fn to_the_gzip_stream() {
        let file = Parts::tiny().file();
        assert_refused(b"", "gzip header", Some(Place::File(0)), "cut short");
        assert_refused(b"{\"format\": \"pyheap-1\"}\n", "gzip header", Some(Place::File(0)), "not a gzip file");
        for len in 0..file.len() {
            let place = Some(Place::File(len as u64));
            assert!(refused(&file[..len]).to_string().contains("cut short"), "{len}");
            assert_eq!(Some(refused(&file[..len]).place), place);
        }
        let mut wrong_checksum = file.clone();
        wrong_checksum[file.len() - 8] ^= 1;
        assert_refused(&wrong_checksum, "end", None, "checksum");
        let longer = [&*file, b"more"].concat();
        assert_refused(&longer, "end", Some(Place::File(file.len() as u64)), "after the gzip stream");
        let twice = [&*file, &*file].concat();
        assert_refused(&twice, "end", Some(Place::File(file.len() as u64)), "after the gzip stream");
    }

    #[test]
    fn data_cut_short_names_the_array_and_the_byte() {
        let parts = Parts::tiny();
        let data = parts.data();
        let header = parts.header.to_string().len() + 1;
        let arrays = [("type_of", 6), ("external_refs", 6), ("size", 6), ("offsets", 7), ("targets", 8)];
        let fields = arrays.into_iter().flat_map(|(field, len)| std::iter::repeat_n(field, len * 4));
        for (len, field) in (header..).zip(fields) {
            assert_refused(&gzip(&data[..len]), field, Some(Place::Data(len as u64)), "the data ends");
        }
        for len in 0..header {
            assert_refused(&gzip(&data[..len]), "header", Some(Place::Data(len as u64)), "no line of JSON");
        }
        assert_refused(
            &gzip(&[&*data, b"x"].concat()),
            "end",
            Some(Place::Data(data.len() as u64)),
            "goes on after 6 nodes",
        );
    }

    #[test]
    fn to_the_header() {
        let not_json = gzip(b"{\"format\": pyheap-1}\n");
        assert_refused(&not_json, "header", Some(Place::Data(11)), "not the JSON");
        assert_refused(&gzip(b"[1, 2]\n"), "header", None, "not the JSON");
        assert_refused(&gzip(b"\xff\xfe\n"), "header", None, "not the JSON");
        assert_refused(&gzip(&vec![b' '; 5 << 20]), "header", Some(Place::Data(4 << 20)), "no line of JSON");

        for field in ["format", "nodes", "edges", "tracked", "types"] {
            let mut parts = Parts::tiny();
            parts.header.as_object_mut().unwrap().remove(field);
            assert_refused(&parts.file(), field, None, "missing");
        }
        let numbers = ["nodes", "edges", "tracked"].map(|field| {
            [
                (field, json!(-1), "not a whole number"),
                (field, json!(1.5), "not a whole number"),
                (field, json!("6"), "not a whole number"),
                (field, json!(null), "missing"),
                (field, json!(1u64 << 32), "more than u32 can hold"),
                (field, json!(u64::MAX), "more than u32 can hold"),
            ]
        });
        let others = [
            ("format", json!("pyheap-2"), "\"pyheap-2\" instead of \"pyheap-1\""),
            ("format", json!(1), "1 instead of"),
            ("tracked", json!(7), "7 are tracked out of 6"),
            ("types", json!("builtins.list"), "not the JSON"),
            ("types", json!(["builtins.list", 2]), "not the JSON"),
        ];
        for (field, value, message) in numbers.into_iter().flatten().chain(others) {
            let mut parts = Parts::tiny();
            parts.header[field] = value;
            let place = || {
                let text = parts.header.to_string();
                let key = format!("\"{field}\":");
                Place::Data((text.find(&key).unwrap() + key.len()) as u64)
            };
            let known = (message != "missing").then(place);
            assert_refused(&parts.file(), field, known, message);
        }
    }

    #[test]
    fn numbers_in_the_header_that_do_not_fit_the_data() {
        let with = |field: &str, value: u32| {
            let mut parts = Parts::tiny();
            parts.header[field] = json!(value);
            refused(&parts.file())
        };
        assert_eq!(with("edges", 7).field, "offsets"); // the last offset says 8
        assert_eq!(with("edges", 9).field, "offsets");
        for nodes in [3, 5, 7, 100, u32::MAX] {
            with("nodes", nodes); // the arrays shift; what is found first depends on the data
        }
        // Claims 16 GiB of arrays; what is allocated depends on the 132 bytes that are there.
        assert_eq!(with("nodes", u32::MAX).field, "type_of");
    }

    #[test]
    fn to_the_arrays() {
        let damaged = |damage: fn(&mut Parts), field, array, element, message| {
            let mut parts = Parts::tiny();
            damage(&mut parts);
            assert_refused(&parts.file(), field, Some(parts.byte(array, element)), message);
        };
        damaged(|parts| parts.type_of[2] = 5, "type_of", 0, 2, "element 2 is 5, which is not below 5");
        damaged(|parts| parts.header["types"] = json!([]), "type_of", 0, 0, "element 0 is 0, which is not below 0");
        damaged(|parts| parts.size[..2].fill(u32::MAX), "size", 2, 1, "more than 4294967296 bytes");
        damaged(|parts| parts.offsets[0] = 1, "offsets", 3, 0, "element 0 is 1 instead of 0");
        damaged(|parts| parts.offsets[2] = 2, "offsets", 3, 2, "element 2 is 2, less than the 3 before it");
        damaged(|parts| parts.offsets[4] = 9, "offsets", 3, 4, "element 4 is 9, which is not below 9");
        damaged(|parts| parts.offsets[6] = 7, "offsets", 3, 6, "element 6 is 7 instead of 8");
        damaged(|parts| parts.targets[7] = 6, "targets", 4, 7, "element 7 is 6, which is not below 6");
    }

    #[test]
    fn no_single_changed_byte_makes_the_reader_panic() {
        let parts = Parts::tiny();
        let (data, file) = (parts.data(), parts.file());
        for mask in [1, 0x80, 0xff] {
            for byte in 0..data.len() {
                let mut data = data.clone();
                data[byte] ^= mask;
                let _ = HeapFile::read(&*gzip(&data));
            }
            for byte in 0..file.len() {
                let mut file = file.clone();
                file[byte] ^= mask;
                let _ = HeapFile::read(&*file);
            }
        }
    }
}

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
    for wrong in [&["--seed", "x"][..], &["--seed"], &["--jsno"], &["a", "b"]] {
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
    app::replay("test".to_owned(), &experiment, tricycle::Local, Bars::Hidden)
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
    let report = app::replay("test".to_owned(), &experiment, tricycle::Local, Bars::Hidden);
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
fn any_heap() -> impl Strategy<Value = Parts> {
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
