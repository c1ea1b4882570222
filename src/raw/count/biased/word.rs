//! How the bits of a biased count lie.

use super::super::{IMMORTAL, ONE, flag, weak_spare};

/// The object is in its owner's inbox.
pub(super) const QUEUED: u64 = 1;
/// The local part was added to the shared one.
pub(super) const MERGED: u64 = 2;
pub(super) const STATE: u64 = 3;
pub(super) const FLAG_SHIFT: u32 = 2;
pub(super) const FLAGS: u64 = ((1 << flag::BITS) - 1) << FLAG_SHIFT;
/// The weak count tells what the flag `WEAK` would. Its bit: the strong side has let go of the memory.
pub(super) const GONE: u64 = shift(flag::WEAK);
pub(super) const SUSPECT: u64 = shift(flag::SUSPECT);
pub(super) const DYING: u64 = shift(flag::DYING);
/// Somebody else than the owner has dropped a handle: a shared count of zero does not mean that nobody else has any.
pub(super) const TOUCHED: u64 = 1 << (FLAG_SHIFT + flag::BITS);
pub(super) const WEAK_SHIFT: u32 = FLAG_SHIFT + flag::BITS + 1;
/// One weak handle.
pub(super) const WEAK: u64 = 1 << (WEAK_SHIFT + weak_spare(32 - WEAK_SHIFT));
pub(super) const WEAK_BITS: u32 = 32 - WEAK.trailing_zeros();
pub(super) const WEAKS: u64 = (1 << 32) - (1 << WEAK_SHIFT);
/// From here on the weak count stays, and the memory is never given back. It is then moved away from this limit, to which
/// threads in the middle of a drop can bring it back otherwise.
pub(super) const WEAK_STUCK: u32 = 1 << (WEAK_BITS - 1);
pub(super) const WEAK_START: u64 = (WEAK_STUCK | WEAK_STUCK >> 1) as u64 * WEAK;
/// One strong handle in the shared word.
pub(super) const STRONG: u64 = (ONE as u64) << 32;
/// From here on the shared count means "immortal".
pub(super) const SHARED_IMMORTAL: i64 = count(1 << 62);
pub(super) const SHARED_START: u64 = 0b11 << 61;
/// Where an immortal local count starts, far from zero and from [`IMMORTAL`]'s other side.
pub(super) const LOCAL_START: u32 = IMMORTAL | IMMORTAL >> 1;

pub(super) const fn shift(flags: u32) -> u64 {
    (flags as u64) << FLAG_SHIFT
}

/// The shared part of the strong count.
pub(super) const fn count(word: u64) -> i64 {
    word.cast_signed() >> STRONG.trailing_zeros()
}

pub(super) const fn with_count(word: u64, count: i64) -> u64 {
    word as u32 as u64 | (count.cast_unsigned() << STRONG.trailing_zeros())
}

/// The owner's part of the strong count, unless it is immortal.
pub(super) const fn handles(local: u32) -> i64 {
    (local / ONE) as i64
}

/// The shared word of an object without owner that has `more` handles than the two words of one with owner say. Whoever
/// adds counts does it here: the sum may be too large for the shared part, where it would look like a negative number.
pub(super) const fn merged(word: u64, local: u32, more: i64) -> u64 {
    let total = count(word) + handles(local) + more;
    let merged = word & !STATE | MERGED;
    if is_immortal(word) || local >= IMMORTAL || total >= SHARED_IMMORTAL {
        with_count(merged, 0) | SHARED_START
    } else {
        with_count(merged, total)
    }
}

pub(super) const fn is_immortal(word: u64) -> bool {
    count(word) >= SHARED_IMMORTAL
}

pub(super) const fn weak(word: u64) -> u32 {
    (word as u32) >> WEAK.trailing_zeros()
}
