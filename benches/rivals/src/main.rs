//! tricycle and its rivals, row by row, interleaved, in one process.
//!
//! `cargo run --release --manifest-path benches/rivals/Cargo.toml -- --help`; see `benches/README.md`.

mod check;
mod clock;
#[path = "../../common/mod.rs"]
#[allow(dead_code, reason = "what only the table of threads uses")]
mod common;
mod contestants;
mod isolate;
mod measure;
mod options;
mod partial;
mod report;
mod rows;
mod stack;
mod workload;

use std::io::{IsTerminal, Write};
use std::process::ExitCode;

use clap::Parser;

use measure::{Plan, Results};
use options::Options;
use rows::{Row, Scale};

/// Runs tricycle, std's Rc and the other collectors through the same workloads and prints a table of medians.
#[derive(Parser)]
struct Args {
    #[command(flatten)]
    options: Options<Row>,
    /// Each measurement in a process of its own instead of all in one.
    #[arg(long)]
    isolate: bool,
}

fn main() -> ExitCode {
    // Arguments first: `--help` and mistakes need no large stack.
    let Args { options, isolate } = Args::parse();
    let deep_stack = stack::enlarge();
    let rows = options.rows();
    let mut contestants = contestants::all();
    let everybody: Vec<_> = contestants.iter().map(|one| one.name()).collect();
    contestants.retain(|one| options.takes(one.name(), &everybody));
    let names: Vec<_> = contestants.iter().map(|one| one.name()).collect();
    let quick = options.quick;
    let scale = if quick { Scale::QUICK } else { Scale::FULL };
    let plan =
        Plan { rounds: usize::try_from(options.rounds).unwrap_or(usize::MAX), scale, deep_stack, isolate, quick };

    let terminal = std::io::stderr().is_terminal();
    let mut results = Results::default();
    for &row in rows {
        plan.measure(row, &contestants, &mut results, |name| {
            if terminal {
                eprint!("\r\x1b[K{} · {name}", row.title());
            }
        });
        if terminal {
            eprint!("\r\x1b[K");
        }
        if options.json {
            print!("{}", report::json_lines(&results, row, &names));
            // A row may take minutes, and whoever reads a pipe wants each when it is there.
            let _ = std::io::stdout().flush();
        }
    }
    if !options.json {
        print!("{}", report::markdown(&results, rows, &names));
    }
    if options.check {
        let (table, met) = check::check(&results, rows, &names);
        print!("\n{table}");
        if !met {
            return ExitCode::FAILURE;
        }
    }
    ExitCode::SUCCESS
}
