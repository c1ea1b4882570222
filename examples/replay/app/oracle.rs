//! The [`Oracle`]: what must be alive after each batch, by breadth-first search over the file.
//!
//! It knows nothing about counts, collections or the heap under test.

use super::batches::Batch;
use super::heap_file::HeapFile;

/// For every node, the step after which it must be gone.
///
/// Step 0 is the whole heap with all roots held; step *k* is the heap after the first *k* batches were dropped. Instead of
/// one search per step, the batches are added from the last to the first: a node is first reached with the batch whose
/// departure kills it.
#[derive(Debug)]
pub(crate) struct Oracle {
    /// A node is alive after step `s` if this is above `s`. 0: garbage from the start.
    gone_after: Vec<u32>,
}

impl Oracle {
    pub(crate) fn new(file: &HeapFile, batches: &[Batch]) -> Self {
        let mut gone_after = vec![0; file.nodes() as usize];
        let mut queue = Vec::new();
        for (index, batch) in batches.iter().enumerate().rev() {
            let step = index as u32 + 1; // after it, this batch is gone
            let mut reach = |node: u32, queue: &mut Vec<u32>| {
                let known = &mut gone_after[node as usize];
                if *known == 0 {
                    *known = step;
                    queue.push(node);
                }
            };
            queue.clear();
            batch.roots.iter().for_each(|&root| reach(root, &mut queue));
            let mut next = 0;
            while let Some(&node) = queue.get(next) {
                next += 1;
                file.edges(node).iter().for_each(|&target| reach(target, &mut queue));
            }
        }
        Self { gone_after }
    }

    /// Whether `node` must be alive after `step`.
    pub(crate) fn alive(&self, node: u32, step: u32) -> bool {
        self.gone_after[node as usize] > step
    }

    /// How many of the nodes that `counts` must be alive after `step`.
    pub(crate) fn count_alive(&self, step: u32, counts: impl Fn(u32) -> bool) -> usize {
        (0..).zip(&self.gone_after).filter(|&(node, &gone)| gone > step && counts(node)).count()
    }
}
