//! How large a heap gets that is left to itself: programs that make garbage of various shapes, with default settings.
//!
//! ```text
//! cargo bench --bench proportion                          # every program on every heap, at a tenth of the full size
//! cargo bench --bench proportion -- --scale 1             # at the full size
//! cargo bench --bench proportion -- --heap local window   # programs whose name contains "window", on one heap
//! cargo bench --bench proportion -- --threads 2           # each by two threads at once
//! cargo bench --bench proportion -- --pauses              # the longest allocation when a million objects go
//! cargo bench --bench proportion -- --soak 3600           # all of them in turn for an hour; fails if a bound does not hold
//! ```
//!
//! Columns: the most objects (or bytes) that there were at a time over those that are alive, less what four megabytes hold; the peak of
//! the second half over that of the first; the time over that of the same program with automatic collection off and a
//! `collect()` whenever the heap has grown by a quarter; the longest step, in milliseconds.
//!
//! With several threads, on heaps that they use in parallel, each runs the whole program, and what is alive is the sum: the row says how
//! large the heap gets, and no more.

#[macro_use]
mod meter;
mod random;

use std::process::ExitCode;
use std::time::{Duration, Instant};

use clap::{Parser, ValueEnum};
use meter::{Mode, Report, Row};

/// Programs that leave their heap to itself, and how large it gets.
#[derive(Parser)]
struct Args {
    /// Only programs whose name contains this.
    filter: Option<String>,
    /// On which heap; on all of them if it is not said.
    #[arg(long)]
    heap: Option<Kind>,
    /// How much is made, as a share of the full size.
    #[arg(long, default_value_t = 0.1)]
    scale: f64,
    /// Runs for this many seconds, and fails if a bound does not hold.
    #[arg(long)]
    soak: Option<u64>,
    /// How many threads run a program at once; first one, then two, if it is not said.
    #[arg(long)]
    threads: Option<usize>,
    /// Measures what one allocation takes when a million objects go, and nothing else; fails if that is more than its bound.
    #[arg(long)]
    pauses: bool,
    /// Measures no time, only how large heaps get.
    #[arg(long)]
    quick: bool,
    /// What cargo passes.
    #[arg(long, hide = true)]
    bench: bool,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
enum Kind {
    Local,
    Locked,
    Atomic,
    Biased,
}

macro_rules! on_heaps {
    ($($name:ident: $heap:ident),+) => {
        $(mod $name {
            pub(crate) use tricycle::$heap as H;
            pub(crate) const HEAP: H = tricycle::$heap;
            include!("programs.rs");
            include!("pauses.rs");
        })+

        fn shapes(kind: Kind) -> &'static [Shape] {
            match kind { $(Kind::$heap => $name::pauses::SHAPES),+ }
        }

        fn rows(kind: Kind) -> &'static [Row] {
            match kind { $(Kind::$heap => $name::ROWS),+ }
        }
    };
}

/// What so many objects are that go, and how long the longest allocation meanwhile is.
type Shape = (&'static str, fn(usize) -> Duration);

on_heaps!(local: Local, locked: Locked, atomic: Atomic, biased: Biased);

impl Kind {
    /// How many threads are to run a program: those of the wanted numbers that make sense.
    fn threads(self, row: &Row, wanted: Option<usize>) -> impl Iterator<Item = usize> + use<> {
        let several = row.steady && matches!(self, Kind::Atomic | Kind::Biased);
        let wanted = wanted.map_or(1..=2, |threads| threads..=threads);
        wanted.filter(move |threads| *threads == 1 || several)
    }

    /// How many times what is alive a heap may get.
    fn bound(self) -> f64 {
        match self {
            Kind::Local | Kind::Locked => 2.0,
            Kind::Atomic | Kind::Biased => 2.5,
        }
    }
}

fn main() -> ExitCode {
    let args = Args::parse();
    if args.pauses {
        return pauses(&args);
    }
    let end = args.soak.map(|seconds| Instant::now() + Duration::from_secs(seconds));
    let mut broken = 0;
    println!(
        "{:<8} {:<24} {:>9} {:>7} {:>7} {:>7} {:>8}",
        "heap", "program", "live", "peak", "level", "time", "longest"
    );
    loop {
        for kind in Kind::value_variants() {
            if args.heap.is_some_and(|heap| heap != *kind) {
                continue;
            }
            for row in rows(*kind) {
                if args.filter.as_ref().is_some_and(|filter| !row.name.contains(filter.as_str())) {
                    continue;
                }
                let threads = kind.threads(row, args.threads);
                broken += threads.filter(|threads| !run(*kind, row, *threads, &args)).count();
                if end.is_some_and(|end| Instant::now() > end) {
                    return if broken == 0 { ExitCode::SUCCESS } else { ExitCode::FAILURE };
                }
            }
        }
        if end.is_none() {
            return ExitCode::SUCCESS;
        }
    }
}

/// How long the longest allocation may take while a million objects go, in milliseconds; on heaps that are not used in parallel, as
/// the others have no steps.
const LONGEST: f64 = 2.0;

/// Prints the longest allocation for each shape: the least of three, as memory that the system has yet to find counts, too.
fn pauses(args: &Args) -> ExitCode {
    let mut broken = 0;
    println!("{:<8} {:<28} {:>8}", "heap", "shape", "longest");
    for kind in Kind::value_variants().iter().filter(|kind| args.heap.is_none_or(|heap| heap == **kind)) {
        let wanted = |name: &str| args.filter.as_ref().is_none_or(|filter| name.contains(filter.as_str()));
        for (name, longest) in shapes(*kind).iter().filter(|(name, _)| wanted(name)) {
            let run = || std::thread::spawn(|| longest(1_000_000)).join().expect("no panic").as_secs_f64() * 1e3;
            let least = (0..3).map(|_| run()).fold(f64::INFINITY, f64::min);
            let fine = least <= LONGEST || matches!(kind, Kind::Atomic | Kind::Biased);
            broken += usize::from(!fine);
            println!("{:<8} {name:<28} {least:>8.2} {}", format!("{kind:?}"), if fine { "" } else { "!" });
        }
    }
    if broken == 0 { ExitCode::SUCCESS } else { ExitCode::FAILURE }
}

/// Runs a program, each time on a thread of its own, and prints a row. False if it leaves its bounds.
fn run(kind: Kind, row: &Row, threads: usize, args: &Args) -> bool {
    let peak = measure(row, Mode::Peak, threads, args.scale);
    let (mut time, mut longest) = (f64::NAN, f64::NAN);
    if threads == 1 && !args.quick && args.soak.is_none() {
        let auto = measure(row, Mode::Automatic, 1, args.scale).seconds;
        let manual = measure(row, Mode::ByHand, 1, args.scale).seconds;
        time = auto / manual;
        longest = measure(row, Mode::Steps, 1, args.scale).longest.as_secs_f64() * 1e3;
    }
    let (ratio, level) = (peak.ratio(), peak.level());
    // With several threads it depends on when the system lets the one run that collects.
    let steady = if threads == 1 { 1.05 } else { 1.25 };
    // What has not come to a full collection yet is still on its way up.
    let fine = ratio <= kind.bound() && (level <= steady || ratio <= 1.5);
    println!(
        "{:<8} {:<24} {:>9} {:>7.2} {:>7.2} {:>7.2} {:>8.2} {}",
        format!("{kind:?}"),
        if threads == 1 { row.name.to_owned() } else { format!("{} x {threads}", row.name) },
        peak.alive,
        ratio,
        level,
        time,
        longest,
        if fine { "" } else { "!" }
    );
    fine
}

/// Runs a program on so many threads of its own at once.
fn measure(row: &Row, mode: Mode, threads: usize, scale: f64) -> Report {
    let program = if mode == Mode::Peak { row.counted } else { row.plain };
    let start = |_| {
        let run = move || program(mode, scale);
        std::thread::Builder::new().name(row.name.to_owned()).spawn(run).expect("a thread")
    };
    let running: Vec<_> = (0..threads).map(start).collect();
    let reports = running.into_iter().map(|run| run.join().unwrap_or_else(|panic| std::panic::resume_unwind(panic)));
    let report = reports.reduce(Report::beside).expect("at least one thread");
    // The garbage of this program is no part of the next one's peak, which may run on another heap.
    (row.collect)();
    assert_eq!(meter::there(), 0, "{} has left objects behind", row.name);
    report
}
