//! Resurrection: what a finalizer brings back stays, with all that it reaches, and nothing else does.

use tricycle::Generation;

use super::objects::*;

/// `test_gc.test_resurrection_only_happens_once_per_object`
#[test]
fn resurrection_happens_once() {
    let _gate = Gate::open_for(resurrection_happens_once);
    let (log, shelf) = (Log::new(), Shelf::new());
    let lazarus = Obj::saving("lazarus", &log, &shelf);
    self_link(&lazarus);
    drop(lazarus);
    collect();
    assert_eq!(log.take(), ["finalize lazarus"]);
    let lazarus = shelf.take().pop().unwrap();
    assert_eq!(lazarus.name(), "lazarus");
    drop(lazarus);
    collect();
    assert_eq!(shelf.len(), 0);
    assert_eq!(log.take(), ["drop lazarus"]);
}

/// As above, with the first death by count and the second by collection, and the other way round.
#[test]
fn resurrection_happens_once_across_deaths() {
    let _gate = Gate::open_for(resurrection_happens_once_across_deaths);
    let (log, shelf) = (Log::new(), Shelf::new());
    let save = |name: &str| {
        let shelf = shelf.clone();
        let obj = Obj::with(name, &log, move |this| shelf.put(this.weaks.borrow()[0].upgrade().unwrap()));
        obj.weaks.borrow_mut().push(Gc::downgrade(&obj));
        obj
    };
    drop(save("a"));
    let a = shelf.take().pop().unwrap();
    self_link(&a);
    drop(a);
    assert_eq!(collect(), 1);
    assert_eq!(log.take(), ["finalize a", "drop a"]);

    let b = save("b");
    self_link(&b);
    drop(b);
    assert_eq!(collect(), 0);
    let b = shelf.take().pop().unwrap();
    b.unlink();
    drop(b);
    assert_eq!(log.take(), ["finalize b", "drop b"]);
}

/// `test_gc.test_resurrection_is_transitive`
#[test]
fn resurrection_is_transitive() {
    let _gate = Gate::open_for(resurrection_is_transitive);
    let (log, shelf) = (Log::new(), Shelf::new());
    let cargo = Obj::new("cargo", &log);
    let lazarus = Obj::saving("lazarus", &log, &shelf);
    let depth = 10;
    lazarus.link(&lazarus);
    let mut last = lazarus.clone();
    for i in 0..depth {
        let next = Obj::new(i.to_string(), &log);
        last.link(&next);
        last = next;
    }
    last.link(&cargo);
    cargo.link(&lazarus);
    let weak = Gc::downgrade(&cargo);
    drop((cargo, lazarus, last));
    assert_eq!(collect(), 0);
    assert_eq!(log.count("finalize"), depth + 2);
    assert_eq!(log.count("drop"), 0);
    let cargo = weak.upgrade().expect("reachable from what was brought back");
    assert_eq!(cargo.name(), "cargo");
    assert_eq!(cargo.edges.borrow()[0].name(), "lazarus");
    drop((cargo, shelf.take()));
    assert_eq!(collect(), depth + 2);
    assert_eq!(log.count("drop"), depth + 2);
    assert_eq!(log.count("finalize"), depth + 2);
}

/// `test_gc.test_resurrection_does_not_block_cleanup_of_other_objects`: the result and the statistics count what really
/// went.
#[test]
fn resurrection_does_not_block_others() {
    let _gate = Gate::open_for(resurrection_does_not_block_others);
    let (log, shelf) = (Log::new(), Shelf::new());
    let n = 100;
    let pairs = |pairs: usize| (0..pairs).for_each(|_| drop(Node::ring(2, &log)));
    let zombie = || {
        let zombie = Obj::saving("zombie", &log, &shelf);
        self_link(&zombie);
    };
    let collected = || HEAP.stats()[Generation::Old].collected;
    let before = collected();

    pairs(n / 2);
    assert_eq!(collect(), n);
    assert_eq!(collected() - before, n as u64);

    zombie();
    assert_eq!(collect(), 0);
    assert_eq!(collected() - before, n as u64);

    pairs(n / 2);
    zombie();
    assert_eq!(collect(), n);
    assert_eq!(collected() - before, 2 * n as u64);

    assert_eq!(log.count("finalize"), 2);
    drop(shelf.take());
    assert_eq!(collect(), 2);
    assert_eq!(collected() - before, 2 * n as u64 + 2);
}

/// An object that was taken into a collection's garbage, brought back, and then dropped while the collection goes on.
#[test]
fn brought_back_and_dropped_by_the_next_finalizer() {
    let _gate = Gate::open_for(brought_back_and_dropped_by_the_next_finalizer);
    let (log, shelf) = (Log::new(), Shelf::<Gc<Obj>>::new());
    let clear = |name: &str| {
        let shelf = shelf.clone();
        Obj::with(name, &log, move |this| {
            drop(shelf.take());
            shelf.put(this.edges.borrow()[0].clone());
        })
    };
    let objects = [clear("a"), clear("b"), clear("c")];
    circle(&objects);
    drop(objects);
    collect();
    assert_eq!((log.count("finalize"), log.count("drop")), (3, 0));
    drop(shelf.take());
    assert_eq!(collect(), 3);
    assert_eq!((log.count("finalize"), log.count("drop")), (3, 3));
}
