//! Finalizers: once for each object, while everything is intact, and they may bring it back. The names of the
//! `test_finalization` tests are those of CPython's PEP 442 suite.

use super::objects::*;

/// `test_finalization.SimpleFinalizationTest.test_simple`, `test_non_gc`
#[test]
fn simple() {
    let _gate = Gate::open_for(simple);
    let log = Log::new();
    let obj = Obj::new("a", &log);
    let weak = Gc::downgrade(&obj);
    drop(obj);
    assert_eq!(log.take(), ["finalize a", "drop a"]);
    assert!(weak.upgrade().is_none());
    assert_eq!(collect(), 0);
    assert!(log.take().is_empty());
}

/// `test_finalization.SimpleFinalizationTest.test_simple_resurrect`: the weak handle lives on with the object. The second
/// time there is no finalizer.
#[test]
fn simple_resurrect() {
    let _gate = Gate::open_for(simple_resurrect);
    let (log, shelf) = (Log::new(), Shelf::new());
    let obj = Obj::with("a", &log, {
        let shelf = shelf.clone();
        move |this| shelf.put(this.weaks.borrow()[0].upgrade().expect("alive while it is finalized"))
    });
    obj.weaks.borrow_mut().push(Gc::downgrade(&obj));
    let weak = Gc::downgrade(&obj);
    assert!(!Gc::is_finalized(&obj));
    drop(obj);
    assert_eq!(log.take(), ["finalize a"]);
    assert_eq!(shelf.len(), 1);
    let obj = weak.upgrade().expect("it was brought back");
    assert!(Gc::is_finalized(&obj) && Gc::is_tracked(&obj));
    assert_eq!(Gc::strong_count(&obj), 2);
    drop((obj, shelf.take()));
    assert_eq!(log.take(), ["drop a"]);
    assert!(weak.upgrade().is_none());
}

/// `test_finalization.SimpleFinalizationTest.test_non_gc_resurrect`: a type without handles. CPython calls its finalizer
/// at each death, for want of a place to note the first; we have one.
#[test]
fn untracked_resurrect() {
    use tricycle::{Finalize, Trace};

    #[derive(Trace)]
    #[trace(finalize)]
    struct Leaf {
        #[trace(skip)]
        me: GcCell<Option<Weak<Leaf>>>,
        #[trace(skip)]
        shelf: Shelf<Gc<Leaf>>,
        canary: Canary,
    }
    impl Finalize for Leaf {
        fn finalize(&self) {
            self.shelf.put(self.me.borrow().as_ref().unwrap().upgrade().unwrap());
        }
    }
    let _gate = Gate::open_for(untracked_resurrect);
    let (log, shelf) = (Log::new(), Shelf::new());
    let leaf = gc(Leaf { me: GcCell::default(), shelf: shelf.clone(), canary: Canary::new("leaf", &log) });
    leaf.me.set(Some(Gc::downgrade(&leaf)));
    assert!(!Gc::is_tracked(&leaf) && !Gc::is_finalized(&leaf));
    drop(leaf);
    let leaf = shelf.take().pop().expect("it was brought back");
    assert!(Gc::is_finalized(&leaf) && !Gc::is_tracked(&leaf));
    assert_eq!(leaf.canary.name, "leaf");
    drop(leaf);
    assert_eq!(shelf.len(), 0);
    assert_eq!(log.take(), ["drop leaf"]);
}

/// `test_finalization.SelfCycleFinalizationTest.test_simple`
#[test]
fn self_cycle() {
    let _gate = Gate::open_for(self_cycle);
    let log = Log::new();
    let obj = Obj::new("a", &log);
    self_link(&obj);
    let weak = Gc::downgrade(&obj);
    drop(obj);
    assert!(weak.upgrade().is_some());
    assert_eq!(collect(), 1);
    assert_eq!(log.take(), ["finalize a", "drop a"]);
    assert!(weak.upgrade().is_none());
    assert_eq!(collect(), 0);
}

/// `test_finalization.SelfCycleFinalizationTest.test_simple_resurrect`: the plain weak handle lives, the one with a
/// callback is dead.
#[test]
fn self_cycle_resurrect() {
    let _gate = Gate::open_for(self_cycle_resurrect);
    let (log, shelf) = (Log::new(), Shelf::new());
    let obj = Obj::saving("a", &log, &shelf);
    self_link(&obj);
    let plain = Gc::downgrade(&obj);
    let watching = Gc::downgrade_with(&obj, {
        let log = log.clone();
        move || log.add("callback")
    });
    drop(obj);
    assert_eq!(collect(), 0);
    assert_eq!(log.take(), ["callback", "finalize a"]);
    assert!(watching.upgrade().is_none() && watching.clone().upgrade().is_none());
    let obj = plain.upgrade().expect("it was brought back");
    assert!(Gc::ptr_eq(&obj, &shelf.take()[0]));
    drop(obj);
    assert_eq!(collect(), 1);
    assert_eq!(log.take(), ["drop a"]);
    assert!(plain.upgrade().is_none());
}

/// `test_finalization.SelfCycleFinalizationTest.test_simple_suicide`: the finalizer breaks its own cycle.
#[test]
fn self_cycle_suicide() {
    let _gate = Gate::open_for(self_cycle_suicide);
    let log = Log::new();
    let obj = Obj::with("a", &log, Obj::unlink);
    self_link(&obj);
    let weak = Gc::downgrade(&obj);
    drop(obj);
    collect();
    assert_eq!(log.take(), ["finalize a", "drop a"]);
    assert!(weak.upgrade().is_none());
    assert_eq!(collect(), 0);
    assert!(log.take().is_empty());
}

/// How an object of a chain behaves when it is finalized.
#[derive(Clone, Copy, PartialEq)]
enum Kind {
    Simple,
    Resurrecting,
    Suicidal,
}
use Kind::{Resurrecting, Simple, Suicidal};

/// A circle of such objects is dropped: each finalizer runs once, and sees its neighbours; what was brought back, and all
/// that it reaches, survives; the second time no finalizer runs.
fn chain(kinds: &[Kind]) {
    let _gate = Gate::open();
    let (log, shelf) = (Log::new(), Shelf::new());
    let objects: Vec<_> = kinds
        .iter()
        .enumerate()
        .map(|(i, kind)| {
            let (kind, shelf) = (*kind, shelf.clone());
            Obj::with(i.to_string(), &log, move |this| {
                assert_eq!(this.edges.borrow().len(), 1);
                assert!(!this.edges.borrow()[0].name().is_empty(), "the neighbour is intact");
                match kind {
                    Simple => {}
                    Resurrecting => shelf.put(this.weaks.borrow()[0].upgrade().unwrap()),
                    Suicidal => this.unlink(),
                }
            })
        })
        .collect();
    circle(&objects);
    objects.iter().for_each(|obj| obj.weaks.borrow_mut().push(Gc::downgrade(obj)));
    let weaks: Vec<_> = objects.iter().map(Gc::downgrade).collect();
    drop(objects);

    let n = kinds.len();
    collect();
    // A suicidal object breaks the circle, so its predecessor may go by count, but not before its own finalizer.
    let entries = log.take();
    let finalized = entries.iter().filter(|entry| entry.starts_with("finalize")).count();
    assert_eq!(finalized, n, "{entries:?}");

    // Survivors: the resurrecting ones, and what follows each of them up to the next suicide.
    let mut survives = vec![false; n];
    for start in (0..n).filter(|i| kinds[*i] == Resurrecting) {
        let mut at = start;
        while !survives[at] {
            survives[at] = true;
            if kinds[at] == Suicidal {
                break;
            }
            at = (at + 1) % n;
        }
    }
    for (i, weak) in weaks.iter().enumerate() {
        assert_eq!(weak.upgrade().is_some(), survives[i], "object {i}");
        assert_eq!(entries.contains(&format!("drop {i}")), !survives[i], "object {i}");
    }
    drop(shelf.take());
    collect();
    let entries = log.take();
    assert_eq!(entries.len(), survives.iter().filter(|survives| **survives).count());
    assert!(entries.iter().all(|entry| entry.starts_with("drop")), "{entries:?}");
    assert!(weaks.iter().all(|weak| weak.upgrade().is_none()));
    assert!(HEAP.garbage().is_empty());
    assert_eq!(collect(), 0);
}

/// The longest chain.
const CHAIN: usize = if cfg!(miri) { 4 } else { 10 };

/// `test_finalization.CycleChainFinalizationTest.test_homogenous`
#[test]
fn homogenous() {
    (1..=CHAIN).for_each(|n| chain(&vec![Simple; n]));
}

/// `test_finalization.CycleChainFinalizationTest.test_homogenous_resurrect`
#[test]
fn homogenous_resurrect() {
    (1..=CHAIN).for_each(|n| chain(&vec![Resurrecting; n]));
}

/// `test_finalization.CycleChainFinalizationTest.test_homogenous_suicidal`
#[test]
fn homogenous_suicidal() {
    (1..=CHAIN).for_each(|n| chain(&vec![Suicidal; n]));
}

/// `test_finalization.CycleChainFinalizationTest.test_heterogenous_suicidal_one`, `_two`
#[test]
fn heterogenous_suicidal() {
    chain(&[Suicidal, Simple].repeat(2));
    chain(&[[Suicidal; 2], [Simple; 2]].concat().repeat(2));
}

/// `test_finalization.CycleChainFinalizationTest.test_heterogenous_resurrect_one`, `_two`, `_three`
#[test]
fn heterogenous_resurrect() {
    chain(&[Resurrecting, Simple].repeat(2));
    chain(&[Resurrecting, Simple, Suicidal].repeat(2));
    chain(&[[Resurrecting; 2], [Simple; 2], [Suicidal; 2]].concat().repeat(2));
    chain(&[[Suicidal; 2], [Simple; 2], [Resurrecting; 2]].concat().repeat(2));
}

/// `test_gc.test_del`, `test_del_newclass`: a finalizer that sets off collections.
#[test]
fn finalizer_allocates() {
    let _gate = Gate::open_for(finalizer_allocates);
    HEAP.set_thresholds((1, 1, 1));
    let log = Log::new();
    let n = if cfg!(miri) { 3 } else { 20 };
    for i in 0..n {
        let obj = Obj::with(i.to_string(), &log, |_| {
            (0..5).for_each(|_| drop(Node::ring(2, &Log::new())));
            assert_eq!(HEAP.is_collecting(), HEAP.collect().candidates == 0);
        });
        self_link(&obj);
        if i % 2 == 0 {
            obj.unlink();
        }
    }
    collect();
    assert_eq!((log.count("finalize"), log.count("drop")), (n, n));
}

/// `test_gc.test_bug21435`: a finalizer changes another object of the same garbage.
#[test]
fn finalizer_mutates_a_neighbour() {
    let _gate = Gate::open_for(finalizer_mutates_a_neighbour);
    let log = Log::new();
    let a = Obj::with("a", &log, |this| {
        let b = this.edges.borrow()[0].clone();
        b.unlink();
        this.unlink();
    });
    let [b, c] = [Obj::new("b", &log), Obj::new("c", &log)];
    circle(&[a.clone(), b.clone(), c.clone()]);
    drop((a, b, c));
    collect();
    assert_eq!(log.count("finalize"), 3);
    assert_eq!(collect(), 0);
    assert_eq!(log.count("drop"), 3);
}

/// `test_gc.test_function_tp_clear_leaves_consistent_state`: a weak handle that a finalizer makes to other garbage is
/// dead before anything is dropped, and its callback is not called.
#[test]
fn weak_made_by_a_finalizer() {
    use tricycle::{Finalize, Trace};
    let _gate = Gate::open_for(weak_made_by_a_finalizer);

    /// Looks through a weak handle while it is dropped.
    #[derive(Trace)]
    #[trace(acyclic)]
    struct Peek(Shelf<Weak<Part>>, Log);
    impl Drop for Peek {
        fn drop(&mut self) {
            for weak in self.0.take() {
                self.1.add(if weak.upgrade().is_some() { "alive" } else { "dead" });
            }
        }
    }
    #[derive(Trace)]
    #[trace(finalize)]
    struct Part {
        peek: Peek,
        other: GcCell<Option<Gc<Part>>>,
    }
    impl Finalize for Part {
        fn finalize(&self) {
            let other = self.other.get().unwrap();
            let log = self.peek.1.clone();
            self.peek.0.put(Gc::downgrade(&other));
            self.peek.0.put(Gc::downgrade_with(&other, move || log.add("callback")));
        }
    }
    let log = Log::new();
    let part = || gc(Part { peek: Peek(Shelf::new(), log.clone()), other: GcCell::default() });
    let [a, b] = [part(), part()];
    a.other.set(Some(b.clone()));
    b.other.set(Some(a.clone()));
    drop((a, b));
    assert_eq!(collect(), 2);
    assert_eq!(log.take(), ["dead"; 4]);
}

/// A finalizer that makes new garbage with finalizers: it waits for the next collection.
#[test]
fn finalizer_makes_garbage() {
    let _gate = Gate::open_for(finalizer_makes_garbage);
    let log = Log::new();
    let obj = Obj::with("a", &log, |this| self_link(&Obj::new("b", &this.log)));
    self_link(&obj);
    drop(obj);
    assert_eq!(collect(), 1);
    assert_eq!(log.take(), ["finalize a", "drop a"]);
    assert_eq!(collect(), 1);
    assert_eq!(log.take(), ["finalize b", "drop b"]);
}
