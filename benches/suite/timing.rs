//! Timing a part of each iteration.

use std::time::{Duration, Instant};

/// Runs `whole` `iterations` times and adds up the durations that it reports.
pub(crate) fn sum(iterations: u64, mut whole: impl FnMut() -> Duration) -> Duration {
    (0..iterations).map(|_| whole()).sum()
}

/// The duration of one call.
pub(crate) fn of<R>(part: impl FnOnce() -> R) -> (R, Duration) {
    let start = Instant::now();
    let result = part();
    (result, start.elapsed())
}
