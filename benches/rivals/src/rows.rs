//! The rows of the table: what is measured, in which unit, and at which size.

use clap::ValueEnum;

use crate::common::gcbench::Sizes;

/// One row of the table.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord, ValueEnum)]
pub enum Row {
    CloneDrop,
    Deref,
    Leaf,
    TreeBuild,
    TreeDrop,
    ListDrop,
    Pairs,
    PairsLive,
    Churn,
    GarbagePairs,
    GarbageRing,
    GarbageRandom,
    LiveFull,
    LiveClean,
    LivePart,
    Cut,
    Lists,
    Step,
    StepMutual,
    Gcbench,
    LeafBytes,
    NodeBytes,
}

impl Row {
    /// The row's title in the table.
    pub fn title(self) -> &'static str {
        match self {
            Row::CloneDrop => "clone + drop of a handle, not the last",
            Row::Deref => "deref",
            Row::Leaf => "leaf, allocate + drop",
            Row::TreeBuild => "binary tree, build bottom-up, per node",
            Row::TreeDrop => "binary tree, drop, per node",
            Row::ListDrop => "list, drop, per node",
            Row::Pairs => "cyclic pairs, automatic collection, per object",
            Row::PairsLive => "the same beside live objects",
            Row::Churn => "churn on 10 k slots, per step",
            Row::GarbagePairs => "collect garbage pairs, per object",
            Row::GarbageRing => "collect a garbage ring, per object",
            Row::GarbageRandom => "collect a garbage random graph, per object",
            Row::LiveFull => "full collection of a live random graph, all suspects, per object",
            Row::LiveClean => "the same, no suspects",
            Row::LivePart => "collection, 1,000 suspects that lead to a hundredth",
            Row::Cut => "graph cut by 1,024 of 32,768 nodes at a time, 32 collections",
            Row::Lists => "30 lists linked both ways, one collection",
            Row::Step => "longest step while churning beside live objects",
            Row::StepMutual => "the same, links mutual",
            Row::Gcbench => "GCBench, total",
            Row::LeafBytes => "leaf: bytes beyond the value",
            Row::NodeBytes => "node: bytes beyond the value",
        }
    }

    /// The unit of the row's figures.
    pub fn unit(self) -> &'static str {
        match self {
            Row::LivePart | Row::Cut | Row::Lists | Row::Step | Row::StepMutual | Row::Gcbench => "ms",
            Row::LeafBytes | Row::NodeBytes => "B",
            _ => "ns",
        }
    }
}

/// How much of everything.
#[derive(Clone, Copy, Debug)]
pub struct Scale {
    /// Objects in a graph, live or garbage.
    pub objects: usize,
    /// Repetitions of an operation on a handle.
    pub operations: usize,
    /// Depth of the tree of the tree rows.
    pub tree_depth: u32,
    /// Cyclic garbage produced by the rows with automatic collection.
    pub cyclic: usize,
    /// Slots and steps of the churn row.
    pub slots: usize,
    pub churn_steps: usize,
    /// Steps of the rows that look for the longest one.
    pub steps: usize,
    pub mutual_steps: usize,
    /// GCBench's sizes.
    pub gcbench: Sizes,
}

impl Scale {
    /// The sizes of the published table.
    pub const FULL: Scale = Scale {
        objects: 1_000_000,
        operations: 20_000_000,
        tree_depth: 19,
        cyclic: 4_000_000,
        slots: 10_000,
        churn_steps: 4_000_000,
        steps: 2_000_000,
        mutual_steps: 20_000_000,
        gcbench: Sizes { stretch: 18, array: 500_000, deepest: 16 },
    };

    /// A tenth of that or less, to see that everything runs.
    pub const QUICK: Scale = Scale {
        objects: 100_000,
        operations: 2_000_000,
        tree_depth: 15,
        cyclic: 400_000,
        churn_steps: 400_000,
        steps: 200_000,
        mutual_steps: 1_000_000,
        gcbench: Sizes { stretch: 14, array: 50_000, deepest: 12 },
        ..Scale::FULL
    };
}

/// Why a contestant has no figure in a row.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub enum Skip {
    Leaks,
    NoCollector,
    CopyHandle,
    OursOnly,
    NotWritten,
    StackTooSmall,
    Panicked,
    Crashed,
}

impl Skip {
    /// The footnote.
    pub fn reason(self) -> &'static str {
        match self {
            Skip::Leaks => "never frees a cycle: the row would only measure the leak",
            Skip::NoCollector => "has no collector",
            Skip::CopyHandle => "its handle is `Copy` and counts nothing: there is no operation to time",
            Skip::OursOnly => "only tricycle keeps suspects across collections",
            Skip::NotWritten => "not written for it",
            Skip::StackTooSmall => "recurses once per object, and the stack limit could not be raised",
            Skip::Panicked => "panicked",
            Skip::Crashed => "the process did not survive it",
        }
    }
}
