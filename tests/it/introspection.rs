//! Asking the heap about its objects.

use tricycle::{Generation, HostsRef, Trace};

use super::objects::*;

/// Whether `list` has a handle to `object`.
fn has<T: Trace + 'static>(list: &[AnyGc], object: &Gc<T>) -> bool
where
    H: HostsRef<T>,
{
    list.iter().any(|any| any.downcast_ref().is_some_and(|other| Gc::ptr_eq(other, object)))
}

/// `test_gc.test_get_referents`: one for each edge, keys and values, leaves too; nothing for a leaf.
#[test]
fn referents() {
    use std::collections::BTreeMap;
    let _gate = Gate::open_for(referents);
    let [a, b] = [gc(1_u32), gc(2_u32)];
    let numbers = |list: Vec<AnyGc>| list.iter().map(|any| **any.downcast_ref::<u32>().unwrap()).collect::<Vec<_>>();
    let list = gc(vec![a.clone(), b.clone(), a.clone()]);
    assert_eq!(numbers(HEAP.referents(&list)), [1, 2, 1]);
    let map = gc(BTreeMap::from([(a.clone(), b.clone()), (b.clone(), b.clone())]));
    let mut found = numbers(HEAP.referents(&map));
    found.sort();
    assert_eq!(found, [1, 2, 2, 2]);
    assert!(HEAP.referents(&a).is_empty());
    assert!(HEAP.referents(&gc("text")).is_empty());
    let node = Node::new();
    node.weaks.borrow_mut().push(Gc::downgrade(&node));
    assert!(HEAP.referents(&node).is_empty(), "weak handles are no edges");
}

/// Trait objects show what is behind them.
#[test]
fn referents_behind_trait_objects() {
    use tricycle::DynTrace;
    trait Part: DynTrace + Storable {}
    tricycle::trace_dyn!(dyn Part);
    impl Part for Gc<u32> {}
    impl Part for u8 {}

    let _gate = Gate::open_for(referents_behind_trait_objects);
    let target = gc(5_u32);
    let parts: Vec<Box<dyn Part>> = vec![Box::new(target.clone()), Box::new(1_u8)];
    let holder = gc(parts);
    let found = HEAP.referents(&holder);
    assert_eq!(found.len(), 1);
    assert!(has(&found, &target));
    assert!(has(&HEAP.referrers(&target), &holder));
}

/// `test_gc.test_get_referents_on_capsule`: an object that is out of the collector's sight.
#[test]
fn referents_of_an_untracked_object() {
    use tricycle::Finalize;
    #[derive(Trace)]
    #[trace(finalize)]
    struct Capsule(u32);
    impl Finalize for Capsule {
        fn finalize(&self) {}
    }
    let _gate = Gate::open_for(referents_of_an_untracked_object);
    let capsule = gc(Capsule(1));
    assert_eq!(capsule.0, 1);
    assert!(!Gc::is_tracked(&capsule));
    assert!(HEAP.referents(&capsule).is_empty() && HEAP.referrers(&capsule).is_empty());
}

/// Each object that refers to another, once.
#[test]
fn referrers() {
    let _gate = Gate::open_for(referrers);
    let [target, once, twice] = [Node::new(), Node::new(), Node::new()];
    once.link(&target);
    twice.link(&target);
    twice.link(&target);
    target.link(&target);
    let found = HEAP.referrers(&target);
    assert_eq!(found.len(), 3);
    assert!([&target, &once, &twice].into_iter().all(|node| has(&found, node)));
    assert!(HEAP.referrers(&twice).is_empty());
    target.edges.take();
}

/// `test_gc.test_is_tracked`
#[test]
fn is_tracked() {
    let _gate = Gate::open_for(is_tracked);
    assert!(!Gc::is_tracked(&gc(1)) && !Gc::is_tracked(&gc("text")) && !Gc::is_tracked(&gc(vec![1.5])));
    assert!(!HEAP.is_tracked(&gc(String::new())) && !HEAP.is_tracked(&gc((1, 'c', Some(())))));
    assert!(!Gc::is_tracked(&tricycle::Gc::<str, H>::from("text")));
    assert!(Gc::is_tracked(&Node::new()) && HEAP.is_tracked(&Node::new()));
    assert!(Gc::is_tracked(&gc(None::<Gc<u8>>)) && Gc::is_tracked(&gc(Vec::<Gc<u8>>::new())));
    assert!(Gc::is_tracked(&tricycle::Gc::<[Gc<u8>], H>::from(vec![gc(1)])));
}

/// `test_gc.test_is_finalized`
#[test]
fn is_finalized() {
    let _gate = Gate::open_for(is_finalized);
    assert!(!Gc::is_finalized(&gc(1)) && !HEAP.is_finalized(&Node::new()));
    let shelf = Shelf::new();
    let obj = Obj::saving("a", &Log::new(), &shelf);
    self_link(&obj);
    assert!(!Gc::is_finalized(&obj));
    drop(obj);
    HEAP.collect();
    let obj = shelf.take().pop().unwrap();
    assert!(Gc::is_finalized(&obj) && HEAP.is_finalized(&obj));
    obj.unlink();
}

/// `test_gc.test_get_objects`, `test_get_objects_arguments`
#[test]
fn objects() {
    let _gate = Gate::open_for(objects);
    let count = HEAP.objects(None).len();
    let node = Node::new();
    let leaf = gc(1);
    let all = HEAP.objects(None);
    assert_eq!(all.len(), count + 1);
    assert!(has(&all, &node) && !has(&all, &leaf));
    let by_generation: usize = Generation::ALL.iter().map(|generation| HEAP.objects(*generation).len()).sum();
    assert_eq!(by_generation, count + 1);
    drop((all, node));
    assert_eq!(HEAP.objects(None).len(), count);
}

/// `test_gc.test_get_objects_during_gc`: while it is collected, garbage is not to be had.
#[test]
fn objects_during_a_collection() {
    let _gate = Gate::open_for(objects_during_a_collection);
    let log = Log::new();
    let look = |this: &Obj| {
        let mine = std::ptr::from_ref(this).addr();
        let all = HEAP.objects(None);
        this.log.add(format!("itself {}", all.iter().any(|any| any.address() == mine)));
        this.log.add(format!("others {}", all.iter().filter(|any| any.is::<Obj>()).count()));
        this.log.add(format!("referrers {}", HEAP.referrers(&this.edges.borrow()[0]).len()));
    };
    let objects = [Obj::with("a", &log, look), Obj::new("b", &log)];
    circle(&objects);
    let live = Node::new();
    drop(objects);
    assert_eq!(collect(), 2);
    for entry in ["itself false", "others 0", "referrers 0"] {
        assert_eq!(log.count(entry), 1, "{entry}");
    }
    assert!(has(&HEAP.objects(None), &live));
}

/// `_testcapi`'s `visit_objects`: the list may be walked in part, and the collector does not disturb it.
#[test]
fn a_walk_over_the_objects() {
    let _gate = Gate::open_for(a_walk_over_the_objects);
    HEAP.set_thresholds((1, 1, 1));
    let node = Node::new();
    let all = HEAP.objects(None);
    for any in &all {
        drop(Node::ring(2, &Log::new()));
        if any.downcast_ref().is_some_and(|other| Gc::ptr_eq(other, &node)) {
            return;
        }
    }
    panic!("the node is alive");
}

/// What a handle of unknown type tells.
#[test]
fn any_handles() {
    let _gate = Gate::open_for(any_handles);
    let node = Node::new();
    let any = AnyGc::from(node.clone());
    assert!(any.is::<Node>() && !any.is::<u8>());
    assert!(any.type_name().ends_with("Node"));
    assert_eq!((any.address(), any.size()), (Gc::as_ptr(&node).addr(), size_of::<Node>()));
    assert_eq!((any.strong_count(), Gc::strong_count(&node)), (2, 2));
    assert_eq!(any.clone().strong_count(), 3);
    assert!(any.ptr_eq(&any.clone()) && !any.ptr_eq(&AnyGc::from(gc(1))));
    let any = any.downcast::<u8>().unwrap_err();
    assert!(Gc::ptr_eq(&any.downcast::<Node>().unwrap(), &node));
    let text = AnyGc::from(tricycle::Gc::<str, H>::from("four"));
    assert_eq!((text.size(), text.type_name()), (4, "str"));
    assert_eq!(&*text.downcast::<str>().unwrap(), "four");
}

/// The objects that a collection finds are the ones that `objects` had.
#[test]
fn candidates() {
    let _gate = Gate::open_for(candidates);
    let nodes: Vec<_> = (0..7).map(|_| Node::new()).collect();
    nodes[0].link(&nodes[1]);
    nodes[0].edges.take();
    let young = HEAP.objects(Generation::Young).len();
    assert_eq!(HEAP.collect_generation(Generation::Young).candidates, young);
}
