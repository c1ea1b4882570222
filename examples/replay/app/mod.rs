//! The program behind `main`: reads a heap, replays it twice, and prints what came of it.
//!
//! Everything is an argument (the command line, the outputs, whether a bar may be drawn), so the tests run it in
//! their own process.

mod args;
pub(crate) mod batches;
mod build;
mod census;
mod check;
pub(crate) mod crew;
mod difference;
pub(crate) mod experiment;
pub(crate) mod heap_file;
mod measure;
pub(crate) mod objects;
pub(crate) mod oracle;
mod pauses;
mod plan;
mod progress;
pub(crate) mod report;

use std::ffi::OsString;
use std::fs::File;
use std::io::{self, BufReader, Write};
use std::path::Path;
use std::process::ExitCode;

use clap::error::ErrorKind;
use clap::{CommandFactory, Parser};
use tricycle::{Atomic, Biased, Local, Locked, Shared};

use self::args::{Args, HeapKind};
use self::crew::{Crew, Several, Single};
use self::experiment::Experiment;
use self::heap_file::HeapFile;
use self::objects::ReplayHeap;
pub(crate) use self::progress::Bars;
use self::progress::Progress;
use self::report::{Pauses, Report, ns_per};

/// The heap of a CPython process that has imported a handful of modules.
const BUILT_IN: &[u8] = include_bytes!("../stdlib.heap.gz");
const BUILT_IN_NAME: &str = "stdlib.heap.gz";

/// How a run ended. The numbers are the exit codes.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Exit {
    Agrees = 0,
    Differs = 1,
    /// The file is damaged, or the command line is wrong.
    Unusable = 2,
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
    bars: Bars,
) -> io::Result<Exit> {
    let args = match Args::try_parse_from(args) {
        Ok(args) => args,
        Err(error) if error.use_stderr() => {
            write!(err, "{error}")?;
            return Ok(Exit::Unusable);
        }
        Err(help) => {
            write!(out, "{help}")?;
            return Ok(Exit::Agrees);
        }
    };
    if args.heap == HeapKind::Local && args.threads > 1 {
        let message = "threads do not share a local heap: `--threads` needs `--heap locked`, `atomic` or `biased`";
        write!(err, "{}", Args::command().error(ErrorKind::ArgumentConflict, message))?;
        return Ok(Exit::Unusable);
    }
    let (name, file) = match &args.file {
        Some(path) => (path.display().to_string(), open(path)),
        None => (BUILT_IN_NAME.to_owned(), HeapFile::read(BUILT_IN).map_err(|error| error.to_string())),
    };
    let file = match file {
        Ok(file) => file,
        Err(error) => {
            writeln!(err, "replay: {name}: {error}")?;
            return Ok(Exit::Unusable);
        }
    };
    let experiment = Experiment::new(file, args.seed);
    let threads = args.threads.into();
    let report = match args.heap {
        HeapKind::Local => replay(name, &experiment, Local, &Single, bars),
        HeapKind::Locked => replay_shared(name, &experiment, Locked, threads, bars),
        HeapKind::Atomic => replay_shared(name, &experiment, Atomic, threads, bars),
        HeapKind::Biased => replay_shared(name, &experiment, Biased, threads, bars),
    };
    print(&report, args.json, out, err)
}

fn open(path: &Path) -> Result<HeapFile, String> {
    let file = File::open(path).map_err(|error| format!("cannot be opened: {error}"))?;
    HeapFile::read(BufReader::new(file)).map_err(|error| error.to_string())
}

/// Prints a report; what it found decides how the run ends.
///
/// # Errors
///
/// Fails if `out` or `err` does.
pub(crate) fn print(report: &Report, json: bool, out: &mut dyn Write, err: &mut dyn Write) -> io::Result<Exit> {
    if json {
        writeln!(out, "{}", report.json())?;
    } else {
        writeln!(out, "{}", report.table())?;
    }
    if report.agrees() {
        return Ok(Exit::Agrees);
    }
    writeln!(err, "replay: the oracle disagrees: {}", report.oracle)?;
    Ok(Exit::Differs)
}

/// Measures and checks one heap that threads share, with so many of them.
pub(crate) fn replay_shared<H: ReplayHeap + Shared>(
    name: String,
    experiment: &Experiment,
    heap: H,
    threads: usize,
    bars: Bars,
) -> Report {
    heap.attach(|| match threads {
        1 => replay(name, experiment, heap, &Single, bars),
        _ => replay(name, experiment, heap, &Several(threads), bars),
    })
}

/// Measures and checks one heap.
pub(crate) fn replay<H: ReplayHeap>(
    name: String,
    experiment: &Experiment,
    heap: H,
    crew: &impl Crew<H>,
    bars: Bars,
) -> Report {
    let Experiment { file, plan, batches, .. } = experiment;
    let mut progress = Progress::new(bars, 2 * batches.len() as u64 + 4);
    let measured = measure::measure(experiment, heap, crew, &mut progress);
    let checked = check::check(experiment, heap, crew, &mut progress);
    progress.finish();
    let difference = checked.err().or(measured.difference);
    let (objects, tracked) = (file.nodes() as usize, plan.tracked());
    Report {
        heap_file: name,
        objects,
        tracked,
        edges: file.edge_count() as usize,
        bytes: file.bytes(),
        build_ns_per_object: ns_per(measured.build, objects),
        collect_ns_per_tracked: ns_per(measured.collect, tracked),
        freed_by_count: measured.freed_by_count,
        freed_by_collector: measured.freed_by_collector,
        leaked: measured.leaked,
        pause_ns: Pauses::of(measured.pauses),
        oracle: difference.map_or_else(|| report::AGREES.to_owned(), |difference| difference.to_string()),
    }
}
