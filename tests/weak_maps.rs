//! Random programs over objects with entries in weak maps, next to an oracle: after a full collection exactly those are alive to
//! which roots lead, over edges and over entries of what is alive, and before it at least those.

use std::collections::HashMap;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering::Relaxed};
use std::time::Duration;

use proptest::collection::vec;
use proptest::prelude::*;
use tricycle::{Gc, GcCell, Hosts, Progress, Trace, WeakMap, heap};

const MAPS: usize = 2;
const SLOTS: usize = 6;

#[derive(Trace)]
#[trace(bound = "")]
struct Node<H: tricycle::Heap> {
    number: usize,
    edges: GcCell<Vec<Gc<Node<H>, H>>, H>,
    #[trace(skip)]
    _gone: Gone,
}

/// Tells that a value was dropped.
struct Gone(Arc<AtomicBool>);

impl Drop for Gone {
    fn drop(&mut self) {
        self.0.store(true, Relaxed);
    }
}

#[derive(Clone, Copy, Debug)]
enum Op {
    New(usize),
    Clear(usize),
    Copy(usize, usize),
    Link(usize, usize),
    Unlink(usize),
    Insert(usize, usize, usize),
    Remove(usize, usize),
    Forget(usize),
    Collect,
    Steps(usize),
    Threshold(usize),
}

fn ops() -> impl Strategy<Value = Vec<Op>> {
    let (slot, map) = (0..SLOTS, 0..MAPS);
    let op = prop_oneof![
        6 => slot.clone().prop_map(Op::New),
        4 => slot.clone().prop_map(Op::Clear),
        2 => (slot.clone(), slot.clone()).prop_map(|(from, to)| Op::Copy(from, to)),
        4 => (slot.clone(), slot.clone()).prop_map(|(from, to)| Op::Link(from, to)),
        1 => slot.clone().prop_map(Op::Unlink),
        8 => (map.clone(), slot.clone(), slot.clone()).prop_map(|(map, key, value)| Op::Insert(map, key, value)),
        1 => (map.clone(), slot).prop_map(|(map, key)| Op::Remove(map, key)),
        1 => map.prop_map(Op::Forget),
        2 => Just(Op::Collect),
        2 => (0..6_usize).prop_map(Op::Steps),
        1 => (1..8_usize).prop_map(Op::Threshold),
    ];
    vec(op, 0..if cfg!(miri) { 30 } else { 120 })
}

/// What there should be.
#[derive(Default)]
struct Oracle {
    edges: Vec<Vec<usize>>,
    entries: [HashMap<usize, usize>; MAPS],
    roots: [Option<usize>; SLOTS],
}

impl Oracle {
    fn reachable(&self) -> Vec<bool> {
        let mut seen = vec![false; self.edges.len()];
        let mut todo: Vec<usize> = self.roots.iter().flatten().copied().collect();
        while let Some(id) = todo.pop() {
            if !std::mem::replace(&mut seen[id], true) {
                todo.extend(&self.edges[id]);
                todo.extend(self.entries.iter().filter_map(|map| map.get(&id)));
            }
        }
        seen
    }
}

struct Machine<H: tricycle::Heap> {
    oracle: Oracle,
    roots: [Option<Gc<Node<H>, H>>; SLOTS],
    maps: [WeakMap<Node<H>, Node<H>, H>; MAPS],
    gone: Vec<Arc<AtomicBool>>,
}

impl<H: Hosts<Node<H>>> Machine<H> {
    fn new() -> Self {
        Machine { oracle: Oracle::default(), roots: Default::default(), maps: Default::default(), gone: Vec::new() }
    }

    fn run(&mut self, ops: &[Op]) {
        for op in ops {
            self.step(*op);
            let reachable = self.oracle.reachable();
            for (id, gone) in self.gone.iter().enumerate() {
                assert!(!(reachable[id] && gone.load(Relaxed)), "{id} is gone, but can be reached");
            }
        }
        self.collect();
    }

    fn root(&self, slot: usize) -> Option<(usize, Gc<Node<H>, H>)> {
        self.roots[slot].clone().map(|gc| (gc.number, gc))
    }

    fn step(&mut self, op: Op) {
        let heap = H::default();
        match op {
            Op::New(slot) => {
                let (number, gone) = (self.gone.len(), Arc::new(AtomicBool::new(false)));
                self.gone.push(gone.clone());
                self.oracle.edges.push(Vec::new());
                self.oracle.roots[slot] = Some(number);
                self.roots[slot] = Some(Gc::new_in(Node { number, edges: GcCell::default(), _gone: Gone(gone) }, heap));
            }
            Op::Clear(slot) => (self.oracle.roots[slot], self.roots[slot]) = (None, None),
            Op::Copy(from, to) => {
                self.oracle.roots[to] = self.oracle.roots[from];
                self.roots[to] = self.roots[from].clone();
            }
            Op::Link(from, to) => {
                if let (Some((from, source)), Some((to, target))) = (self.root(from), self.root(to)) {
                    self.oracle.edges[from].push(to);
                    source.edges.borrow_mut().push(target);
                }
            }
            Op::Unlink(slot) => {
                if let Some((id, node)) = self.root(slot) {
                    self.oracle.edges[id].clear();
                    drop(node.edges.take());
                }
            }
            Op::Insert(map, key, value) => {
                if let (Some((key_id, key)), Some((id, value))) = (self.root(key), self.root(value)) {
                    let before = self.maps[map].insert(&key, value).map(|gc| gc.number);
                    assert_eq!(before, self.oracle.entries[map].insert(key_id, id));
                }
            }
            Op::Remove(map, key) => {
                if let Some((id, key)) = self.root(key) {
                    let before = self.maps[map].remove(&key).map(|gc| gc.number);
                    assert_eq!(before, self.oracle.entries[map].remove(&id));
                }
            }
            Op::Forget(map) => {
                self.oracle.entries[map].clear();
                self.maps[map] = WeakMap::new();
            }
            Op::Collect => self.collect(),
            Op::Steps(steps) => {
                for _ in 0..steps {
                    if let Progress::Finished(_) = heap.collect_within(Duration::ZERO) {
                        break;
                    }
                }
            }
            Op::Threshold(young) => heap.set_thresholds((young, 2, 2)),
        }
        for (slot, root) in self.roots.iter().enumerate() {
            let Some(root) = root else { continue };
            let id = self.oracle.roots[slot].expect("the same as the oracle's");
            for (map, entries) in self.maps.iter().zip(&self.oracle.entries) {
                assert_eq!(map.get(root).map(|value| value.number), entries.get(&id).copied());
            }
        }
    }

    fn collect(&self) {
        H::default().collect();
        let reachable = self.oracle.reachable();
        for (id, gone) in self.gone.iter().enumerate() {
            assert_eq!(gone.load(Relaxed), !reachable[id], "whether {id} is gone");
        }
        for (map, entries) in self.maps.iter().zip(&self.oracle.entries) {
            let mut found: Vec<_> = map.iter().map(|(key, value)| (key.number, value.number)).collect();
            let alive = entries.iter().filter(|(key, _)| reachable[**key]);
            let mut expected: Vec<_> = alive.map(|(key, value)| (*key, *value)).collect();
            found.sort_unstable();
            expected.sort_unstable();
            assert_eq!(found, expected);
        }
    }
}

macro_rules! on {
    ($($test:ident: $kind:ident)*) => {$(
        #[test]
        fn $test() {
            heap! { Own: $kind }
            let cases = if cfg!(miri) { 4 } else { 500 };
            let config = ProptestConfig { cases, failure_persistence: None, ..ProptestConfig::default() };
            proptest!(config, |(ops in ops(), inside: bool)| {
                let mut machine = Machine::<Own>::new();
                if inside { Own.attach(|| machine.run(&ops)) } else { machine.run(&ops) }
                drop(machine);
                Own.collect();
                prop_assert_eq!(Own.live_allocations(), 0);
            });
        }
    )*};
}

on! {
    on_a_local_heap: Local
    on_a_locked_heap: Locked
    on_an_atomic_heap: Atomic
    on_a_biased_heap: Biased
}
