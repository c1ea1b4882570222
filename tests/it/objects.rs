//! The objects of the tests, on the heap of this instance of the suite.

use tricycle::{Finalize, Hosts, Trace};

pub(super) use super::{HEAP, Other, Storable};
pub(super) use crate::support::{Canary, Log, Shelf};

/// The heap.
pub(super) type H = HEAP;
pub(super) type Gc<T> = tricycle::Gc<T, H>;
pub(super) type Weak<T> = tricycle::Weak<T, H>;
pub(super) type GcCell<T> = tricycle::GcCell<T, H>;
pub(super) type AnyGc = tricycle::AnyGc<H>;
pub(super) type Gate = crate::support::Gate<H>;

/// A new object.
pub(super) fn gc<T: Trace + 'static>(value: T) -> Gc<T>
where
    H: Hosts<T>,
{
    Gc::new_in(value, HEAP)
}

/// An object with edges and without finalizer.
#[derive(Trace)]
pub(super) struct Node {
    pub(super) edges: GcCell<Vec<Gc<Node>>>,
    pub(super) weaks: GcCell<Vec<Weak<Node>>>,
    canary: Canary,
}

impl Node {
    pub(super) fn named(name: impl Into<String>, log: &Log) -> Gc<Node> {
        gc(Node { edges: GcCell::default(), weaks: GcCell::default(), canary: Canary::new(name, log) })
    }

    /// One that nobody is interested in the end of.
    pub(super) fn new() -> Gc<Node> {
        Node::named("", &Log::new())
    }

    /// `n` in a circle.
    pub(super) fn ring(n: usize, log: &Log) -> Vec<Gc<Node>> {
        let nodes: Vec<_> = (0..n).map(|i| Node::named(i.to_string(), log)).collect();
        (0..n).for_each(|i| nodes[i].link(&nodes[(i + 1) % n]));
        nodes
    }

    pub(super) fn link(&self, to: &Gc<Node>) {
        self.edges.borrow_mut().push(to.clone());
    }

    pub(super) fn name(&self) -> &str {
        &self.canary.name
    }
}

/// What a finalizer does, next to writing to the log.
pub(super) trait Script: Storable {
    fn run(&self, obj: &Obj);
}

impl<F: Fn(&Obj) + Storable> Script for F {
    fn run(&self, obj: &Obj) {
        self(obj);
    }
}

/// An object with edges and a finalizer, which writes `finalize name` to the log.
#[derive(Trace)]
#[trace(finalize)]
pub(super) struct Obj {
    pub(super) edges: GcCell<Vec<Gc<Obj>>>,
    pub(super) weaks: GcCell<Vec<Weak<Obj>>>,
    pub(super) log: Log,
    #[trace(skip)]
    script: Box<dyn Script>,
    canary: Canary,
}

impl Obj {
    pub(super) fn new(name: impl Into<String>, log: &Log) -> Gc<Obj> {
        Obj::with(name, log, |_| {})
    }

    /// One whose finalizer runs `script`.
    pub(super) fn with(name: impl Into<String>, log: &Log, script: impl Fn(&Obj) + Storable + 'static) -> Gc<Obj> {
        gc(Obj {
            edges: GcCell::default(),
            weaks: GcCell::default(),
            log: log.clone(),
            script: Box::new(script),
            canary: Canary::new(name, log),
        })
    }

    /// One that puts the first of its edges on a shelf when it is finalized. (Link it to itself, and it comes back.)
    pub(super) fn saving(name: impl Into<String>, log: &Log, shelf: &Shelf<Gc<Obj>>) -> Gc<Obj> {
        let shelf = shelf.clone();
        Obj::with(name, log, move |this| shelf.put(this.edges.borrow()[0].clone()))
    }

    pub(super) fn link(&self, to: &Gc<Obj>) {
        self.edges.borrow_mut().push(to.clone());
    }

    pub(super) fn unlink(&self) {
        drop(self.edges.take());
    }

    pub(super) fn name(&self) -> &str {
        &self.canary.name
    }
}

impl Finalize for Obj {
    fn finalize(&self) {
        self.log.add(format!("finalize {}", self.name()));
        self.script.run(self);
    }
}

/// Makes an object link to itself.
pub(super) fn self_link(obj: &Gc<Obj>) {
    obj.link(obj);
}

/// Links objects in a circle.
pub(super) fn circle(objects: &[Gc<Obj>]) {
    for (i, obj) in objects.iter().enumerate() {
        obj.link(&objects[(i + 1) % objects.len()]);
    }
}

/// Collects, and returns how many objects went.
pub(super) fn collect() -> usize {
    HEAP.collect().collected
}
