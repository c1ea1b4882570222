//! A progress bar for people who wait.

use std::io::{IsTerminal, stderr, stdout};
use std::time::{Duration, Instant};

use indicatif::{ProgressBar, ProgressDrawTarget, ProgressStyle};

/// Runs shorter than this show no bar.
const PATIENCE: Duration = Duration::from_millis(500);

/// Whether a bar may be drawn.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Bars {
    /// On standard error, when the run takes long.
    Shown,
    Hidden,
}

impl Bars {
    /// Shown if somebody looks: both outputs are a terminal.
    pub(crate) fn for_terminal() -> Self {
        if stdout().is_terminal() && stderr().is_terminal() { Self::Shown } else { Self::Hidden }
    }
}

/// One bar over the whole run. It is moved between the measured spans, never inside one.
#[derive(Debug)]
pub(crate) struct Progress {
    bar: ProgressBar,
    waiting_since: Option<Instant>,
}

impl Progress {
    pub(crate) fn new(bars: Bars, steps: u64) -> Self {
        let style = ProgressStyle::with_template("{bar:40} {msg}").expect("a template that was tried");
        let bar = ProgressBar::with_draw_target(Some(steps), ProgressDrawTarget::hidden()).with_style(style);
        Self { bar, waiting_since: (bars == Bars::Shown).then(Instant::now) }
    }

    /// Says what comes next.
    pub(crate) fn step(&mut self, next: &str) {
        if self.waiting_since.is_some_and(|start| start.elapsed() > PATIENCE) {
            self.waiting_since = None;
            self.bar.set_draw_target(ProgressDrawTarget::stderr());
        }
        self.bar.set_message(next.to_owned());
        self.bar.inc(1);
    }

    /// Wipes the bar.
    pub(crate) fn finish(self) {
        self.bar.finish_and_clear();
    }
}
