//! The ends of threads: seats that are left, abandoned, or kept, and the last one to go.

use super::support::{Arc, Late, Plain, model, model_late, thread};
use crate::raw::base::sync::{AtomicU32, Ordering};
use crate::raw::threads::gil::Gil;
use crate::raw::threads::presence::{Gate, HeapGate, Here};
use crate::raw::threads::seat::{Left, Seat, TASK};

use super::stop::{World, acquainted, collect, part, write};

/// A seat is abandoned, and who would leave it finds the world being stopped: who has stopped it leaves the seat.
#[test]
fn abandoned_before_a_stop() {
    model(|| {
        let world = Arc::new(World::new());
        let [me, seat, stopper] = [(); 3].map(|()| world.register(part).index());
        acquainted(&world, seat);
        let me = world.seats().get(me).unwrap();
        world.attach(me);
        (0..4).for_each(|_| world.count_collection(me));
        assert!(me.is_solo());
        // It cannot come in beside a solo one.
        assert!(!world.attach_or_abandon(world.seats().get(seat).unwrap(), Left::Free));
        let theirs = Arc::clone(&world);
        let stopper = thread::spawn(move || {
            let seat = theirs.seats().get(stopper).unwrap();
            theirs.attach(seat);
            let stopped = theirs.stop(seat);
            drop(stopped);
            if seat.word.load(Ordering::Relaxed) & TASK != 0 {
                seat.heard(TASK);
                theirs.leave_abandoned(write);
            }
            theirs.detach(seat);
        });
        world.poll(me);
        if me.word.load(Ordering::Relaxed) & TASK != 0 {
            me.heard(TASK);
            world.leave_abandoned(write);
        }
        world.detach(me);
        stopper.join().unwrap();
        assert!(!world.is_any_abandoned() && world.population() == 2);
    });
}

/// A thread leaves for good while another collects; a third takes its seat, by another name.
#[test]
fn leave() {
    model(|| {
        let world = Arc::new(World::new());
        let theirs = Arc::clone(&world);
        let me = world.register(part);
        world.attach(me);
        let other = thread::spawn(move || {
            let seat = theirs.register(part);
            let name = seat.owner();
            theirs.attach(seat);
            write(seat);
            theirs.unregister(seat, Left::Free);
            name
        });
        collect(&world, me);
        world.detach(me);
        let name = other.join().unwrap();
        let next = world.register(part);
        assert_ne!(next.owner(), name);
        world.attach(next);
        write(next);
        world.detach(next);
        assert_eq!(world.population(), 2);
    });
}

/// A thread that is outside ends while another one collects, or is solo: it waits for nobody, and if it cannot come in the other one
/// leaves the seat for it.
fn abandons(late: Late, solo: bool, left: Left) {
    let world = Arc::new(World::new());
    let theirs = Arc::clone(&world);
    let me = world.register(part);
    let seat = world.register(part);
    let (index, name) = (seat.index(), seat.owner());
    acquainted(&world, index);
    world.attach(me);
    if solo {
        (0..5).for_each(|_| collect(&world, me));
        assert!(me.is_solo());
    }
    let other = thread::spawn(move || {
        let seat = theirs.seats().get(index).unwrap();
        late.begin(Late::Other);
        if theirs.attach_or_abandon(seat, left) {
            write(seat);
            theirs.unregister(seat, left);
        }
    });
    late.begin(Late::Main);
    if !solo {
        collect(&world, me);
    }
    if me.word.load(Ordering::Relaxed) & TASK != 0 {
        me.heard(TASK);
        world.leave_abandoned(write);
    }
    world.detach(me);
    if world.is_any_abandoned() && world.try_attach(me) {
        world.leave_abandoned(write);
        world.detach(me);
    }
    other.join().unwrap();
    assert!(!world.is_any_abandoned() && world.population() == 1);
    let seat = world.seats().get(index).unwrap();
    assert!(seat.has_been_left_by(name));
    if left == Left::Aside {
        assert_ne!(world.register(part).index(), index);
        world.resume(seat);
    } else {
        assert_eq!(world.register(part).index(), index);
    }
    world.attach(seat);
    write(seat);
    world.detach(seat);
}

#[test]
fn abandoned_in_a_stop() {
    model_late(|late| abandons(late, false, Left::Free));
}

#[test]
fn abandoned_beside_a_solo_thread() {
    model_late(|late| abandons(late, true, Left::Free));
}

#[test]
fn abandoned_with_borrows() {
    model(|| abandons(Late::Nobody, false, Left::Aside));
}

/// A thread takes the seat again that it has left while its borrows last. Another one stops the world meanwhile.
#[test]
fn comes_back() {
    model_late(|late| {
        let world = Arc::new(World::new());
        let theirs = Arc::clone(&world);
        let [me, seat] = [(); 2].map(|()| world.register(part).index());
        acquainted(&world, seat);
        let other = thread::spawn(move || {
            let seat = theirs.seats().get(seat).unwrap();
            late.begin(Late::Other);
            theirs.attach(seat);
            theirs.unregister(seat, Left::Aside);
            theirs.resume(seat);
            theirs.attach(seat);
            write(seat);
            theirs.detach(seat);
        });
        let me = world.seats().get(me).unwrap();
        world.attach(me);
        late.begin(Late::Main);
        collect(&world, me);
        world.detach(me);
        other.join().unwrap();
        assert_eq!(world.population(), 2);
    });
}

/// … before anybody has left the seat for it: nobody does any more.
#[test]
fn comes_back_soon() {
    model(|| {
        let world = World::new();
        let [me, seat] = [(); 2].map(|()| world.register(part));
        acquainted(&world, seat.index());
        world.attach(me);
        (0..4).for_each(|_| world.count_collection(me));
        assert!(!world.attach_or_abandon(seat, Left::Aside) && world.is_any_abandoned());
        world.resume(seat);
        assert!(!world.is_any_abandoned() && world.population() == 2);
        world.leave_abandoned(|_| unreachable!());
        world.detach(me);
        world.attach(seat);
        world.detach(seat);
    });
}

/// … but cannot come in: it is still left to others.
#[test]
fn comes_back_in_vain() {
    model(|| {
        let world = World::new();
        let (me, here) = (world.register(part), Here::new());
        let (first, last) = (|_: &Seat<Plain>| unreachable!(), |_: &Seat<Plain>, _: bool| Left::Free);
        let seat = here.enter(&world, part, || true);
        here.exit(&world, last);
        world.attach(me);
        (0..4).for_each(|_| world.count_collection(me));
        assert!(here.end(&world, |_| Left::Aside, first, last) && world.is_any_abandoned());
        for _ in 0..2 {
            let come = || here.try_enter(&world, part, || false, |seat| world.try_attach(seat), || false);
            assert!(come().is_none() && world.is_any_abandoned() && world.population() == 2);
        }
        world.leave_abandoned(write);
        assert_eq!((world.is_any_abandoned(), world.population(), seat.part.get()), (false, 1, 1));
        // Nothing is left to be done with it now.
        let come = || here.try_enter(&world, part, || false, |seat| world.try_attach(seat), || false);
        assert!(come().is_none() && !world.is_any_abandoned() && world.population() == 1);
        world.detach(me);
    });
}

/// A seat is taken and left unused while another thread collects; the next thread has it.
#[test]
fn unregistered_detached() {
    model(|| {
        let world = Arc::new(World::new());
        let theirs = Arc::clone(&world);
        let me = world.register(part);
        world.attach(me);
        let other = thread::spawn(move || {
            theirs.unregister_detached(theirs.register(part), Left::Free);
            let seat = theirs.register(part);
            theirs.attach(seat);
            write(seat);
            theirs.detach(seat);
        });
        collect(&world, me);
        world.detach(me);
        other.join().unwrap();
    });
}

/// What a thread does that puts something off, or only tries to come in, and ends. `borrows` says what becomes of its seat.
fn life<G: HeapGate<Plain>>((gate, put_off): &(G, AtomicU32), puts_off: bool, borrows: Left) {
    let here = Here::new();
    let last = |_: &Seat<Plain>, ended: bool| {
        if ended && gate.population() <= 1 {
            put_off.store(0, Ordering::Relaxed);
        }
        if ended { borrows } else { Left::Free }
    };
    let is_deserted = || gate.population() == 0 && put_off.load(Ordering::Relaxed) != 0;
    let try_enter = |arms| here.try_enter(gate, part, || arms, |seat| gate.try_attach(seat), is_deserted).is_some();
    if puts_off {
        here.enter(gate, part, || true);
        put_off.store(1, Ordering::Relaxed);
        here.exit(gate, last);
    } else if try_enter(true) {
        here.exit(gate, last);
    }
    if !here.end(gate, |_| borrows, |_| {}, last) {
        return;
    }
    while (is_deserted() || gate.is_any_abandoned()) && try_enter(false) {
        if let Some(threads) = gate.parallel() {
            threads.leave_abandoned(|_| ());
        }
        here.exit(gate, last);
    }
}

/// Two threads end, and something is put off. Neither sees to it while the other one has a seat, and the last to go does.
fn last_to_go<G: HeapGate<Plain> + Send + Sync + 'static>(gate: fn() -> G) {
    for (both, borrows) in [(true, Left::Free), (false, Left::Free), (true, Left::Aside)] {
        model(move || {
            let heap = Arc::new((gate(), AtomicU32::new(0)));
            let theirs = Arc::clone(&heap);
            let other = thread::spawn(move || life(&theirs, both, borrows));
            life(&heap, true, Left::Free);
            other.join().unwrap();
            let what = format!("both put something off: {both}, {borrows:?}");
            assert_eq!((heap.0.population(), heap.1.load(Ordering::Relaxed)), (0, 0), "{what}");
            assert!(!heap.0.is_any_abandoned(), "{what}");
        });
    }
}

#[test]
fn last_to_go_of_those_in_parallel() {
    last_to_go(World::new);
}

#[test]
fn last_to_go_of_those_in_turns() {
    last_to_go(Gil::new);
}
