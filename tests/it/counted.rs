//! Objects whose drops are counted, and large structures made of them.

use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};

use tricycle::Trace;

use super::objects::{Gc, GcCell, HEAP, gc};

/// Counts drops.
#[derive(Clone)]
pub(super) struct Drops(Arc<AtomicUsize>);

impl Drops {
    pub(super) fn new() -> Self {
        Drops(Arc::default())
    }

    pub(super) fn get(&self) -> usize {
        self.0.load(Ordering::Relaxed)
    }
}

/// Is counted when it is dropped.
pub(super) struct Counted(pub(super) Drops);

impl Drop for Counted {
    fn drop(&mut self) {
        self.0.0.fetch_add(1, Ordering::Relaxed);
    }
}

#[derive(Trace)]
pub(super) struct Node {
    pub(super) edges: GcCell<Vec<Gc<Node>>>,
    #[trace(skip)]
    _counted: Counted,
}

impl Node {
    pub(super) fn new(drops: &Drops) -> Gc<Node> {
        gc(Node { edges: GcCell::default(), _counted: Counted(drops.clone()) })
    }

    pub(super) fn ring(n: usize, drops: &Drops) -> Vec<Gc<Node>> {
        let nodes: Vec<_> = (0..n).map(|_| Node::new(drops)).collect();
        (0..n).for_each(|i| nodes[i].link(&nodes[(i + 1) % n]));
        nodes
    }

    pub(super) fn link(&self, to: &Gc<Node>) {
        self.edges.borrow_mut().push(to.clone());
    }
}

/// One that nobody counts.
pub(super) fn other() -> Gc<Node> {
    Node::new(&Drops::new())
}

/// So many objects are destroyed in one step, and half as many again may be garbage themselves.
pub(super) const STEP: usize = if cfg!(miri) { 32 } else { 4096 };
pub(super) const MOST: usize = STEP + if cfg!(miri) { 100 } else { 3000 };
pub(super) const N: usize = if cfg!(miri) { 150 } else { 30_000 };

pub(super) type Make = fn(usize, &Drops) -> Gc<Node>;

pub(super) fn list(n: usize, drops: &Drops) -> Gc<Node> {
    (1..n).fold(Node::new(drops), |list, _| {
        let node = Node::new(drops);
        node.edges.set(vec![list]);
        node
    })
}

pub(super) fn star(n: usize, drops: &Drops) -> Gc<Node> {
    let node = Node::new(drops);
    node.edges.set((1..n).map(|_| Node::new(drops)).collect());
    node
}

pub(super) fn tree(n: usize, drops: &Drops) -> Gc<Node> {
    let nodes: Vec<_> = (0..n).map(|_| Node::new(drops)).collect();
    (1..n).for_each(|i| nodes[(i - 1) / 2].link(&nodes[i]));
    nodes[0].clone()
}

pub(super) const SHAPES: [Make; 3] = [list, star, tree];

/// Has the collection come sooner, where everything takes long.
pub(super) fn hurry() {
    if cfg!(miri) {
        HEAP.set_thresholds((40, 10, 10));
    }
}

/// A ring of two that holds something old, and is garbage.
pub(super) fn lose(hold: Gc<Node>) {
    hurry();
    HEAP.collect();
    let ring = Node::ring(2, &Drops::new());
    ring[0].edges.borrow_mut().push(hold);
}

/// Allocates until `drops` has `all` drops: the most that a single allocation made.
pub(super) fn most_in_one(drops: &Drops, all: usize) -> usize {
    let (mut most, mut before) = (0, drops.get());
    let mut kept = vec![];
    for _ in 0..1 << 20 {
        kept.push(other());
        if kept.len() > 3 * N {
            kept.clear();
        }
        let now = drops.get();
        most = most.max(now - before);
        before = now;
        if now == all {
            return most;
        }
    }
    panic!("{before} of {all} have gone");
}
