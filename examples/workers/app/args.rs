//! The command line.

use std::num::NonZero;
use std::time::Duration;

use clap::{Parser, ValueEnum};
use serde::Serialize;

/// Measures what several threads gain over one, on each kind of heap.
///
/// Exits with 1 if a heap got something wrong, and with 2 if the command line is.
#[derive(Debug, Parser)]
#[command(name = "workers", version)]
pub(crate) struct Args {
    /// Only these heaps
    #[arg(long, value_name = "NAME", value_delimiter = ',', default_values_t = Kind::value_variants().to_vec())]
    pub(crate) heap: Vec<Kind>,
    /// Only these workloads
    #[arg(long, value_name = "NAME", value_delimiter = ',', default_values_t = Workload::value_variants().to_vec())]
    pub(crate) workload: Vec<Workload>,
    /// The most threads; 1, 2, 4, ... are measured, too [default: two for each core]
    #[arg(long, value_name = "N", value_parser = clap::value_parser!(u16).range(1..=MOST_THREADS as i64))]
    pub(crate) threads: Option<u16>,
    /// How long each row is measured
    #[arg(long, value_name = "S", default_value = "0.5", value_parser = seconds, allow_negative_numbers = true)]
    pub(crate) seconds: Duration,
    /// Prints one JSON object per row, each on a line, instead of the table
    #[arg(long)]
    pub(crate) json: bool,
}

/// More would measure the system's scheduler.
const MOST_THREADS: u16 = 1024;

/// A kind of heap.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, ValueEnum)]
#[serde(rename_all = "lowercase")]
pub(crate) enum Kind {
    Local,
    Locked,
    Atomic,
    Biased,
}

/// What the threads do.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, ValueEnum)]
#[serde(rename_all = "lowercase")]
pub(crate) enum Workload {
    Cpu,
    Io,
    Mixed,
    Tcp,
    Race,
}

/// As on the command line.
macro_rules! display_as_value {
    ($($name:ident),*) => {$(
        impl std::fmt::Display for $name {
            fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
                f.pad(self.to_possible_value().expect("no value is hidden").get_name())
            }
        }
    )*};
}
display_as_value!(Kind, Workload);

impl Args {
    /// How many threads each row has: the powers of two up to the most, and the most.
    pub(crate) fn crews(&self) -> Vec<usize> {
        let cores = || std::thread::available_parallelism().map_or(1, NonZero::get);
        let most = self.threads.map_or_else(|| (2 * cores()).min(MOST_THREADS.into()), usize::from);
        let mut crews: Vec<usize> = std::iter::successors(Some(1), |n| Some(2 * n)).take_while(|&n| n < most).collect();
        crews.push(most);
        crews
    }
}

fn seconds(text: &str) -> Result<Duration, String> {
    match text.parse::<f64>() {
        Ok(seconds) if (0.001..=3600.0).contains(&seconds) => Ok(Duration::from_secs_f64(seconds)),
        Ok(_) => Err("not between 0.001 and 3600".to_owned()),
        Err(error) => Err(error.to_string()),
    }
}
