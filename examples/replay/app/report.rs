//! What a run found, as a table or as one line of JSON.

use std::time::Duration;

use comfy_table::{CellAlignment, LineStyle, Table, presets};
use serde::Serialize;

/// What [`Report::oracle`] says if there is no difference.
pub(crate) const AGREES: &str = "agrees";

/// The figures of one run, in the order in which they are printed. The names are the keys of `--json`.
#[derive(Debug, Serialize)]
pub(crate) struct Report {
    pub(crate) heap_file: String,
    pub(crate) objects: usize,
    /// Objects that this crate tracks.
    pub(crate) tracked: usize,
    pub(crate) edges: usize,
    /// By `sys.getsizeof`.
    pub(crate) bytes: u64,
    pub(crate) build_ns_per_object: f64,
    pub(crate) collect_ns_per_tracked: f64,
    pub(crate) freed_by_count: usize,
    pub(crate) freed_by_collector: usize,
    pub(crate) leaked: usize,
    pub(crate) pause_ns: Pauses,
    /// "agrees", or the first difference.
    pub(crate) oracle: String,
}

/// How long the collections took while the heap was built and taken apart, in nanoseconds.
#[derive(Debug, Serialize)]
pub(crate) struct Pauses {
    pub(crate) p50: u64,
    pub(crate) p99: u64,
    pub(crate) max: u64,
}

impl Pauses {
    /// Sums up what was measured. The percentiles are measured values (nearest rank), not interpolated ones.
    pub(crate) fn of(mut pauses: Vec<Duration>) -> Self {
        pauses.sort_unstable();
        let rank = |percent: usize| {
            let rank = (pauses.len() * percent).div_ceil(100).saturating_sub(1);
            pauses.get(rank).map_or(0, |pause| u64::try_from(pause.as_nanos()).unwrap_or(u64::MAX))
        };
        Self { p50: rank(50), p99: rank(99), max: rank(100) }
    }
}

/// `total` shared out among `number`, in nanoseconds with one decimal.
pub(crate) fn ns_per(total: Duration, number: usize) -> f64 {
    if number == 0 { 0.0 } else { (total.as_nanos() as f64 / number as f64 * 10.0).round() / 10.0 }
}

impl Report {
    pub(crate) fn agrees(&self) -> bool {
        self.oracle == AGREES
    }

    /// One line, without the line feed.
    pub(crate) fn json(&self) -> String {
        serde_json::to_string(self).expect("strings and finite numbers")
    }

    /// A table for people.
    pub(crate) fn table(&self) -> Table {
        let mut table = Table::new();
        table.load_style(presets::UTF8_HORIZONTAL_ONLY.row_separator(LineStyle::none()));
        table.set_header(["", &self.heap_file]);
        let mut row = |name: &str, value: String| {
            table.add_row([name, &value]);
        };
        let pause = |ns: u64| format!("{:.3} ms", ns as f64 / 1e6);
        row("objects", grouped(self.objects as u64));
        row("tracked", grouped(self.tracked as u64));
        row("edges", grouped(self.edges as u64));
        row("bytes", grouped(self.bytes));
        row("build, per object", format!("{:.1} ns", self.build_ns_per_object));
        row("full collection, per tracked object", format!("{:.1} ns", self.collect_ns_per_tracked));
        row("freed by count", grouped(self.freed_by_count as u64));
        row("freed by the collector", grouped(self.freed_by_collector as u64));
        row("leaked", grouped(self.leaked as u64));
        row("pause, p50", pause(self.pause_ns.p50));
        row("pause, p99", pause(self.pause_ns.p99));
        row("pause, max", pause(self.pause_ns.max));
        row("oracle", self.oracle.clone());
        table.column_mut(1).expect("two columns").set_cell_alignment(CellAlignment::Right);
        table
    }
}

/// `1234567` as `1,234,567`.
fn grouped(number: u64) -> String {
    let digits = number.to_string();
    let mut grouped = String::new();
    for (index, digit) in digits.chars().enumerate() {
        if index > 0 && (digits.len() - index).is_multiple_of(3) {
            grouped.push(',');
        }
        grouped.push(digit);
    }
    grouped
}
