//! Size classes: multiples of 8 bytes up to 512, then eight to the doubling.

use super::{LARGEST_HEADER, MAX_ALIGN, MAX_POOLED, SLICE_PREFIX};

const FINE: usize = 512 / 8;
const LARGEST: usize = (MAX_POOLED + LARGEST_HEADER + SLICE_PREFIX).next_multiple_of(MAX_ALIGN);

/// The number of classes.
pub(crate) const COUNT: usize = index(LARGEST) + 1;

/// The class of a slot of `bytes` bytes.
#[cfg_attr(not(debug_assertions), inline(always))]
pub(crate) const fn index(bytes: usize) -> usize {
    if bytes <= 512 {
        bytes.div_ceil(8) - 1
    } else {
        // Bytes in (2^k, 2^(k+1)] are divided into eight steps.
        let last = bytes - 1;
        let k = last.ilog2() as usize;
        FINE + (k - 9) * 8 + ((last >> (k - 3)) & 7)
    }
}

/// The bytes of a slot of class `class`.
pub(crate) const fn bytes(class: usize) -> usize {
    if class < FINE {
        (class + 1) * 8
    } else {
        let (k, step) = (9 + (class - FINE) / 8, (class - FINE) % 8);
        (1 << k) + (step + 1) * (1 << (k - 3))
    }
}

/// Whether every slot of a class is as aligned as the first: the largest alignment of pooled values.
pub(crate) const fn is_wide(class: usize) -> bool {
    bytes(class).is_multiple_of(MAX_ALIGN)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn classes_hold_what_is_put_in_and_waste_little() {
        for size in 1..=LARGEST {
            let class = index(size);
            let slot = bytes(class);
            assert!(class < COUNT && slot >= size && slot - size <= (size / 8).max(7), "{size} in {slot}");
            assert!(
                slot.is_multiple_of(8) && (!size.is_multiple_of(MAX_ALIGN) || slot.is_multiple_of(MAX_ALIGN)),
                "{size} in {slot}"
            );
        }
    }
}
