//! What was measured, as markdown and as JSON lines.

use std::collections::BTreeMap;
use std::fmt::Write;

use serde_json::json;

use crate::options::{figure, key, median};
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
        median(self.0.get(&(row, name))?)
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
            json!({ "row": key(row), "contestant": name, "unit": row.unit(), "median": median, "samples": samples })
        };
        self.0.iter().map(|entry| format!("{}\n", line(entry))).collect()
    }
}
