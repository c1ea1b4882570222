//! What a program and the user code it brings about work on: the real handles, and the oracle next to them.

use std::panic::{AssertUnwindSafe, catch_unwind, resume_unwind};
use std::sync::atomic::{AtomicU8, Ordering::Relaxed};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use super::ModelHeap;
use super::handles::{Ref, WeakRef, ids};
use super::node::{Face, Owned, Plain};
use super::op::{Kind, Reaction, SLOTS, Slot, WEAKS};
use super::shadow::{Holder, Id, Known, Place, Shadow, State, Watch};
use tricycle::{CollectionEvent, Generation, Phase};

/// The real handles of a program. The oracle's are at the same places.
pub(crate) struct Hands<H: ModelHeap> {
    roots: [Option<Ref<H>>; SLOTS],
    /// Roots that are in use: their places are empty, but not free.
    taken: [bool; SLOTS],
    weaks: [Option<(usize, WeakRef<H>)>; WEAKS],
}

/// Everything there is. Nobody holds one of its locks while code of the crate runs that can call user code.
pub(crate) struct World<H: ModelHeap> {
    shadow: Mutex<Shadow>,
    hands: Mutex<Hands<H>>,
    /// How many more values are traced before one panics; zero for never.
    pub(crate) fuse: AtomicU8,
    /// The event whose callback panics.
    pub(crate) event: Mutex<Option<Phase>>,
    /// Which collection was asked for.
    pub(crate) asked: AtomicU8,
}

/// No collection was asked for.
pub(crate) const NO: u8 = 0;
/// A collection was asked for.
pub(crate) const COLLECT: u8 = 1;
/// A collection in steps was asked for.
pub(crate) const WITHIN: u8 = 2;

/// What injected panics carry.
pub(crate) struct Injected(pub(crate) usize);

/// Asks the heap something. What threads have left for each other may come to its end meanwhile, and panic; then once more.
pub(crate) fn ask<R>(question: impl Fn() -> R) -> R {
    loop {
        match catch_unwind(AssertUnwindSafe(&question)) {
            Ok(answer) => return answer,
            Err(panic) if panic.is::<Injected>() => {}
            Err(panic) => resume_unwind(panic),
        }
    }
}

impl<H: ModelHeap> World<H> {
    pub(crate) fn new() -> Arc<Self> {
        let hands = Hands { roots: [const { None }; SLOTS], taken: [false; SLOTS], weaks: [const { None }; WEAKS] };
        let world = World {
            shadow: Mutex::default(),
            hands: Mutex::new(hands),
            fuse: AtomicU8::new(0),
            event: Mutex::new(None),
            asked: AtomicU8::new(NO),
        };
        Arc::new(world)
    }

    pub(crate) fn shadow(&self) -> MutexGuard<'_, Shadow> {
        self.shadow.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn hands(&self) -> MutexGuard<'_, Hands<H>> {
        self.hands.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Panics, unless the thread is panicking: destructors must not.
    pub(crate) fn inject(&self) {
        if !std::thread::panicking() {
            let number = {
                let mut shadow = self.shadow();
                shadow.panics += 1;
                shadow.panics - 1
            };
            resume_unwind(Box::new(Injected(number))); // not `panic!`: no message
        }
    }

    /// Has the `fuse`-th value that is traced panic, or the callback of an event.
    pub(crate) fn arm(&self, fuse: u8, event: Option<Phase>) {
        self.fuse.store(fuse, Relaxed);
        *self.event.lock().unwrap_or_else(PoisonError::into_inner) = event;
    }

    /// A value is traced.
    pub(crate) fn burn_fuse(&self) {
        let left = self.fuse.load(Relaxed);
        if left == 0 {
            return;
        }
        self.fuse.store(left - 1, Relaxed);
        if left == 1 {
            if let Some(forecast) = &mut self.shadow().forecast {
                (forecast.disturbed, forecast.abandoned) = (true, true);
            }
            self.inject();
        }
    }

    /// A collection starts or stops.
    pub(crate) fn observe(&self, event: &CollectionEvent) {
        let heap = H::default();
        match event.phase {
            Phase::Start => {
                let asked = self.asked.load(Relaxed);
                let (enabled, young) = ask(|| (heap.is_enabled(), heap.thresholds().young));
                let legal = asked != NO || (enabled && young > 0);
                let steps = event.in_steps;
                let mut shadow = self.shadow();
                if !legal {
                    shadow.fail(|| "an automatic collection starts although they are off".into());
                }
                shadow.may_promote(young);
                if asked == NO && event.generation == Generation::Young {
                    shadow.may_promote_middle(young);
                }
                shadow.collection_starts(event.generation, steps, self.fuse.load(Relaxed) > 0);
            }
            Phase::Stop => {
                let kept = ask(|| heap.is_save_all().then(|| ids(&heap.garbage())));
                let unclear = self.shadow().forecast.as_ref().is_some_and(|forecast| forecast.unclear(event.collected));
                let left = ask(|| unclear.then(|| ids(&heap.objects(None))));
                self.shadow().collection_stops(event, kept, left.as_deref());
            }
        }
        if self.event.lock().unwrap_or_else(PoisonError::into_inner).take_if(|phase| *phase == event.phase).is_some() {
            self.inject();
        }
    }

    /// Puts a handle (or nothing) into a place, and drops what was there. `new` is in the oracle's count from here on.
    pub(crate) fn set_root(&self, slot: Slot, new: Option<Ref<H>>) {
        let old = {
            let mut hands = self.hands();
            if hands.taken[slot] {
                drop(hands);
                drop(new);
                return;
            }
            self.shadow().set_root(slot, new.as_ref().map(Ref::id));
            std::mem::replace(&mut hands.roots[slot], new)
        };
        drop(old);
    }

    /// Puts a handle into a free place, if there is one.
    fn add_root(&self, new: Ref<H>) {
        let free = {
            let hands = self.hands();
            (0..SLOTS).find(|slot| hands.roots[*slot].is_none() && !hands.taken[*slot])
        };
        match free {
            Some(slot) => self.set_root(slot, Some(new)),
            None => drop(new),
        }
    }

    /// A clone of a root, which the oracle does not count.
    pub(crate) fn clone_root(&self, slot: Slot) -> Option<Ref<H>> {
        self.hands().roots[slot].clone()
    }

    /// Takes a root out for good; the oracle does not count it any more.
    pub(crate) fn remove_root(&self, slot: Slot) -> Option<Ref<H>> {
        let root = self.hands().roots[slot].take()?;
        self.shadow().set_root(slot, None);
        Some(root)
    }

    /// Lends a root. Until it is given back its place is neither empty nor of use.
    pub(crate) fn borrow(&self, slot: Slot) -> Option<Loan<'_, H>> {
        let mut hands = self.hands();
        let root = hands.roots[slot].take()?;
        hands.taken[slot] = true;
        Some(Loan { world: self, slot, root: Some(root) })
    }

    /// Makes a weak handle, and notes it.
    pub(crate) fn make_weak(
        self: &Arc<Self>,
        of: &Ref<H>,
        holder: Holder,
        callback: Option<Reaction>,
    ) -> (usize, WeakRef<H>) {
        self.make_weak_with(of, holder, callback, None)
    }

    /// The same; the callback owns a handle, which is none of an object's.
    pub(crate) fn make_weak_with(
        self: &Arc<Self>,
        of: &Ref<H>,
        holder: Holder,
        callback: Option<Reaction>,
        owned: Option<Owned<H>>,
    ) -> (usize, WeakRef<H>) {
        let watch = {
            let mut shadow = self.shadow();
            let target = of.id();
            // In a collection that may have found the target to be garbage, it is too late for a callback.
            let late = shadow.condemned(target);
            let muted = if late { Known::Maybe } else { Known::No };
            let (cleared, callback) = (Known::No, callback.is_some());
            shadow.watches.push(Watch { target, holder, callback, ran: false, cleared, muted });
            shadow.watches.len() - 1
        };
        let weak = match callback {
            Some(reaction) => of.watch(super::node::Callback { world: Arc::clone(self), watch, reaction, owned }),
            None => of.downgrade(),
        };
        (watch, weak)
    }

    /// Puts a weak handle (or nothing) into a place, and drops what was there.
    pub(crate) fn set_weak(&self, place: usize, new: Option<(usize, WeakRef<H>)>) {
        let old = std::mem::replace(&mut self.hands().weaks[place], new);
        if let Some((watch, weak)) = old {
            self.shadow().watches[watch].holder = Holder::Gone;
            drop(weak);
        }
    }

    /// A clone of a weak handle, with its number.
    pub(crate) fn clone_weak(&self, from: usize) -> Option<(usize, WeakRef<H>)> {
        self.with_weak(from, |watch, weak| {
            let mut shadow = self.shadow();
            let Watch { target, mut cleared, .. } = shadow.watches[watch];
            if cleared == Known::Yes && shadow.forecast.is_some() && (shadow.deep || shadow.queues) {
                cleared = Known::Maybe; // the collection that clears it may not have come to it yet
            }
            let (holder, muted) = (Holder::Program, Known::No);
            shadow.watches.push(Watch { target, holder, callback: false, ran: false, cleared, muted });
            (shadow.watches.len() - 1, weak.clone())
        })
    }

    /// Calls `f` with a weak handle and its number.
    pub(crate) fn with_weak<R>(&self, place: usize, f: impl FnOnce(usize, &WeakRef<H>) -> R) -> Option<R> {
        self.hands().weaks[place].as_ref().map(|(watch, weak)| f(*watch, weak))
    }

    /// Calls `f` with each root that is at hand, without cloning it.
    pub(crate) fn each_root(&self, mut f: impl FnMut(&Ref<H>)) {
        self.hands().roots.iter().flatten().for_each(&mut f);
    }

    /// Whether nothing is at hand.
    pub(crate) fn is_empty(&self) -> bool {
        let hands = self.hands();
        hands.roots.iter().all(Option::is_none) && hands.weaks.iter().all(Option::is_none)
    }

    /// Notes that an object's value is in place, and what list it is on.
    pub(crate) fn born(&self, root: &Ref<H>) {
        let young = ask(|| H::default().thresholds().young);
        let mut shadow = self.shadow();
        shadow.may_promote(young);
        shadow.settle(root.id(), Place::In(Generation::Young));
    }

    /// A finalizer.
    pub(crate) fn finalize(value: &impl Face<H>, reaction: Reaction) {
        let probe = value.probe();
        let (world, id) = (&probe.world, probe.checked_id());
        {
            let mut shadow = world.shadow();
            if shadow.objects[id].finalized {
                shadow.fail(|| format!("object {id} is finalized twice"));
            }
            if !shadow.objects[id].alive() {
                shadow.fail(|| format!("object {id} is finalized after its end"));
            }
            // In a collection, an earlier finalizer may have brought it back already.
            let condemned = shadow.condemned(id);
            if !condemned && shadow.reachable().get(id).copied().unwrap_or(false) {
                shadow.fail(|| format!("object {id} is finalized, but it is reachable"));
            }
            shadow.objects[id].finalized = true;
            shadow.events += 1;
            if shadow.deep && shadow.counts()[id] == 0 {
                shadow.lose_sight(id); // off its list, if its destruction was put off
            }
            shadow.held_mut().push(id); // it lives at least until the finalizer is done
            if shadow.objects[id].state == State::Exclusive && shadow.objects[id].kind.tracked() {
                shadow.objects[id].seen = Known::Maybe;
                shadow.settle(id, Place::In(Generation::Young)); // it was off its list, and is put on the young one first
            }
        }
        let done = Done { world, id };
        World::perform(world, reaction, value.plain());
        drop(done);
    }

    /// The callback of a weak handle.
    pub(crate) fn called_back(world: &Arc<Self>, watch: usize, reaction: Reaction) {
        {
            let mut shadow = world.shadow();
            let Watch { target, holder, ran, muted, .. } = shadow.watches[watch];
            let counts = shadow.counts();
            let object = &shadow.objects[target];
            let condemned = shadow.condemned(target);
            let wrong = if ran {
                Some("runs twice")
            } else if holder == Holder::Gone {
                Some("runs although the handle is gone")
            } else if muted == Known::Yes {
                Some("runs although the handle is garbage")
            } else if object.state == State::Dropped || (object.alive() && counts[target] > 0 && !condemned) {
                Some("runs at the wrong moment")
            } else {
                None
            };
            if let Some(wrong) = wrong {
                shadow.fail(|| format!("the callback of weak handle {watch} to object {target} {wrong}"));
            }
            shadow.watches[watch].ran = true;
            shadow.events += 1;
        }
        world.check_cleared(watch);
        World::perform(world, reaction, None);
    }

    /// All weak handles with callbacks to what a collection found are cleared before the first callback runs.
    fn check_cleared(&self, running: usize) {
        let mut shadow = self.shadow();
        for (watch, weak) in self.hands().weaks.iter().flatten() {
            let Watch { callback, cleared, .. } = shadow.watches[*watch];
            let dead = *watch == running || (callback && cleared == Known::Yes);
            if dead && let Some(gc) = weak.upgrade() {
                shadow.fail(|| format!("weak handle {watch} is alive while a callback runs"));
                let _ = std::mem::ManuallyDrop::new(gc); // who knows what dropping it would do
            }
        }
    }

    /// A new object that refers to `edges`; not a root.
    pub(crate) fn new_plain(self: &Arc<Self>, edges: Vec<Ref<H>>) -> Ref<H> {
        let plain = Plain::new(self, Kind::Plain, edges, Reaction::NOTHING);
        let gc = Ref::Plain(tricycle::Gc::new_in(plain, H::default()));
        self.born(&gc);
        gc
    }

    pub(crate) fn add(&self, new: Ref<H>) {
        self.add_root(new);
    }
}

/// Ends a finalizer, also when it panics.
struct Done<'a, H: ModelHeap> {
    world: &'a World<H>,
    id: Id,
}

impl<H: ModelHeap> Drop for Done<'_, H> {
    fn drop(&mut self) {
        let mut shadow = self.world.shadow();
        Shadow::forget(shadow.held_mut(), self.id);
        if shadow.counts()[self.id] == 0 {
            return;
        }
        if shadow.deep {
            shadow.lose_sight(self.id); // brought back
        }
    }
}

/// A root that is in use.
pub(crate) struct Loan<'a, H: ModelHeap> {
    world: &'a World<H>,
    slot: Slot,
    root: Option<Ref<H>>,
}

impl<H: ModelHeap> Loan<'_, H> {
    pub(crate) fn get(&self) -> &Ref<H> {
        self.root.as_ref().unwrap_or_else(|| unreachable!("a loan has its root until it ends"))
    }

    pub(crate) fn get_mut(&mut self) -> &mut Ref<H> {
        self.root.as_mut().unwrap_or_else(|| unreachable!("a loan has its root until it ends"))
    }
}

impl<H: ModelHeap> Drop for Loan<'_, H> {
    fn drop(&mut self) {
        let mut hands = self.world.hands();
        hands.taken[self.slot] = false;
        hands.roots[self.slot] = self.root.take();
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::machine::Machine;
    use crate::op::{Action, Kind, Op, Reaction};
    use tricycle::{Generation, Local};

    /// A fuse that never burns would leave panics in `Trace` untested without a word.
    #[test]
    fn values_are_traced() {
        let machine = Machine::<Local>::new(None);
        let nothing = Reaction { action: Action::Nothing, panic: false };
        let alloc =
            Op::Alloc { to: 0, kind: Kind::Plain, links: [None; 2], cyclic: false, finalize: nothing, drop: nothing };
        for op in [alloc, Op::Copy { from: 0, to: 1 }, Op::Clear { slot: 1 }] {
            machine.op(op);
        }
        let collected =
            std::panic::catch_unwind(|| machine.op(Op::Collect { generation: Generation::Old, fuse: 1, event: None }));
        assert_eq!(machine.world.fuse.load(Relaxed), 0);
        assert!(collected.is_err());
        machine.op(Op::Clear { slot: 0 });
        machine.tally.give_up();
    }
}
