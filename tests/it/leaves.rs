//! `Leaf`: foreign types in traced values, and what becomes of handles that are hidden in one.

use std::collections::{BTreeMap, HashMap};
use std::sync::Arc;

use tricycle::{Leaf, Trace, unsize};

use super::objects::*;

/// Of a crate that does not know the collector.
#[derive(Clone, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash)]
struct Foreign(String);

#[derive(Trace)]
struct Scope {
    variables: GcCell<HashMap<Leaf<Foreign>, Gc<Scope>>>,
    canary: Canary,
}

/// The handles beside a leaf are found.
#[test]
fn keys_of_a_map() {
    let _gate = Gate::open_for(keys_of_a_map);
    let log = Log::new();
    let scope = gc(Scope { variables: GcCell::default(), canary: Canary::new("scope", &log) });
    scope.variables.borrow_mut().insert(Leaf(Foreign("me".into())), scope.clone());
    assert!(scope.variables.borrow().contains_key(&Foreign("me".into())));
    assert!(Gc::is_tracked(&scope) && !Gc::is_tracked(&gc(Leaf(Foreign::default()))));
    assert_eq!(scope.canary.name, "scope");
    drop(scope);
    assert_eq!((collect(), log.take()), (1, vec!["drop scope".to_owned()]));
}

/// Nothing is lost by the wrapper.
#[test]
fn transparent() {
    assert_eq!(size_of::<Option<Leaf<Box<u8>>>>(), size_of::<Box<u8>>());
    let mut leaf: Leaf<Foreign> = Foreign("a".into()).into();
    leaf.0.0.push('b');
    assert_eq!((format!("{leaf:?}"), leaf.clone().into_inner()), ("Foreign(\"ab\")".into(), Foreign("ab".into())));
    assert!(leaf > Leaf::default() && leaf == leaf.clone());
    assert_eq!(BTreeMap::from([(leaf, 1)])[&Foreign("ab".into())], 1);
    let mut list: Leaf<Vec<u8>> = [1, 2].into_iter().collect();
    list.extend([3]);
    for n in &mut list {
        *n += 1;
    }
    assert_eq!((&list).into_iter().sum::<u8>(), 9);
    assert_eq!((AsRef::<[u8]>::as_ref(&list), list.clone().into_iter().len()), (&[2, 3, 4][..], 3));
    assert_eq!(("7".parse::<Leaf<u8>>().unwrap().to_string(), "x".parse::<Leaf<u8>>().is_err()), ("7".into(), true));
}

trait Function: Fn(u32) -> u32 + Storable {}
impl<F: Fn(u32) -> u32 + Storable> Function for F {}

/// Leaves without a size: behind a handle, and shared in a traced value.
#[test]
fn functions() {
    #[derive(Trace)]
    struct Native(Arc<Leaf<dyn Function>>, GcCell<Option<Gc<Native>>>);
    let _gate = Gate::open_for(functions);
    let function: Gc<Leaf<dyn Function>> = unsize!(gc(Leaf(|n| n + 1)) => Leaf<dyn Function>);
    assert!(function(1) == 2 && !Gc::is_tracked(&function));
    let body: Arc<Leaf<dyn Function>> = Arc::new(Leaf(|n| 2 * n));
    let native = gc(Native(body.clone(), GcCell::default()));
    native.1.set(Some(native.clone()));
    assert_eq!((native.0)(21), 42);
    drop(native);
    assert_eq!((collect(), Arc::strong_count(&body)), (1, 1));
}

/// A hidden handle: its object is reachable for as long as it is there, and whoever has it may use it, also when it is dropped.
#[test]
fn hidden_handles() {
    struct Hidden(GcCell<Option<Gc<Node>>>, Log);
    impl Drop for Hidden {
        fn drop(&mut self) {
            let node = self.0.take();
            self.1.add(format!("hidden {}", node.map_or_else(String::new, |node| node.edges.borrow()[0].name().to_owned())));
        }
    }
    #[derive(Trace)]
    struct Owner {
        hidden: Leaf<Hidden>,
        seen: GcCell<Option<Gc<Owner>>>,
        canary: Canary,
    }
    let _gate = Gate::open_for(hidden_handles);
    let log = Log::new();
    let new = |node| {
        let canary = Canary::new("owner", &log);
        gc(Owner { hidden: Leaf(Hidden(GcCell::new(node), log.clone())), seen: GcCell::default(), canary })
    };
    // Garbage that owns a ring by a hidden handle: the ring goes with it, or after it, and not before.
    let ring = Node::ring(2, &log);
    let owner = new(Some(ring[0].clone()));
    owner.seen.set(Some(owner.clone()));
    assert_eq!(owner.canary.name, "owner");
    drop((owner, ring));
    collect();
    collect();
    let mut order = log.take();
    order[2..].sort();
    assert_eq!(order, ["hidden 1", "drop owner", "drop 0", "drop 1"]);
    // The same in a leaf, which goes by count.
    let ring = Node::ring(2, &log);
    let leaf = gc(Leaf(Hidden(GcCell::new(Some(ring[0].clone())), log.clone())));
    drop(ring);
    assert_eq!((collect(), leaf.0.0.borrow().as_ref().map(|node| node.name().to_owned())), (0, Some("0".to_owned())));
    drop(leaf);
    assert_eq!((collect(), log.take().len()), (2, 3));
}

/// A circle through a hidden handle leaks, until somebody cuts it.
#[test]
fn hidden_circle() {
    #[derive(Trace)]
    struct Me(Leaf<GcCell<Option<Gc<Me>>>>, Canary);
    let _gate = Gate::open_for(hidden_circle);
    let log = Log::new();
    let me = gc(Me(Leaf(GcCell::default()), Canary::new("me", &log)));
    me.0.set(Some(me.clone()));
    let weak = Gc::downgrade(&me);
    drop(me);
    assert_eq!((collect(), log.take()), (0, vec![]));
    drop(weak.upgrade().unwrap().0.take());
    assert_eq!((weak.upgrade().is_none(), log.take()), (true, vec!["drop me".to_owned()]));
}
