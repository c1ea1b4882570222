//! `WeakMap`, `WeakSet`, `WeakValueMap`: what lives as long as something else.

use super::objects::*;
use crate::support::{inject, injected, on_thread};
use tricycle::{ByAddress, Progress};

type Map = tricycle::WeakMap<Node, Node, H>;

/// By count: the value goes with its key, or when it is taken out, or with the map.
#[test]
fn entries_go_with_their_keys() {
    let _gate = Gate::open_for(entries_go_with_their_keys);
    let log = Log::new();
    let keys = [Node::named("key", &log), Node::new(), Node::new()];
    let mut map = Map::new();
    for (key, value) in keys.iter().zip(["first", "second", "third"]) {
        assert!(map.insert(key, Node::named(value, &log)).is_none());
    }
    assert_eq!(map.get(&keys[1]).unwrap().name(), "second");
    assert_eq!(map.insert(&keys[1], Node::named("another", &log)).unwrap().name(), "second");
    assert_eq!(log.take(), ["drop second"]);
    assert!(map.get(&Node::new()).is_none() && !map.contains_key(&Node::new()) && map.contains_key(&keys[2]));
    let [first, second, third] = keys;
    drop(first);
    assert_eq!(log.sorted(), ["drop first", "drop key"]);
    assert_eq!(map.remove(&second).unwrap().name(), "another");
    assert!(map.remove(&second).is_none() && map.get(&second).is_none());
    assert_eq!(log.take(), ["drop another"]);
    assert_eq!(map.iter().map(|(key, value)| (Gc::ptr_eq(&key, &third), value.name().to_owned())).collect::<Vec<_>>(), [
        (true, "third".to_owned())
    ]);
    drop(map);
    assert_eq!(log.take(), ["drop third"]);
    drop((second, third));
}

/// The value leads to its key: the two go like any other cycle, once nobody else has the key.
#[test]
fn a_value_that_leads_to_its_key() {
    let _gate = Gate::open_for(a_value_that_leads_to_its_key);
    let log = Log::new();
    let mut map = Map::new();
    let key = Node::named("key", &log);
    let value = Node::named("value", &log);
    value.link(&key);
    map.insert(&key, value);
    assert_eq!(collect(), 0);
    assert_eq!(map.get(&key).unwrap().name(), "value");
    drop(key);
    assert!(log.take().is_empty());
    assert_eq!(collect(), 2);
    assert_eq!(log.sorted(), ["drop key", "drop value"]);
    assert_eq!(map.iter().count(), 0);
}

/// … also over several maps and entries, and when the key is garbage in a cycle of its own.
#[test]
fn rings_through_entries() {
    let _gate = Gate::open_for(rings_through_entries);
    let mut maps = [Map::new(), Map::new(), Map::new()];
    let n = if cfg!(miri) { 4 } else { 40 };
    let nodes: Vec<_> = (0..n).map(|_| Node::new()).collect();
    for (i, key) in nodes.iter().enumerate() {
        maps[i % 3].insert(key, nodes[(i + 1) % n].clone());
        maps[(i + 1) % 3].insert(key, Node::new());
    }
    let kept = nodes[0].clone();
    drop(nodes);
    assert_eq!(collect(), 0, "each leads to the next");
    assert_eq!(maps.iter().map(|map| map.keys().count()).sum::<usize>(), 2 * n);
    drop(kept);
    assert_eq!(collect(), 2 * n);
    assert_eq!(maps.iter().map(|map| map.values().count()).sum::<usize>(), 0);
}

/// The map goes before its keys do: nothing is left with these.
#[test]
fn the_map_goes_first() {
    let _gate = Gate::open_for(the_map_goes_first);
    let log = Log::new();
    let key = Node::new();
    let (mut map, mut other) = (Map::new(), Map::new());
    let value = Node::named("value", &log);
    value.link(&value);
    map.insert(&key, value);
    other.insert(&key, Node::named("other", &log));
    drop(map);
    assert!(log.take().is_empty());
    assert_eq!(collect(), 1);
    assert_eq!(log.take(), ["drop value"]);
    other.clear();
    assert_eq!(log.take(), ["drop other"]);
    other.insert(&key, key.clone()); // leads to itself
    drop(key);
    assert_eq!(collect(), 1);
}

/// An object that owns the map, in a cycle with what is in it.
#[test]
fn a_map_in_a_cycle() {
    #[derive(tricycle::Trace)]
    struct Owner {
        map: GcCell<tricycle::WeakMap<Node, Owner, H>>,
        key: Gc<Node>,
        me: GcCell<Option<Gc<Owner>>>,
    }
    let _gate = Gate::open_for(a_map_in_a_cycle);
    let owner = gc(Owner { map: GcCell::default(), key: Node::new(), me: GcCell::new(None) });
    owner.map.borrow_mut().insert(&owner.key, owner.clone());
    owner.me.set(Some(owner.clone()));
    let weak = Gc::downgrade(&owner);
    drop(owner);
    assert_eq!(collect(), 2);
    assert!(weak.upgrade().is_none());
}

/// A finalizer brings the key back: its values are still there.
#[test]
fn a_key_that_comes_back() {
    let _gate = Gate::open_for(a_key_that_comes_back);
    let (log, shelf) = (Log::new(), Shelf::new());
    let key = Obj::saving("key", &log, &shelf);
    self_link(&key);
    let mut map = tricycle::WeakMap::<Obj, Node, H>::new();
    map.insert(&key, Node::named("value", &log));
    drop(key);
    collect();
    let key = shelf.take().remove(0);
    assert_eq!(log.take(), ["finalize key"]);
    assert_eq!(map.get(&key).unwrap().name(), "value");
    key.unlink();
    drop(key);
    assert_eq!(log.sorted(), ["drop key", "drop value"]);
}

/// In steps, with changes in between: what is attached is seen by each step, or the examination says otherwise.
#[test]
fn in_steps() {
    let _gate = Gate::open_for(in_steps);
    let n = if cfg!(miri) { 20 } else { 3000 };
    let mut map = Map::new();
    let keep: Vec<_> = (0..n).map(|_| Node::new()).collect();
    for key in &keep {
        let value = Node::new();
        value.link(key);
        map.insert(key, value);
        let (lost, value) = (Node::new(), Node::new());
        value.link(&lost);
        map.insert(&lost, value);
    }
    let mut i = 0;
    while HEAP.collect_within(std::time::Duration::ZERO) == Progress::Unfinished {
        // A value moves from one key to another, on which the search may have been, or not.
        let (from, to) = (&keep[i % n], &keep[(i * 7 + 1) % n]);
        if let Some(value) = map.remove(from) {
            map.insert(to, value);
        }
        i += 1;
    }
    assert_eq!(collect(), 0, "it was all found");
    assert!(map.keys().count() <= n && HEAP.live_objects() >= n);
    let found = map.iter().all(|(_, value)| value.edges.borrow().len() == 1);
    assert!(found, "what is there is intact");
}

/// A leaf as key, and one as value.
#[test]
fn leaves() {
    let _gate = Gate::open_for(leaves);
    let log = Log::new();
    let mut map = tricycle::WeakMap::<str, Canary, H>::new();
    let key: Gc<str> = Gc::from("key");
    map.insert(&key, gc(Canary::new("value", &log)));
    assert_eq!(map.get(&key).unwrap().name, "value");
    assert!(map.get(&Gc::from("key")).is_none(), "keys are compared by identity");
    drop(key);
    assert_eq!(log.take(), ["drop value"]);
}

/// `try_unwrap`, `make_mut` and `get_mut` of a key.
#[test]
fn keys_taken_apart() {
    let _gate = Gate::open_for(keys_taken_apart);
    let log = Log::new();
    let mut map = tricycle::WeakMap::<GcCell<i32>, Canary, H>::new();
    let mut key = gc(GcCell::new(1));
    map.insert(&key, gc(Canary::new("first", &log)));
    assert!(Gc::get_mut(&mut key).is_none(), "the map has a weak handle");
    assert_eq!(Gc::try_unwrap(key).unwrap_or_else(|_| unreachable!()).into_inner(), 1);
    assert_eq!(log.take(), ["drop first"]);

    let mut key = gc(7);
    let mut numbers = tricycle::WeakMap::<i32, Canary, H>::new();
    numbers.insert(&key, gc(Canary::new("second", &log)));
    *Gc::make_mut(&mut key) += 1; // moves out, as there is a weak handle
    assert_eq!(log.take(), ["drop second"]);
    assert!(numbers.get(&key).is_none());
}

/// Introspection sees what is attached.
#[test]
fn referents() {
    let _gate = Gate::open_for(referents);
    let (key, value) = (Node::new(), Node::new());
    let mut map = Map::new();
    map.insert(&key, value.clone());
    let found = HEAP.referents(&key);
    assert!(found.len() == 1 && found[0].ptr_eq(&AnyGc::from(value.clone())));
    assert!(HEAP.referrers(&value)[0].ptr_eq(&AnyGc::from(key.clone())));
}

/// A destructor of a value that panics: the others go, and nothing is left.
#[test]
fn panics() {
    #[derive(tricycle::Trace)]
    #[trace(acyclic)]
    struct Fuse;
    impl Drop for Fuse {
        fn drop(&mut self) {
            inject("fuse");
        }
    }
    let _gate = Gate::open_for(panics);
    let log = Log::new();
    let mut map = tricycle::WeakMap::<Node, Fuse, H>::new();
    let mut names = Map::new();
    let keys = [(); 3].map(|()| Node::new());
    for key in &keys {
        map.insert(key, gc(Fuse));
        names.insert(key, Node::named("value", &log));
    }
    assert_eq!(injected(|| drop(map)), Err("fuse"));
    assert!(log.take().is_empty());
    let mut map = tricycle::WeakMap::<Node, Fuse, H>::new();
    map.insert(&keys[0], gc(Fuse));
    keys[0].link(&keys[0]);
    assert_eq!(injected(|| drop(keys)), Ok(()));
    assert_eq!(log.take().len(), 2);
    assert_eq!(injected(collect), Err("fuse"));
    assert_eq!(log.take(), ["drop value"]);
}

/// Chains through entries, of any length, go in constant stack.
#[test]
fn long_chains() {
    let _gate = Gate::open_for(long_chains);
    let n = if cfg!(miri) { 30 } else { 50_000 };
    let (first, mut map) = (Node::new(), Map::new());
    let mut last = first.clone();
    for _ in 0..n {
        let next = Node::new();
        map.insert(&last, next.clone());
        last = next;
    }
    drop(last);
    assert_eq!(HEAP.live_objects() / n, 1);
    drop(first);
    assert_eq!(map.iter().count(), 0);
}

/// Dead entries do not pile up.
#[test]
fn entries_of_the_dead() {
    let _gate = Gate::open_for(entries_of_the_dead);
    let (mut map, mut set) = (Map::new(), tricycle::WeakSet::<Node, H>::new());
    let mut values = tricycle::WeakValueMap::<usize, Node, H>::new();
    let before = HEAP.live_allocations();
    for i in 0..if cfg!(miri) { 100 } else { 10_000 } {
        let key = Node::new();
        map.insert(&key, Node::new());
        assert!(set.insert(&key) && set.contains(&key));
        assert!(values.insert(i, &key).is_none());
        drop(key);
        assert!(HEAP.live_allocations() - before <= 100, "{i}");
    }
    assert!(set.iter().next().is_none() && values.iter().next().is_none());
}

/// A map outlives its keys, its heap's last object, and the thread's use of the heap.
#[test]
fn at_the_end_of_a_thread() {
    let _gate = Gate::open();
    let log = Log::new();
    let told = log.clone();
    on_thread(move || {
        let mut map = Map::new();
        let key = Node::named("key", &log);
        let value = Node::named("value", &log);
        value.link(&key);
        map.insert(&key, value);
        crate::support::keep((map, key));
    });
    HEAP.collect();
    assert_eq!(told.sorted(), ["drop key", "drop value"]);
}

/// Handles as keys.
#[test]
fn by_address() {
    let _gate = Gate::open_for(by_address);
    let (a, b) = (Node::new(), Node::new());
    let mut set = std::collections::BTreeSet::from([ByAddress(a.clone()), ByAddress(b.clone())]);
    assert!(!set.insert(ByAddress(a.clone())) && set.len() == 2);
    assert!(ByAddress(Gc::downgrade(&a)) == ByAddress(Gc::downgrade(&a)));
    assert!(ByAddress(Gc::downgrade(&a)) != ByAddress(Gc::downgrade(&b)));
    assert!(ByAddress(Weak::<Node>::new()) == ByAddress(Weak::new()));
    assert!(Gc::ptr_eq(&ByAddress(a.clone()), &a));
}
