//! The [`Experiment`]: everything that is decided before a heap is built.

use super::batches::{self, Batch};
use super::build::zeros;
use super::census::Census;
use super::difference::{Difference, What};
use super::heap_file::HeapFile;
use super::oracle::Oracle;
use super::plan::{Kind, Plan};

/// A file, how to build it, how to take it apart, and what must be alive at each step.
#[derive(Debug)]
pub(crate) struct Experiment {
    pub(crate) file: HeapFile,
    pub(crate) plan: Plan,
    pub(crate) batches: Vec<Batch>,
    pub(crate) zeros: Vec<u8>,
    pub(crate) oracle: Oracle,
}

impl Experiment {
    pub(crate) fn new(file: HeapFile, seed: Option<u64>) -> Self {
        let batches = batches::divide(&file, seed);
        let (plan, oracle) = (Plan::new(&file), Oracle::new(&file, &batches));
        Self { plan, oracle, zeros: zeros(&file), batches, file }
    }

    /// What the heap must count after `step`.
    pub(crate) fn expected(&self, step: u32) -> Census {
        let tracked = |node| self.plan.kind(node) == Kind::Container;
        Census { objects: self.oracle.count_alive(step, |_| true), tracked: self.oracle.count_alive(step, tracked) }
    }

    /// Compares the heap's own counts with the oracle's.
    pub(crate) fn compare(&self, step: u32, found: Census) -> Result<(), Difference> {
        let expected = self.expected(step);
        for (what, found, expected) in
            [("objects", found.objects, expected.objects), ("tracked objects", found.tracked, expected.tracked)]
        {
            if found != expected {
                return Err(self.difference(step, What::Count { what, found, expected }));
            }
        }
        Ok(())
    }

    /// A difference that was found after `step`.
    pub(crate) fn difference(&self, step: u32, what: What) -> Difference {
        let after = match step.checked_sub(1) {
            None => "building the heap".to_owned(),
            Some(batch) => {
                let Batch { name, roots } = &self.batches[batch as usize];
                format!("dropping batch {step} of {} ({name}, {} roots)", self.batches.len(), roots.len())
            }
        };
        Difference { after, what }
    }
}
