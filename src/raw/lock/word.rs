//! The word of a cell's lock, and who may have that: the rules that [`Latch`](super::latch::Latch) and
//! [`TurnLatch`](super::turn_latch::TurnLatch) share.
//!
//! Those who wait are woken when the latch is free, and if one of them has waited for long it is promised to them: who comes
//! meanwhile, perhaps the one that has just gone, waits until one of the woken has had it. Otherwise a thread that wants it again
//! and again would keep out the others, who take a while to wake up. Readers wait for writers only, also for one that waits
//! while others read; those that have another latch, for which it may be waiting, only if it has waited for long. None of this keeps a thread for long from a latch that it could have
//! ([`RESPECT`](super::parking::RESPECT)): nobody depends on others being polite.

use super::held::Reading;

/// Somebody waits, and is to be woken.
pub(super) const WAITERS: u32 = 1 << 31;
/// There is a writer; the lowest bits are the number of its seat. Otherwise they are the number of readers.
pub(super) const WRITER: u32 = 1 << 30;
/// A writer waits.
pub(super) const PENDING: u32 = 1 << 29;
/// Those who waited have been woken and are on their way, and one of them has waited for long.
pub(super) const PROMISED: u32 = 1 << 28;
/// It wants to write.
pub(super) const TO_WRITER: u32 = 1 << 27;
/// The lowest bits. With `cfg(gc_small_limits)` there are six: as many readers as one can have, and as many seats.
pub(super) const READERS: u32 = if cfg!(gc_small_limits) { 63 } else { TO_WRITER - 1 };
/// Whoever has the latch.
pub(super) const HOLDERS: u32 = WRITER | READERS;

/// How a thread wants a latch.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Want {
    /// As one of several readers.
    Read,
    /// As the writer in this seat.
    Write(u32),
}

/// What a thread wants, and whom it lets go first.
#[derive(Clone, Copy, Debug)]
pub(super) struct Claim {
    pub(super) want: Want,
    /// Those to whom it is promised.
    after_woken: bool,
    /// As a reader, writers who wait while others read.
    after_waiting: bool,
}

impl Claim {
    /// The claim of a thread that has just come, has none of these latches, and is ready to wait.
    pub(super) const fn polite(want: Want) -> Self {
        Claim { want, after_woken: true, after_waiting: true }
    }

    /// The claim of a thread that does not wait, or has waited.
    pub(super) const fn urgent(want: Want) -> Self {
        Claim { want, after_woken: false, after_waiting: false }
    }

    /// The claim of a thread that has these latches: who waits may wait for one of them, and so does not come first before it
    /// `starves`.
    pub(super) fn of(want: Want, reading: &Reading, starves: impl FnOnce() -> bool) -> Self {
        let after_waiting = want != Want::Read || reading.is_empty() || starves();
        Claim { want, after_woken: true, after_waiting }
    }

    /// The bits that say what the thread waits for.
    pub(super) fn waits(self) -> u32 {
        if self.want == Want::Read { WAITERS } else { WAITERS | PENDING }
    }

    /// The word when the thread has the latch, if it can have it.
    #[cfg_attr(not(debug_assertions), inline(always))]
    pub(super) fn next(self, word: u32) -> Option<u32> {
        // A thread that has waited keeps the promise, and one that does not wait breaks it.
        let rest = if self.after_woken { word } else { word & !(PROMISED | TO_WRITER) };
        match self.want {
            Want::Read => {
                let free = word & WRITER == 0 && word & READERS != READERS;
                // Beside readers, a writer to whom it is promised is one that waits.
                let first = if word & READERS == 0 {
                    self.after_woken && word & TO_WRITER != 0
                } else {
                    self.after_waiting && word & (PENDING | TO_WRITER) != 0
                };
                (free && !first).then_some(rest.wrapping_add(1))
            }
            Want::Write(me) => {
                let free = word & HOLDERS == 0;
                let first = self.after_woken && word & PROMISED != 0;
                (free && !first).then_some(rest | WRITER | me)
            }
        }
    }
}

/// The number of the writer's seat, if there is a writer.
pub(super) fn writer(word: u32) -> Option<u32> {
    (word & WRITER != 0).then_some(word & READERS)
}

/// Whether a thread that wants a latch has it itself. As a reader that is in its way only if there can be no more readers.
pub(super) fn is_mine(word: u32, me: u32, want: Want, reads: impl FnOnce() -> bool) -> bool {
    let readers = word & READERS;
    if word & WRITER != 0 {
        readers == me & READERS
    } else {
        readers != 0 && (want != Want::Read || readers == READERS) && reads()
    }
}

#[cfg(all(test, not(loom)))]
mod tests {
    use super::*;

    /// There can be no more readers: that is told to one of them, and others wait.
    #[test]
    fn too_many_readers() {
        assert_eq!(Claim::urgent(Want::Read).next(READERS - 1), Some(READERS));
        assert_eq!(Claim::urgent(Want::Read).next(READERS), None);
        assert!(is_mine(READERS, 1, Want::Read, || true) && !is_mine(READERS, 1, Want::Read, || false));
        assert!(!is_mine(READERS - 1, 1, Want::Read, || true));
    }
}
