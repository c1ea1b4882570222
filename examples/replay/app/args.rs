//! The command line.

use std::path::PathBuf;

use clap::Parser;

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
}
