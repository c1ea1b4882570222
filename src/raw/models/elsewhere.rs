//! Two worlds at once: threads that are inside of one of them and wait for the other.

use std::ptr;
use std::sync::Mutex;
use std::sync::atomic::AtomicPtr;

use super::support::{Plain, model, thread};
use crate::raw::threads::elsewhere::{Inside, Link, Site, all};
use crate::raw::threads::gil::Gil;
use crate::raw::threads::presence::{Gate, HeapGate, Here};
use crate::raw::threads::seat::{Left, Seat};
use crate::raw::threads::stop_the_world::StopTheWorld;

/// A world of either kind.
trait World: Gate<Plain> + Sync + 'static {
    fn rank(&self) -> usize;
    fn poll(&self, seat: &Seat<Plain>);
    /// Uses what only one thread may use at a time.
    fn stop_and_use(&self, seat: &Seat<Plain>);
}

impl World for StopTheWorld<Plain> {
    fn rank(&self) -> usize {
        HeapGate::rank(self)
    }

    fn poll(&self, seat: &Seat<Plain>) {
        HeapGate::poll(self, seat);
    }

    fn stop_and_use(&self, seat: &Seat<Plain>) {
        self.stop(seat).each(|seat| seat.part.set(1));
    }
}

/// The lock, and what it guards.
struct Guarded(Gil<Plain>, Plain);

impl Gate<Plain> for Guarded {
    fn register(&self, part: impl Fn() -> Plain) -> &Seat<Plain> {
        self.0.register(part)
    }

    fn resume(&self, seat: &Seat<Plain>) -> bool {
        self.0.resume(seat)
    }

    fn unregister(&self, seat: &Seat<Plain>, left: Left) {
        self.0.unregister(seat, left);
    }

    fn unregister_detached(&self, seat: &Seat<Plain>, left: Left) {
        self.0.unregister_detached(seat, left);
    }

    fn attach_or_abandon(&self, seat: &Seat<Plain>, left: Left) -> bool {
        self.0.attach_or_abandon(seat, left)
    }

    fn attach(&self, seat: &Seat<Plain>) {
        self.0.attach(seat);
    }

    fn detach(&self, seat: &Seat<Plain>) {
        self.0.detach(seat);
    }
}

impl World for Guarded {
    fn rank(&self) -> usize {
        HeapGate::rank(&self.0)
    }

    fn poll(&self, seat: &Seat<Plain>) {
        HeapGate::poll(&self.0, seat);
    }

    fn stop_and_use(&self, _: &Seat<Plain>) {
        self.1.set(1);
    }
}

/// A world as one thread sees it. It leaks, as a thread-local stays as long as its thread.
struct Place<W: 'static> {
    here: Here<'static, Plain>,
    world: &'static W,
    link: Link,
}

impl<W: World> Place<W> {
    fn of(world: &'static W) -> &'static Self {
        let this = leak(Place { here: Here::new(), world, link: Link::new() });
        this.link.enlist(this);
        this
    }

    fn enter(&self) -> &'static Seat<Plain> {
        self.here.enter(self.world, || Plain::new(0), || true)
    }

    fn exit(&self) {
        self.here.exit(self.world, |_, _| Left::Free);
    }
}

impl<W: World> Site for Place<W> {
    fn rank(&self) -> usize {
        self.world.rank()
    }

    fn step_out(&self) -> Option<Inside> {
        self.here.step_out(self.world).map(|depth| Inside { depth, state: ptr::null() })
    }

    fn step_in(&self, inside: Inside) {
        self.here.step_in(self.world, inside.depth);
    }
}

/// Leaks a value, and keeps it where Miri finds it.
fn leak<T>(value: T) -> &'static T {
    static LEAKED: Mutex<Vec<AtomicPtr<()>>> = Mutex::new(Vec::new());
    let this = Box::leak(Box::new(value));
    LEAKED.lock().unwrap().push(AtomicPtr::new(ptr::from_mut(this).cast()));
    this
}

/// Two worlds, of which the same one has the higher rank each time.
fn leaked<X, Y>(worlds: (X, Y)) -> (&'static X, &'static Y) {
    let (x, y) = leak(worlds);
    (x, y)
}

/// Two threads, each inside of one world, come into the other, stop it, and use it; and pass a safepoint of the first.
fn crossed<X: World, Y: World>(x: fn() -> X, y: fn() -> Y) {
    model(move || {
        let (x, y) = leaked((x(), y()));
        fn cross<A: World, B: World>(first: &'static A, second: &'static B) {
            let (first, second) = (Place::of(first), Place::of(second));
            let outer = first.enter();
            let inner = second.enter();
            second.world.stop_and_use(inner);
            first.world.poll(outer);
            second.exit();
            first.exit();
        }
        let there = thread::spawn(move || cross(x, y));
        let back = thread::spawn(move || cross(y, x));
        [there, back].into_iter().for_each(|thread| thread.join().unwrap());
    });
}

fn gil() -> Guarded {
    Guarded(Gil::new(), Plain::new(0))
}

#[test]
fn stops() {
    crossed(StopTheWorld::new, StopTheWorld::new);
}

#[test]
fn locks() {
    crossed(gil, gil);
}

#[test]
fn a_lock_and_stops() {
    crossed(gil, StopTheWorld::new);
}

/// A thread goes out of all worlds to wait for something, and comes in again where it was.
#[test]
fn out_of_all() {
    model(|| {
        let (x, y) = leaked((StopTheWorld::new(), gil()));
        let other = thread::spawn(move || {
            let (x, y) = (Place::of(x), Place::of(y));
            let seat = x.enter();
            y.enter();
            let away = all();
            assert!(x.here.attached().is_none() && y.here.attached().is_none());
            drop(away);
            assert!(x.here.attached().is_some() && y.here.attached().is_some());
            x.world.stop_and_use(seat);
            y.exit();
            x.exit();
        });
        let main = thread::spawn(move || {
            let x = Place::of(x);
            x.world.stop_and_use(x.enter());
            x.exit();
        });
        [other, main].into_iter().for_each(|thread| thread.join().unwrap());
    });
}
