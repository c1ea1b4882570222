//! The objects that a heap is rebuilt from.
//!
//! * A **leaf** is a `Gc<[u8], H>`: its bytes really lie in the heap, as many as CPython's object had behind its header.
//! * A **tuple** holds leaves and tuples, and can be part of no cycle: `#[trace(acyclic)]` makes it a leaf, too.
//! * A **container** holds all three and is tracked.
//!
//! The edges of a container are two lists, one for what the collector must look at and one for what it need not. That is
//! what a typed language has over CPython: there, a collection must ask each target whether it is tracked, for nothing in
//! two cases out of three (mypy). Up to three of the edges that matter lie inside the object, as in CPython's tuples, which
//! is enough for about nine containers out of ten: full collections took 5 % (stdlib) to 18 % (django, mypy) less time
//! than with none inside. The others are a block of their own, which no collection reads.

use smallvec::SmallVec;
use tricycle::{Gc, GcCell, Heap, Hosts, Trace};

/// A heap that the objects below can live in.
pub(crate) trait ReplayHeap: Heap + Hosts<Container<Self>> + Hosts<Tuple<Self>> + Hosts<[u8]> {}

impl<H: Heap + Hosts<Container<Self>> + Hosts<Tuple<Self>> + Hosts<[u8]>> ReplayHeap for H {}

/// The edges that the collector follows.
pub(crate) type Containers<H> = SmallVec<[Gc<Container<H>, H>; 3]>;
/// The edges that it does not.
pub(crate) type Atoms<H> = Box<[Atom<H>]>;

/// A tracked object.
#[derive(Trace)]
#[trace(bound = "")] // a heap is no part of the value: it need not be `Trace`
pub(crate) struct Container<H: Heap> {
    /// The number of its node.
    pub(crate) node: u32,
    /// In a cell, because a cycle can only be closed when its objects exist.
    pub(crate) containers: GcCell<Containers<H>, H>,
    pub(crate) atoms: Atoms<H>,
}

/// An untracked object with edges.
#[derive(Trace)]
#[trace(acyclic)]
pub(crate) struct Tuple<H: Heap> {
    pub(crate) atoms: Atoms<H>,
}

/// What the collector never looks at.
#[derive(Clone, Trace)]
#[trace(acyclic)]
pub(crate) enum Atom<H: Heap> {
    Leaf(Gc<[u8], H>),
    Tuple(Gc<Tuple<H>, H>),
}

/// Any of them.
#[derive(Clone)]
pub(crate) enum Object<H: Heap> {
    Container(Gc<Container<H>, H>),
    Atom(Atom<H>),
}
