//! The global lock.

use super::support::{Arc, Plain, model, thread};
use crate::raw::threads::gil::Gil;
use crate::raw::threads::inbox::Inbox;
use crate::raw::threads::presence::{Gate, HeapGate};
use crate::raw::threads::seat::{Left, TASK};

/// What the lock guards is the same for all: plain memory.
struct World {
    gil: Gil<()>,
    heap: Plain,
}

impl World {
    fn new() -> Arc<Self> {
        Arc::new(World { gil: Gil::new(), heap: Plain::new(0) })
    }

    fn work(&self) {
        self.heap.set(self.heap.get() + 1);
    }

    /// Comes in, works, gives way if asked, works, and goes out; leaves for good.
    fn visit(&self) {
        let seat = self.gil.register(|| ());
        self.gil.attach(seat);
        self.work();
        self.gil.poll(seat);
        self.work();
        self.gil.unregister(seat, Left::Free);
    }
}

/// One at a time; whoever waits gets the lock; nobody is forgotten.
#[test]
fn two_threads() {
    model(|| {
        let world = World::new();
        let theirs = Arc::clone(&world);
        let other = thread::spawn(move || theirs.visit());
        world.visit();
        other.join().unwrap();
        assert_eq!(world.heap.get(), 4);
    });
}

/// A thread that ends waits for nobody: if another one has the lock, its seat is left all the same.
#[test]
fn ends_outside() {
    model(|| {
        let world = World::new();
        let theirs = Arc::clone(&world);
        let other = thread::spawn(move || {
            let seat = theirs.gil.register(|| ());
            if theirs.gil.attach_or_abandon(seat, Left::Free) {
                theirs.work();
                theirs.gil.unregister(seat, Left::Free);
            }
        });
        world.visit();
        other.join().unwrap();
        assert_eq!(world.gil.population(), 0);
    });
}

/// Something is left for the thread that has the lock, and it goes out, or gives way, without having seen to it: the next one is
/// told, and when it has seen to it nobody is.
#[test]
fn left_to_the_next() {
    model(|| {
        let world = Arc::new((World::new(), Inbox::new()));
        let [passes, leaves] = [Arc::clone(&world), Arc::clone(&world)];
        let passes = thread::spawn(move || passes.0.visit());
        let leaves = thread::spawn(move || {
            let (world, inbox) = &*leaves;
            let seat = world.gil.register(|| ());
            assert!(inbox.push(()).is_ok());
            let entered = world.gil.try_attach(seat);
            let found = if entered { inbox.take().count() } else { 0 };
            if entered {
                world.gil.detach(seat);
            }
            found
        });
        let (world, inbox) = &*world;
        let seat = world.gil.register(|| ());
        world.gil.attach(seat);
        world.work();
        world.gil.poll(seat);
        world.gil.detach(seat);
        passes.join().unwrap();
        let mut found = leaves.join().unwrap();
        world.gil.attach(seat);
        if !seat.is_calm() {
            seat.heard(TASK);
            found += inbox.take().count();
        }
        world.gil.detach(seat);
        assert_eq!(found, 1);
        world.gil.attach(seat);
        assert!(seat.is_calm());
        world.gil.detach(seat);
    });
}

/// Three of them: one gives way while another waits outside.
#[test]
fn three_threads() {
    model(|| {
        let world = World::new();
        let others = [(), ()].map(|()| {
            let theirs = Arc::clone(&world);
            thread::spawn(move || theirs.visit())
        });
        let seat = world.gil.register(|| ());
        world.gil.attach(seat);
        world.work();
        world.gil.detach(seat);
        for other in others {
            other.join().unwrap();
        }
        assert_eq!(world.heap.get(), 5);
    });
}

/// Who goes out and comes back at once may overtake somebody who is still waking up, and does not lock it out.
#[test]
fn in_and_out() {
    model(|| {
        let world = World::new();
        let theirs = Arc::clone(&world);
        let other = thread::spawn(move || theirs.visit());
        let seat = world.gil.register(|| ());
        for _ in 0..2 {
            world.gil.attach(seat);
            world.work();
            world.gil.detach(seat);
        }
        if world.gil.try_attach(seat) {
            world.gil.detach(seat);
        }
        other.join().unwrap();
        assert_eq!(world.heap.get(), 4);
    });
}

/// What takes time: on real threads only.
#[cfg(not(any(loom, shuttle, miri)))]
mod timed {
    use std::sync::atomic::{AtomicBool, Ordering};
    use std::time::{Duration, Instant};

    use super::*;
    use crate::raw::threads::gil::INTERVAL;

    /// The machine is for one of these tests at a time.
    static ONE_AT_A_TIME: std::sync::Mutex<()> = std::sync::Mutex::new(());

    /// Tries a measurement again if it fails: other processes may have had the machine.
    fn one_of_five(measure: impl Fn() -> Result<(), String>) {
        let failures: Vec<_> = (0..5).map_while(|_| measure().err()).collect();
        assert!(failures.len() < 5, "{failures:#?}");
    }

    /// Works until told to stop, with a safepoint every few microseconds. How long it had the lock in each of its turns, but for the
    /// last one.
    fn cpu_bound(world: &World, stop: &AtomicBool) -> Vec<Duration> {
        let seat = world.gil.register(|| ());
        let mut turns = Vec::new();
        world.gil.attach(seat);
        let mut since = Instant::now();
        while !stop.load(Ordering::Relaxed) {
            (0..100).for_each(|_| world.work());
            if !seat.is_calm() {
                turns.push(since.elapsed());
                world.gil.poll(seat);
                since = Instant::now();
            }
        }
        world.gil.unregister(seat, Left::Free);
        turns
    }

    /// Runs threads that need the lock all the time, and `also` beside them. The turns of each.
    fn contend(threads: usize, also: impl FnOnce(&World)) -> Vec<Vec<Duration>> {
        let _turn = crate::raw::base::sync::lock(&ONE_AT_A_TIME);
        let world = World::new();
        let stop = Arc::new(AtomicBool::new(false));
        let threads: Vec<_> = (0..threads)
            .map(|_| {
                let (world, stop) = (Arc::clone(&world), Arc::clone(&stop));
                thread::spawn(move || cpu_bound(&world, &stop))
            })
            .collect();
        also(&world);
        stop.store(true, Ordering::Relaxed);
        threads.into_iter().map(|thread| thread.join().unwrap()).collect()
    }

    /// Each has as many turns, and they last for an interval. Some are shorter or longer: where the machine is busy, a thread that has
    /// the lock waits for the system to let it run, at the beginning of its turn and before it gives the lock up.
    #[test]
    fn shares_are_fair() {
        for threads in [2, 4] {
            one_of_five(|| {
                let mut turns = contend(threads, |_| std::thread::sleep(INTERVAL * 50 * threads as u32));
                turns.iter_mut().for_each(|turns| turns.sort());
                let mean = turns.iter().map(Vec::len).sum::<usize>() / threads;
                let as_many = turns.iter().all(|turns| turns.len().abs_diff(mean) <= 2 + mean / 5);
                let whole = turns.iter().map(|turns| turns.get(turns.len() * 3 / 4).copied().unwrap_or_default());
                let (least, most) = (whole.clone().min().unwrap(), whole.max().unwrap());
                let as_long = least >= INTERVAL * 4 / 5 && most <= least * 3;
                (as_many && as_long).then_some(()).ok_or_else(|| format!("{turns:?}"))
            });
        }
    }

    /// A thread that wakes up gets the lock in the next turn, also beside several others, and within two intervals. What the machine
    /// takes to wake anybody up, when others are at work on it, comes on top: for whoever waits, holds the lock, and gets it. So not
    /// all of the waits are that short, and turns are counted.
    #[test]
    fn waking_up() {
        const REST: Duration = Duration::from_millis(2);
        for threads in [1, 3] {
            one_of_five(|| {
                let (mut waits, mut turns) = (Vec::new(), Vec::new());
                contend(threads, |world| {
                    let seat = world.gil.register(|| ());
                    waits.extend((0..40).map(|_| {
                        std::thread::sleep(REST);
                        let (start, before) = (Instant::now(), world.gil.switches());
                        world.gil.attach(seat);
                        let waited = start.elapsed();
                        turns.push(world.gil.switches() - before);
                        world.work();
                        world.gil.detach(seat);
                        waited
                    }));
                });
                waits.sort();
                turns.sort();
                (turns[20] <= 2 && waits[10] <= INTERVAL * 2)
                    .then_some(())
                    .ok_or_else(|| format!("{waits:?}, {turns:?}"))
            });
        }
    }

    /// The lock is not passed on more often than the interval says.
    #[test]
    fn switches_are_bounded() {
        let _turn = crate::raw::base::sync::lock(&ONE_AT_A_TIME);
        one_of_five(|| {
            let start = Instant::now();
            let world = World::new();
            let stop = AtomicBool::new(false);
            std::thread::scope(|scope| {
                (0..3).for_each(|_| {
                    scope.spawn(|| cpu_bound(&world, &stop));
                });
                std::thread::sleep(INTERVAL * 40);
                stop.store(true, Ordering::Relaxed);
            });
            let (switches, most) = (world.gil.switches(), start.elapsed().as_micros() / INTERVAL.as_micros() + 10);
            (u128::from(switches) <= most).then_some(()).ok_or_else(|| format!("{switches} switches, {most} expected"))
        });
    }

    #[test]
    fn the_interval_can_be_set() {
        let gil = Gil::<()>::new();
        let seat = gil.register(|| ());
        assert_eq!(gil.seats().of(seat.owner()).unwrap().index(), seat.index());
        assert_eq!(gil.interval(), INTERVAL);
        gil.set_interval(Duration::ZERO);
        assert_eq!(gil.interval(), Duration::from_micros(1));
        gil.set_interval(Duration::from_millis(1));
        assert_eq!(gil.interval(), Duration::from_millis(1));
    }
}
