//! Rows, as a table or as lines of JSON.

use comfy_table::{CellAlignment, LineStyle, Table, presets};
use serde::Serialize;

use super::args::{Kind, Workload};

/// One measurement. The names are the keys of `--json`.
#[derive(Clone, Debug, Serialize)]
pub(crate) struct Row {
    pub(crate) heap: Kind,
    pub(crate) workload: Workload,
    pub(crate) threads: usize,
    /// In `unit`. In a race, what the sum is off by.
    pub(crate) throughput: f64,
    pub(crate) unit: &'static str,
    /// Against one thread. There is no race with one.
    pub(crate) speedup: Option<f64>,
}

/// One line for each row, without the last line feed.
pub(crate) fn json(rows: &[Row]) -> String {
    let line = |row| serde_json::to_string(row).expect("strings and finite numbers");
    rows.iter().map(line).collect::<Vec<_>>().join("\n")
}

/// A table for people.
pub(crate) fn table(rows: &[Row]) -> Table {
    let mut table = Table::new();
    table.load_style(presets::UTF8_HORIZONTAL_ONLY.row_separator(LineStyle::none()));
    table.set_header(["workload", "heap", "threads", "throughput", "", "speed-up"]);
    for row in rows {
        table.add_row([
            row.workload.to_string(),
            row.heap.to_string(),
            row.threads.to_string(),
            format!("{:.0}", row.throughput),
            row.unit.to_owned(),
            row.speedup.map_or_else(String::new, |speedup| format!("{speedup:.2}")),
        ]);
    }
    for column in [2, 3, 5] {
        table.column_mut(column).expect("six columns").set_cell_alignment(CellAlignment::Right);
    }
    table
}
