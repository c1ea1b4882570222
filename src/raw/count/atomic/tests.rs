//! What one thread sees of an atomic count.

use super::*;

const SUSPECT: u32 = flag::SUSPECT;

#[test]
fn overflow_makes_immortal() {
    let count = AtomicCount::new(0, ());
    count.strong.store(IMMORTAL - 1, Ordering::Relaxed);
    count.inc(());
    assert!(count.strong() >= IMMORTAL);
    let before = count.strong.load(Ordering::Relaxed);
    count.inc(());
    assert!(count.upgrade(()));
    assert_eq!([count.dec(()), count.dec(())], [Down::Alive; 2]);
    assert_eq!(count.strong.load(Ordering::Relaxed), before, "an immortal count is never written");
}

#[test]
fn suspicion_is_raised_once() {
    let count = AtomicCount::new(0, ());
    (0..3).for_each(|_| count.inc(()));
    let downs = [(); 4].map(|()| count.dec(()));
    assert_eq!(downs, [Down::Suspect, Down::Alive, Down::Alive, Down::Zero]);
    assert_eq!((count.flags(), AtomicCount::new(0, ()).dec(())), (SUSPECT, Down::Zero));
}

#[test]
fn weak_handles() {
    let count = AtomicCount::new(SUSPECT, ());
    count.settle();
    assert_eq!(count.unique(()), Unique::Yes);
    count.inc_weak();
    assert_eq!((count.weak(), count.flags(), count.unique(())), (1, SUSPECT | flag::WEAK, Unique::No));
    assert_eq!(count.dec(()), Down::Zero);
    assert!(!count.upgrade(()) && !count.let_go() && count.dec_weak());
    assert_eq!(count.flags(), SUSPECT);
}

#[test]
fn the_weak_count_sticks() {
    let count = AtomicCount::new(0, ());
    count.rest.store((WEAK_STUCK - 1) * WEAK, Ordering::Relaxed);
    count.inc_weak();
    let stuck = count.weak();
    assert!(stuck > WEAK_STUCK);
    count.inc_weak();
    assert!(!count.dec_weak() && !count.dec_weak());
    assert_eq!(count.weak(), stuck);
    assert!(!count.let_go(), "the memory is never given back");
}

#[test]
fn flags_are_claimed() {
    let count = AtomicCount::new(flag::FULL | flag::LINKED, ());
    count.claim(flag::DYING, flag::LINKED);
    assert_eq!(count.flags(), flag::FULL | flag::DYING);
    count.inc_weak();
    count.claim(flag::FINALIZED, flag::DYING);
    assert_eq!(count.flags(), flag::FULL | flag::FINALIZED | flag::WEAK);
    count.clear(flag::FINALIZED);
    assert_eq!(count.flags(), flag::FULL | flag::WEAK);
}

#[test]
fn condemned_and_pardoned() {
    let count = AtomicCount::new(SUSPECT | flag::LINKED, ());
    count.inc_weak();
    count.condemn((), flag::DYING, flag::LINKED);
    assert_eq!((count.strong(), count.upgrade(())), (2, false));
    count.pardon(flag::LINKED, flag::DYING);
    assert!(count.upgrade(()) && count.dec(()) == Down::Alive);
    count.condemn((), flag::DYING, flag::LINKED);
    assert_eq!(count.dec(()), Down::Alive);
    assert!(count.uncondemn(()) && !count.let_go() && count.dec_weak());
}
