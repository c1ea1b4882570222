//! What can be reached in the oracle's graph, and how many handles there are.

use std::mem;

use super::shadow::{Holder, Id, Shadow, State};

impl Shadow {
    /// Whether an object is garbage in the eyes of the collection that is running, or may be.
    pub(crate) fn condemned(&self, id: Id) -> bool {
        let Some(forecast) = &self.forecast else { return false };
        let reachable = || match &self.reachable {
            Some(reachable) => reachable[id],
            None => self.reach(self.certain_roots(true))[id],
        };
        forecast.upper(id) || (self.queues && forecast.disturbed && !reachable())
    }

    /// What the program can reach for certain.
    pub(crate) fn reachable(&mut self) -> &[bool] {
        if self.reachable.is_none() {
            self.reachable = Some(self.reach(self.certain_roots(true)));
        }
        self.reachable.as_deref().unwrap_or_default()
    }

    /// Objects that something outside of all lists keeps for certain; `condemned` says whether what is condemned counts.
    pub(crate) fn certain_roots(&self, condemned: bool) -> Vec<Id> {
        let mut roots: Vec<Id> = self.roots.iter().flatten().chain(&self.held).chain(&self.saved).copied().collect();
        for (id, object) in self.objects.iter().enumerate() {
            match object.state {
                State::Loose => roots.extend(&object.edges),
                State::Exclusive => roots.extend(&object.edges),
                State::Condemned if condemned => roots.extend(&object.edges),
                State::Heap if object.opaque => roots.extend(&object.edges),
                _ => {}
            }
            if object.immortal && object.alive() {
                roots.push(id);
            }
        }
        roots
    }

    /// Objects that may be kept besides: by values that are being dropped, or because they are themselves.
    pub(crate) fn possible_roots(&self) -> Vec<Id> {
        let counts = self.counts();
        let mut roots = self.fading.clone();
        for (id, object) in self.objects.iter().enumerate() {
            if object.state == State::Dying {
                roots.extend(&object.edges);
            }
            if object.alive() && counts[id] == 0 && !object.immortal {
                roots.push(id);
            }
        }
        roots
    }

    /// What can be reached from `roots`, not through values that are being dropped.
    pub(crate) fn reach(&self, roots: Vec<Id>) -> Vec<bool> {
        let mut seen = vec![false; self.objects.len()];
        let mut todo = roots;
        while let Some(id) = todo.pop() {
            if !mem::replace(&mut seen[id], true) && self.objects[id].state != State::Dying {
                todo.extend(&self.objects[id].edges);
            }
        }
        seen
    }

    /// The number of handles to each object, those that may be gone not included.
    pub(crate) fn counts(&self) -> Vec<usize> {
        self.counts_of(|state| !matches!(state, State::Dying | State::Dropped | State::Moved))
    }

    /// The number of handles to each object, not counting those in values that are in other states.
    pub(crate) fn counts_of(&self, states: impl Fn(State) -> bool) -> Vec<usize> {
        let mut counts = vec![0; self.objects.len()];
        let values = self.objects.iter().filter(|object| states(object.state));
        let edges = values.flat_map(|object| &object.edges);
        for id in self.roots.iter().flatten().chain(&self.held).chain(&self.saved).chain(edges) {
            counts[*id] += 1;
        }
        counts
    }

    /// The number of weak handles to an object.
    pub(crate) fn weak_count(&self, id: Id) -> usize {
        if self.objects[id].weak_stuck {
            return crate::limits::MOST_WEAK;
        }
        let handles = self.watches.iter().filter(|watch| watch.target == id && watch.holder != Holder::Gone);
        handles.count() + usize::from(self.objects[id].me && self.objects[id].exists())
    }
}
