//! What one thread sees of an atomic count.

use std::ptr::NonNull;

use super::*;

const SUSPECT: u32 = flag::SUSPECT;
const SOLO: [fn() -> bool; 2] = [|| false, || true];

#[test]
fn overflow_makes_immortal() {
    for solo in SOLO {
        let count = AtomicCount::new(0, solo);
        count.strong.store(IMMORTAL - ONE, Ordering::Relaxed);
        count.inc(solo);
        assert!(count.strong() >= IMMORTAL);
        let before = count.strong.load(Ordering::Relaxed);
        count.inc(solo);
        assert!(count.upgrade(solo));
        assert_eq!([count.dec(solo, Suspicion::none()), count.dec(solo, Suspicion::none())], [Down::Alive; 2]);
        assert_eq!(count.strong.load(Ordering::Relaxed), before, "an immortal count is never written");
    }
}

/// Who is told of a suspicion finds the handle still counted that is being dropped: it keeps the object.
#[test]
fn suspicion_is_raised_before_the_count_goes_down() {
    use std::cell::Cell;
    thread_local! { static SEEN: Cell<u32> = const { Cell::new(0) }; }
    // SAFETY: the place is that of a count.
    let raise = |place: NonNull<u8>| SEEN.set(unsafe { place.cast::<AtomicCount>().as_ref() }.strong());
    for solo in SOLO {
        let count = AtomicCount::new(0, solo);
        (0..2).for_each(|_| count.inc(solo));
        let suspicion = Suspicion::new(NonNull::from(&count).cast(), raise);
        assert_eq!((count.dec(solo, suspicion), SEEN.take(), count.strong()), (Down::Suspect, 3, 2));
        assert_eq!((count.dec(solo, suspicion), SEEN.take(), count.strong()), (Down::Alive, 0, 1));
    }
}

#[test]
fn suspicion_is_raised_once() {
    for solo in SOLO {
        let count = AtomicCount::new(0, solo);
        (0..3).for_each(|_| count.inc(solo));
        let downs = [(); 4].map(|()| count.dec(solo, Suspicion::none()));
        assert_eq!(downs, [Down::Suspect, Down::Alive, Down::Alive, Down::Zero]);
        assert_eq!((count.flags(), AtomicCount::new(0, solo).dec(solo, Suspicion::none())), (SUSPECT, Down::Zero));
    }
}

#[test]
fn weak_handles() {
    for solo in SOLO {
        let count = AtomicCount::new(SUSPECT, solo);
        count.merge_in_stop();
        assert_eq!(count.unique(solo), Unique::Yes);
        count.inc_weak();
        assert_eq!((count.weak(), count.flags(), count.unique(solo)), (1, SUSPECT | flag::WEAK, Unique::No));
        assert_eq!(count.dec(solo, Suspicion::none()), Down::Zero);
        assert!(!count.upgrade(solo) && !count.let_go() && count.dec_weak());
        assert_eq!(count.flags(), SUSPECT);
    }
}

#[test]
fn the_weak_count_sticks() {
    for solo in SOLO {
        let count = AtomicCount::new(0, solo);
        count.rest.store((WEAK_STUCK - 1) * WEAK, Ordering::Relaxed);
        count.inc_weak();
        let stuck = count.weak();
        assert!(stuck > WEAK_STUCK);
        count.inc_weak();
        assert!(!count.dec_weak() && !count.dec_weak());
        assert_eq!(count.weak(), stuck);
        assert!(!count.let_go(), "the memory is never given back");
    }
}

#[test]
fn flags_are_claimed() {
    for solo in SOLO {
        let count = AtomicCount::new(flag::FULL | flag::LINKED, solo);
        count.claim(flag::DYING, flag::LINKED);
        assert_eq!(count.flags(), flag::FULL | flag::DYING);
        count.inc_weak();
        count.claim(flag::FINALIZED, flag::DYING);
        assert_eq!(count.flags(), flag::FULL | flag::FINALIZED | flag::WEAK);
        count.clear(flag::FINALIZED);
        assert_eq!(count.flags(), flag::FULL | flag::WEAK);
    }
}

#[test]
fn condemned_and_pardoned() {
    for solo in SOLO {
        let count = AtomicCount::new(SUSPECT | flag::LINKED, solo);
        count.inc_weak();
        count.condemn(solo, flag::DYING, flag::LINKED);
        assert_eq!((count.strong(), count.upgrade(solo)), (2, false));
        count.pardon(flag::LINKED, flag::DYING);
        assert!(count.upgrade(solo) && count.dec(solo, Suspicion::none()) == Down::Alive);
        count.condemn(solo, flag::DYING, flag::LINKED);
        assert_eq!(count.dec(solo, Suspicion::none()), Down::Alive);
        assert!(count.uncondemn(solo) && !count.let_go() && count.dec_weak());
    }
}

#[test]
fn random_walks() {
    use super::super::walk::{LIMIT, walk};
    walk(&SOLO, LIMIT, |_| (AtomicCount::new(flag::FULL, SOLO[0]), 1));
    walk(&SOLO, LIMIT, |seed| {
        let count = AtomicCount::new(flag::FULL, SOLO[0]);
        count.strong.store(IMMORTAL - ONE * (seed % 8 + 1) as u32, Ordering::Relaxed);
        (count, LIMIT - seed % 8 - 1)
    });
    walk(&SOLO, LIMIT, |seed| {
        let count = AtomicCount::new(flag::FULL, SOLO[0]);
        (0..seed % 8).for_each(|_| count.inc_weak());
        (0..seed % 8).for_each(|_| _ = count.dec_weak());
        (count, 1)
    });
}
