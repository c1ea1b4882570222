//! Coming and going, and stopping the world.

use std::panic::{AssertUnwindSafe, catch_unwind};

use super::support::{Arc, Late, Plain, model, model_late, thread};
use crate::raw::base::sync::{AtomicU32, Ordering};
use crate::raw::count::Owner;
use crate::raw::threads::inbox::Inbox;
use crate::raw::threads::presence::{Gate, HeapGate, Here};
use crate::raw::threads::seat::{ATTACHED, Left, Seat, TASK};
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

/// A solo thread, inside or outside, and one that would only come in if that is possible at once: both use the same
/// memory, the first one without asking as long as it is solo.
#[test]
fn solo() {
    model_late(|late| {
        let world = Arc::new((World::new(), AtomicU32::new(0)));
        let theirs = Arc::clone(&world);
        let add = |word: &AtomicU32, seat: &Seat<Plain>| {
            if seat.is_solo() {
                word.store(word.load(Ordering::Relaxed) + 1, Ordering::Relaxed);
            } else {
                word.fetch_add(1, Ordering::Relaxed);
            }
        };
        let me = world.0.register(part);
        let other = thread::spawn(move || {
            let seat = theirs.0.register(part);
            late.begin(Late::Other);
            let entered = theirs.0.try_attach(seat);
            if entered {
                add(&theirs.1, seat);
                theirs.0.detach(seat);
            }
            entered
        });
        late.begin(Late::Main);
        for _ in 0..2 {
            world.0.attach(me);
            add(&world.1, me);
            world.0.detach(me);
        }
        let entered = other.join().unwrap();
        assert_eq!(world.1.load(Ordering::Relaxed), 2 + u32::from(entered));
    });
}

/// A thread leaves something for a solo one, which finds it, or comes in and sees to it itself.
#[test]
fn left_behind() {
    model_late(|late| {
        let world = Arc::new((World::new(), Inbox::new()));
        let theirs = Arc::clone(&world);
        let me = world.0.register(part);
        let other = thread::spawn(move || {
            let seat = theirs.0.register(part);
            late.begin(Late::Other);
            assert!(theirs.1.push(()).is_ok());
            let mut found = 0;
            if theirs.0.try_attach(seat) {
                found += theirs.1.take().count();
                theirs.0.detach(seat);
            }
            theirs.0.unregister_detached(seat, Left::Free);
            found
        });
        late.begin(Late::Main);
        world.0.attach(me);
        world.0.detach(me);
        let mut found = if world.1.is_empty() { 0 } else { world.1.take().count() };
        found += other.join().unwrap();
        // What is left now was brought when we were outside, and found by nobody.
        assert_eq!(found, 1);
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

/// An object is queued for a thread that comes in and goes out: it is merged by that thread, or by its sender in its place, and both use what
/// is on the thread's seat.
#[test]
fn held_outside() {
    model_late(|late| {
        let world = Arc::new((World::new(), Inbox::new()));
        let theirs = Arc::clone(&world);
        let (me, seat) = (world.0.register(part).index(), world.0.register(part).index());
        acquainted(&world.0, seat);
        let owner = thread::spawn(move || {
            let (world, inbox) = &*theirs;
            let seat = world.seats().get(seat).unwrap();
            late.begin(Late::Other);
            let mut found = 0;
            for _ in 0..2 {
                world.attach(seat);
                write(seat);
                world.detach(seat);
            }
            // Whoever told us before we went out leaves it to us.
            if !inbox.is_empty() {
                world.attach(seat);
                found += inbox.take().count();
                world.detach(seat);
            }
            found
        });
        let (me, seat) = (world.0.seats().get(me).unwrap(), world.0.seats().get(seat).unwrap());
        world.0.attach(me);
        late.begin(Late::Main);
        assert!(world.1.push(()).is_ok());
        let mut found = 0;
        if seat.ask(TASK) & ATTACHED == 0 {
            _ = world.0.hold(seat, || {
                write(seat);
                found += world.1.take().count();
            });
        }
        world.0.detach(me);
        found += owner.join().unwrap();
        assert_eq!(found, 1);
    });
}

/// An object is queued for a thread that stays outside, while a third one comes in and has the sender stop, which was solo: it is merged.
#[test]
fn held_beside_a_visitor() {
    model_late(|late| {
        let world = Arc::new((World::new(), Inbox::new()));
        let theirs = Arc::clone(&world);
        let (me, seat) = (world.0.register(part).index(), world.0.register(part).index());
        let visitor = world.0.register(part).index();
        acquainted(&world.0, seat);
        let visitor = thread::spawn(move || {
            let seat = theirs.0.seats().get(visitor).unwrap();
            late.begin(Late::Other);
            theirs.0.attach(seat);
            write(seat);
            theirs.0.detach(seat);
        });
        let (me, seat) = (world.0.seats().get(me).unwrap(), world.0.seats().get(seat).unwrap());
        world.0.attach(me);
        (0..4).for_each(|_| world.0.count_collection(me));
        late.begin(Late::Main);
        assert!(world.1.push(()).is_ok());
        let mut found = 0;
        assert_eq!(seat.ask(TASK) & ATTACHED, 0);
        assert!(world.0.hold(seat, || {
            write(seat);
            found += world.1.take().count();
        }));
        world.0.poll(me);
        world.0.detach(me);
        visitor.join().unwrap();
        assert_eq!(found, 1);
    });
}

/// The same with an owner that comes in: one of the two reads it.
#[test]
fn held_or_let_in_beside_a_visitor() {
    model(|| {
        let world = Arc::new((World::new(), Inbox::new()));
        let (theirs, visited) = (Arc::clone(&world), Arc::clone(&world));
        let [me, seat, visitor] = [(); 3].map(|()| world.0.register(part).index());
        acquainted(&world.0, seat);
        let owner = thread::spawn(move || {
            let (world, inbox) = &*theirs;
            let seat = world.seats().get(seat).unwrap();
            world.attach(seat);
            write(seat);
            world.detach(seat);
            if inbox.is_empty() {
                return 0;
            }
            world.attach(seat);
            let found = inbox.take().count();
            world.detach(seat);
            found
        });
        let visitor = thread::spawn(move || {
            let seat = visited.0.seats().get(visitor).unwrap();
            visited.0.attach(seat);
            visited.0.detach(seat);
        });
        let (me, seat) = (world.0.seats().get(me).unwrap(), world.0.seats().get(seat).unwrap());
        world.0.attach(me);
        (0..4).for_each(|_| world.0.count_collection(me));
        assert!(world.1.push(()).is_ok());
        let mut found = 0;
        if seat.ask(TASK) & ATTACHED == 0 {
            _ = world.0.hold(seat, || {
                write(seat);
                found += world.1.take().count();
            });
        }
        world.0.poll(me);
        world.0.detach(me);
        visitor.join().unwrap();
        found += owner.join().unwrap();
        assert_eq!(found, 1);
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

/// Two come at once, by both ways, beside a solo thread, which leaves.
#[test]
fn two_newcomers() {
    model(|| {
        let world = Arc::new(World::new());
        let me = world.register(part);
        world.attach(me);
        let others = [false, true].map(|patient| {
            let world = Arc::clone(&world);
            thread::spawn(move || {
                let seat = world.register(part);
                if patient {
                    world.attach(seat);
                } else if !world.try_attach(seat) {
                    return world.unregister_detached(seat, Left::Free);
                }
                write(seat);
                world.unregister(seat, Left::Free);
            })
        });
        write(me);
        world.unregister(me, Left::Free);
        others.into_iter().for_each(|other| other.join().unwrap());
    });
}

/// A thread is solo again when the last other one has left, and it has stopped the world.
#[test]
fn solo_again() {
    model(|| {
        let world = Arc::new(World::new());
        let theirs = Arc::clone(&world);
        let me = world.register(part);
        world.attach(me);
        let other = thread::spawn(move || {
            let seat = theirs.register(part);
            theirs.attach(seat);
            assert!(!seat.is_solo());
            theirs.unregister(seat, Left::Free);
        });
        world.poll(me);
        world.detach(me);
        other.join().unwrap();
        world.attach(me);
        collect(&world, me);
        assert!(me.is_solo());
        world.unregister(me, Left::Free);
        assert!(!me.is_solo());
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

/// A thread waits to come in, and who has stopped the world would be solo from now on, were it not for that one: it is let in.
#[test]
fn let_in_by_one_that_would_be_solo() {
    model(|| {
        let world = Arc::new(World::new());
        let theirs = Arc::clone(&world);
        let [me, seat] = [(); 2].map(|()| world.register(part).index());
        acquainted(&world, seat);
        let me = world.seats().get(me).unwrap();
        world.attach(me);
        // Once less than it takes when the other one has come once.
        (0..3).for_each(|_| world.count_collection(me));
        assert!(!me.is_solo());
        let other = thread::spawn(move || {
            let seat = theirs.seats().get(seat).unwrap();
            theirs.attach(seat);
            write(seat);
            theirs.detach(seat);
        });
        collect(&world, me);
        world.poll(me);
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

/// A thread that was kept outside, and held there for a moment, tells the solo one when it comes in.
#[test]
fn held_beside_one_that_is_solo() {
    model(|| {
        let world = Arc::new(World::new());
        let theirs = Arc::clone(&world);
        let [me, seat] = [(); 2].map(|()| world.register(part).index());
        acquainted(&world, seat);
        let (index, me) = (me, world.seats().get(me).unwrap());
        world.attach(me);
        (0..4).for_each(|_| world.count_collection(me));
        assert!(me.is_solo() && world.hold(world.seats().get(seat).unwrap(), || ()));
        let other = thread::spawn(move || {
            let seat = theirs.seats().get(seat).unwrap();
            theirs.attach(seat);
            assert!(!theirs.seats().get(index).unwrap().is_solo());
            theirs.detach(seat);
        });
        world.poll(me);
        world.detach(me);
        other.join().unwrap();
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
