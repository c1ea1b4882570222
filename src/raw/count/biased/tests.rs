//! What one thread sees of a biased count.

use std::ptr::NonNull;

use super::*;

const ME: Owner = Owner(1);
const OTHER: Owner = Owner(2);
const SUSPECT_FLAG: u32 = flag::SUSPECT;

fn new(flags: u32) -> BiasedCount {
    BiasedCount::new(flags, ME)
}

fn words(count: &BiasedCount) -> (u32, u64) {
    (count.local.load(Ordering::Relaxed), count.shared.load(Ordering::Relaxed))
}

/// Nothing writes to an immortal object: neither its owner nor others.
#[track_caller]
fn assert_immortal(count: &BiasedCount) {
    let before = words(count);
    count.inc_weak();
    for who in [ME, OTHER] {
        count.inc(who);
        assert!(count.upgrade(who));
        assert_eq!(
            [count.dec(who, Suspicion::none()), count.dec(who, Suspicion::none()), count.dec(who, Suspicion::none())],
            [Down::Alive; 3]
        );
    }
    count.dec_weak();
    assert_eq!(words(count), before);
    assert!(count.strong() >= IMMORTAL);
}

/// The owner knows how many handles there are, until somebody else makes or drops one; then it never does again, even if
/// the shared count is back at zero.
#[test]
fn private() {
    let count = new(0);
    count.inc(ME);
    assert_eq!((count.private(ME), count.private(OTHER)), (Some(2), None));
    assert_eq!(count.dec(ME, Suspicion::none()), Down::Suspect);
    count.inc_weak();
    assert_eq!(count.private(ME), Some(1));
    count.inc(OTHER);
    assert_eq!(count.private(ME), None);
    assert_eq!(count.dec(OTHER, Suspicion::none()), Down::Alive);
    assert_eq!((count.private(ME), count.strong()), (None, 1));
    count.dec_weak();
    assert_eq!(count.dec(ME, Suspicion::none()), Down::Zero);

    let moved = new(0);
    moved.inc(ME);
    assert_eq!(moved.dec(OTHER, Suspicion::none()), Down::Queue(ME));
    assert_eq!(moved.private(ME), None);

    let immortal = new(0);
    immortal.immortalize(ME);
    assert_eq!((immortal.private(ME), BiasedCount::new(0, Owner::STRANGER).private(Owner::STRANGER)), (None, None));
}

#[test]
fn local_overflow_makes_immortal() {
    let count = new(0);
    count.local.store(IMMORTAL - ONE, Ordering::Relaxed);
    count.inc(ME);
    assert_immortal(&count);
}

#[test]
fn shared_overflow_makes_immortal() {
    let count = BiasedCount::new(0, Owner::STRANGER);
    count.shared.store(with_count(MERGED, SHARED_IMMORTAL - 1), Ordering::Relaxed);
    count.inc(OTHER);
    assert_immortal(&count);
    // With an owner, it is immortal for good when the owner has been told.
    let count = new(0);
    count.shared.store(with_count(0, SHARED_IMMORTAL - 1), Ordering::Relaxed);
    (0..10).for_each(|_| count.inc(OTHER));
    assert_eq!(count.shared.load(Ordering::Relaxed), SHARED_START);
    assert_eq!(count.dec(ME, Suspicion::none()), Down::Alive);
    assert_immortal(&count);
}

#[test]
fn immortal_by_hand() {
    let count = new(0);
    assert_eq!(count.immortalize(ME), Down::Alive);
    assert_immortal(&count);
    let count = new(0);
    assert_eq!((count.immortalize(OTHER), count.immortalize(OTHER)), (Down::Queue(ME), Down::Alive));
    assert_eq!(count.merge(Suspicion::none()), Down::Alive);
    assert_immortal(&count);
    let count = BiasedCount::new(0, Owner::STRANGER);
    assert_eq!(count.immortalize(OTHER), Down::Alive);
    assert_immortal(&count);
    count.condemn(ME, 0, 0);
    assert_eq!(count.strong(), LOCAL_START);
}

/// Who is told of a suspicion finds the handle still counted that is being dropped: it keeps the object.
#[test]
fn suspicion_is_raised_before_the_count_goes_down() {
    use std::cell::Cell;
    thread_local! { static SEEN: Cell<u32> = const { Cell::new(0) }; }
    // SAFETY: the place is that of a count.
    let raise = |place: NonNull<u8>| SEEN.set(unsafe { place.cast::<BiasedCount>().as_ref() }.strong());
    let count = new(0);
    (0..2).for_each(|_| count.inc(OTHER));
    let suspicion = Suspicion::new(NonNull::from(&count).cast(), raise);
    assert_eq!((count.dec(OTHER, suspicion), SEEN.take(), count.strong()), (Down::Suspect, 3, 2));
    assert_eq!((count.dec(OTHER, suspicion), SEEN.take(), count.strong()), (Down::Alive, 0, 1));

    // The owner's last handle goes, and one of another thread's is left.
    let count = new(0);
    count.inc(OTHER);
    let suspicion = Suspicion::new(NonNull::from(&count).cast(), raise);
    assert_eq!((count.dec(ME, suspicion), SEEN.take(), count.strong()), (Down::Suspect, 1, 1));
}

#[test]
fn suspicion_is_raised_once() {
    let count = new(0);
    (0..3).for_each(|_| count.inc(ME));
    assert_eq!(
        [(); 4].map(|()| count.dec(ME, Suspicion::none())),
        [Down::Suspect, Down::Alive, Down::Alive, Down::Zero]
    );
    let count = new(0);
    (0..2).for_each(|_| count.inc(OTHER));
    assert_eq!([(); 2].map(|()| count.dec(OTHER, Suspicion::none())), [Down::Suspect, Down::Alive]);
    assert_eq!(new(0).dec(ME, Suspicion::none()), Down::Zero);
}

#[test]
fn merging_says_what_the_decrement_would() {
    let queued = |handles| {
        let count = new(0);
        (1..handles).for_each(|_| count.inc(ME));
        assert_eq!(count.dec(OTHER, Suspicion::none()), Down::Queue(ME));
        count
    };
    assert_eq!(queued(1).merge(Suspicion::none()), Down::Zero);
    let count = queued(3);
    assert_eq!(count.dec(OTHER, Suspicion::none()), Down::Suspect, "only the first is queued");
    assert_eq!((count.strong(), count.unique(ME)), (2, Unique::Unknown), "the inbox has a handle");
    assert_eq!(count.merge(Suspicion::none()), Down::Alive);
    assert_eq!((count.unique(ME), count.unique(OTHER)), (Unique::Yes, Unique::Yes));
    assert_eq!(count.dec(OTHER, Suspicion::none()), Down::Zero);
}

#[test]
fn weak_handles() {
    let count = new(SUSPECT_FLAG);
    assert_eq!((count.unique(ME), count.unique(OTHER)), (Unique::Yes, Unique::Unknown));
    count.merge_in_stop();
    assert_eq!((count.unique(ME), count.unique(OTHER)), (Unique::Yes, Unique::Yes));
    count.inc_weak();
    assert_eq!((count.weak(), count.flags(), count.unique(ME)), (1, SUSPECT_FLAG | flag::WEAK, Unique::No));
    assert_eq!(count.dec(ME, Suspicion::none()), Down::Zero);
    assert!(!count.upgrade(ME) && !count.upgrade(OTHER));
    count.revive();
    assert!(
        count.upgrade(ME)
            && count.dec(ME, Suspicion::none()) == Down::Alive
            && count.dec(OTHER, Suspicion::none()) == Down::Zero
    );
    assert!(!count.let_go() && count.dec_weak());
}

#[test]
fn revived_by_its_owner() {
    let count = new(0);
    assert_eq!(count.dec(ME, Suspicion::none()), Down::Zero);
    count.revive();
    assert_eq!((count.strong(), count.dec(ME, Suspicion::none())), (1, Down::Zero));
    assert!(count.let_go());
}

#[test]
fn the_weak_count_sticks() {
    let count = new(0);
    count.shared.store(u64::from(WEAK_STUCK - 1) * WEAK, Ordering::Relaxed);
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
    let count = new(flag::FULL | flag::LINKED);
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
    let count = new(SUSPECT_FLAG | flag::LINKED);
    count.inc(OTHER);
    count.inc_weak();
    count.condemn(ME, flag::DYING, flag::LINKED);
    assert_eq!((count.strong(), count.upgrade(ME), count.upgrade(OTHER)), (3, false, false));
    count.pardon(flag::LINKED, flag::DYING);
    assert!(count.upgrade(ME) && count.dec(ME, Suspicion::none()) == Down::Alive);
    for who in [ME, OTHER, Owner::STRANGER] {
        count.condemn(who, flag::DYING, flag::LINKED);
        assert_eq!((count.strong(), count.upgrade(ME), count.upgrade(OTHER)), (3, false, false));
        count.pardon(flag::LINKED, flag::DYING);
        assert_eq!((count.strong(), count.flags() & flag::DYING), (2, 0));
    }
    for who in [OTHER, Owner::STRANGER] {
        let count = new(SUSPECT_FLAG | flag::LINKED);
        count.inc(OTHER);
        count.inc_weak();
        count.condemn(who, flag::DYING, flag::LINKED);
        assert_eq!(
            [count.dec(who, Suspicion::none()), count.dec(who, Suspicion::none())],
            [Down::Alive; 2],
            "nothing is queued"
        );
        assert!(count.uncondemn(who) && !count.let_go() && count.dec_weak());
    }
}

/// An object of an owner that has `local` of its handles, while others have made `shared` more than they dropped.
fn handles_of(local: u32, shared: i64) -> BiasedCount {
    BiasedCount::of(ME, local, shared, 0)
}

/// What the owner's handles and those of others come to may be too much for the shared part. Whoever adds them up makes the
/// object immortal then; as a negative number, it would go with its handles still there.
#[test]
fn sums_make_immortal() {
    const MOST: u32 = IMMORTAL / ONE - 1;
    let most = || handles_of(MOST, 2);
    assert!(most().strong() >= IMMORTAL);
    assert_eq!((most().unique(ME), most().dec_last(ME)), (Unique::No, Unique::No));

    let merged_first = most();
    merged_first.merge_in_stop();
    assert_immortal(&merged_first);
    for who in [OTHER, Owner::STRANGER] {
        let condemned = most();
        condemned.condemn(who, 0, 0);
        assert_immortal(&condemned);
        condemned.pardon(0, 0);
        assert_immortal(&condemned);
    }

    // Others have dropped all but one of the owner's handles, which comes to its inbox; and then there are many.
    let merged = handles_of(MOST, 0);
    assert_eq!(merged.dec(OTHER, Suspicion::none()), Down::Queue(ME));
    assert_eq!(merged.merge(Suspicion::none()), Down::Alive);
    assert_immortal(&merged);

    // Each part is small enough, and so is the sum.
    let sound = handles_of(MOST, 2 - i64::from(MOST));
    assert_eq!(sound.strong(), 2);
    sound.merge_in_stop();
    assert_eq!(
        (sound.strong(), sound.dec(OTHER, Suspicion::none()), sound.dec(ME, Suspicion::none())),
        (2, Down::Suspect, Down::Zero)
    );
}

#[test]
fn random_walks() {
    use super::super::walk::{LIMIT, OWNERS, walk};
    let (most, shared) = (LIMIT as i64 - 1, LIMIT as i64 / 2 - 1);
    walk(&OWNERS[..2], LIMIT / 2, |_| (new(flag::FULL), 1));
    walk(&OWNERS, LIMIT / 2, |_| (BiasedCount::new(flag::FULL, Owner::STRANGER), 1));
    for (local, shared) in [(most, 0), (most, shared), (most / 2, shared), (2, shared), (most, 9 - most)] {
        // If most of the owner's handles were dropped by others, its part is near its limit although there are few.
        let limit = if shared < 0 { 0 } else { LIMIT / 2 };
        walk(&OWNERS, limit, |seed| {
            let local = local - (seed % 8) as i64;
            let count = handles_of(local.max(1) as u32, shared);
            count.set(flag::FULL);
            (count, (local.max(1) + shared) as u64)
        });
    }
}
