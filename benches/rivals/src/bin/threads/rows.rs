//! The rows: what is measured, in which unit, at which size, and who takes part.

use clap::ValueEnum;
use tricycle::{Atomic, Biased, Local, Locked};

use crate::common::shared::On;
use crate::contestants::{Arc, Dumpster, Gcmodule, Hybrid, HybridArc, Rc, SharedTrc, Trc};
use crate::latency;
use crate::workload::{foreign, full_collection, immortal, leaf, own, pairs, pairs_by_two};

/// One row of the table.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord, ValueEnum)]
pub enum Row {
    Own,
    Foreign,
    ImmortalOne,
    ImmortalTwo,
    Leaf,
    Pairs,
    PairsTwo,
    LiveFull,
    Stop,
    WakeUp,
}

impl Row {
    /// The row's title in the table.
    pub fn title(self) -> &'static str {
        match self {
            Row::Own => "clone + drop, own object",
            Row::Foreign => "clone + drop, object of another thread",
            Row::ImmortalOne => "clone + drop, immortal object",
            Row::ImmortalTwo => "the same, two threads at once",
            Row::Leaf => "leaf, allocate + drop",
            Row::Pairs => "cyclic pairs, automatic collection, per object",
            Row::PairsTwo => "the same, two threads, per object of both",
            Row::LiveFull => "full collection of a live random graph, per object",
            Row::Stop => "time to stop two polling threads, p99",
            Row::WakeUp => "lock after waiting beside a busy thread, p99",
        }
    }

    /// The unit of the row's figures.
    pub fn unit(self) -> &'static str {
        match self {
            Row::Stop => "µs",
            Row::WakeUp => "intervals",
            _ => "ns",
        }
    }
}

/// How much of everything.
#[derive(Clone, Copy, Debug)]
pub struct Scale {
    /// Objects in a graph.
    pub objects: usize,
    /// Repetitions of an operation on a handle.
    pub operations: usize,
    /// Cyclic garbage of each thread.
    pub cyclic: usize,
    /// Times that the world is stopped, or a thread comes back from waiting.
    pub samples: usize,
}

impl Scale {
    /// The sizes of the published table.
    pub const FULL: Scale = Scale { objects: 1_000_000, operations: 20_000_000, cyclic: 4_000_000, samples: 500 };
    /// A tenth of that.
    pub const QUICK: Scale = Scale { objects: 100_000, operations: 2_000_000, cyclic: 400_000, samples: 50 };
}

/// A contestant in a row.
pub struct Entry {
    pub name: &'static str,
    pub run: Measure,
}

/// Measures once; the figure is in the row's unit.
type Measure = fn(&Scale) -> f64;

/// Names of contestants that targets refer to.
pub const RC: &str = "std Rc";
pub const ARC: &str = "std Arc";
pub const LOCAL: &str = "tricycle Local";
pub const LOCKED: &str = "tricycle Locked";
pub const ATOMIC: &str = "tricycle Atomic";
pub const BIASED: &str = "tricycle Biased";
const DUMPSTER: &str = "dumpster sync";
const GCMODULE: &str = "jrsonnet-gcmodule sync";
const HYBRID: &str = "hybrid-rc";
const TRC: &str = "trc";

/// Everybody, in the order of the table's columns.
pub const NAMES: [&str; 10] = [RC, ARC, LOCAL, LOCKED, ATOMIC, BIASED, DUMPSTER, GCMODULE, HYBRID, TRC];

/// Who takes part in a row. The others have no such operation, or never free a cycle.
pub fn entries(row: Row) -> Vec<Entry> {
    let entries: &[(&'static str, Measure)] = match row {
        Row::Own => &[
            (RC, own::<Rc>),
            (ARC, own::<Arc>),
            (LOCAL, own::<On<Local>>),
            (LOCKED, own::<On<Locked>>),
            (ATOMIC, own::<On<Atomic>>),
            (BIASED, own::<On<Biased>>),
            (DUMPSTER, own::<Dumpster>),
            (GCMODULE, own::<Gcmodule>),
            (HYBRID, own::<Hybrid>),
            (TRC, own::<Trc>),
        ],
        Row::Foreign => &[
            (ARC, foreign::<Arc>),
            (LOCKED, foreign::<On<Locked>>),
            (ATOMIC, foreign::<On<Atomic>>),
            (BIASED, foreign::<On<Biased>>),
            (DUMPSTER, foreign::<Dumpster>),
            (GCMODULE, foreign::<Gcmodule>),
            (HYBRID, foreign::<HybridArc>),
            (TRC, foreign::<SharedTrc>),
        ],
        Row::ImmortalOne => {
            &[(ATOMIC, |scale| immortal(Atomic, scale, 1)), (BIASED, |scale| immortal(Biased, scale, 1))]
        }
        Row::ImmortalTwo => {
            &[(ATOMIC, |scale| immortal(Atomic, scale, 2)), (BIASED, |scale| immortal(Biased, scale, 2))]
        }
        Row::Leaf => &[
            (RC, leaf::<Rc>),
            (ARC, leaf::<Arc>),
            (LOCAL, leaf::<On<Local>>),
            (LOCKED, leaf::<On<Locked>>),
            (ATOMIC, leaf::<On<Atomic>>),
            (BIASED, leaf::<On<Biased>>),
            (DUMPSTER, leaf::<Dumpster>),
            (GCMODULE, leaf::<Gcmodule>),
            (HYBRID, leaf::<Hybrid>),
            (TRC, leaf::<Trc>),
        ],
        Row::Pairs => &[
            (LOCAL, pairs::<On<Local>>),
            (LOCKED, pairs::<On<Locked>>),
            (ATOMIC, pairs::<On<Atomic>>),
            (BIASED, pairs::<On<Biased>>),
            (DUMPSTER, pairs::<Dumpster>),
            (GCMODULE, pairs::<Gcmodule>),
        ],
        Row::PairsTwo => &[
            (LOCAL, pairs_by_two::<On<Local>>),
            (LOCKED, pairs_by_two::<On<Locked>>),
            (ATOMIC, pairs_by_two::<On<Atomic>>),
            (BIASED, pairs_by_two::<On<Biased>>),
            (DUMPSTER, pairs_by_two::<Dumpster>),
            (GCMODULE, pairs_by_two::<Gcmodule>),
        ],
        Row::LiveFull => &[
            (LOCAL, full_collection::<Local>),
            (LOCKED, full_collection::<Locked>),
            (ATOMIC, full_collection::<Atomic>),
            (BIASED, full_collection::<Biased>),
        ],
        Row::Stop => &[
            (ATOMIC, |scale| latency::stop(Atomic, scale.samples)),
            (BIASED, |scale| latency::stop(Biased, scale.samples)),
        ],
        Row::WakeUp => &[(LOCKED, |scale| latency::wake_up(scale.samples))],
    };
    entries.iter().map(|&(name, run)| Entry { name, run }).collect()
}
