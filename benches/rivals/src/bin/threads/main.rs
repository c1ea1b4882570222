//! The heaps that threads share and their rivals, row by row, interleaved, in one process.
//!
//! `cargo run --release --manifest-path benches/rivals/Cargo.toml --bin threads -- --help`; see `benches/README.md`.
//!
//! Threads that work with a heap are attached to it. Rows of one thread go by that thread's CPU clock, rows of several by
//! the wall clock: what they wait for each other is a part of the figure. They need a machine with a core for each.

mod check;
#[path = "../../clock.rs"]
#[allow(dead_code, reason = "what only the other table uses")]
mod clock;
#[path = "../../../../common/mod.rs"]
#[allow(dead_code, reason = "as above")]
mod common;
mod contestants;
mod latency;
#[path = "../../options.rs"]
mod options;
mod report;
mod rows;
mod workload;

use std::io::IsTerminal;
use std::process::ExitCode;

use clap::Parser;

use options::Options;
use report::Results;
use rows::{Row, Scale};

/// Runs tricycle's heaps and the pointers that other crates have for threads through the same workloads, and prints a table
/// of medians.
#[derive(Parser)]
#[command(name = "threads")]
struct Args {
    #[command(flatten)]
    options: Options<Row>,
}

fn main() -> ExitCode {
    let Args { options } = Args::parse();
    let rows = options.rows();
    let scale = if options.quick { Scale::QUICK } else { Scale::FULL };
    let terminal = std::io::stderr().is_terminal();
    let mut results = Results::default();
    for &row in rows {
        let entries: Vec<_> =
            rows::entries(row).into_iter().filter(|entry| options.takes(entry.name, &rows::NAMES)).collect();
        for _ in 0..options.rounds {
            for entry in &entries {
                if terminal {
                    eprint!("\r\x1b[K{} · {}", row.title(), entry.name);
                }
                results.add(row, entry.name, (entry.run)(&scale));
            }
        }
        if terminal {
            eprint!("\r\x1b[K");
        }
    }
    print!("{}", if options.json { results.json_lines() } else { results.markdown(rows) });
    if options.check {
        let (table, met) = check::check(&results, rows);
        print!("\n{table}");
        if !met {
            return ExitCode::FAILURE;
        }
    }
    ExitCode::SUCCESS
}
