//! tricycle and its rivals, row by row, interleaved, in one process.
//!
//! `cargo run --release --manifest-path benches/rivals/Cargo.toml -- --help`; see `benches/README.md`.

mod check;
mod clock;
#[path = "../../common/mod.rs"]
mod common;
mod contestants;
mod isolate;
mod measure;
mod report;
mod rows;
mod stack;
mod workload;

use std::io::{IsTerminal, Write};
use std::process::ExitCode;

use clap::Parser;

use measure::{Plan, Results};
use rows::{Row, Scale};

/// Runs tricycle, std's Rc and the other collectors through the same workloads and prints a table of medians.
#[derive(Parser)]
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
    /// Each measurement in a process of its own instead of all in one.
    #[arg(long)]
    isolate: bool,
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
    // Arguments first: `--help` and mistakes need no large stack.
    let args = Args::parse();
    let deep_stack = stack::enlarge();
    let rows = if args.rows.is_empty() { Row::all() } else { &args.rows };
    let mut contestants = contestants::all();
    if !args.contestants.is_empty() {
        // `gc` is the name of one and a part of others'.
        let whole: Vec<_> = contestants.iter().map(|one| one.name()).collect();
        let takes = |wanted: &String, name: &str| {
            name == wanted || !whole.contains(&wanted.as_str()) && name.contains(wanted.as_str())
        };
        contestants.retain(|one| args.contestants.iter().any(|wanted| takes(wanted, one.name())));
    }
    let names: Vec<_> = contestants.iter().map(|one| one.name()).collect();
    let scale = if args.quick { Scale::QUICK } else { Scale::FULL };
    let plan = Plan {
        rounds: usize::try_from(args.rounds).unwrap_or(usize::MAX),
        scale,
        deep_stack,
        isolate: args.isolate,
        quick: args.quick,
    };

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
        if args.json {
            print!("{}", report::json_lines(&results, row, &names));
            // A row may take minutes, and whoever reads a pipe wants each when it is there.
            let _ = std::io::stdout().flush();
        }
    }
    if !args.json {
        print!("{}", report::markdown(&results, rows, &names));
    }
    if args.check {
        let (table, met) = check::check(&results, rows, &names);
        print!("\n{table}");
        if !met {
            return ExitCode::FAILURE;
        }
    }
    ExitCode::SUCCESS
}
