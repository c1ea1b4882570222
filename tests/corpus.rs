//! The corpora of the fuzz targets, among them the regressions that fuzzing found, through the same functions.

#![forbid(unsafe_code)]

#[path = "../fuzz/src/read_heap_file.rs"]
mod read_heap_file;

use std::path::Path;

use tricycle_model::fuzz;

/// Calls `target` with each file of a corpus. Miri gets the first few.
fn replay(name: &str, target: fn(&[u8])) {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("fuzz/corpus").join(name);
    let mut files: Vec<_> = std::fs::read_dir(&folder)
        .unwrap_or_else(|error| panic!("{}: {error}", folder.display()))
        .map(|entry| entry.expect("the folder can be read").path())
        .collect();
    files.sort();
    assert!(!files.is_empty(), "no corpus for {name}");
    for file in files.iter().take(if cfg!(miri) { 8 } else { usize::MAX }) {
        let bytes = std::fs::read(file).unwrap_or_else(|error| panic!("{}: {error}", file.display()));
        let result = std::panic::catch_unwind(|| target(&bytes));
        assert!(result.is_ok(), "the panic above came from {}", file.display());
    }
}

#[test]
fn ops() {
    replay("ops", fuzz::ops);
}

#[test]
fn threads() {
    replay("threads", fuzz::threads);
}

#[test]
fn graph() {
    replay("graph", fuzz::graph);
}

#[test]
fn heap_file() {
    replay("heap_file", read_heap_file::read);
}
