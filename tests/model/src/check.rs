//! The comparison of heap and oracle between steps.

use super::ModelHeap;
use super::handles::Ref;
use super::machine::Machine;
use super::shadow::{Holder, Id, Shadow, State};

/// Goes through the real graph without touching a count.
struct Walk<'a> {
    shadow: &'a mut Shadow,
    counts: &'a [usize],
    seen: Vec<bool>,
}

impl Walk<'_> {
    /// Compares an object and all it leads to. Recursive: the borrows of the cells nest.
    fn visit<H: ModelHeap>(&mut self, gc: &Ref<H>) {
        let id = gc.id();
        if std::mem::replace(&mut self.seen[id], true) {
            return;
        }
        let object = &self.shadow.objects[id];
        let strong = if object.immortal { usize::MAX } else { self.counts[id] };
        let expected = (strong, self.shadow.weak_count(id), object.tracked(), object.finalized);
        let found = (gc.strong_count(), gc.weak_count(), gc.is_tracked(), gc.is_finalized());
        if found != expected {
            self.shadow.fail(|| {
                format!("object {id}: (strong, weak, tracked, finalized) is {found:?} instead of {expected:?}")
            });
        }
        if let Some(plain) = gc.plain()
            && let Ok(edges) = plain.edges.try_borrow()
        {
            let found: Vec<Id> = edges.iter().map(Ref::id).collect();
            if found != self.shadow.objects[id].edges {
                self.shadow.fail(|| format!("object {id} refers to {found:?}"));
            }
            edges.iter().for_each(|edge| self.visit(edge));
        }
    }
}

impl<H: ModelHeap> Machine<H> {
    /// Compares everything that can be seen from outside without changing it.
    pub(crate) fn compare(&self) {
        let heap = H::default();
        let world = &self.world;
        let mut shadow = world.shadow();
        if shadow.wrong.is_some() {
            return;
        }
        if let Some(wrong) = self.tally.wrong() {
            shadow.fail(|| wrong);
        }
        if heap.is_collecting() {
            shadow.fail(|| "a collection has not come to an end".into());
        }
        if shadow.forecast.is_some() {
            shadow.fail(|| "a collection has not reported its end".into());
        }
        let counts = shadow.counts();
        // Condemned objects refer to each other while they are dropped one after the other.
        let live_counts = shadow.counts_of(|state| matches!(state, State::Loose | State::Heap | State::Exclusive));
        for (id, count) in counts.iter().enumerate() {
            let super::shadow::Object { state, immortal, kind, .. } = shadow.objects[id];
            if state == State::Dying {
                shadow.fail(|| format!("object {id} was dropped in part"));
            }
            let alive = matches!(state, State::Heap | State::Exclusive);
            if alive && *count == 0 && !immortal {
                shadow.fail(|| format!("object {id}, a {kind:?}, is alive without handles"));
            }
            if matches!(state, State::Dropped | State::Moved) && live_counts[id] > 0 {
                shadow.fail(|| format!("object {id} is gone, but there are {} handles", live_counts[id]));
            }
        }
        for number in 0..shadow.watches.len() {
            let watch = &shadow.watches[number];
            let target = watch.target;
            let owed = watch.callback && watch.holder != Holder::Gone && watch.muted == super::shadow::Known::No;
            let over = matches!(shadow.objects[target].state, State::Dropped | State::Moved);
            if owed && over && !watch.ran {
                shadow
                    .fail(|| format!("object {target} is gone, and the callback of weak handle {number} has not run"));
            }
        }

        let objects = &shadow.objects;
        let live = objects.iter().filter(|object| object.tracked()).count();
        let external: usize = objects.iter().filter(|object| object.alive()).map(|object| object.external).sum();
        let kept = |(id, object): &(Id, &super::shadow::Object)| {
            let weak = object.state != State::Loose && shadow.weak_count(*id) > 0;
            object.alive() || object.state == State::Condemned || weak
        };
        let allocations = objects.iter().enumerate().filter(kept).count();
        let (live_before, allocations_before) = self.before;
        let expected = (live_before + live, external);
        let found = (heap.live_objects(), heap.external_bytes());
        if found != expected {
            shadow.fail(|| format!("(live objects, external bytes) is {found:?} instead of {expected:?}"));
        }
        let allocations = allocations_before + allocations;
        let (found, most) = (heap.live_allocations(), allocations + shadow.limbo);
        if !(allocations..=most).contains(&found) {
            shadow.fail(|| format!("{found} allocations instead of {allocations} to {most}"));
        }

        let seen = vec![false; shadow.objects.len()];
        let mut walk = Walk { shadow: &mut shadow, counts: &counts, seen };
        world.each_root(|root| walk.visit(root));
    }

    /// At the end: only what was leaked on purpose is left.
    pub(crate) fn compare_end(&self) {
        let mut shadow = self.world.shadow();
        let kept = shadow.reachable().to_vec();
        for (id, kept) in kept.iter().enumerate() {
            if shadow.objects[id].exists() && !kept {
                shadow.fail(|| format!("object {id} is left over"));
            }
        }
    }
}
