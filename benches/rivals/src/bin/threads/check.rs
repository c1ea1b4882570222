//! The project's targets, and whether a run met them.

use std::fmt::Write;

use crate::options::figure;
use crate::report::Results;
use crate::rows::{ARC, ATOMIC, BIASED, LOCAL, LOCKED, RC, Row};

/// What a figure is divided by: another one, or nothing.
type Against = Option<(Row, &'static str)>;

/// What two runs of the same instructions differ by, as a fraction.
const NOISE: f64 = 0.03;

/// Two threads together take at most so long for an object as one: 1.85 times the throughput.
const TWO_THREADS: f64 = 1.0 / 1.85;

/// At most so many times that.
const TARGETS: &[(Row, &str, f64, Against)] = &[
    (Row::Own, LOCKED, 1.5, Some((Row::Own, RC))),
    (Row::Own, BIASED, 2.0, Some((Row::Own, RC))),
    (Row::Own, ATOMIC, 1.1, Some((Row::Own, ARC))),
    (Row::Foreign, ATOMIC, 1.1, Some((Row::Foreign, ARC))),
    (Row::Foreign, BIASED, 1.2, Some((Row::Foreign, ARC))),
    (Row::ImmortalTwo, BIASED, 1.2, Some((Row::ImmortalOne, BIASED))),
    (Row::Leaf, BIASED, 0.6, Some((Row::Leaf, ARC))),
    (Row::Pairs, LOCKED, 1.3, Some((Row::Pairs, LOCAL))),
    (Row::Pairs, BIASED, 1.7, Some((Row::Pairs, LOCAL))),
    (Row::PairsTwo, BIASED, TWO_THREADS, Some((Row::Pairs, BIASED))),
    (Row::LiveFull, BIASED, 1.3, Some((Row::LiveFull, LOCAL))),
    // The threads poll every microsecond or so.
    (Row::Stop, ATOMIC, 100.0, None),
    (Row::Stop, BIASED, 100.0, None),
    (Row::WakeUp, LOCKED, 2.0, None),
];

/// One line for each target among `rows`, and whether all were met. A target whose figures are missing counts as missed.
pub fn check(results: &Results, rows: &[Row]) -> (String, bool) {
    let mut out =
        String::from("| row | heap | ours | against | ratio | at most | |\n|---|---|---:|---|---:|---:|---|\n");
    let mut all = true;
    for &(row, name, limit, against) in TARGETS.iter().filter(|(row, ..)| rows.contains(row)) {
        let yardstick = against.map_or(Some(1.0), |(row, name)| results.median(row, name));
        let Some((ours, theirs)) = results.median(row, name).zip(yardstick) else {
            all = false;
            let _ = writeln!(out, "| {} | {name} | — | — | — | {limit:.2} | not measured |", row.title());
            continue;
        };
        // Two decimals is what the clock is good for.
        let ratio = (ours / theirs * 100.0).round() / 100.0;
        let met = ratio <= limit * (1.0 + NOISE);
        all &= met;
        let verdict = match (ratio <= limit, met) {
            (true, _) => "met",
            (false, true) => "within noise",
            (false, false) => "**missed**",
        };
        let (title, ours, unit) = (row.title(), figure(ours), row.unit());
        let against = against.map_or_else(String::new, |(other, name)| match other == row {
            true => format!("{name} {}", figure(theirs)),
            false => format!("{name}, {}: {}", other.title(), figure(theirs)),
        });
        let _ = writeln!(out, "| {title} | {name} | {ours} {unit} | {against} | {ratio:.2} | {limit:.2} | {verdict} |");
    }
    (out, all)
}
