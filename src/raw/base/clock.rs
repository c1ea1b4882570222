//! The clock, and platforms that have none.
//!
//! On those [`std::time::Instant::now`] panics. Here no time passes on them: every duration is zero, and who has to stop in
//! time counts what it does instead ([`HAS_CLOCK`]). It is the same under loom and shuttle.

use std::ops::{Add, Sub};
use std::time::Duration;

pub(crate) use self::source::HAS_CLOCK;

#[cfg(not(any(
    loom,
    shuttle,
    all(target_family = "wasm", target_os = "unknown"),
    target_os = "trusty",
    target_os = "zkvm"
)))]
mod source {
    use std::time::Instant;

    /// Whether time passes.
    pub(crate) const HAS_CLOCK: bool = true;
    pub(super) type Reading = Instant;

    pub(super) fn read() -> Reading {
        Instant::now()
    }

    pub(super) fn between(start: Reading, end: Reading) -> super::Duration {
        end.saturating_duration_since(start)
    }
}

#[cfg(any(
    loom,
    shuttle,
    all(target_family = "wasm", target_os = "unknown"),
    target_os = "trusty",
    target_os = "zkvm"
))]
mod source {
    use super::Duration;

    /// Whether time passes.
    pub(crate) const HAS_CLOCK: bool = false;
    /// What was added to the only moment that there is.
    pub(super) type Reading = Duration;

    pub(super) fn read() -> Reading {
        Duration::ZERO
    }

    pub(super) fn between(start: Reading, end: Reading) -> Duration {
        end.saturating_sub(start)
    }
}

/// A reading of the clock.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) struct Moment(source::Reading);

/// The time.
pub(crate) fn now() -> Moment {
    Moment(source::read())
}

impl Moment {
    /// The time since then.
    pub(crate) fn elapsed(self) -> Duration {
        now() - self
    }
}

/// If the clock cannot say that, some thirty years later.
impl Add<Duration> for Moment {
    type Output = Moment;

    fn add(self, time: Duration) -> Moment {
        Moment(self.0.checked_add(time).unwrap_or_else(|| self.0 + Duration::from_secs(1 << 30)))
    }
}

/// Zero if the other one is later.
impl Sub for Moment {
    type Output = Duration;

    fn sub(self, start: Moment) -> Duration {
        source::between(start.0, self.0)
    }
}
