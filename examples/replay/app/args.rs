//! The command line.

use std::path::PathBuf;

use clap::{Parser, ValueEnum};

/// Rebuilds the object graph of a real CPython process, drops its roots batch by batch, and checks after each batch that
/// what is alive is what a breadth-first search reaches.
///
/// Exits with 1 if it is not, and with 2 if the file is damaged.
#[derive(Debug, Parser)]
#[command(name = "replay", version)]
pub(crate) struct Args {
    /// A heap in the format pyheap-1 [default: a small one that is built in]
    pub(crate) file: Option<PathBuf>,
    /// Prints one JSON object on one line instead of the table
    #[arg(long)]
    pub(crate) json: bool,
    /// Drops the roots in a random order (the same for the same N) instead of by type
    #[arg(long, value_name = "N")]
    pub(crate) seed: Option<u64>,
    /// The kind of heap that the graph is rebuilt on
    #[arg(long, value_name = "KIND", value_enum, default_value_t = HeapKind::Local)]
    pub(crate) heap: HeapKind,
    /// How many threads build the graph and drop its roots, each a part; more than one need a heap that threads share
    #[arg(long, value_name = "N", default_value_t = 1, value_parser = clap::value_parser!(u16).range(1..=1024))]
    pub(crate) threads: u16,
}

/// The kinds of heap.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub(crate) enum HeapKind {
    Local,
    Locked,
    Atomic,
    Biased,
}
