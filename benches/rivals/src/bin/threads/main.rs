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
mod report;
mod rows;
mod workload;

use std::io::IsTerminal;
use std::process::ExitCode;

use clap::Parser;

use report::Results;
use rows::{Row, Scale};

/// Runs tricycle's heaps and the pointers that other crates have for threads through the same workloads, and prints a table
/// of medians.
#[derive(Parser)]
#[command(name = "threads")]
struct Args {
    /// Rounds; each round runs every contestant once.
    #[arg(long, default_value_t = 5, value_parser = clap::value_parser!(u64).range(1..))]
    rounds: u64,
    /// Only these rows.
    #[arg(long = "row", value_name = "NAME", value_delimiter = ',')]
    rows: Vec<Row>,
    /// Only these contestants; a part of the name will do.
    #[arg(long = "contestant", value_name = "NAME", value_delimiter = ',')]
    contestants: Vec<String>,
    /// A tenth of the size, to see that everything runs. The figures mean little.
    #[arg(long)]
    quick: bool,
    /// One JSON object per row and contestant instead of the table.
    #[arg(long)]
    json: bool,
    /// Also compare with the project's targets; the exit code is 1 if one is missed.
    #[arg(long)]
    check: bool,
}

fn main() -> ExitCode {
    let args = Args::parse();
    let rows = if args.rows.is_empty() { Row::all() } else { &args.rows };
    let scale = if args.quick { Scale::QUICK } else { Scale::FULL };
    let takes = |name: &str| args.contestants.is_empty() || args.contestants.iter().any(|wanted| name.contains(wanted));
    let terminal = std::io::stderr().is_terminal();
    let mut results = Results::default();
    for &row in rows {
        let entries: Vec<_> = rows::entries(row).into_iter().filter(|entry| takes(entry.name)).collect();
        for _ in 0..args.rounds {
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
    print!("{}", if args.json { results.json_lines() } else { results.markdown(rows) });
    if args.check {
        let (table, met) = check::check(&results, rows);
        print!("\n{table}");
        if !met {
            return ExitCode::FAILURE;
        }
    }
    ExitCode::SUCCESS
}
