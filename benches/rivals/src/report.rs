//! The table, as markdown and as JSON lines.

use std::fmt::Write;

use serde_json::json;

use crate::contestants::{OURS, STD};
use crate::measure::{Outcome, Results};
use crate::options::{figure, key};
use crate::rows::{Row, Skip};

/// The rivals among the contestants: everybody but ourselves and std.
pub fn rivals<'a>(names: &'a [&'static str]) -> impl Iterator<Item = &'static str> + 'a {
    names.iter().copied().filter(|&name| name != OURS && name != STD)
}

/// A markdown table of medians, with ours against std and against the best rival.
pub fn markdown(results: &Results, rows: &[Row], names: &[&'static str]) -> String {
    let mut out = String::new();
    let mut skips: Vec<Skip> = Vec::new();
    let _ = writeln!(out, "| row | unit | {} | ours / {STD} | ours / best rival |", names.join(" | "));
    let _ = writeln!(out, "|---|---|{}---:|---:|", "---:|".repeat(names.len()));
    for &row in rows {
        let _ = write!(out, "| {} | {} |", row.title(), row.unit());
        for &name in names {
            let _ = match results.get(row, name) {
                Some(outcome @ Outcome::Samples(_)) => {
                    write!(out, " {} |", outcome.median().map_or_else(|| "—".into(), figure))
                }
                Some(&Outcome::Skipped(skip)) => write!(out, " — {} |", footnote(&mut skips, skip)),
                None => write!(out, " — |"),
            };
        }
        let ours = results.median(row, OURS);
        let to_std = ours.zip(results.median(row, STD)).map_or_else(|| "—".into(), |(ours, std)| ratio(ours, std));
        let to_best = ours
            .zip(results.best(row, rivals(names)))
            .map_or_else(|| "—".into(), |(ours, (name, best))| format!("{} ({name})", ratio(ours, best)));
        let _ = writeln!(out, " {to_std} | {to_best} |");
    }
    if !skips.is_empty() {
        out.push('\n');
    }
    for (index, skip) in skips.iter().enumerate() {
        let _ = writeln!(out, "[{}] {}.  ", index + 1, skip.reason());
    }
    out
}

/// The mark of a footnote; the same reason gets the same mark.
fn footnote(skips: &mut Vec<Skip>, skip: Skip) -> String {
    let index = skips.iter().position(|&seen| seen == skip).unwrap_or_else(|| {
        skips.push(skip);
        skips.len() - 1
    });
    format!("[{}]", index + 1)
}

fn ratio(ours: f64, theirs: f64) -> String {
    if theirs == 0.0 { "—".into() } else { format!("{:.2}", ours / theirs) }
}

/// One JSON object per contestant of a row.
pub fn json_lines(results: &Results, row: Row, names: &[&'static str]) -> String {
    let mut out = String::new();
    for &name in names {
        let mut line = json!({ "row": key(row), "contestant": name, "unit": row.unit() });
        match results.get(row, name) {
            Some(outcome @ Outcome::Samples(samples)) => {
                line["median"] = json!(outcome.median());
                line["samples"] = json!(samples);
            }
            Some(Outcome::Skipped(skip)) => line["skipped"] = json!(skip.reason()),
            None => continue,
        }
        let _ = writeln!(out, "{line}");
    }
    out
}
