//! Biased counts, and the inbox of an owner.

use super::*;
use crate::raw::count::Suspicion;

/// So many handles made by the owner, and by others.
fn handles(flags: u32, local: u32, shared: u32) -> BiasedCount {
    let count = BiasedCount::new(flags, OWNER);
    (1..local).for_each(|_| count.inc(OWNER));
    (0..shared).for_each(|_| count.inc(OTHER));
    count
}

fn merged(handles: u32) -> BiasedCount {
    let count = BiasedCount::new(flag::SUSPECT, Owner::STRANGER);
    (1..handles).for_each(|_| count.inc(OTHER));
    count
}

/// An owner that has an inbox.
struct Desk {
    object: Arc<Object<BiasedCount>>,
    inbox: Inbox<()>,
}

impl Desk {
    fn new(count: BiasedCount) -> Arc<Self> {
        Arc::new(Desk { object: Object::new(count), inbox: Inbox::new() })
    }

    /// Somebody else drops a handle.
    fn drop_foreign(&self, who: Owner) {
        if let Down::Queue(owner) = self.object.drop_handle(who) {
            assert_eq!(owner, OWNER);
            self.send();
        }
    }

    /// Sends the object to its owner, or stands in for it.
    fn send(&self) {
        if self.inbox.push(()).is_err() {
            self.object.after(self.object.count.merge(Suspicion::none()));
        }
    }

    /// The owner at a safepoint.
    fn drain(&self) {
        for () in self.inbox.take() {
            self.object.after(self.object.count.merge(Suspicion::none()));
        }
    }

    /// The owner leaves.
    fn leave(&self) {
        for () in self.inbox.close() {
            self.object.after(self.object.count.merge(Suspicion::none()));
        }
    }
}

#[test]
fn taken_out() {
    take_out(|| handles(flag::SUSPECT, 1, 1), [OWNER, OTHER]);
}

#[test]
fn taken_out_merged() {
    take_out(|| merged(2), [OTHER, THIRD]);
}

/// The owner's count comes to zero while another thread has a handle: merge, or no merge needed.
#[test]
fn merge_at_zero() {
    two_drops(|| handles(flag::SUSPECT, 1, 1), [OWNER, OTHER]);
}

#[test]
fn merge_at_zero_unsuspected() {
    two_drops(|| handles(0, 1, 1), [OWNER, OTHER]);
}

/// The handle that the other thread drops had been made by the owner, and the other way round.
#[test]
fn merge_at_zero_with_three() {
    model(|| {
        let desk = Desk::new(handles(0, 2, 1));
        let theirs = Arc::clone(&desk);
        let other = thread::spawn(move || {
            theirs.drop_foreign(OTHER);
            theirs.drop_foreign(OTHER);
        });
        desk.object.drop_handle(OWNER);
        desk.drain();
        other.join().unwrap();
        desk.drain();
        desk.object.expect(1, 1);
    });
}

/// The owner has let go while another thread has a handle, and comes by one again: it counts like any other then.
#[test]
fn the_owner_is_nobody() {
    model(|| {
        let object = Object::new(handles(0, 1, 1));
        object.count.inc_weak();
        object.drop_handle(OWNER);
        assert!(object.count.upgrade(OWNER), "the other one is there");
        let theirs = Arc::clone(&object);
        let other = thread::spawn(move || theirs.drop_handle(OTHER));
        object.count.inc(OWNER);
        object.drop_handle(OWNER);
        object.look();
        object.drop_handle(OWNER);
        other.join().unwrap();
        object.drop_weak();
        object.expect(1, 1);
    });
}

/// The owner uses up its own count while the object is in its inbox.
#[test]
fn zero_while_queued() {
    model(|| {
        // All made by the owner, two of them are the other thread's, which gives back ones that it made itself.
        let desk = Desk::new(handles(0, 2, 0));
        let (theirs, gift) = (Arc::clone(&desk), Arc::new(Inbox::new()));
        let their_gift = Arc::clone(&gift);
        let other = thread::spawn(move || {
            theirs.drop_foreign(OTHER);
            theirs.object.count.inc(OTHER);
            theirs.object.count.inc(OTHER);
            let _ = their_gift.push(());
            theirs.drop_foreign(OTHER);
        });
        let given = |desk: &Desk| {
            for () in gift.take() {
                desk.object.drop_handle(OWNER);
                desk.object.drop_handle(OWNER);
            }
        };
        given(&desk);
        desk.drain();
        other.join().unwrap();
        given(&desk);
        desk.drain();
        desk.object.expect(1, 1);
    });
}

/// The last handle is dropped far from its owner.
#[test]
fn queue_to_owner() {
    model(|| {
        let desk = Desk::new(handles(0, 1, 0));
        let theirs = Arc::clone(&desk);
        let other = thread::spawn(move || theirs.drop_foreign(OTHER));
        desk.drain();
        other.join().unwrap();
        desk.drain();
        desk.object.expect(1, 1);
    });
}

/// Two threads drop handles that the owner made; one of them finds the count at zero, the other below.
#[test]
fn queue_once() {
    model(|| {
        let desk = Desk::new(handles(flag::SUSPECT, 2, 0));
        let others = [OTHER, THIRD].map(|who| {
            let theirs = Arc::clone(&desk);
            thread::spawn(move || theirs.drop_foreign(who))
        });
        desk.drain();
        for other in others {
            other.join().unwrap();
        }
        desk.drain();
        desk.object.expect(1, 1);
    });
}

/// The owner counts, and leaves. Whoever comes too late for its inbox merges in its place, with its last count.
#[test]
fn owner_exit() {
    model(|| {
        let desk = Desk::new(handles(flag::SUSPECT, 2, 0));
        let theirs = Arc::clone(&desk);
        let other = thread::spawn(move || theirs.drop_foreign(OTHER));
        desk.object.drop_handle(OWNER);
        desk.leave();
        other.join().unwrap();
        desk.object.expect(1, 1);
    });
}

/// Merged counts are plain atomic ones.
#[test]
fn merged_drops() {
    two_drops(|| merged(2), [OTHER, THIRD]);
}

#[test]
fn upgrade() {
    zero_against_upgrade(|| handles(0, 1, 0), [OWNER, OTHER]);
}

#[test]
fn upgrade_merged() {
    zero_against_upgrade(|| merged(1), [OTHER, THIRD]);
}

/// The object is in the inbox when somebody upgrades.
#[test]
fn upgrade_queued() {
    model(|| {
        let desk = Desk::new(handles(0, 1, 0));
        desk.object.count.inc_weak();
        let theirs = Arc::clone(&desk);
        let other = thread::spawn(move || {
            theirs.drop_foreign(OTHER);
            if theirs.object.count.upgrade(OTHER) {
                theirs.drop_foreign(OTHER);
            }
            theirs.object.drop_weak();
        });
        desk.drain();
        other.join().unwrap();
        desk.drain();
        desk.object.expect(1, 1);
    });
}

#[test]
fn releases() {
    memory(|| handles(0, 1, 0), OWNER);
}

#[test]
fn made_late() {
    cyclic(|| BiasedCount::unborn(0), [OWNER, OTHER]);
}

#[test]
fn asked_by_two() {
    unique(|| handles(0, 1, 1), [OWNER, OTHER]);
}

#[test]
fn asked_beside_upgrade() {
    unique_against_upgrade(|| handles(0, 1, 0), [OWNER, OTHER]);
}

#[test]
fn asked_beside_downgrade() {
    unique_against_downgrade(|| handles(0, 1, 1), [OWNER, OTHER]);
}

#[test]
fn made_late_immortal() {
    cyclic_immortal(|| BiasedCount::unborn(0), [OWNER, OTHER]);
}

#[test]
fn asked_merged() {
    unique(|| merged(2), [OTHER, THIRD]);
}

/// An object that is queued becomes immortal before it is merged.
#[test]
fn immortal_against_queued() {
    model(|| {
        let desk = Desk::new(handles(0, 2, 0));
        let theirs = Arc::clone(&desk);
        let other = thread::spawn(move || theirs.drop_foreign(OTHER));
        desk.object.count.immortalize(OWNER);
        desk.drain();
        other.join().unwrap();
        desk.drain();
        desk.object.drop_handle(OWNER);
        desk.object.expect(0, 0);
    });
}

/// Another thread makes the object immortal while its owner counts down.
#[test]
fn immortal_against_zero() {
    model(|| {
        let desk = Desk::new(handles(0, 1, 1));
        let theirs = Arc::clone(&desk);
        let other = thread::spawn(move || {
            if let Down::Queue(owner) = theirs.object.count.immortalize(OTHER) {
                assert_eq!(owner, OWNER);
                theirs.send();
            }
            theirs.drop_foreign(OTHER);
        });
        desk.object.drop_handle(OWNER);
        desk.drain();
        other.join().unwrap();
        desk.drain();
        desk.object.expect(0, 0);
    });
}
