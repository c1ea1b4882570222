//! The project's targets, and whether a run met them.

use std::fmt::Write;

use crate::contestants::{ARENA, OURS, STD};
use crate::measure::Results;
use crate::options::figure;
use crate::report::rivals;
use crate::rows::Row;

/// What a target's figure is divided by.
#[derive(Clone, Copy)]
enum Against {
    Std,
    BestRival,
    /// The best rival with counting handles: everybody but gc-arena.
    BestCounting,
    Arena,
    /// Another of our own rows.
    Own(Row),
    /// Nothing: the limit is in the row's unit.
    Absolute,
}

use Against::{Absolute, Arena, BestCounting, BestRival, Own, Std};

/// What two runs of the same instructions differ by, as a fraction.
const NOISE: f64 = 0.03;

/// At most so many times that.
const TARGETS: &[(Row, f64, Against)] = &[
    (Row::CloneDrop, 1.1, Std),
    (Row::Deref, 1.0, Std),
    (Row::Leaf, 0.5, Std),
    (Row::TreeBuild, 0.6, Std),
    (Row::TreeDrop, 0.8, Std),
    (Row::ListDrop, 0.6, Std),
    (Row::Pairs, 0.8, BestRival),
    (Row::PairsLive, 1.5, Own(Row::Pairs)),
    (Row::Churn, 1.0, Std),
    (Row::GarbagePairs, 0.5, BestCounting),
    (Row::GarbageRing, 0.5, BestCounting),
    (Row::GarbageRandom, 0.5, BestCounting),
    (Row::LiveFull, 0.35, BestCounting),
    (Row::LiveFull, 0.6, Arena),
    (Row::LiveClean, 2.0, Absolute),
    (Row::LivePart, 1.0, Absolute),
    (Row::Cut, 1.0, BestRival),
    (Row::Lists, 1.0, BestRival),
    (Row::Step, 1.0, Absolute),
    (Row::StepMutual, 10.0, Absolute),
    (Row::Gcbench, 1.0, Std),
    (Row::LeafBytes, 16.0, Absolute),
    (Row::NodeBytes, 32.0, Absolute),
];

/// One line per target among `rows`, and whether all were met. A target whose figures are missing counts as missed.
/// So close to the limit that the clock cannot tell counts as met, and is marked.
pub fn check(results: &Results, rows: &[Row], names: &[&'static str]) -> (String, bool) {
    let mut out = String::from("| row | ours | against | ratio | at most | |\n|---|---:|---|---:|---:|---|\n");
    let mut all = true;
    for &(row, limit, against) in TARGETS.iter().filter(|(row, ..)| rows.contains(row)) {
        let ours = results.median(row, OURS);
        let counting = || rivals(names).filter(|&name| name != ARENA);
        let yardstick = match against {
            Std => results.best(row, [STD]),
            BestRival => results.best(row, rivals(names)),
            BestCounting => results.best(row, counting()),
            Arena => results.best(row, [ARENA]),
            Own(other) => results.median(other, OURS).map(|figure| ("own row above", figure)),
            Absolute => Some(("", 1.0)),
        };
        let Some((ours, (name, theirs))) = ours.zip(yardstick) else {
            all = false;
            let _ = writeln!(out, "| {} | — | — | — | {limit} | not measured |", row.title());
            continue;
        };
        // Two decimals is what the clock is good for.
        let ratio = (ours / theirs * 100.0).round() / 100.0;
        let verdict = match ratio {
            met if met <= limit => "met",
            close if close <= limit * (1.0 + NOISE) => "within noise",
            _ => "**missed**",
        };
        all &= ratio <= limit * (1.0 + NOISE);
        let (against, ratio, limit) = if let Absolute = against {
            (String::new(), String::new(), format!("{limit} {}", row.unit()))
        } else {
            (format!("{name} {}", figure(theirs)), format!("{ratio:.2}"), format!("{limit}"))
        };
        let _ = writeln!(
            out,
            "| {} | {} {} | {against} | {ratio} | {limit} | {verdict} |",
            row.title(),
            figure(ours),
            row.unit()
        );
    }
    (out, all)
}
