//! Threads that are solo, or are held outside.

use super::stop::{World, acquainted, collect, part, write};
use super::support::{Arc, Late, Plain, model, model_late, thread};
use crate::raw::base::sync::{AtomicU32, Ordering};
use crate::raw::threads::inbox::Inbox;
use crate::raw::threads::presence::{Gate, HeapGate};
use crate::raw::threads::seat::{ATTACHED, Left, Seat, TASK};

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
            _ = world.0.hold(me, seat, || {
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
        assert!(world.0.hold(me, seat, || {
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
            _ = world.0.hold(me, seat, || {
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
        assert!(me.is_solo() && world.hold(me, world.seats().get(seat).unwrap(), || ()));
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

/// A solo thread is told that something is left for it, and goes out. Before it looks at its word another one comes in, and holds it
/// outside for something else. One of the two sees to what was left.
#[test]
fn held_when_it_was_told() {
    model(|| {
        let world = Arc::new((World::new(), AtomicU32::new(0)));
        let theirs = Arc::clone(&world);
        let [me, seat] = [(); 2].map(|()| world.0.register(part).index());
        acquainted(&world.0, seat);
        let (index, me) = (me, world.0.seats().get(me).unwrap());
        world.0.attach(me);
        (0..4).for_each(|_| world.0.count_collection(me));
        assert!(me.is_solo());
        let other = thread::spawn(move || {
            let (world, left) = &*theirs;
            let (solo, seat) = (world.seats().get(index).unwrap(), world.seats().get(seat).unwrap());
            left.store(1, Ordering::Relaxed);
            if world.try_attach(seat) {
                left.store(0, Ordering::Relaxed);
                return world.detach(seat);
            }
            world.attach(seat);
            _ = world.hold(seat, solo, || ());
            if seat.word.load(Ordering::Relaxed) & TASK != 0 {
                seat.heard(TASK);
                left.store(0, Ordering::Relaxed);
            }
            world.detach(seat);
        });
        world.0.poll(me);
        world.0.detach(me);
        if me.word.load(Ordering::Relaxed) & TASK != 0 && world.0.try_attach(me) {
            world.1.store(0, Ordering::Relaxed);
            world.0.detach(me);
        }
        other.join().unwrap();
        assert_eq!(world.1.load(Ordering::Relaxed), 0);
    });
}
