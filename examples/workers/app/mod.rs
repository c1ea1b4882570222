//! The program behind `main`: runs each workload on each heap with more and more threads.
//!
//! The command line and the outputs are arguments, so the tests run it in their own process.

mod args;
mod crew;
pub(crate) mod echo;
pub(crate) mod frame;
pub(crate) mod objects;
pub(crate) mod problem;
mod race;
mod report;

use std::ffi::OsString;
use std::io::{self, Write};
use std::process::ExitCode;

use clap::Parser;
use tricycle::{Atomic, Biased, GcCell, Hosts, Local, Locked, Shared};

use self::args::{Args, Kind, Workload};
use self::objects::WorkHeap;
use self::problem::Problem;
use self::race::Lock;
use self::report::Row;

/// How a run ended. The numbers are the exit codes.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Exit {
    Success = 0,
    /// A heap, or the system, did not do as it should.
    Failure = 1,
    /// The command line is wrong.
    Usage = 2,
}

impl From<Exit> for ExitCode {
    fn from(exit: Exit) -> Self {
        Self::from(exit as u8)
    }
}

/// Runs the program.
///
/// # Errors
///
/// Fails if `out` or `err` does.
pub(crate) fn run(
    args: impl IntoIterator<Item = OsString>,
    out: &mut dyn Write,
    err: &mut dyn Write,
) -> io::Result<Exit> {
    let args = match Args::try_parse_from(args) {
        Ok(args) => args,
        Err(error) if error.use_stderr() => {
            write!(err, "{error}")?;
            return Ok(Exit::Usage);
        }
        Err(help) => {
            write!(out, "{help}")?;
            return Ok(Exit::Success);
        }
    };
    let mut all = Vec::new();
    for &workload in &args.workload {
        for &kind in &args.heap {
            match measure(kind, workload, &args) {
                Ok(rows) if args.json && !rows.is_empty() => writeln!(out, "{}", report::json(&rows))?,
                Ok(rows) => all.extend(rows),
                Err(problem) => {
                    writeln!(err, "workers: {workload} on {kind}: {problem}")?;
                    return Ok(Exit::Failure);
                }
            }
        }
    }
    if !args.json {
        writeln!(out, "{}", report::table(&all))?;
    }
    Ok(Exit::Success)
}

/// All rows of one workload on one heap.
fn measure(kind: Kind, workload: Workload, args: &Args) -> Result<Vec<Row>, Problem> {
    match (kind, workload) {
        // Handles to objects of `Local` cannot be given to another thread: what races does not compile.
        (Kind::Local, Workload::Race) => Ok(Vec::new()),
        (Kind::Local, _) => crews(Local, kind, workload, args),
        (Kind::Locked, Workload::Race) => race(Locked, kind),
        (Kind::Locked, _) => crews(Locked, kind, workload, args),
        (Kind::Atomic, Workload::Race) => race(Atomic, kind),
        (Kind::Atomic, _) => crews(Atomic, kind, workload, args),
        (Kind::Biased, Workload::Race) => race(Biased, kind),
        (Kind::Biased, _) => crews(Biased, kind, workload, args),
    }
}

fn crews<H: WorkHeap>(heap: H, kind: Kind, workload: Workload, args: &Args) -> Result<Vec<Row>, Problem> {
    let one = |threads| match workload {
        Workload::Cpu => crew::throughput(heap, threads, args.seconds, crew::cpu),
        Workload::Io => crew::throughput(heap, threads, args.seconds, crew::io),
        Workload::Mixed => crew::throughput(heap, threads, args.seconds, crew::mixed),
        Workload::Tcp => echo::throughput(heap, threads, args.seconds),
        Workload::Race => unreachable!("races have no crews"),
    };
    let unit = if workload == Workload::Tcp { "MB/s" } else { "requests/s" };
    let mut one_thread = None;
    let mut rows = Vec::new();
    for threads in args.crews() {
        let throughput = one(threads)?;
        let speedup = throughput / *one_thread.get_or_insert(throughput);
        rows.push(Row { heap: kind, workload, threads, throughput, unit, speedup: Some(speedup) });
    }
    Ok(rows)
}

fn race<H: Shared + Hosts<GcCell<i64, H>>>(heap: H, kind: Kind) -> Result<Vec<Row>, Problem> {
    let row = |off: i64, unit| Row {
        heap: kind,
        workload: Workload::Race,
        threads: 2,
        throughput: off.unsigned_abs() as f64,
        unit,
        speedup: None,
    };
    let unlocked = race::off_by(heap, race::TIMES, Lock::None);
    match race::off_by(heap, race::TIMES, Lock::Held) {
        0 => Ok(vec![row(unlocked, "lost, no lock held"), row(0, "lost, lock held")]),
        off => Err(Problem::LostUpdates { off }),
    }
}
