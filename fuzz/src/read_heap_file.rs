//! What the target `heap_file` does with its bytes. `tests/corpus.rs` of the crate includes it too.

#[path = "../../examples/replay/app/heap_file/mod.rs"]
#[allow(dead_code, unused_imports, reason = "what only the example uses")]
mod heap_file;

use std::io::Write;

use flate2::Compression;
use flate2::write::GzEncoder;

use heap_file::HeapFile;

/// Reads a heap file. One that does not look like gzip is what is to be found in it: a fuzzer does not get checksums
/// right.
pub(crate) fn read(bytes: &[u8]) {
    if bytes.starts_with(&[0x1f, 0x8b]) {
        check(bytes);
        return;
    }
    let mut encoder = GzEncoder::new(Vec::new(), Compression::none());
    encoder.write_all(bytes).expect("a vector can be written to");
    check(&encoder.finish().expect("a vector can be written to"));
}

/// A file that is accepted keeps its promises; one that is not has an error of one line.
fn check(compressed: &[u8]) {
    let file = match HeapFile::read(compressed) {
        Ok(file) => file,
        Err(error) => {
            let message = error.to_string();
            assert!(!message.is_empty() && !message.contains('\n'), "{message:?}");
            return;
        }
    };
    let nodes = file.nodes();
    assert!(file.tracked() <= nodes);
    let (mut edges, mut bytes) = (0, 0);
    for node in 0..nodes {
        assert!(file.edges(node).iter().all(|target| *target < nodes));
        edges += file.edges(node).len();
        bytes += u64::from(file.size(node));
        let _ = file.type_name(node);
    }
    assert_eq!((edges, bytes), (file.edge_count() as usize, file.bytes()));
    assert!(file.roots().all(|root| root < nodes));
}
