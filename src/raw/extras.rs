//! What few objects have, kept in a side table: weak callbacks, and bytes they own outside the heap.

use std::cell::{Cell, RefCell};
use std::collections::HashMap;
use std::rc::Rc;

use smallvec::SmallVec;

/// A callback waiting for its object to die. Shared by the [`Weak`](crate::Weak) that it was made with and the table.
pub(crate) struct Node {
    callback: Cell<Option<Box<dyn FnOnce()>>>,
    /// The object is gone, as far as this weak handle is concerned.
    cleared: Cell<bool>,
    /// The weak handle is condemned.
    silenced: Cell<bool>,
    /// The last collection that found the weak handle to be a part of garbage.
    garbage: Cell<u64>,
}

impl Node {
    pub(crate) fn new(callback: Box<dyn FnOnce()>) -> Rc<Node> {
        Rc::new(Node {
            callback: Cell::new(Some(callback)),
            cleared: Cell::new(false),
            silenced: Cell::new(false),
            garbage: Cell::new(0),
        })
    }

    pub(crate) fn is_cleared(&self) -> bool {
        self.cleared.get()
    }

    pub(crate) fn clear(&self) {
        self.cleared.set(true);
    }

    /// Collection `serial` found the weak handle to be a part of garbage.
    pub(crate) fn owned_by_garbage(&self, serial: u64) {
        self.garbage.set(serial);
    }

    /// The weak handle is condemned with the object it is a part of: whatever dies from now on, it is not told.
    pub(crate) fn silence(&self) {
        self.silenced.set(true);
    }

    /// Runs the callback, unless the weak handle is gone, or is garbage itself in collection `serial`.
    pub(crate) fn run(&self, serial: u64) {
        let callback = self.callback.take();
        if let Some(callback) = callback
            && !self.silenced.get()
            && (serial == 0 || self.garbage.get() != serial)
        {
            callback();
        }
    }

    /// The weak handle is gone: so is its callback.
    pub(crate) fn forget_callback(&self) {
        drop(self.callback.take());
    }
}

/// The callbacks of one object, in the order they were registered.
pub(crate) type Nodes = SmallVec<[Rc<Node>; 1]>;

#[derive(Default)]
struct Extra {
    nodes: Nodes,
    external: usize,
}

/// The side table, by address of the value.
#[derive(Default)]
pub(crate) struct Extras {
    table: RefCell<HashMap<usize, Extra>>,
}

impl Extras {
    /// Whether nothing is registered.
    pub(crate) fn is_empty(&self) -> bool {
        self.table.borrow().is_empty()
    }

    /// Registers a callback.
    pub(crate) fn watch(&self, object: usize, node: Rc<Node>) {
        self.table.borrow_mut().entry(object).or_default().nodes.push(node);
    }

    /// Removes a callback.
    pub(crate) fn unwatch(&self, object: usize, node: &Rc<Node>) {
        self.change(object, |extra| extra.nodes.retain(|other| !Rc::ptr_eq(other, node)));
    }

    /// Sets the external bytes of an object, and returns the earlier figure.
    pub(crate) fn set_external(&self, object: usize, bytes: usize) -> usize {
        self.change(object, |extra| std::mem::replace(&mut extra.external, bytes))
    }

    /// Changes an entry, which goes if nothing is left in it.
    fn change<R>(&self, object: usize, change: impl FnOnce(&mut Extra) -> R) -> R {
        let mut table = self.table.borrow_mut();
        let extra = table.entry(object).or_default();
        let result = change(extra);
        if extra.nodes.is_empty() && extra.external == 0 {
            table.remove(&object);
        }
        result
    }

    /// Takes the callbacks of an object out, each of them cleared.
    pub(crate) fn take_nodes(&self, object: usize) -> Nodes {
        let nodes = match self.table.borrow_mut().get_mut(&object) {
            Some(extra) => std::mem::take(&mut extra.nodes),
            None => return Nodes::new(),
        };
        nodes.iter().for_each(|node| node.clear());
        nodes
    }

    /// Forgets an object. Returns its external bytes.
    pub(crate) fn remove(&self, object: usize) -> usize {
        self.table.borrow_mut().remove(&object).map_or(0, |extra| extra.external)
    }
}
