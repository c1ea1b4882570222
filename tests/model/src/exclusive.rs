//! Operations that need the only handle, and what the oracle has to be told about them.

use std::panic::{AssertUnwindSafe, catch_unwind, resume_unwind};
use std::sync::Arc;

use super::ModelHeap;
use super::handles::Ref;
use super::machine::{Machine, Value};
use super::node::Face;
use super::op::Slot;
use super::shadow::{Id, Place, State};
use super::world::ask;
use tricycle::{Gc, Generation};

impl<H: ModelHeap> Machine<H> {
    /// Whether the program holds the only handle to an object, of either sort.
    fn is_unique(&self, id: Id) -> (bool, bool) {
        let shadow = self.world.shadow();
        let strong = shadow.counts()[id] == 1 && !shadow.objects[id].immortal;
        (strong, strong && shadow.weak_count(id) == 0)
    }

    /// `get_mut` gave a guard, or did not. Returns what the object's state was if it did.
    pub(crate) fn begin_exclusive(&self, id: Id, got: bool) -> Option<State> {
        let (_, unique) = self.is_unique(id);
        let mut shadow = self.world.shadow();
        if got != unique {
            shadow.fail(|| format!("`get_mut` of object {id}: {got} instead of {unique}"));
        }
        let was = shadow.objects[id].state;
        if got {
            shadow.set_state(id, State::Exclusive);
            shadow.objects[id].returned = false;
        }
        got.then_some(was)
    }

    /// The guard is gone.
    pub(crate) fn end_exclusive(&self, id: Id) {
        self.world.shadow().give_back(id, crate::in_parallel::<H>());
    }

    pub(crate) fn make_mut(&self, slot: Slot) {
        let world = Arc::clone(&self.world);
        let Some(mut loan) = world.borrow(slot) else { return };
        let id = loan.get().id();
        if loan.get().plain().is_some_and(|plain| plain.edges.try_borrow().is_err()) {
            return; // cannot be cloned
        }
        let (_, unique) = self.is_unique(id);
        let was = world.shadow().objects[id].state;
        let serial = self.tally.collections();
        let young = ask(|| H::default().thresholds().young);
        if unique {
            world.shadow().set_state(id, State::Exclusive);
        } else {
            let mut shadow = world.shadow();
            // To allocate the clone, others may be promoted; and only then goes this handle.
            shadow.may_promote(young);
            shadow.set_root(slot, None);
            shadow.fading.push(id); // dropped at some point
        }
        let result = catch_unwind(AssertUnwindSafe(|| match loan.get_mut() {
            Ref::Leaf(gc) => drop(Gc::make_mut(gc)),
            Ref::Plain(gc) => drop(Gc::make_mut(gc)),
            Ref::Final(gc) => drop(Gc::make_mut(gc)),
            _ => {}
        }));
        let now = loan.get().id();
        let supported = matches!(loan.get(), Ref::Leaf(_) | Ref::Plain(_) | Ref::Final(_));
        {
            let mut shadow = world.shadow();
            if unique {
                match was {
                    State::Heap if supported => shadow.give_back(id, crate::in_parallel::<H>()),
                    was => shadow.set_state(id, was),
                }
            } else {
                super::shadow::Shadow::forget(&mut shadow.fading, id);
                shadow.set_root(slot, Some(now));
                if now != id {
                    // A collection since then has moved it.
                    let quiet = serial == self.tally.collections();
                    shadow.settle(now, if quiet { Place::In(Generation::Young) } else { Place::Unknown });
                    shadow.objects[now].returned = true;
                }
            }
            if result.is_ok() && supported && unique != (now == id) {
                shadow.fail(|| format!("`make_mut` of object {id}, unique: {unique}, gave object {now}"));
            }
        }
        if let Err(panic) = result {
            drop(loan);
            resume_unwind(panic);
        }
    }

    pub(crate) fn unwrap(&self, slot: Slot, to: usize) {
        let world = Arc::clone(&self.world);
        let Some(loan) = world.borrow(slot) else { return };
        let id = loan.get().id();
        if !matches!(loan.get(), Ref::Leaf(_) | Ref::FinalLeaf(_) | Ref::Plain(_) | Ref::Final(_)) {
            return;
        }
        drop(loan);
        let (unique, _) = self.is_unique(id);
        let Some(root) = world.remove_root(slot) else { return };
        if unique {
            let mut shadow = world.shadow();
            shadow.set_state(id, State::Loose);
            shadow.objects[id].external = 0;
        } else {
            world.shadow().fading.push(id);
        }
        let result = match root {
            Ref::Leaf(gc) => Gc::try_unwrap(gc).map(Value::Leaf).map_err(Ref::Leaf),
            Ref::FinalLeaf(gc) => Gc::try_unwrap(gc).map(Value::FinalLeaf).map_err(Ref::FinalLeaf),
            Ref::Plain(gc) => Gc::try_unwrap(gc).map(Value::Plain).map_err(Ref::Plain),
            Ref::Final(gc) => Gc::try_unwrap(gc).map(Value::Final).map_err(Ref::Final),
            other => Err(other),
        };
        if !unique {
            super::shadow::Shadow::forget(&mut world.shadow().fading, id);
        }
        if result.is_ok() != unique {
            world.shadow().fail(|| format!("`try_unwrap` of object {id}: unique {unique}"));
        }
        match result {
            Ok(value) => {
                let value = self.renumber(id, value);
                drop(self.replace_loose(to, Some(value)));
            }
            Err(root) => world.set_root(slot, Some(root)),
        }
    }

    /// A value that left its object has a new number: weak handles to the old one are dead, though the value lives.
    fn renumber(&self, id: Id, mut value: Value<H>) -> Value<H> {
        let face: &mut dyn Face<H> = match &mut value {
            Value::Leaf(value) => value,
            Value::FinalLeaf(value) => value,
            Value::Plain(value) => value,
            Value::Final(value) => value,
        };
        if let Some(plain) = face.plain() {
            drop(plain.me.take());
        }
        let new = {
            let mut shadow = self.world.shadow();
            shadow.objects[id].me = false;
            shadow.unwrap(id)
        };
        let (probe, tail) = face.ends_mut();
        probe.renumber(new);
        tail.renumber(new);
        value
    }

    /// Moves all objects on some lists to another.
    pub(crate) fn note_places(&self, from: impl Fn(Place) -> bool, to: Place) {
        let mut shadow = self.world.shadow();
        for object in shadow.objects.iter_mut().filter(|object| object.tracked() && from(object.place)) {
            object.place = to;
        }
    }

    pub(crate) fn note_unfrozen(&self) {
        self.note_places(|place| place == Place::Frozen, Place::In(Generation::Old));
        self.note_places(|place| place == Place::FrozenOrUnknown, Place::Unknown);
    }
}
