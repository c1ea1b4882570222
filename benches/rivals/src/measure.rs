//! Round robin over the contestants, and medians.

use std::collections::BTreeMap;
use std::panic::{AssertUnwindSafe, catch_unwind};

use crate::contestants::{ARENA, Contestant, OURS};
use crate::isolate;
use crate::options::median;
use crate::rows::{Row, Scale, Skip};

/// What one contestant did in one row.
#[derive(Clone, Debug)]
pub enum Outcome {
    /// One figure per round.
    Samples(Vec<f64>),
    /// No figure, and why.
    Skipped(Skip),
}

impl Outcome {
    /// The median of the samples.
    pub fn median(&self) -> Option<f64> {
        let Outcome::Samples(samples) = self else {
            return None;
        };
        median(samples)
    }
}

/// Everything measured in one run.
#[derive(Debug, Default)]
pub struct Results {
    outcomes: BTreeMap<(Row, &'static str), Outcome>,
}

impl Results {
    /// What a contestant did in a row.
    pub fn get(&self, row: Row, name: &'static str) -> Option<&Outcome> {
        self.outcomes.get(&(row, name))
    }

    /// The median of a contestant in a row.
    pub fn median(&self, row: Row, name: &'static str) -> Option<f64> {
        self.get(row, name)?.median()
    }

    /// The best of the named contestants in a row.
    pub fn best(&self, row: Row, names: impl IntoIterator<Item = &'static str>) -> Option<(&'static str, f64)> {
        names.into_iter().filter_map(|name| Some((name, self.median(row, name)?))).min_by(|a, b| a.1.total_cmp(&b.1))
    }
}

/// Whether a row makes most counting crates recurse once per object.
fn is_deep(row: Row) -> bool {
    matches!(
        row,
        Row::ListDrop
            | Row::GarbageRing
            | Row::GarbageRandom
            | Row::LiveFull
            | Row::LivePart
            | Row::Cut
            | Row::Lists
            | Row::PairsLive
            | Row::StepMutual
    )
}

/// How to run.
pub struct Plan {
    /// Each round runs every contestant once.
    pub rounds: usize,
    pub scale: Scale,
    /// Whether the stack carries a million nested calls.
    pub deep_stack: bool,
    /// Gives each measurement a process of its own.
    pub isolate: bool,
    /// Whether the sizes are the quick ones, for such a process.
    pub quick: bool,
}

impl Plan {
    /// Runs one row, all contestants in turn, round after round.
    pub fn measure(
        &self,
        row: Row,
        contestants: &[Box<dyn Contestant>],
        results: &mut Results,
        progress: impl Fn(&'static str),
    ) {
        for _ in 0..self.rounds {
            for contestant in contestants {
                let name = contestant.name();
                let slot = results.outcomes.entry((row, name)).or_insert(Outcome::Samples(Vec::new()));
                let Outcome::Samples(samples) = slot else {
                    continue;
                };
                let needs_stack = is_deep(row) && !matches!(name, OURS | ARENA);
                let result = if needs_stack && !self.deep_stack {
                    Err(Skip::StackTooSmall)
                } else {
                    progress(name);
                    self.once(row, contestant.as_ref())
                };
                match result {
                    Ok(sample) => samples.push(sample),
                    Err(skip) => *slot = Outcome::Skipped(skip),
                }
            }
        }
    }

    fn once(&self, row: Row, contestant: &dyn Contestant) -> Result<f64, Skip> {
        if self.isolate {
            return isolate::run(row, contestant.name(), self.quick);
        }
        catch_unwind(AssertUnwindSafe(|| contestant.run(row, &self.scale))).unwrap_or(Err(Skip::Panicked))
    }
}
