//! Coming and going, and stopping the world.

use std::panic::{AssertUnwindSafe, catch_unwind};

use super::support::{Arc, Late, Plain, model, model_late, thread};
use crate::raw::count::Owner;
use crate::raw::threads::inbox::Inbox;
use crate::raw::threads::presence::{Gate, HeapGate, Here};
use crate::raw::threads::seat::{Left, Seat, TASK};
use crate::raw::threads::stop_the_world::StopTheWorld;

/// A thread's part: something that its thread writes when it is attached, and a collector reads.
pub(super) type World = StopTheWorld<Plain>;

pub(super) fn part() -> Plain {
    Plain::new(0)
}

pub(super) fn write(seat: &Seat<Plain>) {
    seat.part.set(seat.part.get() + 1);
}

/// Stops the world and uses what belongs to the others.
pub(super) fn collect(world: &World, seat: &Seat<Plain>) {
    world.stop(seat).each(write);
}

/// The one in this seat has been in, so that nobody is solo.
pub(super) fn acquainted(world: &World, seat: u32) {
    let seat = world.seats().get(seat).unwrap();
    world.attach(seat);
    world.detach(seat);
}

/// A thread that comes in, writes, and goes out meets a collector.
#[test]
fn attach_and_detach() {
    model_late(|late| {
        let world = Arc::new(World::new());
        let theirs = Arc::clone(&world);
        let me = world.register(part);
        let other = thread::spawn(move || {
            let seat = theirs.register(part);
            late.begin(Late::Other);
            theirs.attach(seat);
            write(seat);
            theirs.detach(seat);
        });
        late.begin(Late::Main);
        world.attach(me);
        collect(&world, me);
        world.detach(me);
        other.join().unwrap();
    });
}

/// A thread comes in after the world was stopped: it sees what was done there.
#[test]
fn attach_after_stop() {
    model_late(|late| {
        let world = Arc::new(World::new());
        let theirs = Arc::clone(&world);
        let (me, seat) = (world.register(part).index(), world.register(part).index());
        acquainted(&world, seat);
        let other = thread::spawn(move || {
            let seat = theirs.seats().get(seat).unwrap();
            late.begin(Late::Other);
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
    });
}

/// A thread that would only come in if that is possible at once.
#[test]
fn try_attach() {
    model_late(|late| {
        let world = Arc::new(World::new());
        let theirs = Arc::clone(&world);
        let (me, seat) = (world.register(part).index(), world.register(part).index());
        acquainted(&world, seat);
        let other = thread::spawn(move || {
            let seat = theirs.seats().get(seat).unwrap();
            late.begin(Late::Other);
            if theirs.try_attach(seat) {
                write(seat);
                theirs.detach(seat);
            }
        });
        let me = world.seats().get(me).unwrap();
        world.attach(me);
        late.begin(Late::Main);
        collect(&world, me);
        world.detach(me);
        other.join().unwrap();
    });
}

/// Somebody who cannot come in because the world is stopped leaves something. Who has stopped it is told of that, once.
#[test]
fn left_in_a_stop() {
    model_late(|late| {
        let world = Arc::new((World::new(), Inbox::new()));
        let theirs = Arc::clone(&world);
        let [me, seat] = [(); 2].map(|()| world.0.register(part).index());
        acquainted(&world.0, seat);
        let other = thread::spawn(move || {
            let seat = theirs.0.seats().get(seat).unwrap();
            late.begin(Late::Other);
            assert!(theirs.1.push(()).is_ok());
            let entered = theirs.0.try_attach(seat);
            let found = if entered { theirs.1.take().count() } else { 0 };
            if entered {
                theirs.0.detach(seat);
            }
            found
        });
        let me = world.0.seats().get(me).unwrap();
        world.0.attach(me);
        late.begin(Late::Main);
        collect(&world.0, me);
        // It waits for nobody.
        let mut found = other.join().unwrap();
        if !me.is_calm() {
            me.heard(TASK);
            found += world.1.take().count();
        }
        assert_eq!(found, 1);
        collect(&world.0, me);
        assert!(me.is_calm());
        world.0.detach(me);
    });
}

/// Who finds that a thread has left its seat knows what it did there.
#[test]
fn left() {
    model(|| {
        let world = Arc::new(World::new());
        let theirs = Arc::clone(&world);
        let seat = world.register(part);
        let (index, name) = (seat.index(), seat.owner());
        let other = thread::spawn(move || {
            let seat = theirs.seats().get(index).unwrap();
            if seat.has_been_left_by(name) {
                write(seat);
            }
        });
        world.attach(seat);
        write(seat);
        world.unregister(seat, Left::Free);
        other.join().unwrap();
    });
}

/// A running thread stops at its safepoint, and goes on.
#[test]
fn park_and_resume() {
    model(|| {
        let world = Arc::new(World::new());
        let theirs = Arc::clone(&world);
        let me = world.register(part);
        world.attach(me);
        let other = thread::spawn(move || {
            let seat = theirs.register(part);
            theirs.attach(seat);
            write(seat);
            theirs.poll(seat);
            write(seat);
            theirs.detach(seat);
        });
        collect(&world, me);
        world.poll(me);
        world.detach(me);
        other.join().unwrap();
    });
}

/// Two want to collect at once: one after the other does, and nobody waits for ever.
#[test]
fn two_collectors() {
    model(|| {
        let world = Arc::new(World::new());
        let others = [(), ()].map(|()| {
            let world = Arc::clone(&world);
            thread::spawn(move || {
                let seat = world.register(part);
                world.attach(seat);
                write(seat);
                collect(&world, seat);
                world.detach(seat);
            })
        });
        others.into_iter().for_each(|other| other.join().unwrap());
        assert_eq!(world.stops(), 2);
    });
}

/// Stop after stop: a thread that waits is let in by the first, and the second waits for its safepoint.
#[test]
fn stop_after_stop() {
    model(|| {
        let world = Arc::new(World::new());
        let theirs = Arc::clone(&world);
        let me = world.register(part);
        world.attach(me);
        let other = thread::spawn(move || {
            let seat = theirs.register(part);
            theirs.attach(seat);
            write(seat);
            theirs.detach(seat);
        });
        collect(&world, me);
        collect(&world, me);
        world.detach(me);
        other.join().unwrap();
    });
}

/// A thread takes its first seat while the world is stopped, and nobody is solo: it does not come in.
#[test]
fn comes_in_a_stop() {
    model(|| {
        let world = World::new();
        let [me, seat] = [(); 2].map(|()| world.register(part));
        acquainted(&world, seat.index());
        world.attach(me);
        let stopped = world.stop(me);
        let third = world.register(part);
        assert!(!world.try_attach(third));
        drop(stopped);
        assert!(world.try_attach(third));
        world.detach(third);
        world.detach(me);
    });
}

/// A collector that panics starts the world.
#[test]
fn panic() {
    model(|| {
        let world = World::new();
        let (me, other) = (world.register(part), world.register(part));
        world.attach(me);
        let result = catch_unwind(AssertUnwindSafe(|| {
            let _stopped = world.stop(me);
            assert!(!world.try_attach(other));
            std::panic::resume_unwind(Box::new(()));
        }));
        assert!(result.is_err());
        world.detach(me);
        world.attach(other);
        world.detach(other);
    });
}

/// Seats are found by their owners' names while more are made.
#[test]
fn seats() {
    model_late(|late| {
        let world = Arc::new(World::new());
        let theirs = Arc::clone(&world);
        let names = [(); 2].map(|()| world.register(part).owner());
        let other = thread::spawn(move || {
            late.begin(Late::Other);
            let Some(seat) = theirs.seats().get(2) else { return };
            assert_eq!((seat.index(), seat.part.get()), (2, 0));
        });
        late.begin(Late::Main);
        let name = world.register(part).owner();
        other.join().unwrap();
        for (index, name) in names.into_iter().chain([name]).enumerate() {
            assert_eq!(world.seats().of(name).unwrap().index() as usize, index);
        }
        assert!(world.seats().of(Owner::NOBODY).is_none());
    });
}

/// A thread that comes in twice, stays out for a while, and uses the heap after its end.
#[test]
fn one_thread() {
    model(|| {
        let world = World::new();
        let here = Here::new();
        let handed = std::cell::Cell::new(0);
        let hand_over = |_: &Seat<Plain>, ended: bool| {
            handed.set(handed.get() + u32::from(ended));
            Left::Free
        };
        let arm = || true;
        assert!(here.attached().is_none());
        let seat = here.enter(&world, part, arm);
        here.enter(&world, part, arm);
        here.exit(&world, hand_over);
        assert!(here.attached().is_some());
        here.outside(&world, || {
            assert!(here.attached().is_none());
            here.enter(&world, part, arm);
            here.exit(&world, hand_over);
        });
        let panic = catch_unwind(AssertUnwindSafe(|| {
            here.outside(&world, || std::panic::resume_unwind(Box::new(())));
        }));
        assert!(panic.is_err() && here.attached().is_some());
        here.exit(&world, hand_over);
        assert_eq!((here.attached().is_none(), handed.get()), (true, 0));
        let name = seat.owner();
        here.end(&world, |_| Left::Free, |_| {}, hand_over);
        assert_eq!(handed.get(), 1);
        let late = here.enter(&world, part, || false);
        assert_ne!(late.owner(), name);
        here.exit(&world, hand_over);
        assert_eq!((here.attached().is_none(), handed.get()), (true, 2));
        // It has a borrow, and the seat is kept for it.
        let kept = here.enter(&world, part, || false);
        here.exit(&world, |_, _| Left::Aside);
        assert!(here.seat().is_none() && world.register(part).index() != kept.index());
        assert_eq!(here.enter(&world, part, || false).index(), kept.index());
        here.exit(&world, hand_over);
        assert!(here.seat().is_none() && world.population() == 1);
    });
}

/// Something is put into a thread's inbox: it hears of it at a safepoint, and finds it.
#[test]
fn mail() {
    model(|| {
        let world = Arc::new((World::new(), Inbox::new()));
        let owner = world.0.register(part).owner();
        let safepoint = |world: &(World, Inbox<()>), seat: &Seat<Plain>| {
            if seat.is_calm() {
                return 0;
            }
            seat.heard(TASK);
            world.1.take().count()
        };
        let theirs = Arc::clone(&world);
        let thread = thread::spawn(move || {
            let seat = theirs.0.seats().of(owner).unwrap();
            theirs.0.attach(seat);
            safepoint(&theirs, seat) + safepoint(&theirs, seat)
        });
        let seat = world.0.seats().of(owner).unwrap();
        for _ in 0..2 {
            if world.1.push(()).unwrap() {
                seat.ask(TASK);
            }
        }
        let found = thread.join().unwrap();
        assert_eq!(found + safepoint(&world, seat), 2);
        assert!(seat.is_calm());
        world.0.detach(seat);
    });
}
