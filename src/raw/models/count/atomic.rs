//! Atomic counts.

use super::*;

/// There are others.
const BESIDE: fn() -> bool = || false;

fn handles(flags: u32, handles: u32) -> AtomicCount {
    let count = AtomicCount::new(flags, BESIDE);
    (1..handles).for_each(|_| count.inc(BESIDE));
    count
}

#[test]
fn drops() {
    two_drops(|| handles(flag::SUSPECT, 2), [BESIDE; 2]);
}

#[test]
fn drops_unsuspected() {
    two_drops(|| handles(0, 2), [BESIDE; 2]);
}

#[test]
fn taken_out() {
    take_out(|| handles(flag::SUSPECT, 2), [BESIDE; 2]);
}

#[test]
fn upgrade() {
    zero_against_upgrade(|| handles(flag::SUSPECT, 1), [BESIDE; 2]);
}

#[test]
fn upgrade_unsuspected() {
    zero_against_upgrade(|| handles(0, 1), [BESIDE; 2]);
}

#[test]
fn releases() {
    memory(|| handles(0, 1), BESIDE);
}

#[test]
fn made_late() {
    cyclic(|| AtomicCount::unborn(0), [BESIDE; 2]);
}

#[test]
fn asked_by_two() {
    unique(|| handles(0, 2), [BESIDE; 2]);
}

#[test]
fn asked_beside_upgrade() {
    unique_against_upgrade(|| handles(0, 1), [BESIDE; 2]);
}

#[test]
fn asked_beside_downgrade() {
    unique_against_downgrade(|| handles(0, 2), [BESIDE; 2]);
}

#[test]
fn made_late_immortal() {
    cyclic_immortal(|| AtomicCount::unborn(0), [BESIDE; 2]);
}

/// Of several decrements that leave handles exactly one raises the suspicion.
#[test]
fn one_suspicion() {
    model(|| {
        let object = Object::new(handles(0, 3));
        let theirs = Arc::clone(&object);
        let other = thread::spawn(move || theirs.drop_handle(BESIDE));
        let downs = [object.drop_handle(BESIDE), other.join().unwrap()];
        assert_eq!(downs.iter().filter(|down| **down == Down::Suspect).count(), 1);
        object.drop_handle(BESIDE);
        object.expect(1, 1);
    });
}

#[test]
fn immortal() {
    model(|| {
        let object = Object::new(handles(0, 2));
        let theirs = Arc::clone(&object);
        let other = thread::spawn(move || theirs.drop_handle(BESIDE));
        object.count.immortalize(BESIDE);
        object.drop_handle(BESIDE);
        other.join().unwrap();
        object.expect(0, 0);
    });
}
