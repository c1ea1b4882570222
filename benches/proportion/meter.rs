//! What is measured while a program runs.

use std::sync::atomic::{AtomicIsize, Ordering};
use std::time::Duration;

use rustix::time::{ClockId, clock_gettime};

/// Objects there are, of those that are counted.
static THERE: AtomicIsize = AtomicIsize::new(0);

/// What is measured.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Mode {
    /// How many objects there are at most.
    Peak,
    /// Time, left to itself.
    Automatic,
    /// Time, with a collection whenever the heap has grown by a quarter.
    ByHand,
    /// The longest step.
    Steps,
}

/// A program.
pub(crate) struct Row {
    pub(crate) name: &'static str,
    /// It does the same all the time, so several threads may run it at once, each of which sees what all have made.
    pub(crate) steady: bool,
    pub(crate) plain: fn(Mode, f64) -> Report,
    pub(crate) counted: fn(Mode, f64) -> Report,
    pub(crate) collect: fn() -> usize,
}

/// What was measured.
#[derive(Clone, Copy, Debug, Default)]
pub(crate) struct Report {
    /// The objects that are alive at a time, and the bytes of one.
    pub(crate) alive: usize,
    pub(crate) bytes: usize,
    /// The most objects there were in each half.
    pub(crate) peaks: [usize; 2],
    pub(crate) seconds: f64,
    pub(crate) longest: Duration,
}

impl Report {
    /// What two threads have measured that ran at the same time. Each has seen the objects of both.
    pub(crate) fn beside(self, other: Report) -> Report {
        let peaks = [0, 1].map(|half| self.peaks[half].max(other.peaks[half]));
        Report { alive: self.alive + other.alive, peaks, ..self }
    }

    /// The peak over what is alive, less four megabytes.
    pub(crate) fn ratio(&self) -> f64 {
        let peak = self.peaks[0].max(self.peaks[1]);
        peak.saturating_sub((4 << 20) / self.bytes) as f64 / self.alive.max(1) as f64
    }

    /// The peak of the second half over that of the first, less what four megabytes hold.
    pub(crate) fn level(&self) -> f64 {
        let [first, second] = self.peaks;
        (second.saturating_sub((4 << 20) / self.bytes / 4)) as f64 / first.max(1) as f64
    }
}

/// How many objects there are.
pub(crate) fn there() -> usize {
    usize::try_from(THERE.load(Ordering::Relaxed)).expect("no object is dropped twice")
}

/// Part of a value that is counted, or is nothing.
pub(crate) struct Tally<const COUNTED: bool>(());

impl<const COUNTED: bool> Tally<COUNTED> {
    #[inline(always)]
    pub(crate) fn new() -> Self {
        if COUNTED {
            THERE.fetch_add(1, Ordering::Relaxed);
        }
        Tally(())
    }
}

impl<const COUNTED: bool> Drop for Tally<COUNTED> {
    #[inline(always)]
    fn drop(&mut self) {
        if COUNTED {
            THERE.fetch_sub(1, Ordering::Relaxed);
        }
    }
}

/// Goes along with a program.
pub(crate) struct Meter {
    mode: Mode,
    collect: fn() -> usize,
    /// How much there is, and how many objects are made between two looks at that.
    there: fn() -> usize,
    pace: usize,
    made: usize,
    total: usize,
    next: usize,
    looked: usize,
    /// So many objects are made before anything counts.
    quiet: usize,
    report: Report,
    began: Duration,
    last: Duration,
}

impl Meter {
    /// A meter for a program that makes `total` objects of `bytes` bytes, of which `alive` are alive at a time. `collect`
    /// returns how many are left.
    pub(crate) fn start(mode: Mode, total: usize, alive: usize, bytes: usize, collect: fn() -> usize) -> Self {
        let report = Report { alive, bytes, ..Report::default() };
        let next = if mode == Mode::ByHand { 1000 } else { usize::MAX };
        Meter {
            mode,
            collect,
            there,
            pace: 1,
            looked: 0,
            made: 0,
            total,
            quiet: total / 10,
            next,
            report,
            began: cpu_time(),
            last: cpu_time(),
        }
    }

    /// Nothing counts until so many objects have been made.
    pub(crate) fn quiet(self, quiet: usize) -> Self {
        Meter { quiet, ..self }
    }

    /// What counts is what `there` says, which takes some time.
    pub(crate) fn measuring(self, there: fn() -> usize) -> Self {
        Meter { there, pace: 256, ..self }
    }

    /// Whether the program goes on.
    #[inline(always)]
    pub(crate) fn goes_on(&self) -> bool {
        self.made < self.total
    }

    /// Some objects have been made.
    #[inline(always)]
    pub(crate) fn made(&mut self, objects: usize) {
        self.made += objects;
        match self.mode {
            Mode::Peak => self.look(),
            Mode::ByHand if self.made >= self.next => {
                let left = (self.collect)();
                self.next = self.made + (left / 4).max(1000);
            }
            Mode::Steps => {
                let now = cpu_time();
                self.report.longest = self.report.longest.max(now - self.last);
                self.last = now;
            }
            Mode::ByHand | Mode::Automatic => {}
        }
    }

    fn look(&mut self) {
        if self.made - self.looked < self.pace {
            return;
        }
        self.looked = self.made;
        let there = (self.there)();
        // What is built first is no part of it.
        if self.made > self.quiet {
            let half = usize::from(self.made - self.quiet > (self.total - self.quiet) / 2);
            self.report.peaks[half] = self.report.peaks[half].max(there);
        }
    }

    pub(crate) fn finish(mut self) -> Report {
        self.report.seconds = (cpu_time() - self.began).as_secs_f64();
        self.report
    }
}

/// The time that this thread has had: others may want the machine, too.
pub(crate) fn cpu_time() -> Duration {
    let time = clock_gettime(ClockId::ThreadCPUTime);
    Duration::new(time.tv_sec.unsigned_abs(), u32::try_from(time.tv_nsec).unwrap_or(0))
}
