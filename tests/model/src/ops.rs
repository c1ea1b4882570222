//! What each operation does.

use std::sync::Arc;
use std::sync::atomic::Ordering::Relaxed;
use std::time::Duration;

use super::ModelHeap;
use super::handles::{Ref, WeakRef, face_of};
use super::machine::{Machine, Value};
use super::node::{Big, Face, Final, FinalLeaf, Leaf, Leaf16, Leaf64, Owned, Plain};
use super::op::{Kind, Op, Reaction, Slot, WEAKS};
use super::shadow::{Holder, Id, Known, Place, Watch};
use super::world::{COLLECT, Loan, WITHIN};
use tricycle::{Collection, Gc, Generation, Progress, Thresholds};

/// No more chains once there have been this many objects: the oracle looks at all of them all the time.
const ENOUGH: usize = 200;

impl<H: ModelHeap> Machine<H> {
    pub(crate) fn op(&self, op: Op) {
        let heap = H::default();
        let world = Arc::clone(&self.world);
        match op {
            Op::Clear { slot } => world.set_root(slot, None),
            Op::Alloc { to, kind, links, cyclic, finalize, drop } => {
                let edges = links.into_iter().flatten().filter_map(|slot| world.clone_root(slot)).collect();
                let gc = self.alloc(kind, edges, cyclic, finalize, drop);
                world.set_root(to, Some(gc));
            }
            Op::Chain { .. } if world.shadow().objects.len() > ENOUGH => {}
            Op::Chain { to, len, link } => {
                let mut last = link.and_then(|slot| world.clone_root(slot));
                for _ in 0..len {
                    last = Some(world.new_plain(last.into_iter().collect()));
                }
                world.set_root(to, last);
            }
            Op::Link { from, to } => _ = self.with(from, |plain| world.link(plain, to)),
            Op::MoveIn { from, to, looking } if looking || from != to => self.move_in(from, to, looking),
            Op::Unlink { from, edge } => drop(self.with(from, |plain| plain.remove(edge)).flatten()),
            Op::Strip { from } => _ = self.with(from, Plain::strip),
            Op::Load { from, edge, to } => {
                if let Some(target) = self.with(from, |plain| plain.edge(edge)).flatten() {
                    world.set_root(to, Some(target));
                }
            }
            Op::MoveOut { from, edge, to } => {
                if let Some(target) = self.with(from, |plain| plain.remove(edge)).flatten() {
                    world.set_root(to, Some(target));
                }
            }
            Op::Swap { a, b } => self.swap(a, b),
            Op::Copy { from, to } => {
                if let Some(root) = world.clone_root(from) {
                    world.set_root(to, Some(root));
                }
            }
            Op::Weak { of, to, callback, owns } => {
                let owned = owns.and_then(|slot| world.clone_root(slot)).map(|handle| Owned::new(&world, handle));
                let weak =
                    world.borrow(of).map(|root| world.make_weak_with(root.get(), Holder::Program, callback, owned));
                if weak.is_some() {
                    world.set_weak(to, weak);
                }
            }
            Op::Watchers { of, to, callbacks } => self.watchers(of, to, callbacks),
            Op::Attach { of, holder, callback } => self.attach(of, holder, callback),
            Op::CloneWeak { from, to } => self.clone_weak(from, to),
            Op::DropWeak { weak } => world.set_weak(weak, None),
            Op::Upgrade { weak, to } => self.upgrade(weak, to),
            Op::Collect { generation, fuse, event } => {
                world.arm(fuse, event);
                _ = self.collect(generation);
            }
            Op::CollectWithin { finish, fuse, event } => {
                world.arm(fuse, event);
                self.collect_within(finish);
            }
            Op::Freeze => {
                heap.freeze();
                self.world.shadow().see_returned();
                self.note_places(|place| place != Place::Frozen, Place::Frozen);
            }
            Op::Unfreeze => {
                heap.unfreeze();
                self.note_unfrozen();
            }
            Op::Thresholds { young, middle, old } => heap.set_thresholds(Thresholds { young, middle, old }),
            Op::Enable { on: true } => _ = heap.enable(),
            Op::Enable { on: false } => _ = heap.disable(),
            Op::SaveAll { on } => heap.set_save_all(on),
            Op::TakeGarbage => self.take_garbage(),
            Op::MakeMut { slot } => self.make_mut(slot),
            Op::Unwrap { slot, to } => self.unwrap(slot, to),
            Op::Settle { value, to } => self.settle(value, to),
            Op::External { slot, bytes } => {
                if let Some(root) = world.borrow(slot) {
                    root.get().external_bytes(bytes);
                    world.shadow().objects[root.get().id()].external = bytes;
                }
            }
            Op::Audit { slot } => self.audit(slot),
            Op::Look { slot, settled } => self.look(slot, settled),
            Op::Crowd { slot, weak } => self.crowd(slot, weak),
            Op::Leak { slot, leak } => self.leak(slot, leak),
            Op::MoveIn { .. } | Op::Hold { .. } => {}
        }
    }

    /// Calls `f` with a root, if it can refer to something.
    fn with<R>(&self, slot: Slot, f: impl FnOnce(&Plain<H>) -> R) -> Option<R> {
        let world = Arc::clone(&self.world);
        let root = world.borrow(slot)?;
        root.get().plain().map(f)
    }

    /// Moves a root into what another one refers to, which may be the same object, seen by introspection.
    fn move_in(&self, from: Slot, to: Slot, looking: bool) {
        let world = Arc::clone(&self.world);
        let push = |plain: &Plain<H>| {
            if plain.edges.try_borrow_mut().is_ok()
                && let Some(target) = world.remove_root(to)
            {
                plain.push(target);
            }
        };
        if !looking {
            self.with(from, push);
            return;
        }
        let Some(address) = world.borrow(from).map(|root| root.get().address()) else { return };
        let found = H::default().objects(None).into_iter().find(|any| any.address() == address);
        if let Some(any) = found
            && let Some(plain) = face_of(&any).and_then(Face::plain)
        {
            push(plain);
        }
    }

    fn alloc(&self, kind: Kind, edges: Vec<Ref<H>>, cyclic: bool, finalize: Reaction, drop: Reaction) -> Ref<H> {
        let (world, heap) = (&self.world, H::default());
        let plain = |edges| Plain::new(world, kind, edges, drop);
        let leaf = || Leaf::new(world, kind, drop);
        let gc = match kind {
            Kind::Leaf => Ref::Leaf(Gc::new_in(leaf(), heap)),
            Kind::FinalLeaf => Ref::FinalLeaf(Gc::new_in(FinalLeaf::new(leaf(), finalize), heap)),
            Kind::Leaf16 => Ref::Leaf16(Gc::new_in(Leaf16(leaf()), heap)),
            Kind::Leaf64 => Ref::Leaf64(Gc::new_in(Leaf64(leaf()), heap)),
            Kind::Plain if cyclic => {
                let value = plain(edges);
                Ref::Plain(Gc::new_cyclic_in(|me| knot(value, WeakRef::Plain(me.clone())), heap))
            }
            Kind::Plain => Ref::Plain(Gc::new_in(plain(edges), heap)),
            Kind::Final if cyclic => {
                let value = plain(edges);
                let make = |me: &_| Final::new(knot(value, WeakRef::Final(Clone::clone(me))), finalize);
                Ref::Final(Gc::new_cyclic_in(make, heap))
            }
            Kind::Final => Ref::Final(Gc::new_in(Final::new(plain(edges), finalize), heap)),
            Kind::Big => Ref::Big(Gc::new_in(Big::new(plain(edges)), heap)),
            Kind::Slice => Ref::Slice(Gc::from(vec![plain(edges)])),
            Kind::Dyn => {
                let gc: Gc<Plain<H>, H> = Gc::new_in(plain(edges), heap);
                Ref::Dyn(H::unsize(gc))
            }
        };
        if kind.tracked() {
            world.born(&gc);
        } else {
            world.shadow().settle(gc.id(), Place::Unknown);
        }
        gc
    }

    fn swap(&self, a: Slot, b: Slot) {
        let world = Arc::clone(&self.world);
        let (Some(a), Some(b)) = (world.borrow(a), world.borrow(b)) else { return };
        let (a, b) = (a.get(), b.get());
        if let (Some(left), Some(right)) = (a.plain(), b.plain())
            && a.id() != b.id()
            && left.edges.try_borrow_mut().is_ok()
            && right.edges.try_borrow_mut().is_ok()
        {
            left.edges.swap(&right.edges);
            let mut shadow = world.shadow();
            let edges = std::mem::take(shadow.edges_mut(a.id()));
            let edges = std::mem::replace(shadow.edges_mut(b.id()), edges);
            *shadow.edges_mut(a.id()) = edges;
        }
    }

    fn attach(&self, of: Slot, holder: Slot, callback: Option<Reaction>) {
        let world = Arc::clone(&self.world);
        let Some(target) = world.clone_root(of) else { return };
        self.with(holder, |plain| {
            if let Ok(mut weaks) = plain.weaks.try_borrow_mut() {
                let holder = Holder::Object(plain.probe().checked_id());
                weaks.push(world.make_weak(&target, holder, callback).1);
            }
        });
    }

    fn clone_weak(&self, from: usize, to: usize) {
        let new = self.world.clone_weak(from);
        if new.is_some() {
            self.world.set_weak(to, new);
        }
    }

    fn watchers(&self, of: Slot, to: usize, callbacks: [Reaction; 3]) {
        for (i, reaction) in callbacks.into_iter().enumerate() {
            let make = |root: Loan<'_, H>| self.world.make_weak(root.get(), Holder::Program, Some(reaction));
            let Some(weak) = self.world.borrow(of).map(make) else { return };
            self.world.set_weak((to + i) % WEAKS, Some(weak));
        }
    }

    fn upgrade(&self, weak: usize, to: Slot) {
        let world = Arc::clone(&self.world);
        let Some((watch, gc)) = world.with_weak(weak, |watch, weak| (watch, weak.upgrade())) else { return };
        {
            let mut shadow = world.shadow();
            let Watch { target, cleared, .. } = shadow.watches[watch];
            let alive = shadow.objects[target].alive();
            let wrong = match &gc {
                Some(_) => !alive || cleared == Known::Yes,
                None => alive && cleared == Known::No,
            };
            if wrong {
                let got = gc.is_some();
                shadow.fail(|| {
                    format!(
                        "weak handle {watch} to object {target}: alive {alive}, cleared {cleared:?}, upgraded {got}"
                    )
                });
                let _ = std::mem::ManuallyDrop::new(gc);
                return;
            }
        }
        if gc.is_some() {
            world.set_root(to, gc);
        }
    }

    pub(crate) fn collect(&self, generation: Generation) -> Collection {
        self.world.asked.store(COLLECT, Relaxed);
        let result = H::default().collect_generation(generation);
        self.tally.returned(&result);
        result
    }

    /// Begins a collection in steps, and finishes it if `finish` is set.
    fn collect_within(&self, finish: bool) {
        self.world.asked.store(WITHIN, Relaxed);
        if !crate::in_parallel::<H>() {
            self.world.shadow().may_begin();
        }
        let budget = if finish { Duration::from_secs(3600) } else { Duration::ZERO };
        if let (true, Progress::Unfinished) = (finish, H::default().collect_within(budget)) {
            self.world.shadow().fail(|| "an hour is not enough for a collection".into());
        }
    }

    pub(crate) fn take_garbage(&self) {
        let garbage = H::default().take_garbage();
        let ids: Vec<Id> = {
            let mut shadow = self.world.shadow();
            let ids = std::mem::take(&mut shadow.saved);
            shadow.set_saved(Vec::new());
            shadow.fading.extend(&ids);
            ids
        };
        let world = Arc::clone(&self.world);
        let fading = super::action::Fading { world: &world, ids };
        drop(garbage);
        drop(fading);
    }

    fn settle(&self, value: usize, to: Option<Slot>) {
        let (Some(value), heap) = (self.replace_loose(value, None), H::default()) else { return };
        let Some(to) = to else { return };
        let gc = match value {
            Value::Leaf(value) => Ref::Leaf(Gc::new_in(value, heap)),
            Value::FinalLeaf(value) => Ref::FinalLeaf(Gc::new_in(value, heap)),
            Value::Plain(value) => Ref::Plain(Gc::new_in(value, heap)),
            Value::Final(value) => Ref::Final(Gc::new_in(value, heap)),
        };
        self.world.born(&gc);
        self.world.set_root(to, Some(gc));
    }
}

/// Gives a value a weak handle to its object.
fn knot<H: ModelHeap>(value: Plain<H>, me: WeakRef<H>) -> Plain<H> {
    value.me.set(Some(me));
    let id = value.probe().checked_id();
    value.probe().world.shadow().objects[id].me = true;
    value
}
