//! What a collection should do, worked out when it starts.

use super::shadow::{Holder, Id, Known, Place, Shadow, State};
use tricycle::{CollectionEvent, Generation};

/// The forecast for one collection. `lower` is garbage for certain, what is not in `upper` is not garbage for certain;
/// they differ when the collection starts in the middle of destruction.
#[derive(Debug)]
pub(crate) struct Forecast {
    generation: Generation,
    /// It is the end of a collection in steps. Which objects it is about was decided in steps before.
    steps: bool,
    /// What an earlier collection condemned is dropped in this one, and other things in its wake.
    wake: bool,
    /// What is examined for certain.
    set: Vec<bool>,
    /// Nothing else is.
    exact: bool,
    /// What may be examined: the last handles of these are being dropped.
    leaving: Vec<Id>,
    lower: Vec<bool>,
    upper: Vec<bool>,
    /// Which weak handles are cleared by this collection for certain.
    clears: Vec<usize>,
    /// User code has changed something meanwhile, or tracing has panicked: the forecast is void.
    pub(crate) disturbed: bool,
    /// Tracing has panicked.
    pub(crate) abandoned: bool,
}

impl Forecast {
    /// Whether the collection may clear an object.
    pub(crate) fn upper(&self, id: Id) -> bool {
        self.upper.get(id).copied().unwrap_or(false)
    }

    /// Whether it takes a look at the heap to find out what has been condemned, given how many objects were.
    pub(crate) fn unclear(&self, collected: usize) -> bool {
        self.steps && collected > 0 && (self.disturbed || collected != count(&self.upper))
    }
}

fn count(flags: &[bool]) -> usize {
    flags.iter().filter(|flag| **flag).count()
}

fn ids(flags: &[bool]) -> impl Iterator<Item = Id> + '_ {
    flags.iter().enumerate().filter_map(|(id, flag)| flag.then_some(id))
}

impl Shadow {
    /// A collection starts, or comes to its decision if it is one in `steps`. `fuse` says that a panic while tracing has
    /// been arranged.
    pub(crate) fn collection_starts(&mut self, generation: Generation, steps: bool, fuse: bool) {
        if self.forecast.is_some() {
            self.fail(|| "a collection starts inside another one".into());
        }
        let full = generation == Generation::Old && !steps;
        if !steps {
            self.see_returned();
        }
        let wake = full && self.objects.iter().any(|object| object.state == State::Condemned);
        let within = |place: Place| match place {
            Place::In(other) if steps => other == generation,
            Place::In(other) => other <= generation,
            Place::Some => full,
            _ => false,
        };
        // Allocating may make young objects old and go on with a cycle, both at once.
        let promoted = |place: Place| steps && place == Place::In(Generation::Young);
        let maybe = |place: Place| place == Place::Some || place.unknown() || promoted(place);
        let counts = self.counts();
        // Its destruction has begun or been put off.
        let leaving = |id: Id| counts[id] == 0 && !self.objects[id].immortal;
        let flags = |f: &dyn Fn(Id) -> bool| (0..self.objects.len()).map(f).collect::<Vec<bool>>();
        let set = flags(&|id| self.objects[id].tracked() && within(self.objects[id].place) && !leaving(id));
        let wide = flags(&|id| self.objects[id].tracked() && (set[id] || maybe(self.objects[id].place) || leaving(id)));

        // Whatever lives outside of the set keeps what it refers to.
        let outside = |set: &[bool]| {
            let others = self.objects.iter().enumerate().filter(|(id, object)| object.alive() && !set[*id]);
            others.flat_map(|(_, object)| object.edges.iter().copied()).collect::<Vec<Id>>()
        };
        let roots = self.certain_roots(!full);
        let certain = self.reach([&roots[..], &outside(&wide)].concat());
        let possible = self.reach([roots, self.possible_roots(), outside(&set)].concat());
        let lower = flags(&|id| set[id] && !possible[id] && !steps);
        let upper = flags(&|id| wide[id] && !certain[id]);

        let mut clears = Vec::new();
        for (number, watch) in self.watches.iter_mut().enumerate().filter(|(_, watch)| watch.callback) {
            let (Some(true), target) = (upper.get(watch.target), watch.target) else { continue };
            let sure = lower[target] && !fuse && !wake;
            if watch.cleared != Known::Yes {
                watch.cleared = if sure { Known::Yes } else { Known::Maybe };
                if let Holder::Object(holder) = watch.holder
                    && watch.muted != Known::Yes
                    && upper[holder]
                {
                    watch.muted = if sure && lower[holder] { Known::Yes } else { Known::Maybe };
                }
                if sure && !watch.ran {
                    clears.push(number);
                }
            }
        }
        let (disturbed, abandoned) = (false, false);
        let exact = set == wide && self.fading.is_empty();
        let leaving = ids(&wide).filter(|id| !set[*id] && matches!(self.objects[*id].place, Place::In(_))).collect();
        self.forecast =
            Some(Forecast { generation, steps, wake, exact, leaving, set, lower, upper, clears, disturbed, abandoned });
    }

    /// A collection is over. `saved` is the garbage that the heap keeps now, if it keeps any; `left` the objects that it
    /// still has, if the forecast is unclear.
    pub(crate) fn collection_stops(&mut self, event: &CollectionEvent, saved: Option<Vec<Id>>, left: Option<&[Id]>) {
        let Some(forecast) = self.forecast.take() else {
            self.fail(|| "a collection stops that has not started".into());
            return;
        };
        let mut wrong = Vec::new();
        if event.generation != forecast.generation {
            wrong.push(format!("it began as one of {:?}", forecast.generation));
        }
        if event.uncollectable != 0 {
            wrong.push("objects are said to be uncollectable".into());
        }
        // Tracing panicked. If that was when it was certain what is garbage, and weak handles in it were looked for, the
        // collection goes on.
        let abandoned = forecast.abandoned && event.collected == 0;
        if !forecast.disturbed {
            let remain = |id: &Id| saved.is_none() && self.objects[*id].exists();
            if let Some(id) = ids(&forecast.lower).find(remain) {
                wrong.push(format!("object {id} is garbage and was not freed"));
            }
            if let Some(id) = ids(&forecast.lower).find(|id| saved.as_ref().is_some_and(|saved| !saved.contains(id))) {
                wrong.push(format!("object {id} is garbage and was not kept"));
            }
            let (least, most) = (if forecast.wake { 0 } else { count(&forecast.lower) }, count(&forecast.upper));
            if !(least..=most).contains(&event.collected) {
                wrong.push(format!("not between {least} and {most} objects were collected"));
            }
            if forecast.exact
                && !forecast.steps
                && !forecast.wake
                && event.candidates != 0
                && event.candidates != count(&forecast.set)
                // A full collection may do with what suspects lead to.
                && (forecast.generation != Generation::Old || event.candidates > count(&forecast.set))
            {
                wrong.push(format!("{} objects should have been examined", count(&forecast.set)));
            }
        }
        if !abandoned {
            for number in &forecast.clears {
                let watch = &self.watches[*number];
                let there = match watch.holder {
                    Holder::Program => true,
                    Holder::Object(holder) => self.objects[holder].alive() && !forecast.upper(holder),
                    Holder::Gone => false,
                };
                if there && !watch.ran {
                    wrong.push(format!("the callback of weak handle {number} has not run"));
                }
            }
        }
        if let Some(first) = wrong.first() {
            self.fail(|| format!("{event:?}: {first}"));
        }

        if forecast.steps && saved.is_none() && event.collected > 0 {
            self.condemn(&forecast, left);
        } else if event.generation == Generation::Old {
            self.limbo = 0; // a full collection finishes what one in steps has begun
        }
        if !forecast.steps {
            self.births = 0;
        }
        for id in &forecast.leaving {
            self.objects[*id].place = Place::Unknown; // if it is brought back
        }
        if self.queues && forecast.disturbed {
            // Born before it looked at anything, or after.
            let within = |place: Place| matches!(place, Place::In(other) if other <= forecast.generation);
            self.objects.iter_mut().filter(|object| within(object.place)).for_each(|object| object.place = Place::Some);
        }
        let older = older(forecast.generation);
        for id in ids(&forecast.set) {
            self.objects[id].place = Place::In(older);
        }
        if forecast.generation == Generation::Old && !forecast.steps && !forecast.disturbed {
            for object in self.objects[..forecast.set.len()].iter_mut().filter(|object| object.place == Place::Unknown)
            {
                object.place = Place::In(Generation::Old);
            }
        }
        if let Some(saved) = saved {
            self.set_saved(saved);
        }
    }

    /// A collection in steps has found its garbage, which it will drop later.
    fn condemn(&mut self, forecast: &Forecast, left: Option<&[Id]>) {
        self.limbo = 0;
        let reachable = self.reach(self.certain_roots(false));
        for id in ids(&forecast.upper) {
            if !self.objects[id].tracked() || left.is_some_and(|left| left.contains(&id)) {
                continue;
            }
            if reachable[id] {
                self.fail(|| format!("object {id} is condemned, but it is reachable"));
            }
            if self.objects[id].kind.finalizer() && !self.objects[id].finalized {
                self.fail(|| format!("object {id} is condemned without having been finalized"));
            }
            self.object_mut(id).state = State::Condemned;
            self.objects[id].external = 0;
            for watch in self.watches.iter_mut().filter(|watch| watch.holder == Holder::Object(id)) {
                watch.muted = Known::Maybe;
            }
        }
    }
}

/// Where survivors of a collection of a generation go.
fn older(generation: Generation) -> Generation {
    match generation {
        Generation::Young => Generation::Middle,
        Generation::Middle | Generation::Old => Generation::Old,
    }
}
