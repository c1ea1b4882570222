//! All of it together, on real threads, or in random interleavings (`ci/shuttle.sh`): objects with biased counts change hands
//! through slots, while threads die and are reborn, stop the world, and are solo for a while. In the end every value was
//! dropped once, and every piece of memory released once.

use std::sync::atomic::AtomicU32 as Tally;

use super::support::{Arc, Object, thread};
use crate::raw::base::sync::{AtomicU32, Mutex, Ordering, lock};
use crate::raw::count::biased::BiasedCount;
use crate::raw::count::{Count, Down, Owner, Suspicion, Unique};
use crate::raw::threads::inbox::Inbox;
use crate::raw::threads::presence::{HeapGate, Here};
use crate::raw::threads::seat::{ATTACHED, Left, Seat, TASK};
use crate::raw::threads::stop_the_world::StopTheWorld;

const SMALL: bool = cfg!(miri) || cfg!(shuttle);
const THREADS: u64 = if SMALL { 3 } else { 6 };
const LIVES: u64 = if SMALL { 2 } else { 10 };
const STEPS: u64 = if SMALL { 60 } else { 4000 };

type Thing = Arc<Object<BiasedCount>>;

/// What is kept for each thread: things that it has to merge.
type Part = Inbox<Thing>;

struct World {
    threads: StopTheWorld<Part>,
    slots: [Mutex<Option<Thing>>; 6],
    all: Mutex<Vec<Thing>>,
    /// What a solo thread adds to without a read-modify-write, and what has been added.
    sum: AtomicU32,
    added: Tally,
}

fn merge(things: impl Iterator<Item = Thing>) {
    things.for_each(|thing| thing.after(thing.count.merge(Suspicion::none())));
}

/// A thread in one of its lives.
struct Life<'w> {
    world: &'w World,
    here: Here<'w, Part>,
    random: u64,
    handles: Vec<Thing>,
    weaks: Vec<Thing>,
}

impl<'w> Life<'w> {
    fn new(world: &'w World, seed: u64) -> Self {
        Life { world, here: Here::new(), random: seed | 1, handles: Vec::new(), weaks: Vec::new() }
    }

    /// One of `n` numbers.
    fn any(&mut self, n: usize) -> usize {
        self.random ^= self.random << 13;
        self.random ^= self.random >> 7;
        self.random ^= self.random << 17;
        (self.random >> 11) as usize % n
    }

    fn seat(&self) -> &'w Seat<Part> {
        self.here.attached().unwrap()
    }

    fn who(&self) -> Owner {
        self.seat().owner()
    }

    fn enter(&self) {
        self.here.enter(&self.world.threads, Inbox::shut, || true);
    }

    fn drop_handle(&self, thing: Thing) {
        let Down::Queue(owner) = thing.drop_handle(self.who()) else { return };
        let seat = self.world.threads.seats().of(owner).unwrap();
        if !seat.is_attached() && self.hold(seat, Some(&thing)) {
            return;
        }
        if seat.has_been_left_by(owner) {
            return thing.after(thing.count.merge(Suspicion::none()));
        }
        match seat.part.push(thing) {
            Ok(true) if seat.ask(TASK) & ATTACHED == 0 => _ = self.hold(seat, None),
            Ok(_) => {}
            Err(thing) => thing.after(thing.count.merge(Suspicion::none())),
        }
    }

    /// Merges what is queued for a thread that is outside; what comes to its end does so when that may come in again.
    fn hold(&self, seat: &Seat<Part>, unsent: Option<&Thing>) -> bool {
        let mut read = Vec::new();
        let held = self.world.threads.hold(self.seat(), seat, || {
            for thing in seat.part.take().chain(unsent.cloned()) {
                let down = thing.count.merge(Suspicion::none());
                read.push((thing, down));
            }
        });
        read.into_iter().for_each(|(thing, down)| thing.after(down));
        held
    }

    fn safepoint(&self) {
        let seat = self.seat();
        if !seat.is_calm() {
            self.world.threads.poll(seat);
            seat.heard(TASK);
            self.leave_abandoned();
            merge(seat.part.take());
        }
    }

    /// Leaves the seats of threads that have ended, and could not come in.
    fn leave_abandoned(&self) {
        if !self.world.threads.is_any_abandoned() {
            return;
        }
        let mut read = Vec::new();
        self.world.threads.leave_abandoned(|seat| {
            for thing in seat.part.close() {
                let down = thing.count.merge(Suspicion::none());
                read.push((thing, down));
            }
        });
        read.into_iter().for_each(|(thing, down)| thing.after(down));
    }

    fn try_enter(&self) -> bool {
        let threads = &self.world.threads;
        self.here.try_enter(threads, Inbox::shut, || true, |seat| threads.try_attach(seat), || false).is_some()
    }

    fn go_out(&self) {
        loop {
            self.leave_abandoned();
            self.here.exit(&self.world.threads, |_, _| Left::Free);
            if !self.world.threads.is_any_abandoned() || !self.try_enter() {
                return;
            }
        }
    }

    /// Stops the world and empties all inboxes; what comes to its end does so when the world runs again.
    fn collect(&self) {
        let mut ended = Vec::new();
        let stopped = self.world.threads.stop(self.seat());
        stopped.each(|seat| {
            for thing in seat.part.take() {
                if thing.count.merge(Suspicion::none()) == Down::Zero {
                    ended.push(thing);
                }
            }
        });
        self.handles.iter().for_each(|thing| thing.count.merge_in_stop());
        drop(stopped);
        ended.iter().for_each(|thing| thing.after(Down::Zero));
    }

    fn add(&self) {
        let sum = &self.world.sum;
        if self.seat().is_solo() {
            sum.store(sum.load(Ordering::Relaxed) + 1, Ordering::Relaxed);
        } else {
            sum.fetch_add(1, Ordering::Relaxed);
        }
        self.world.added.fetch_add(1, std::sync::atomic::Ordering::Relaxed);
    }

    /// Goes out for long, and comes in as one that would rather not wait.
    fn look_in(&mut self) {
        self.go_out();
        (0..self.any(100)).for_each(|_| thread::yield_now());
        if !self.try_enter() {
            thread::yield_now();
            self.enter();
        }
    }

    fn step(&mut self) {
        let (handles, weaks) = (self.handles.len(), self.weaks.len());
        match self.any(12) {
            0 | 1 if handles < 8 => {
                let thing = Object::new(BiasedCount::new(0, self.who()));
                lock(&self.world.all).push(Arc::clone(&thing));
                self.handles.push(thing);
            }
            2 if handles > 0 => {
                let thing = Arc::clone(&self.handles[self.random as usize % handles]);
                thing.look();
                thing.count.inc(self.who());
                self.handles.push(thing);
            }
            3 | 4 if handles > 0 => {
                let at = self.any(handles);
                let thing = self.handles.swap_remove(at);
                self.drop_handle(thing);
            }
            5..=7 => {
                let slot = self.any(self.world.slots.len());
                let given = self.handles.pop();
                let taken = std::mem::replace(&mut *lock(&self.world.slots[slot]), given);
                self.handles.extend(taken);
            }
            8 if handles > 0 => {
                let thing = Arc::clone(&self.handles[0]);
                thing.count.inc_weak();
                self.weaks.push(thing);
            }
            9 if weaks > 0 => {
                let thing = self.weaks.swap_remove(self.random as usize % weaks);
                if thing.count.upgrade(self.who()) {
                    thing.look();
                    self.handles.push(Arc::clone(&thing));
                }
                thing.drop_weak();
            }
            10 if handles > 0 && self.handles[0].count.unique(self.who()) == Unique::Yes => self.handles[0].write(),
            11 => match self.any(30) {
                0 => self.collect(),
                1..4 => self.here.outside(&self.world.threads, thread::yield_now),
                4..10 => self.look_in(),
                10..16 => (0..8).for_each(|_| self.world.threads.count_collection(self.seat())),
                _ => {}
            },
            _ => {}
        }
        self.add();
        self.safepoint();
    }

    fn end(mut self) {
        std::mem::take(&mut self.handles).into_iter().for_each(|thing| self.drop_handle(thing));
        std::mem::take(&mut self.weaks).iter().for_each(|thing| thing.drop_weak());
        self.go_out();
        let last = |seat: &Seat<Part>, _| {
            self.leave_abandoned();
            merge(seat.part.close());
            Left::Free
        };
        self.here.end(&self.world.threads, |_| Left::Free, |_| {}, last);
        if self.world.threads.is_any_abandoned() && self.try_enter() {
            self.leave_abandoned();
            self.here.exit(&self.world.threads, last);
        }
    }

    fn live(mut self) {
        self.enter();
        // In a first life the inbox is shut, in later ones it was closed by the last.
        self.seat().part.open();
        for _ in 0..STEPS {
            self.step();
        }
        self.end();
    }
}

#[test]
#[cfg_attr(gc_small_limits, ignore = "has more handles, and objects that live for ever")]
fn objects_outlive_their_threads() {
    #[cfg(shuttle)]
    super::support::model_large(all_together);
    #[cfg(not(shuttle))]
    all_together();
}

fn all_together() {
    let world = World {
        threads: StopTheWorld::new(),
        slots: Default::default(),
        all: Mutex::default(),
        sum: AtomicU32::new(0),
        added: Tally::new(0),
    };
    thread::scope(|scope| {
        for number in 1..=THREADS {
            let world = &world;
            scope.spawn(move || {
                for life in 1..=LIVES {
                    // A new life has a new name, and most often a seat that somebody else had.
                    Life::new(world, (number * 1000 + life).wrapping_mul(0x9E37_79B9_7F4A_7C15)).live();
                }
            });
        }
    });
    let mut last = Life::new(&world, 1);
    last.enter();
    last.seat().part.open();
    last.handles.extend(world.slots.iter().filter_map(|slot| lock(slot).take()));
    last.end();
    let all = lock(&world.all);
    assert!(!all.is_empty());
    all.iter().for_each(|thing| thing.expect(1, 1));
    assert_eq!(world.sum.load(Ordering::Relaxed), world.added.load(std::sync::atomic::Ordering::Relaxed));
}
