//! What few objects have, kept in a side table: weak callbacks, the entries of weak maps of which they are keys ([`Ephemeron`]), and bytes they own
//! outside the heap.

use std::collections::HashMap;
use std::mem;
use std::sync::{Arc, LazyLock, Mutex};

use smallvec::{SmallVec, smallvec};

use super::ephemerons::{Ephemeron, Ephemerons, MapId};
use crate::raw::base::relaxed::{Flag, Number};
use crate::raw::base::sync::lock;

/// What is called when an object dies.
pub(crate) type Callback = Box<dyn FnOnce()>;

/// A callback waiting for its object to die. Shared by the [`Weak`](crate::Weak) that it was made with and the table, and by
/// nobody else: whoever drops it in a weak handle drops the callback.
pub(crate) struct Node {
    callback: Mutex<Option<Callback>>,
    /// The callback has been taken out.
    spent: Flag,
    /// The object is gone, as far as this weak handle is concerned.
    cleared: Flag,
    /// The weak handle is condemned.
    silenced: Flag,
    /// The last collection that found the weak handle to be a part of garbage.
    garbage: Number<u64>,
}

// SAFETY: [I19] a node that several threads know of is one of a heap that they share, and its callback is `Send`
// (`HostsFn`). It is called or dropped by whoever takes it out.
unsafe impl Send for Node {}
// SAFETY: as above.
unsafe impl Sync for Node {}

impl Node {
    /// A node. If the heap is one that threads share, `callback` is `Send`.
    pub(crate) fn new(callback: Callback) -> Arc<Node> {
        Arc::new(Node {
            callback: Mutex::new(Some(callback)),
            spent: Flag::new(false),
            cleared: Flag::new(false),
            silenced: Flag::new(false),
            garbage: Number::default(),
        })
    }

    /// What a weak handle has that was born dead: the clone of one that was cleared. It is cleared, and has no callback that
    /// anybody could lose.
    pub(crate) fn of_the_dead() -> Arc<Node> {
        static DEAD: LazyLock<Arc<Node>> = LazyLock::new(|| {
            let node = Node::new(Box::new(|| {}));
            node.clear();
            drop(node.take());
            node
        });
        Arc::clone(&DEAD)
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

    /// Takes the callback out, if it is still there. The thread is inside, or knows the node for itself.
    pub(crate) fn take(&self) -> Option<Callback> {
        let callback = lock(&self.callback).take();
        self.spent.set(true);
        callback
    }

    /// Whether there is no callback any more.
    pub(crate) fn is_spent(&self) -> bool {
        self.spent.get()
    }

    /// Runs the callback, unless the weak handle is gone, or is garbage itself in collection `serial`.
    pub(crate) fn run(&self, serial: u64) {
        if let Some(callback) = self.take()
            && !self.silenced.get()
            && (serial == 0 || self.garbage.get() != serial)
        {
            callback();
        }
    }
}

/// Callbacks, in the order they were registered.
pub(crate) type Nodes = SmallVec<[Arc<Node>; 1]>;

/// The callbacks that are registered for one object. One is what most objects have that have any.
#[derive(Default)]
enum Watchers {
    #[default]
    None,
    One(Arc<Node>),
    Many(Box<Registry>),
}

/// Many callbacks. One of them is removed in constant time, wherever it stands.
#[derive(Default)]
struct Registry {
    /// By address of the node; with the place in the order of registration.
    nodes: HashMap<usize, (u64, Arc<Node>)>,
    next: u64,
}

impl Registry {
    fn add(&mut self, node: Arc<Node>) {
        self.nodes.insert(address(&node), (self.next, node));
        self.next += 1;
    }
}

fn address(node: &Arc<Node>) -> usize {
    Arc::as_ptr(node).addr()
}

impl Watchers {
    fn is_empty(&self) -> bool {
        matches!(self, Watchers::None)
    }

    fn add(&mut self, node: Arc<Node>) {
        *self = match mem::take(self) {
            Watchers::None => Watchers::One(node),
            Watchers::One(first) => {
                let mut registry = Box::<Registry>::default();
                registry.add(first);
                registry.add(node);
                Watchers::Many(registry)
            }
            Watchers::Many(mut registry) => {
                registry.add(node);
                Watchers::Many(registry)
            }
        };
    }

    fn remove(&mut self, node: &Arc<Node>) {
        match self {
            Watchers::One(other) if Arc::ptr_eq(other, node) => *self = Watchers::None,
            Watchers::Many(registry) => {
                registry.nodes.remove(&address(node));
                if registry.nodes.is_empty() {
                    *self = Watchers::None;
                }
            }
            Watchers::One(_) | Watchers::None => {}
        }
    }

    /// The callbacks, in order, each of them cleared. Takes time in proportion to them, so nobody else should have to wait for it.
    fn into_nodes_cleared(self) -> Nodes {
        let nodes: Nodes = match self {
            Watchers::None => Nodes::new(),
            Watchers::One(node) => smallvec![node],
            Watchers::Many(registry) => {
                let mut numbered: Vec<_> = registry.nodes.into_values().collect();
                numbered.sort_unstable_by_key(|(number, _)| *number);
                numbered.into_iter().map(|(_, node)| node).collect()
            }
        };
        nodes.iter().for_each(|node| node.clear());
        nodes
    }
}

#[derive(Default)]
struct Extra {
    watchers: Watchers,
    ephemerons: Ephemerons,
    external: usize,
}

impl Extra {
    fn is_empty(&self) -> bool {
        self.watchers.is_empty() && self.ephemerons.is_empty() && self.external == 0
    }
}

/// What a dying object had in the table.
#[derive(Default)]
pub(crate) struct Left {
    /// Callbacks that are to be called.
    pub(crate) nodes: Nodes,
    /// What is to be dropped. Its destructors are user code.
    pub(crate) ephemerons: Ephemerons,
}

/// The side table.
#[derive(Default)]
pub(crate) struct Extras {
    table: Mutex<Table>,
    /// How many objects have ephemerons.
    owners: Number<usize>,
}

#[derive(Default)]
struct Table {
    /// By address of the value.
    entries: HashMap<usize, Extra>,
    /// The sum of all external bytes: more than there are addresses cannot be counted.
    external: u128,
}

impl Extras {
    /// Whether nothing is registered.
    pub(crate) fn is_empty(&self) -> bool {
        lock(&self.table).entries.is_empty()
    }

    /// Registers a callback.
    pub(crate) fn watch(&self, object: usize, node: Arc<Node>) {
        lock(&self.table).entries.entry(object).or_default().watchers.add(node);
    }

    /// Removes a callback.
    pub(crate) fn unwatch(&self, object: usize, node: &Arc<Node>) {
        lock(&self.table).change(object, |extra| extra.watchers.remove(node));
    }

    /// Sets the external bytes of an object, and returns the earlier figure. `sum` becomes that of all, or the largest number there
    /// is; nobody else writes it.
    pub(crate) fn set_external(&self, object: usize, bytes: usize, sum: &Number<usize>) -> usize {
        let mut table = lock(&self.table);
        let before = table.change(object, |extra| mem::replace(&mut extra.external, bytes));
        table.add_up(before, bytes, sum);
        before
    }

    /// Takes the callbacks of an object out, each of them cleared.
    pub(crate) fn take_nodes(&self, object: usize) -> Nodes {
        let watchers = match lock(&self.table).entries.get_mut(&object) {
            Some(extra) => mem::take(&mut extra.watchers),
            None => return Nodes::new(),
        };
        watchers.into_nodes_cleared()
    }

    /// Forgets an object, and returns what it had. `sum` is as for [`Extras::set_external`].
    pub(crate) fn remove(&self, object: usize, sum: &Number<usize>) -> Left {
        let mut table = lock(&self.table);
        let Some(extra) = table.entries.remove(&object) else { return Left::default() };
        table.add_up(extra.external, 0, sum);
        self.count_owners(extra.ephemerons.is_empty(), true);
        drop(table);
        Left { nodes: extra.watchers.into_nodes_cleared(), ephemerons: extra.ephemerons }
    }

    /// Makes an object the key of an entry. Returns the value that it had in that map.
    pub(crate) fn insert_ephemeron(&self, object: usize, map: MapId, value: Ephemeron) -> Option<Ephemeron> {
        let mut table = lock(&self.table);
        let ephemerons = &mut table.entries.entry(object).or_default().ephemerons;
        self.count_owners(ephemerons.is_empty(), false);
        ephemerons.insert(map, value)
    }

    /// Takes out the value of an object in a map.
    pub(crate) fn remove_ephemeron(&self, object: usize, map: MapId) -> Option<Ephemeron> {
        let mut table = lock(&self.table);
        // Not through `entry`: as a rule there is one, and its absence changes nothing.
        let ephemerons = &mut table.entries.get_mut(&object)?.ephemerons;
        let before = ephemerons.is_empty();
        let value = ephemerons.remove(map);
        self.count_owners(before, ephemerons.is_empty());
        table.change(object, |_| ());
        value
    }

    /// Calls `look` with the value of an object in a map. The table is locked meanwhile, so no user code may run.
    pub(crate) fn with_ephemeron<R>(&self, object: usize, map: MapId, look: impl FnOnce(&Ephemeron) -> R) -> Option<R> {
        lock(&self.table).entries.get(&object)?.ephemerons.get(map).map(look)
    }

    /// Calls `look` with each ephemeron of an object, as [`Extras::with_ephemeron`] does.
    pub(crate) fn each_ephemeron(&self, object: usize, look: impl FnMut(&Ephemeron)) {
        if let Some(extra) = lock(&self.table).entries.get(&object) {
            extra.ephemerons.each(look);
        }
    }

    /// Whether any object has ephemerons.
    pub(crate) fn has_ephemerons(&self) -> bool {
        self.owners.get() != 0
    }

    /// An object had no ephemerons `before`, or has none `now`. The table is locked.
    fn count_owners(&self, before: bool, now: bool) {
        self.owners.set(self.owners.get() + usize::from(before) - usize::from(now));
    }
}

impl Table {
    /// Changes an entry, which goes if nothing is left in it.
    fn change<R>(&mut self, object: usize, change: impl FnOnce(&mut Extra) -> R) -> R {
        let extra = self.entries.entry(object).or_default();
        let result = change(extra);
        if extra.is_empty() {
            self.entries.remove(&object);
        }
        result
    }

    /// The bytes of an object have become more or less.
    fn add_up(&mut self, before: usize, now: usize, sum: &Number<usize>) {
        self.external = self.external - before as u128 + now as u128;
        sum.set(usize::try_from(self.external).unwrap_or(usize::MAX));
    }
}

#[cfg(test)]
mod models {
    use std::sync::atomic::{AtomicUsize, Ordering::Relaxed};
    use std::thread;

    use super::*;

    const ROUNDS: usize = if cfg!(miri) { 2 } else { 300 };

    /// A callback that counts its calls.
    fn counting(calls: &Arc<AtomicUsize>) -> Arc<Node> {
        let calls = Arc::clone(calls);
        Node::new(Box::new(move || _ = calls.fetch_add(1, Relaxed)))
    }

    /// An object dies while the weak handles of some of its callbacks are dropped: each of those has been called or was taken out, one
    /// of both, and all others are called, in order.
    #[test]
    fn taken_while_it_dies() {
        for _ in 0..ROUNDS {
            let (table, calls, sum) = (Extras::default(), Arc::default(), Number::default());
            let nodes: Vec<_> = (0..4).map(|_| counting(&calls)).collect();
            nodes.iter().for_each(|node| table.watch(8, Arc::clone(node)));
            table.watch(16, counting(&calls));
            let taken = AtomicUsize::new(0);
            let left = thread::scope(|scope| {
                scope.spawn(|| {
                    for node in &nodes[1..3] {
                        table.unwatch(8, node);
                        taken.fetch_add(usize::from(node.take().is_some()), Relaxed);
                    }
                });
                let left = table.remove(8, &sum);
                left.nodes.iter().for_each(|node| node.run(0));
                left
            });
            assert!(left.nodes.iter().all(|node| node.is_cleared() && node.is_spent()));
            let at: Vec<_> =
                left.nodes.iter().map(|node| nodes.iter().position(|other| Arc::ptr_eq(node, other))).collect();
            assert!(at.is_sorted() && at.contains(&Some(0)) && at.contains(&Some(3)));
            assert_eq!(calls.load(Relaxed) + taken.load(Relaxed), 4);
            assert!(table.remove(8, &sum).nodes.is_empty() && !table.is_empty());
            assert_eq!(table.take_nodes(16).len(), 1);
        }
    }

    /// Whether there is anything in the table is known when all of it has been taken out, whoever did.
    #[test]
    fn empty_again() {
        let (table, sum) = (Extras::default(), Number::default());
        thread::scope(|scope| {
            for object in [8, 16] {
                let (table, sum) = (&table, &sum);
                scope.spawn(move || {
                    for _ in 0..ROUNDS {
                        let nodes = [(); 2].map(|()| Node::new(Box::new(|| ())));
                        nodes.iter().for_each(|node| table.watch(object, Arc::clone(node)));
                        nodes.iter().for_each(|node| table.unwatch(object, node));
                        assert!(!lock(&table.table).entries.contains_key(&object));
                        let map = MapId::new();
                        table.insert_ephemeron(object, map, Ephemeron::new(()));
                        assert!(table.has_ephemerons());
                        assert!(table.remove_ephemeron(object, map).is_some());
                        table.watch(object, Node::new(Box::new(|| ())));
                        table.insert_ephemeron(object, map, Ephemeron::new(()));
                        assert_eq!(table.remove(object, sum).nodes.len(), 1);
                    }
                });
            }
        });
        assert!(table.is_empty() && !table.has_ephemerons());
    }

    /// A weak handle that is garbage itself is not told, in that collection; and one that was condemned never.
    #[test]
    fn not_told() {
        let calls = Arc::default();
        let nodes = [(); 4].map(|()| counting(&calls));
        nodes[0].owned_by_garbage(7);
        nodes[1].owned_by_garbage(6);
        nodes[2].silence();
        nodes.iter().for_each(|node| node.run(7));
        assert_eq!(calls.load(Relaxed), 2);
        nodes.iter().for_each(|node| node.run(7));
        assert!(calls.load(Relaxed) == 2 && nodes.iter().all(|node| node.is_spent()));
    }
}
