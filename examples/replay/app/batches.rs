//! The order in which the roots go: [`Batch`]es by type, or random ones.

use std::cmp::Reverse;

use super::heap_file::HeapFile;

/// Most batches a heap's roots are divided into. The last one is the rest.
const BATCHES: usize = 16;

/// Roots that are dropped together.
#[derive(Debug)]
pub(crate) struct Batch {
    /// What a reader of an error message knows it by.
    pub(crate) name: String,
    pub(crate) roots: Vec<u32>,
}

/// Divides the roots: one batch per type, the type with the most roots first, and one with the rest; or, with a seed, a
/// random order cut into equal pieces.
pub(crate) fn divide(file: &HeapFile, seed: Option<u64>) -> Vec<Batch> {
    match seed {
        Some(seed) => at_random(file, seed),
        None => by_type(file),
    }
}

fn by_type(file: &HeapFile) -> Vec<Batch> {
    let mut roots: Vec<u32> = file.roots().collect();
    roots.sort_by_key(|&root| file.type_of(root)); // stable: within a type in the file's order
    let mut groups: Vec<&[u32]> = roots.chunk_by(|&a, &b| file.type_of(a) == file.type_of(b)).collect();
    groups.sort_by_key(|group| Reverse(group.len())); // stable: ties in the file's order of types
    let rest = groups.split_off(groups.len().min(BATCHES - 1)).concat();
    let named = |group: &[u32]| Batch { name: file.type_name(group[0]).to_owned(), roots: group.to_vec() };
    let mut batches: Vec<Batch> = groups.into_iter().map(named).collect();
    if !rest.is_empty() {
        batches.push(Batch { name: "the rest".to_owned(), roots: rest });
    }
    batches
}

fn at_random(file: &HeapFile, seed: u64) -> Vec<Batch> {
    let mut roots: Vec<u32> = file.roots().collect();
    fastrand::Rng::with_seed(seed).shuffle(&mut roots);
    let piece = roots.len().div_ceil(BATCHES).max(1);
    let batch =
        |(index, piece): (usize, &[u32])| Batch { name: format!("random piece {}", index + 1), roots: piece.to_vec() };
    roots.chunks(piece).enumerate().map(batch).collect()
}
