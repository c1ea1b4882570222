//! Files made by hand.

use std::io::Write;

use flate2::Compression;
use flate2::write::GzEncoder;
use serde_json::{Value, json};

#[cfg(not(miri))]
use crate::app::heap_file::Place;

/// A file in pieces, each of which can be damaged.
#[derive(Debug, Clone)]
pub(crate) struct Parts {
    pub(crate) header: Value,
    pub(crate) type_of: Vec<u32>,
    pub(crate) external_refs: Vec<u32>,
    pub(crate) size: Vec<u32>,
    pub(crate) offsets: Vec<u32>,
    pub(crate) targets: Vec<u32>,
}

impl Parts {
    /// A list and a dict in a cycle, a list that only holds itself (garbage), and a tuple of two leaves.
    pub(crate) fn tiny() -> Self {
        let edges = [vec![1, 3, 1], vec![0, 4], vec![2], vec![], vec![3, 5], vec![]];
        Self::new(3, &[0, 1, 0, 2, 3, 4], &[1, 0, 0, 7, 0, 0], &[88, 232, 88, 54, 56, 28], &edges)
    }

    pub(crate) fn new(
        tracked: usize,
        type_of: &[u32],
        external_refs: &[u32],
        size: &[u32],
        edges: &[Vec<u32>],
    ) -> Self {
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

    pub(crate) fn data(&self) -> Vec<u8> {
        let mut data = self.header.to_string().into_bytes();
        data.push(b'\n');
        let arrays = [&self.type_of, &self.external_refs, &self.size, &self.offsets, &self.targets];
        data.extend(arrays.into_iter().flatten().flat_map(|word| word.to_le_bytes()));
        data
    }

    pub(crate) fn file(&self) -> Vec<u8> {
        gzip(&self.data())
    }

    /// The byte at which the element of an array lies.
    #[cfg(not(miri))]
    pub(crate) fn byte(&self, array: usize, element: usize) -> Place {
        let arrays = [&self.type_of, &self.external_refs, &self.size, &self.offsets, &self.targets];
        let words: usize = arrays[..array].iter().map(|array| array.len()).sum();
        Place::Data((self.header.to_string().len() + 1 + (words + element) * 4) as u64)
    }
}

/// Compresses.
pub(crate) fn gzip(data: &[u8]) -> Vec<u8> {
    let mut encoder = GzEncoder::new(Vec::new(), Compression::fast());
    encoder.write_all(data).unwrap();
    encoder.finish().unwrap()
}
