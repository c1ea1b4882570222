//! Handles that introspection makes: they come and go unnoticed, unless somebody relies on them.

use tricycle::Generation;

use super::objects::*;

/// Looks at everything in every way, and returns what there was to see.
fn look(at: &Gc<Node>) -> Vec<AnyGc> {
    let mut seen = HEAP.objects(None);
    Generation::ALL.iter().for_each(|generation| seen.extend(HEAP.objects(*generation)));
    seen.extend(HEAP.referents(at));
    seen.extend(HEAP.referrers(at));
    seen
}

/// Objects that were looked at were all suspects, and the next collection examined them.
#[test]
fn does_not_disturb() {
    let _gate = Gate::open_for(does_not_disturb);
    let ring = Node::ring(5, &Log::new());
    HEAP.collect();
    assert_eq!(HEAP.collect().candidates, 0);
    let seen = look(&ring[0]);
    assert_eq!(seen.iter().filter(|any| any.is::<Node>()).count(), 12);
    assert_eq!(HEAP.collect().candidates, 0);
    for any in &seen {
        assert!(any.address() != 0 && any.size() > 0 && any.strong_count() > 1 && any.type_name().ends_with("Node"));
        assert!(any.ptr_eq(any) && !format!("{any:?}").is_empty() && any.downcast_ref::<u8>().is_none());
    }
    drop(seen);
    assert_eq!(HEAP.collect().candidates, 0);
    ring[0].edges.take();
}

/// The same with edges that are behind a trait object.
#[test]
fn does_not_disturb_what_is_behind_a_trait_object() {
    use tricycle::DynTrace;
    trait Part: DynTrace + Storable {}
    tricycle::trace_dyn!(dyn Part);
    impl Part for Gc<Node> {}

    let _gate = Gate::open_for(does_not_disturb_what_is_behind_a_trait_object);
    let target = Node::new();
    let parts: Vec<Box<dyn Part>> = vec![Box::new(target.clone())];
    let holder = gc(parts);
    HEAP.collect();
    assert_eq!((HEAP.referents(&holder).len(), HEAP.referrers(&target).len()), (1, 1));
    assert_eq!(HEAP.collect().candidates, 0);
}

/// A handle that somebody makes of one counts.
#[test]
fn clones_count() {
    let _gate = Gate::open_for(clones_count);
    let node = Node::new();
    let mine = || HEAP.objects(None).into_iter().find(|any| any.downcast_ref().is_some_and(|it| Gc::ptr_eq(it, &node)));
    for what in 0..3 {
        HEAP.collect();
        let any = mine().unwrap();
        match what {
            0 => drop(any.clone()),
            1 => drop(any.downcast_ref::<Node>().unwrap().clone()),
            _ => drop(any.downcast::<Node>()),
        }
        assert_ne!(HEAP.collect().candidates, 0, "{what}");
    }
}

/// The last handle is one that looks.
#[test]
fn the_last_handle() {
    let _gate = Gate::open_for(the_last_handle);
    let log = Log::new();
    let node = Node::named("a", &log);
    let seen = look(&node);
    drop(node);
    assert!(log.take().is_empty());
    assert_eq!(HEAP.collect().collected, 0);
    drop(seen);
    assert_eq!(log.take(), ["drop a"]);
}

/// The last handle from outside of a cycle is one that looks. Whether or not a collection comes by meanwhile, the cycle is found.
#[test]
fn the_last_handle_of_a_cycle() {
    let _gate = Gate::open_for(the_last_handle_of_a_cycle);
    for meanwhile in [None, Some(Generation::Young), Some(Generation::Middle), Some(Generation::Old)] {
        for old in [false, true] {
            let ring = Node::ring(3, &Log::new());
            if old {
                HEAP.collect();
            }
            let seen = look(&ring[1]);
            drop(ring);
            if let Some(generation) = meanwhile {
                assert_eq!(HEAP.collect_generation(generation).collected, 0);
            }
            drop(seen);
            assert_eq!(HEAP.collect().collected, 3, "{meanwhile:?}, old: {old}");
        }
    }
}

/// What was garbage when somebody looked at it is found when that is over.
#[test]
fn garbage_is_looked_at() {
    let _gate = Gate::open_for(garbage_is_looked_at);
    for collected in [false, true] {
        let node = Node::new();
        node.link(&node);
        drop(node);
        let seen = HEAP.objects(None);
        if collected {
            assert_eq!(HEAP.collect().collected, 0);
        }
        drop(seen);
        assert_eq!(HEAP.collect().collected, 1);
    }
}

/// Kept garbage that is looked at.
#[test]
fn kept_garbage() {
    let _gate = Gate::open_for(kept_garbage);
    drop(Node::ring(2, &Log::new()));
    HEAP.set_save_all(true);
    HEAP.collect();
    HEAP.set_save_all(false);
    HEAP.collect();
    assert_eq!((HEAP.garbage().len(), HEAP.collect().candidates), (2, 0));
    let seen = HEAP.garbage();
    drop(HEAP.take_garbage());
    assert_eq!(HEAP.collect().collected, 0);
    drop(seen);
    assert_eq!(HEAP.collect().collected, 2);
}

/// Somebody moves the only other handle into the object, or one that it refers to, and gets there through a handle that looks.
/// Nothing is ever dropped but that one.
#[test]
fn moved_in_through_the_handle() {
    let _gate = Gate::open_for(moved_in_through_the_handle);
    for way in 0..4 {
        let node = Node::new();
        match way {
            0 => {}
            1 | 2 => node.link(&node),
            _ => node.edges.borrow_mut().push(Node::new()),
        }
        HEAP.collect();
        assert_eq!(HEAP.collect().candidates, 0);
        let mut seen = match way {
            0 => HEAP.objects(None),
            2 => HEAP.referrers(&node),
            _ => HEAP.referents(&node),
        };
        seen.retain(|any| any.is::<Node>());
        assert_eq!(seen.len(), 1);
        let looking = seen.pop().unwrap();
        looking.downcast_ref::<Node>().unwrap().edges.borrow_mut().push(node);
        drop(looking);
        assert_eq!(HEAP.collect().collected, if way == 3 { 2 } else { 1 }, "{way}");
    }
}
