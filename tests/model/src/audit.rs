//! What collections report, and what introspection says.

use std::any::Any;
use std::cell::RefCell;
use std::sync::atomic::{AtomicUsize, Ordering::Relaxed};
use std::sync::{Arc, Mutex, PoisonError};

use super::ModelHeap;
use super::handles::ids;
use super::machine::Machine;
use super::op::Slot;
use super::shadow::{Id, Place};
use super::world::World;
use tricycle::{CallbackId, Collection, Generation, Phase, Stats};

/// After so many collections nothing is suspected any more, unless finalizers go on and on.
const SETTLING: usize = 4;

/// What the collections of a run amount to.
#[derive(Debug, Default)]
struct Sums {
    stats: Stats,
    last: Option<(usize, usize)>,
    /// The last collection ran no user code that changed something.
    quiet: bool,
    /// Collections so far that were asked for, came to an end without a panic, and nobody disturbed.
    undisturbed: usize,
}

thread_local! {
    /// The world of the run on this thread. The callback does not hold it, as it may have to be `Send`, which a world is on
    /// some heaps only.
    static WORLD: RefCell<Option<Box<dyn Any>>> = const { RefCell::new(None) };
}

/// Collections on this thread are those of a run in `world`.
pub(crate) fn listen<H: ModelHeap>(world: &Arc<World<H>>) {
    WORLD.set(Some(Box::new(Arc::clone(world))));
}

/// Listens to the collections of a run.
pub(crate) struct Tally<H: ModelHeap> {
    id: CallbackId,
    sums: Arc<Mutex<Sums>>,
    serial: Arc<AtomicUsize>,
    heap: H,
}

impl<H: ModelHeap> Tally<H> {
    pub(crate) fn new(world: &Arc<World<H>>) -> Self {
        let heap = H::default();
        let sums = Sums { stats: heap.stats(), ..Sums::default() };
        let (sums, serial) = (Arc::new(Mutex::new(sums)), Arc::new(AtomicUsize::new(0)));
        let callback = {
            listen(world);
            let (sums, serial) = (Arc::clone(&sums), Arc::clone(&serial));
            move |event: &tricycle::CollectionEvent| {
                serial.fetch_add(1, Relaxed);
                let world = WORLD.with_borrow(|world| world.as_ref()?.downcast_ref::<Arc<World<H>>>().cloned());
                let Some(world) = world else { return };
                if event.phase == Phase::Stop {
                    let mut sums = sums.lock().unwrap_or_else(PoisonError::into_inner);
                    let stats = &mut sums.stats[event.generation];
                    stats.collections += 1;
                    stats.collected += event.collected as u64;
                    stats.uncollectable += event.uncollectable as u64;
                    stats.candidates += event.candidates as u64;
                    stats.duration += event.duration;
                    sums.last = Some((event.collected, event.candidates));
                    sums.quiet = world.shadow().forecast.as_ref().is_some_and(|forecast| !forecast.disturbed);
                }
                world.observe(event);
            }
        };
        let callback: Box<dyn FnMut(&tricycle::CollectionEvent) + Send> = Box::new(callback);
        let id = heap.on_collection(callback);
        Tally { id, sums, serial, heap }
    }

    /// Changes when a collection starts or stops.
    pub(crate) fn collections(&self) -> usize {
        self.serial.load(Relaxed)
    }

    /// A collection that was asked for came to an end without panic.
    pub(crate) fn returned(&self, result: &Collection) {
        let mut sums = self.sums.lock().unwrap_or_else(PoisonError::into_inner);
        assert_eq!(sums.last, Some((result.collected, result.candidates)), "the event and the result differ");
        sums.undisturbed += usize::from(sums.quiet);
    }

    /// How many collections that were asked for nobody disturbed, and whether the last of them found nothing.
    pub(crate) fn undisturbed(&self) -> (usize, bool) {
        let sums = self.sums.lock().unwrap_or_else(PoisonError::into_inner);
        (sums.undisturbed, sums.last.is_some_and(|(collected, _)| collected == 0))
    }

    /// Stops listening.
    pub(crate) fn stop(&self) {
        WORLD.set(None);
        assert!(self.heap.remove_callback(self.id), "the callback is still there");
    }

    /// Stops listening after a violation.
    pub(crate) fn give_up(&self) {
        WORLD.set(None);
        self.heap.remove_callback(self.id);
    }

    /// What the heap says of its collections, if it is wrong.
    pub(crate) fn wrong(&self) -> Option<String> {
        let (mine, its) = (self.sums.lock().unwrap_or_else(PoisonError::into_inner).stats, self.heap.stats());
        (mine != its).then(|| format!("statistics are {its:?}, but collections reported {mine:?}"))
    }
}

impl<H: ModelHeap> Machine<H> {
    /// Looks at everything in every way. Nobody gets at a value, so the handles come and go without a trace: what is collected
    /// later is what would be, and where nothing was suspected nothing is.
    pub(crate) fn look(&self, slot: Slot, settled: bool) {
        let heap = H::default();
        let keeps = heap.is_save_all();
        if settled {
            // What is kept is looked at when a collection ends, and its values.
            heap.set_save_all(false);
            let is_settled = (0..SETTLING).any(|_| self.collect(Generation::Old).candidates == 0);
            if !is_settled {
                heap.set_save_all(keeps);
                return;
            }
        }
        let mut seen = heap.objects(None);
        let all = seen.len();
        Generation::ALL.iter().for_each(|generation| seen.extend(heap.objects(Some(*generation))));
        let parts = seen.len() - all;
        if let Some(root) = self.world.borrow(slot) {
            seen.extend(root.get().referents());
            seen.extend(root.get().referrers());
        }
        seen.extend(heap.garbage());
        let strange = seen.iter().filter(|any| any.address() == 0 || any.size() == 0 || any.strong_count() < 2).count();
        drop(seen);
        if parts != all || strange > 0 {
            self.world.shadow().fail(|| format!("{all} objects, {parts} by generation, {strange} of them strange"));
        }
        if settled {
            let Collection { candidates, collected, .. } = self.collect(Generation::Old);
            if (candidates, collected) != (0, 0) {
                let wrong =
                    || format!("somebody has looked, and {candidates} objects are suspected, {collected} collected");
                self.world.shadow().fail(wrong);
            }
            heap.set_save_all(keeps);
        }
    }

    /// Compares what introspection says. (It gives handles out, which leave a trace, so this is not done after each step.)
    pub(crate) fn audit(&self, slot: Slot) {
        let heap = H::default();
        let world = Arc::clone(&self.world);
        for generation in [None, Some(Generation::Young), Some(Generation::Middle), Some(Generation::Old)] {
            let found = ids(&heap.objects(generation));
            let mut shadow = world.shadow();
            let there = |place: Place| match generation {
                None => place != Place::Frozen,
                Some(generation) => place == Place::In(generation),
            };
            let known = |id: &Id| match shadow.objects[*id].place {
                Place::FrozenOrUnknown => false,
                Place::Some | Place::Unknown => generation.is_none(),
                Place::In(_) | Place::Frozen => true,
            };
            let objects = shadow.objects.iter().enumerate();
            let expected: Vec<Id> = objects
                .filter(|(id, object)| object.tracked() && there(object.place) && known(id))
                .map(|(id, _)| id)
                .collect();
            let found: Vec<Id> = found.into_iter().filter(known).collect();
            if found != expected {
                shadow.fail(|| format!("objects of {generation:?}: {found:?} instead of {expected:?}"));
            }
        }

        let Some(root) = world.borrow(slot) else { return };
        let hidden = self.holding.load(Relaxed) > 0 || world.shadow().objects.iter().any(|object| object.opaque);
        if hidden {
            return;
        }
        let (id, referents, referrers) = (root.get().id(), ids(&root.get().referents()), ids(&root.get().referrers()));
        let mut shadow = world.shadow();
        let mut expected = shadow.objects[id].edges.clone();
        expected.sort_unstable();
        if referents != expected {
            shadow.fail(|| format!("object {id} refers to {referents:?} instead of {expected:?}"));
        }
        let objects = shadow.objects.iter().enumerate();
        let visible = objects.filter(|(_, object)| object.tracked() && object.place != Place::Frozen);
        let expected: Vec<Id> =
            visible.filter(|(_, object)| object.edges.contains(&id)).map(|(other, _)| other).collect();
        let unknown = shadow.objects.iter().any(|object| object.place.unknown() && object.tracked());
        if referrers != expected && !unknown {
            shadow.fail(|| format!("object {id} is referred to by {referrers:?} instead of {expected:?}"));
        }
    }
}
