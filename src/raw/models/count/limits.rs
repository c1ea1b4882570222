//! Counts that come to their limits while others count.

use super::*;
use crate::raw::count::{IMMORTAL, ONE, Suspicion};

/// With so many handles an object is immortal.
const LIMIT: u32 = IMMORTAL / ONE;

/// There are others.
const BESIDE: fn() -> bool = || false;

/// What is left: a count that tells their number, or an immortal object.
fn expect_handles<C: Count>(count: &C, handles: u32) {
    let strong = count.strong();
    assert!(strong == handles || strong >= IMMORTAL, "{strong} instead of {handles}");
}

#[test]
fn atomic_clones() {
    model(|| {
        let object = Object::new(AtomicCount::of(LIMIT - 3, 0));
        let theirs = Arc::clone(&object);
        let other = thread::spawn(move || {
            (0..2).for_each(|_| theirs.count.inc(BESIDE));
            (0..2).for_each(|_| _ = theirs.drop_handle(BESIDE));
        });
        (0..2).for_each(|_| object.count.inc(BESIDE));
        (0..2).for_each(|_| _ = object.drop_handle(BESIDE));
        other.join().unwrap();
        expect_handles(&object.count, LIMIT - 3);
        object.expect(0, 0);
    });
}

/// Each part comes to its limit, or is about to, when the owner finds that its count has to be merged.
#[test]
fn biased_merge() {
    for (local, shared) in [(LIMIT - 2, 0), (LIMIT - 2, LIMIT / 2 - 2), (LIMIT / 2, 0)] {
        model(move || {
            let object = Object::new(BiasedCount::of(OWNER, local, shared.into(), 0));
            let inbox = Arc::new(Inbox::new());
            let (theirs, queue) = (Arc::clone(&object), Arc::clone(&inbox));
            let other = thread::spawn(move || {
                let down = theirs.drop_handle(OTHER);
                if let Down::Queue(_) = down {
                    let _ = queue.push(());
                }
                (0..2).for_each(|_| theirs.count.inc(OTHER));
            });
            object.count.inc(OWNER);
            let merge = || inbox.take().for_each(|()| object.after(object.count.merge(Suspicion::none())));
            merge();
            other.join().unwrap();
            merge();
            expect_handles(&object.count, local + shared + 2);
            object.expect(0, 0);
        });
    }
}

/// Most of the owner's handles were dropped by others. It takes the value out with the last one, while somebody upgrades a weak
/// handle and makes the object immortal: there is no number that its part could be added to.
#[test]
fn biased_taken_out_of_an_immortal_object() {
    model_late(|late| {
        let object = Object::new(BiasedCount::of(OWNER, LIMIT - 1, 2 - i64::from(LIMIT), 1));
        let theirs = Arc::clone(&object);
        let other = thread::spawn(move || {
            late.begin(Late::Other);
            let upgraded = theirs.count.upgrade(OTHER);
            if upgraded {
                theirs.count.immortalize(OTHER);
                theirs.drop_handle(OTHER);
            }
            upgraded
        });
        late.begin(Late::Main);
        object.take_out(OWNER);
        if other.join().unwrap() {
            assert!(object.count.strong() >= IMMORTAL, "there is a handle of each, as far as one knows");
            object.expect(0, 0);
        } else {
            object.expect(1, 0);
        }
    });
}

/// A weak count that comes to its limit sticks at once: nobody sees it where a drop could bring it below.
fn weak_limit<C: Count + Send + Sync>(count: impl Fn() -> C + Send + Sync + 'static, most: u32) {
    model_late(move |late| {
        let object = Object::new(count());
        let theirs = Arc::clone(&object);
        let other = thread::spawn(move || {
            late.begin(Late::Other);
            theirs.count.inc_weak();
        });
        late.begin(Late::Main);
        let seen = object.count.weak();
        assert!(seen == most - 1 || seen > most, "it can still go down");
        object.count.inc_weak();
        assert!(!object.count.dec_weak() && !object.count.dec_weak());
        other.join().unwrap();
        assert!(object.count.weak() > most);
        assert!(!object.count.let_go());
    });
}

#[test]
fn atomic_weak() {
    weak_limit(|| AtomicCount::of(1, AtomicCount::MOST_WEAK - 1), AtomicCount::MOST_WEAK);
}

#[test]
fn biased_weak() {
    weak_limit(|| BiasedCount::of(OWNER, 1, 0, BiasedCount::MOST_WEAK - 1), BiasedCount::MOST_WEAK);
}
