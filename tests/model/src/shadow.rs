//! The oracle's graph: what there is, by number, in plain vectors.
//!
//! Every change that the program or its user code makes to the real graph is made here too. When a handle goes, it goes
//! here first; when one comes, here last: so what is reachable here is alive there at every moment.

use std::mem;

use super::forecast::Forecast;
use super::op::{Kind, SLOTS};
use tricycle::Generation;

/// The number of an object.
pub(crate) type Id = usize;

/// Where a value is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum State {
    /// On the stack, not (or no longer) in an object.
    Loose,
    /// In an object.
    Heap,
    /// In an object, exclusively borrowed.
    Exclusive,
    /// In an object that a collection in steps has found to be garbage, and will drop later.
    Condemned,
    /// Its first field has been dropped, its last has not.
    Dying,
    /// Dropped.
    Dropped,
    /// Moved out: lives on under another number.
    Moved,
}

/// Which list an object is on.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Place {
    /// That of a generation.
    In(Generation),
    /// That of the frozen.
    Frozen,
    /// That of some generation: the heap moves young objects to the old ones when many die young.
    Some,
    /// The oracle cannot know, perhaps none.
    Unknown,
    /// The same, and it may be that of the frozen.
    FrozenOrUnknown,
}

impl Place {
    /// The oracle does not know.
    pub(crate) fn unknown(self) -> bool {
        matches!(self, Place::Unknown | Place::FrozenOrUnknown)
    }
}

#[derive(Debug)]
pub(crate) struct Object {
    pub(crate) kind: Kind,
    pub(crate) state: State,
    pub(crate) place: Place,
    pub(crate) edges: Vec<Id>,
    /// A forgotten borrow hides its edges from the collector.
    pub(crate) opaque: bool,
    pub(crate) immortal: bool,
    /// It has had as many weak handles as it can have.
    pub(crate) weak_stuck: bool,
    /// It has a weak handle to itself.
    pub(crate) me: bool,
    pub(crate) finalized: bool,
    pub(crate) external: usize,
    /// A guard has given it back, and no collection has come by since.
    pub(crate) returned: bool,
    /// A collection has come by since a guard gave it back: the next one makes it old.
    pub(crate) seen: Known,
}

impl Object {
    /// Its value exists, in whatever state.
    pub(crate) fn exists(&self) -> bool {
        !matches!(self.state, State::Dropped | State::Moved)
    }

    /// It is an object, and nobody has begun to drop its value.
    pub(crate) fn alive(&self) -> bool {
        matches!(self.state, State::Heap | State::Exclusive)
    }

    /// It is on a list.
    pub(crate) fn tracked(&self) -> bool {
        self.kind.tracked() && self.state == State::Heap
    }
}

/// Who owns a weak handle.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Holder {
    /// The program.
    Program,
    /// An object.
    Object(Id),
    /// It has been dropped.
    Gone,
}

/// What the oracle knows of something that depends on the moment of a collection.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Known {
    No,
    Maybe,
    Yes,
}

/// A weak handle.
#[derive(Debug)]
pub(crate) struct Watch {
    pub(crate) target: Id,
    pub(crate) holder: Holder,
    pub(crate) callback: bool,
    pub(crate) ran: bool,
    /// It was cleared while its target lived, by a collection that did not kill it.
    pub(crate) cleared: Known,
    /// Its callback will not run: it was part of garbage when its target was.
    pub(crate) muted: Known,
}

/// The oracle.
#[derive(Debug, Default)]
pub(crate) struct Shadow {
    pub(crate) objects: Vec<Object>,
    pub(crate) roots: [Option<Id>; SLOTS],
    /// Further handles that exist for certain.
    pub(crate) held: Vec<Id>,
    /// Handles that may have been dropped already.
    pub(crate) fading: Vec<Id>,
    /// Garbage that was kept.
    pub(crate) saved: Vec<Id>,
    pub(crate) watches: Vec<Watch>,
    /// What the collection that is running should do.
    pub(crate) forecast: Option<Forecast>,
    /// The first thing that was wrong.
    pub(crate) wrong: Option<String>,
    /// Panics that user code raised in this operation.
    pub(crate) panics: usize,
    /// Objects that became young since the last collection.
    pub(crate) births: usize,
    /// Depth of destruction so deep in this operation that some may have been put off.
    pub(crate) deep: bool,
    /// Threads leave objects for each other, which go when somebody comes to it: perhaps in a collection, before that looks
    /// at anything.
    pub(crate) queues: bool,
    /// How often user code has run.
    pub(crate) events: usize,
    /// Dropped objects whose memory a collection in steps may not have released yet.
    pub(crate) limbo: usize,
    dying: usize,
    pub(super) reachable: Option<Vec<bool>>,
}

impl Shadow {
    /// Notes a violation, unless there was one before.
    pub(crate) fn fail(&mut self, wrong: impl FnOnce() -> String) {
        self.wrong.get_or_insert_with(wrong);
    }

    pub(crate) fn create(&mut self, kind: Kind, edges: Vec<Id>) -> Id {
        self.reachable = None;
        self.objects.push(Object {
            kind,
            state: State::Loose,
            place: Place::Unknown,
            edges,
            opaque: false,
            immortal: false,
            weak_stuck: false,
            me: false,
            finalized: false,
            external: 0,
            returned: false,
            seen: Known::No,
        });
        self.objects.len() - 1
    }

    /// An object, to change what keeps it or what it keeps.
    pub(crate) fn object_mut(&mut self, id: Id) -> &mut Object {
        self.reachable = None;
        &mut self.objects[id]
    }

    pub(crate) fn set_state(&mut self, id: Id, state: State) {
        self.reachable = None;
        self.objects[id].state = state;
    }

    /// The young list may have become so long that it was promoted, which nobody is told.
    pub(crate) fn may_promote(&mut self, threshold: usize) {
        if threshold > 0 && self.births >= threshold {
            let young = |object: &&mut Object| object.place == Place::In(Generation::Young);
            self.objects.iter_mut().filter(young).for_each(|object| object.place = Place::Some);
        }
    }

    /// The same of the middle list, before an automatic young collection.
    pub(crate) fn may_promote_middle(&mut self, threshold: usize) {
        if self.objects.len() > threshold.saturating_mul(4) {
            let middle = |object: &&mut Object| object.place == Place::In(Generation::Middle);
            self.objects.iter_mut().filter(middle).for_each(|object| object.place = Place::Some);
        }
    }

    /// A guard has given an object back, on a heap that is used in `parallel` or not.
    pub(crate) fn give_back(&mut self, id: Id, parallel: bool) {
        let object = &mut self.objects[id];
        let place = match object.seen {
            // There, whatever stops the world makes objects known to all.
            _ if parallel => Place::Some,
            Known::No => Place::In(Generation::Young),
            Known::Maybe => Place::Some,
            Known::Yes => Place::In(Generation::Old),
        };
        object.returned = true;
        self.settle(id, place);
    }

    /// A collection, or a freeze, comes by.
    pub(crate) fn see_returned(&mut self) {
        for object in &mut self.objects {
            if mem::take(&mut object.returned) {
                object.seen = Known::Yes;
            }
        }
    }

    /// A collection in steps may begin, of which all objects become a part.
    pub(crate) fn may_begin(&mut self) {
        let younger = |object: &&mut Object| matches!(object.place, Place::In(Generation::Young | Generation::Middle));
        self.objects.iter_mut().filter(younger).for_each(|object| object.place = Place::Some);
        for object in self.objects.iter_mut().filter(|object| object.returned) {
            (object.returned, object.seen) = (false, Known::Maybe);
        }
    }

    /// It may have been taken off its list and been brought back.
    pub(crate) fn lose_sight(&mut self, id: Id) {
        self.objects[id].seen = Known::Maybe;
        let place = &mut self.objects[id].place;
        *place = match place {
            Place::Frozen | Place::FrozenOrUnknown => Place::FrozenOrUnknown,
            _ => Place::Unknown,
        };
    }

    /// The value is in an object now, on a list.
    pub(crate) fn settle(&mut self, id: Id, place: Place) {
        self.set_state(id, State::Heap);
        self.objects[id].place = place;
        self.births += 1;
    }

    /// The value was moved out of its object: it gets another number. What knew the object by its number finds it gone.
    pub(crate) fn unwrap(&mut self, id: Id) -> Id {
        let Object { kind, ref mut edges, .. } = self.objects[id];
        let edges = mem::take(edges);
        self.set_state(id, State::Moved);
        let new = self.create(kind, edges);
        for watch in self.watches.iter_mut().filter(|watch| watch.holder == Holder::Object(id)) {
            watch.holder = Holder::Object(new);
        }
        new
    }

    pub(crate) fn set_root(&mut self, slot: usize, id: Option<Id>) {
        self.reachable = None;
        self.roots[slot] = id;
    }

    pub(crate) fn edges_mut(&mut self, id: Id) -> &mut Vec<Id> {
        self.reachable = None;
        &mut self.objects[id].edges
    }

    pub(crate) fn held_mut(&mut self) -> &mut Vec<Id> {
        self.reachable = None;
        &mut self.held
    }

    pub(crate) fn set_saved(&mut self, saved: Vec<Id>) {
        self.reachable = None;
        self.saved = saved;
    }

    /// One entry less of `id`.
    pub(crate) fn forget(list: &mut Vec<Id>, id: Id) {
        if let Some(at) = list.iter().position(|other| *other == id) {
            list.swap_remove(at);
        }
    }

    /// The first field of a value is being dropped.
    pub(crate) fn begin_drop(&mut self, id: Id) {
        self.events += 1;
        let object = &self.objects[id];
        let was = object.state;
        match was {
            State::Heap | State::Exclusive => self.check_drop(id),
            State::Condemned => self.limbo += 1,
            State::Loose => {}
            State::Dying | State::Dropped | State::Moved => {
                self.fail(|| format!("object {id} is dropped again; it was {was:?}"));
                return;
            }
        }
        self.dying += 1;
        self.deep |= self.dying > 2;
        self.objects[id].state = State::Dying;
        if was != State::Heap || self.objects[id].opaque {
            self.reachable = None; // otherwise nothing that was reachable ceases to be
        }
    }

    /// The last field of a value has been dropped.
    pub(crate) fn end_drop(&mut self, id: Id) {
        if self.objects[id].state != State::Dying {
            return; // reported by `begin_drop`
        }
        self.dying -= 1;
        let object = &mut self.objects[id];
        object.state = State::Dropped;
        object.edges.clear();
        for watch in self.watches.iter_mut().filter(|watch| watch.holder == Holder::Object(id)) {
            watch.holder = Holder::Gone;
        }
    }

    /// Whether the value of an object may be dropped now.
    fn check_drop(&mut self, id: Id) {
        let reachable = self.reachable().get(id).copied().unwrap_or(false);
        let condemned = |holder: Id| self.condemned(holder);
        let holds = |(holder, object): (Id, &Object)| {
            (object.alive() && object.edges.contains(&id) && !condemned(holder)).then_some(holder)
        };
        let holder = self.objects.iter().enumerate().find_map(holds);
        let early = |watch: &Watch| {
            let there = match watch.holder {
                Holder::Program => true,
                Holder::Object(holder) => self.objects[holder].alive() && !condemned(holder),
                Holder::Gone => false,
            };
            watch.target == id && watch.callback && there && !watch.ran && watch.muted == Known::No
        };
        let early = self.watches.iter().position(early);
        let object = &self.objects[id];
        let unfinalized = object.kind.finalizer() && !object.finalized;

        if reachable {
            self.fail(|| format!("object {id} is dropped, but it is reachable"));
        }
        if let Some(holder) = holder {
            self.fail(|| format!("object {id} is dropped, but object {holder} lives and refers to it"));
        }
        if unfinalized {
            self.fail(|| format!("object {id} is dropped without having been finalized"));
        }
        if let Some(number) = early {
            self.fail(|| format!("object {id} is dropped before the callback of its weak handle {number} has run"));
        }
    }
}
