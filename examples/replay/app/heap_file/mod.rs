//! Reader for `pyheap-1` files: the object graph of a CPython process, captured after a full collection.
//!
//! A file is a gzip stream with one line of JSON ([`header`]) and five arrays of little-endian `u32` behind it. Nothing
//! in it is believed: every number is checked against the ones before it, and memory grows with the bytes that really
//! arrive, never with a length that the file claims. Whatever is wrong becomes one [`HeapFileError`] that names the field
//! and the byte.
//!
//! The module stands alone (flate2, serde_json and thiserror), so that the fuzz target and the tests can include it by
//! path.

mod error;
mod header;
mod stream;

use std::io::BufRead;
use std::ops::Range;

pub(crate) use self::error::{HeapFileError, Place, Problem};
use self::header::Header;
use self::stream::Stream;

/// Most bytes the objects of one file may have together. Whoever rebuilds a heap allocates what `size` says, so the
/// sizes are lengths to be checked like any other.
const MAX_OBJECT_BYTES: u64 = 4 << 30;

/// A checked object graph: every index in it is in range.
#[derive(Debug)]
pub(crate) struct HeapFile {
    tracked: u32,
    types: Vec<String>,
    type_of: Vec<u32>,
    external_refs: Vec<u32>,
    size: Vec<u32>,
    offsets: Vec<u32>,
    targets: Vec<u32>,
    bytes: u64,
}

impl HeapFile {
    /// Reads a compressed file and checks all of it.
    ///
    /// # Errors
    ///
    /// Fails with the first thing that is wrong, in the order of the file.
    pub(crate) fn read(compressed: impl BufRead) -> Result<Self, HeapFileError> {
        let mut stream = Stream::new(compressed);
        let Header { nodes, edges, tracked, types } = Header::read(&mut stream)?;

        let known_types = types.len() as u64;
        let type_of = stream.words("type_of", nodes, |index, value| below(index, value, known_types))?;
        let external_refs = stream.words("external_refs", nodes, |_, _| Ok(()))?;
        let mut bytes = 0;
        let size = stream.words("size", nodes, |_, value| {
            bytes += u64::from(value);
            if bytes > MAX_OBJECT_BYTES {
                return Err(Problem::TooManyBytes { limit: MAX_OBJECT_BYTES });
            }
            Ok(())
        })?;
        let mut before = 0;
        let offsets = stream.words("offsets", u64::from(nodes) + 1, |index, value| {
            let last = index == u64::from(nodes);
            if (index == 0 && value != 0) || (last && value != edges) {
                let expected = if index == 0 { 0 } else { edges };
                return Err(Problem::WrongOffset { index, value, expected });
            }
            if value < before {
                return Err(Problem::Descending { index, value, before });
            }
            before = value;
            if value > edges { Err(Problem::OutOfRange { index, value, below: u64::from(edges) + 1 }) } else { Ok(()) }
        })?;
        let targets = stream.words("targets", edges, |index, value| below(index, value, nodes.into()))?;
        stream.finish(nodes, edges)?;
        Ok(Self { tracked, types, type_of, external_refs, size, offsets, targets, bytes })
    }

    /// How many objects there are.
    pub(crate) fn nodes(&self) -> u32 {
        u32::try_from(self.type_of.len()).expect("the header holds the number as a u32")
    }

    /// How many references between them.
    pub(crate) fn edge_count(&self) -> u32 {
        u32::try_from(self.targets.len()).expect("the header holds the number as a u32")
    }

    /// Nodes below this number were tracked by CPython's collector.
    pub(crate) fn tracked(&self) -> u32 {
        self.tracked
    }

    /// The sizes of all objects together, as `sys.getsizeof` gave them.
    pub(crate) fn bytes(&self) -> u64 {
        self.bytes
    }

    /// What `node` refers to, with multiplicity.
    pub(crate) fn edges(&self, node: u32) -> &[u32] {
        let at = |index: usize| self.offsets[index] as usize;
        &self.targets[Range { start: at(node as usize), end: at(node as usize + 1) }]
    }

    /// The size of `node` by `sys.getsizeof`.
    pub(crate) fn size(&self, node: u32) -> u32 {
        self.size[node as usize]
    }

    /// The number of `node`'s type.
    pub(crate) fn type_of(&self, node: u32) -> u32 {
        self.type_of[node as usize]
    }

    /// The name of `node`'s type, such as `builtins.dict`.
    pub(crate) fn type_name(&self, node: u32) -> &str {
        &self.types[self.type_of(node) as usize]
    }

    /// The nodes that something outside the graph refers to, in order.
    pub(crate) fn roots(&self) -> impl Iterator<Item = u32> + '_ {
        (0..self.nodes()).filter(|&node| self.external_refs[node as usize] > 0)
    }
}

/// Checks one element of an array of indices.
fn below(index: u64, value: u32, below: u64) -> Result<(), Problem> {
    if u64::from(value) < below { Ok(()) } else { Err(Problem::OutOfRange { index, value, below }) }
}
