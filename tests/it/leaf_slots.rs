//! Leaves of all alignments side by side, whose memory belongs to their weak handles at last: no slot of the pool is given back
//! twice, or in the wrong place.

use super::objects::*;
use tricycle::{Hosts, Trace};

/// A leaf, its weak handle, and what its bytes are to be.
struct Held<T: Bytes>
where
    H: Hosts<T>,
{
    strong: Option<Gc<T>>,
    weak: Option<Weak<T>>,
    byte: u8,
}

/// A value that is nothing but bytes.
trait Bytes: Trace + 'static {
    fn filled(byte: u8) -> Self;
    fn bytes(&self) -> &[u8];
}

trait Slot {
    fn check(&self);
    /// Drops the handle, then the weak one.
    fn drop_strong(&mut self);
    fn drop_weak(&mut self);
}

impl<T: Bytes> Slot for Held<T>
where
    H: Hosts<T>,
{
    fn check(&self) {
        if let Some(strong) = &self.strong {
            assert!(strong.bytes().iter().all(|byte| *byte == self.byte), "the value was overwritten");
            assert!(Gc::as_ptr(strong).is_aligned());
            assert_eq!((Gc::strong_count(strong), Gc::weak_count(strong)), (1, usize::from(self.weak.is_some())));
        }
        if let Some(weak) = &self.weak {
            assert_eq!((weak.strong_count(), weak.weak_count()), (usize::from(self.strong.is_some()), 1));
            assert_eq!(weak.upgrade().is_some(), self.strong.is_some());
        }
    }

    fn drop_strong(&mut self) {
        self.strong = None;
    }

    fn drop_weak(&mut self) {
        self.weak = None;
    }
}

fn make<T: Bytes>(byte: u8) -> Box<dyn Slot>
where
    H: Hosts<T>,
{
    let strong = gc(T::filled(byte));
    let weak = (!byte.is_multiple_of(4)).then(|| Gc::downgrade(&strong));
    Box::new(Held { strong: Some(strong), weak, byte })
}

/// Leaves of an alignment and of these sizes, rounded up to it.
macro_rules! leaves {
    ($($leaf:ident: $align:literal)+; $sizes:tt) => {
        $(
            #[derive(Trace)]
            #[trace(acyclic)]
            #[repr(C, align($align))]
            struct $leaf<const N: usize>([u8; N]);

            impl<const N: usize> Bytes for $leaf<N> {
                fn filled(byte: u8) -> Self {
                    $leaf([byte; N])
                }

                fn bytes(&self) -> &[u8] {
                    &self.0
                }
            }
        )+

        const MAKERS: &[&[fn(u8) -> Box<dyn Slot>]] = &[$(leaves!(@sizes $leaf $sizes)),+];
    };
    (@sizes $leaf:ident [$($size:literal),+]) => { &[$(make::<$leaf<$size>>),+] };
}

leaves! {
    Of1: 1 Of2: 2 Of4: 4 Of8: 8 Of16: 16;
    [1, 8, 9, 16, 17, 24, 25, 32, 40, 49, 56, 104, 129]
}

/// A leaf of 24 bytes and one of 16 bytes that is aligned to 16 share a class, and have their values at different places of the slot.
#[test]
fn of_all_alignments() {
    let _gate = Gate::open_for(of_all_alignments);
    let rounds = if cfg!(miri) { 2 } else { 12 };
    let mut slots: Vec<Box<dyn Slot>> = Vec::new();
    let mut random = 1u32;
    for round in 0..rounds {
        for (i, make) in MAKERS.iter().copied().flatten().enumerate() {
            slots.push(make((round * 67 + i * 3) as u8));
        }
        for _ in 0..slots.len() / 2 {
            random = random.wrapping_mul(1_664_525).wrapping_add(1_013_904_223);
            let at = (random >> 8) as usize % slots.len();
            match random >> 30 {
                0 => slots[at].drop_strong(),
                1 => slots[at].drop_weak(),
                2 => {
                    let mut slot = slots.swap_remove(at);
                    slot.drop_strong();
                    slot.drop_weak();
                }
                _ => {
                    let mut slot = slots.swap_remove(at);
                    slot.drop_weak();
                    slot.drop_strong();
                }
            }
        }
        slots.iter().for_each(|slot| slot.check());
    }
}
