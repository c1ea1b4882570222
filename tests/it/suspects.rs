//! Full collections that start from suspects: what they find, and how little they look at.

use tricycle::Trace;

use super::objects::*;

/// More objects than a search may meet without looking at how many there are.
const MANY: usize = if cfg!(miri) { 40 } else { 5000 };

/// A chain of `MANY`, and its first.
fn chain() -> Gc<Node> {
    let first = Node::new();
    let mut last = first.clone();
    for _ in 1..MANY {
        let next = Node::new();
        last.link(&next);
        last = next;
    }
    first
}

/// A chain that has been looked at, so that nobody in it is suspected any more.
fn calm_chain() -> Gc<Node> {
    let first = chain();
    HEAP.collect();
    assert_eq!(HEAP.collect().candidates, 0);
    search_again();
    first
}

/// Searches that led to too much, of other tests also, have some collections go without one. From now on they do not.
fn search_again() {
    let node = Node::new();
    let few = (0..10).any(|_| {
        drop(node.clone());
        HEAP.collect().candidates == 1
    });
    assert!(few, "no collection starts from suspects");
}

/// What no suspect leads to is not looked at; garbage is found, old and young.
#[test]
fn few_suspects() {
    let _gate = Gate::open_for(few_suspects);
    let log = Log::new();
    let old = Node::ring(2, &log);
    let chain = calm_chain();
    let young = Node::ring(3, &log);
    young[0].link(&chain.edges.borrow()[0]);
    drop(old);
    assert_eq!((HEAP.collect().candidates, log.count("drop")), (2, 2));
    drop(young);
    let collection = HEAP.collect();
    // They lead to nearly all of the chain, which is too much: everything is looked at.
    assert_eq!((collection.collected, collection.candidates), (3, MANY + 3));
    drop(Node::ring(2, &log));
    assert_eq!(log.count("drop"), 5);
    // The target of the ring's edge lost a handle when that was dropped.
    assert_eq!(HEAP.collect().collected, 2);
    drop(chain);
}

/// A suspect that is alive is cleared, and what it leads to is kept.
#[test]
fn suspects_that_are_alive() {
    let _gate = Gate::open_for(suspects_that_are_alive);
    let log = Log::new();
    let (chain, ring) = (calm_chain(), Node::ring(4, &log));
    let kept = ring[2].clone();
    drop(ring);
    let collection = HEAP.collect();
    assert_eq!((collection.collected, collection.candidates), (0, 4));
    assert_eq!(HEAP.collect().candidates, 0);
    drop(kept);
    let collection = HEAP.collect();
    assert_eq!((collection.collected, collection.candidates), (4, 4));
    drop(chain);
}

/// Half of the heap is too much, and so is a suspect that leads there.
#[test]
fn too_much() {
    let _gate = Gate::open_for(too_much);
    let chain = calm_chain();
    drop(chain.clone());
    assert_eq!(HEAP.collect().candidates, MANY);
    assert_eq!(HEAP.collect().candidates, 0);
    let mut at = Some(chain.clone());
    while let Some(node) = at {
        at = node.edges.borrow().first().cloned();
    }
    assert_eq!(HEAP.collect().candidates, MANY);
}

/// Frozen objects end the search, raise no suspicion, and are not found.
#[test]
fn frozen_objects_end_the_search() {
    let _gate = Gate::open_for(frozen_objects_end_the_search);
    let log = Log::new();
    let (chain, garbage) = (chain(), Node::ring(2, &log));
    HEAP.freeze();
    search_again();
    drop((chain.clone(), garbage));
    assert_eq!(HEAP.collect().candidates, 0);
    let ring = Node::ring(3, &log);
    ring[0].link(&chain);
    chain.link(&ring[1]);
    drop(ring);
    let collection = HEAP.collect();
    assert_eq!((collection.collected, collection.candidates), (0, 3));
    drop(chain.edges.take());
    let collection = HEAP.collect();
    assert_eq!((collection.collected, collection.candidates), (3, 3));
    // Nothing leads to the frozen garbage: everything is looked at.
    HEAP.unfreeze();
    assert_eq!((collect(), log.count("drop")), (2, 5));
    drop(chain);
}

/// A frozen object that is borrowed is frozen no more, and is found when it has become garbage.
#[test]
fn frozen_and_borrowed() {
    let _gate = Gate::open_for(frozen_and_borrowed);
    #[derive(Trace)]
    struct Own(Vec<Gc<Node>>, GcCell<Option<Gc<Own>>>, Canary);
    let log = Log::new();
    let mut own = gc(Own(vec![], GcCell::default(), Canary::new("own", &log)));
    let chain = chain();
    HEAP.freeze();
    search_again();
    {
        let mut guard = Gc::get_mut(&mut own).unwrap();
        guard.0.push(chain.clone());
        // It is hidden, and all others are cleared of suspicion.
        HEAP.collect();
    }
    own.1.set(Some(own.clone()));
    drop(own);
    let collection = HEAP.collect();
    assert_eq!((collection.collected, collection.candidates, log.count("drop")), (1, 1, 1));
    HEAP.unfreeze();
    drop(chain);
    HEAP.collect();
}

/// Immortal objects end the search, and keep what they lead to.
#[test]
#[cfg_attr(miri, ignore = "leaks")]
fn immortal_objects_end_the_search() {
    let log = Log::new();
    crate::support::apart::<H>(concat!(module_path!(), "::immortal_objects_end_the_search"), {
        let log = log.clone();
        move || {
            let (immortal, ring) = (calm_chain(), Node::ring(3, &log));
            Gc::immortalize(&immortal);
            ring[0].link(&immortal);
            immortal.link(&ring[1]);
            drop(ring);
            let collection = HEAP.collect();
            assert_eq!((collection.collected, collection.candidates), (0, 3));
        }
    });
    assert_eq!(log.count("drop"), 0);
}

/// An object with an allocation of its own is suspected like any other.
#[test]
fn large_suspects() {
    let _gate = Gate::open_for(large_suspects);
    #[derive(Trace)]
    struct Large([u64; 1000], GcCell<Vec<Gc<Large>>>, GcCell<Vec<Gc<Node>>>);
    let large = || gc(Large([7; 1000], GcCell::default(), GcCell::default()));
    let (chain, log) = (calm_chain(), Log::new());
    let all: Vec<_> = (0..8).map(|_| large()).collect();
    HEAP.collect();
    all[0].1.borrow_mut().push(all[1].clone());
    all[1].1.borrow_mut().push(all[0].clone());
    all[0].2.borrow_mut().push(Node::named("", &log));
    let kept = all[2..].to_vec();
    drop(all);
    let collection = HEAP.collect();
    assert_eq!((collection.collected, collection.candidates, log.count("drop")), (3, 9, 1));
    assert_eq!(kept.iter().map(|large| large.0[999]).sum::<u64>(), 42);
    HEAP.freeze();
    drop(kept[0].clone());
    assert_eq!(HEAP.collect().candidates, 0);
    HEAP.unfreeze();
    drop((chain, kept));
    HEAP.collect();
}

/// Garbage that a finalizer brought back is found again, though nobody has suspected it since; so is what was saved.
#[test]
fn brought_back() {
    let _gate = Gate::open_for(brought_back);
    let (chain, log, shelf) = (calm_chain(), Log::new(), Shelf::new());
    let ring = [Obj::saving("a", &log, &shelf), Obj::new("b", &log)];
    circle(&ring);
    drop(ring);
    assert_eq!(collect(), 0);
    drop(shelf.take());
    assert_eq!((collect(), log.count("drop")), (2, 2));

    HEAP.set_save_all(true);
    drop(Node::ring(2, &log));
    assert_eq!(collect(), 2);
    HEAP.set_save_all(false);
    drop(HEAP.take_garbage());
    assert_eq!((collect(), log.count("drop")), (2, 4));
    drop(chain);
}
