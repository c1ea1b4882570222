//! What user code does: finalizers, destructors of fields, weak callbacks.

use std::sync::Arc;
use std::sync::atomic::Ordering::Relaxed;

use super::ModelHeap;
use super::handles::Ref;
use super::node::Plain;
use super::op::{Action, Reaction, WEAKS};
use super::shadow::Holder;
use super::world::{COLLECT, World};

impl<H: ModelHeap> World<H> {
    /// Does what `reaction` says. `object` is there in finalizers.
    pub(crate) fn perform(world: &Arc<Self>, reaction: Reaction, object: Option<&Plain<H>>) {
        if reaction.action != Action::Nothing {
            if let Some(forecast) = &mut world.shadow().forecast {
                forecast.disturbed = true;
            }
            match object {
                Some(object) if world.change(reaction.action, object) => {}
                _ => world.take(reaction.action),
            }
        }
        if reaction.panic {
            world.inject();
        }
    }

    /// Actions that concern the object. False if this is not one.
    fn change(self: &Arc<Self>, action: Action, object: &Plain<H>) -> bool {
        match action {
            Action::Resurrect => {
                let me = object.me.try_borrow().ok().and_then(|me| me.as_ref().and_then(|me| me.upgrade()));
                if let Some(me) = me {
                    self.add(me);
                }
            }
            Action::Escape(edge) => {
                if let Some(target) = object.edge(edge) {
                    self.add(target);
                }
            }
            Action::Link(slot) => self.link(object, slot),
            Action::Pass(slot) => {
                // The root keeps the object: `root` is not the last handle.
                if let (Some(target), Some(root)) = (object.edge(0), self.clone_root(slot))
                    && let Some(plain) = root.plain()
                {
                    plain.push(target);
                }
            }
            Action::Unlink(edge) => drop(object.remove(edge)),
            Action::Strip => object.strip(),
            _ => return false,
        }
        true
    }

    /// Actions that concern the program's handles.
    fn take(self: &Arc<Self>, action: Action) {
        let heap = H::default();
        match action {
            Action::Clear(slot) => self.set_root(slot, None),
            Action::Collect(generation) => {
                let nested = heap.is_collecting();
                let was = self.asked.swap(COLLECT, Relaxed);
                let restore = Restore(self, was);
                let result = heap.collect_generation(generation);
                drop(restore);
                if nested && (result.collected, result.candidates) != (0, 0) {
                    self.shadow().fail(|| "a collection inside a collection did something".into());
                }
            }
            Action::Alloc(slot) => {
                let gc = self.new_plain(self.clone_root(slot).into_iter().collect());
                self.add(gc);
            }
            Action::Litter => self.litter(),
            Action::Upgrade(place) => {
                if let Some((target, gc)) = self.upgrade(place) {
                    if !self.shadow().objects[target].alive() {
                        self.shadow().fail(|| format!("a weak handle to object {target}, which is gone, was upgraded"));
                    }
                    self.add(gc);
                }
            }
            Action::Watch(slot) => {
                if let Some(root) = self.clone_root(slot) {
                    let weak = self.make_weak(&root, Holder::Program, Some(Reaction::NOTHING));
                    drop(root);
                    self.set_weak(0, Some(weak));
                }
            }
            Action::DropWeak(place) => self.set_weak(place, None),
            Action::CloneWeak(place) => {
                let clone = self.clone_weak(place);
                if clone.is_some() {
                    self.set_weak((place + 1) % WEAKS, clone);
                }
            }
            Action::DropClone(place) => {
                if let Some((watch, weak)) = self.clone_weak(place) {
                    self.shadow().watches[watch].holder = Holder::Gone;
                    drop(weak);
                }
            }
            Action::Cut(slot) => {
                let edge = self.clone_root(slot).and_then(|root| root.plain().and_then(|plain| plain.remove(0)));
                drop(edge);
            }
            Action::Threshold(young) => {
                let mut thresholds = heap.thresholds();
                thresholds.young = usize::from(young);
                heap.set_thresholds(thresholds);
            }
            Action::Outside => heap.detach(|| heap.attach(|| ())),
            _ => {}
        }
    }

    /// Has an object refer to a root.
    pub(crate) fn link(&self, object: &Plain<H>, slot: usize) {
        if let Some(target) = self.clone_root(slot) {
            object.push(target);
        }
    }

    /// Leaves a cycle of one object behind.
    fn litter(self: &Arc<Self>) {
        let gc = self.new_plain(Vec::new());
        let clone = gc.clone();
        if let Some(plain) = gc.plain() {
            plain.push(clone);
        }
    }

    /// Upgrades a weak handle; also returns its target's number.
    pub(crate) fn upgrade(&self, place: usize) -> Option<(usize, Ref<H>)> {
        let (target, gc) = self.with_weak(place, |watch, weak| (watch, weak.upgrade()))?;
        let target = self.shadow().watches[target].target;
        gc.map(|gc| (target, gc))
    }
}

/// Sets `asked` back, also when the collection panics.
struct Restore<'a, H: ModelHeap>(&'a World<H>, u8);

impl<H: ModelHeap> Drop for Restore<'_, H> {
    fn drop(&mut self) {
        self.0.asked.store(self.1, Relaxed);
    }
}

impl<H: ModelHeap> Plain<H> {
    fn id(&self) -> usize {
        super::node::Face::probe(self).checked_id()
    }

    fn world(&self) -> &Arc<World<H>> {
        &super::node::Face::probe(self).world
    }

    /// A clone of one of the handles, which the oracle does not count.
    pub(crate) fn edge(&self, edge: u8) -> Option<Ref<H>> {
        let edges = self.edges.try_borrow().ok()?;
        edges.get(usize::from(edge).checked_rem(edges.len())?).cloned()
    }

    /// Adds a handle. Returns it if the cell is borrowed.
    pub(crate) fn push(&self, target: Ref<H>) {
        let id = target.id();
        if let Ok(mut edges) = self.edges.try_borrow_mut() {
            edges.push(target);
            self.world().shadow().edges_mut(self.id()).push(id);
        }
    }

    /// Takes a handle out; the oracle does not count it any more.
    pub(crate) fn remove(&self, edge: u8) -> Option<Ref<H>> {
        let mut edges = self.edges.try_borrow_mut().ok()?;
        let at = usize::from(edge).checked_rem(edges.len())?;
        self.world().shadow().edges_mut(self.id()).swap_remove(at);
        Some(edges.swap_remove(at))
    }

    /// Drops all handles.
    pub(crate) fn strip(&self) {
        if self.edges.try_borrow_mut().is_err() {
            return;
        }
        let ids = {
            let mut shadow = self.world().shadow();
            let ids = std::mem::take(shadow.edges_mut(self.id()));
            shadow.fading.extend(&ids);
            ids
        };
        let world = Arc::clone(self.world());
        let fading = Fading { world: &world, ids };
        drop(self.edges.take());
        drop(fading);
    }
}

/// Handles that are being dropped one after the other. Forgets them at the end, also after a panic.
pub(crate) struct Fading<'a, H: ModelHeap> {
    pub(crate) world: &'a World<H>,
    pub(crate) ids: Vec<usize>,
}

impl<H: ModelHeap> Drop for Fading<'_, H> {
    fn drop(&mut self) {
        let mut shadow = self.world.shadow();
        for id in &self.ids {
            super::shadow::Shadow::forget(&mut shadow.fading, *id);
        }
    }
}
