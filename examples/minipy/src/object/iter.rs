//! Iterators over the built-in types, and those that `zip`, `map` and their like return.

use tricycle::{Gc, GcCell, Trace};

use super::{Dict, List, Set, Text, Tuple};
use crate::heap::Runtime;
use crate::memory;
use crate::value::Value;

#[derive(Trace)]
#[trace(bound = "H: Runtime")]
pub struct Iter<H: Runtime> {
    pub state: GcCell<IterState<H>, H>,
}

/// Where an iterator stands. Fields named `at` are the next index.
#[derive(Clone, Trace)]
#[trace(bound = "H: Runtime")]
pub enum IterState<H: Runtime> {
    Finished,
    Range {
        next: i64,
        stop: i64,
        step: i64,
    },
    List {
        list: Gc<List<H>, H>,
        at: usize,
    },
    ListReversed {
        list: Gc<List<H>, H>,
        left: usize,
    },
    Tuple {
        tuple: Gc<Tuple<H>, H>,
        at: usize,
    },
    Text {
        text: Gc<Text, H>,
        at: usize,
    },
    Dict {
        dict: Gc<Dict<H>, H>,
        at: usize,
        len: usize,
        what: u8,
    },
    DictReversed {
        dict: Gc<Dict<H>, H>,
        left: usize,
    },
    Set {
        set: Gc<Set<H>, H>,
        at: usize,
        len: usize,
    },
    /// The old protocol: `__getitem__` with 0, 1, 2 and so on.
    Sequence {
        object: Value<H>,
        at: i64,
    },
    SequenceReversed {
        object: Value<H>,
        left: i64,
    },
    /// `iter(function, sentinel)`.
    Calls {
        function: Value<H>,
        sentinel: Value<H>,
    },
    Enumerate {
        inner: Value<H>,
        at: i64,
    },
    Zip {
        inner: Vec<Value<H>>,
        strict: bool,
    },
    Map {
        function: Value<H>,
        inner: Vec<Value<H>>,
    },
    Filter {
        function: Value<H>,
        inner: Value<H>,
    },
}

impl<H: Runtime> Iter<H> {
    pub fn create(state: IterState<H>) -> Value<H> {
        Value::Iter(memory::object(Iter { state: GcCell::new(state) }))
    }

    /// An iterator whose state says what its container is like. That is looked at when the iterator is there: making it may run
    /// a collection, and so code that changes the container.
    pub fn create_then(state: impl FnOnce() -> IterState<H>) -> Value<H> {
        let iter: Gc<Self, H> = memory::object(Iter { state: GcCell::new(IterState::Finished) });
        iter.state.set(state());
        Value::Iter(iter)
    }
}
