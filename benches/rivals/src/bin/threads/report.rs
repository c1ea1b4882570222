//! What was measured, as markdown and as JSON lines.

use std::collections::BTreeMap;
use std::fmt::Write;

use serde_json::json;

use crate::rows::{NAMES, Row};

/// Everything measured in one run.
#[derive(Debug, Default)]
pub struct Results(BTreeMap<(Row, &'static str), Vec<f64>>);

impl Results {
    /// One more sample.
    pub fn add(&mut self, row: Row, name: &'static str, sample: f64) {
        self.0.entry((row, name)).or_default().push(sample);
    }

    /// The median of a contestant in a row.
    pub fn median(&self, row: Row, name: &'static str) -> Option<f64> {
        let mut sorted = self.0.get(&(row, name))?.clone();
        sorted.sort_by(f64::total_cmp);
        let middle = sorted.len() / 2;
        Some(if sorted.len() % 2 == 1 { sorted[middle] } else { f64::midpoint(sorted[middle - 1], sorted[middle]) })
    }

    /// A table of medians.
    pub fn markdown(&self, rows: &[Row]) -> String {
        let names: Vec<_> = NAMES.into_iter().filter(|&name| self.0.keys().any(|&(_, other)| other == name)).collect();
        let mut out = format!("| row | unit | {} |\n|---|---|{}\n", names.join(" | "), "---:|".repeat(names.len()));
        for &row in rows {
            let _ = write!(out, "| {} | {} |", row.title(), row.unit());
            for &name in &names {
                let _ = write!(out, " {} |", self.median(row, name).map_or_else(|| "—".into(), figure));
            }
            out.push('\n');
        }
        out
    }

    /// One JSON object for each row and contestant.
    pub fn json_lines(&self) -> String {
        let line = |(&(row, name), samples): (&(Row, &'static str), &Vec<f64>)| {
            let median = self.median(row, name);
            json!({ "row": row.key(), "contestant": name, "unit": row.unit(), "median": median, "samples": samples })
        };
        self.0.iter().map(|entry| format!("{}\n", line(entry))).collect()
    }
}

/// Three significant digits, no more than two decimals.
pub fn figure(value: f64) -> String {
    match value {
        v if v < 10.0 => format!("{v:.2}"),
        v if v < 100.0 => format!("{v:.1}"),
        v => format!("{v:.0}"),
    }
}
