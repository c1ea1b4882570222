//! What has gone wrong in other collectors, and is tested nowhere else here: hidden handles, destructors that are busy,
//! `Trace` implementations that change their mind, heaps that meet.

use std::cell::Cell;

use tricycle::{Finalize, Trace, Visitor};

use super::objects::*;
use crate::support::{Kind, apart, on_thread};

/// A handle where the collector does not look is a root: behind `skip`, in a closure, on a shelf.
#[test]
fn hidden_handles_are_roots() {
    #[derive(Trace)]
    struct Hiding {
        #[trace(skip)]
        skipped: Shelf<Gc<Hiding>>,
        #[trace(skip)]
        closure: GcCell<Option<Box<dyn Hidden>>>,
    }
    trait Hidden: Storable {
        fn call(&self) -> usize;
    }
    impl<F: Fn() -> usize + Storable> Hidden for F {
        fn call(&self) -> usize {
            self()
        }
    }
    let _gate = Gate::open_for(hidden_handles_are_roots);
    let new = || gc(Hiding { skipped: Shelf::new(), closure: GcCell::default() });
    let [a, b] = [new(), new()];
    a.skipped.put(a.clone());
    b.closure.set(Some(Box::new({
        let b = b.clone();
        move || Gc::strong_count(&b)
    })));
    let weaks = [Gc::downgrade(&a), Gc::downgrade(&b)];
    drop((a, b));
    assert_eq!(collect(), 0);
    let [a, b] = weaks.map(|weak| weak.upgrade().expect("it leaks until it is broken by hand"));
    assert_eq!(b.closure.borrow().as_ref().unwrap().call(), 2);
    drop(a.skipped.take());
    drop(b.closure.take());
}

/// Does all sorts of things when it is dropped.
#[derive(Trace)]
#[trace(acyclic)]
struct Busy(Log);

impl Drop for Busy {
    fn drop(&mut self) {
        // Makes garbage and live objects,
        drop(Node::ring(2, &self.0));
        let live = Node::named("live", &self.0);
        let other = live.clone();
        // collects,
        HEAP.collect();
        assert_eq!(live.name(), "live");
        // has others die by count,
        drop((live, other));
        // makes and upgrades weak handles,
        let node = Node::named("watched", &self.0);
        let log = self.0.clone();
        let weak = Gc::downgrade_with(&node, move || log.add("callback"));
        drop(weak.upgrade());
        drop(node);
        // and has another thread use its heap, or, while this one keeps out of it, the same: then there may be a collection.
        if cfg!(not(miri)) {
            let collected = HEAP.detach(|| on_thread(|| (drop(Node::ring(2, &Log::new())), collect()).1));
            assert!(collected == 2 || H::TURNS.is_some());
        }
    }
}

/// A busy destructor, by count and in a collection; all that it made goes.
#[test]
fn busy_destructors() {
    #[derive(Trace)]
    struct Owner(Busy, GcCell<Vec<Gc<Owner>>>);
    for (objects, cyclic) in [(1, false), (1, true), (5, true)] {
        let _gate = Gate::open();
        let log = Log::new();
        let owners: Vec<_> = (0..objects).map(|_| gc(Owner(Busy(log.clone()), GcCell::default()))).collect();
        if cyclic {
            (0..objects).for_each(|i| owners[i].1.borrow_mut().push(owners[(i + 1) % objects].clone()));
        }
        drop(owners);
        HEAP.collect();
        HEAP.collect();
        let entries = log.sorted();
        let mut expected = [vec!["callback"], vec!["drop 0"], vec!["drop 1"], vec!["drop live"], vec!["drop watched"]];
        expected.iter_mut().for_each(|entry| *entry = entry.repeat(objects));
        assert_eq!(entries, expected.concat());
    }
}

/// An object whose destruction makes another like it, a few times over.
#[test]
fn destructors_that_go_on() {
    #[derive(Trace)]
    #[trace(acyclic)]
    struct Again(u32, Log);
    impl Drop for Again {
        fn drop(&mut self) {
            self.1.add("drop");
            if self.0 > 0 {
                let holder = gc((Again(self.0 - 1, self.1.clone()), GcCell::new(None::<Gc<u8>>)));
                drop(holder);
            }
        }
    }
    let _gate = Gate::open_for(destructors_that_go_on);
    let (log, n) = (Log::new(), if cfg!(miri) { 20 } else { 200 });
    drop(gc(Again(n, log.clone())));
    assert_eq!(log.take().len(), n as usize + 1);
}

/// A dying object cannot be had through its own weak handle: by count, in a collection, in the trashcan.
#[test]
fn dying_objects_are_not_upgraded() {
    #[derive(Trace)]
    #[trace(acyclic)]
    struct Peek(Shelf<Weak<Holder>>, Log);
    impl Drop for Peek {
        fn drop(&mut self) {
            for weak in self.0.take() {
                self.1.add(format!("{} {}", weak.upgrade().is_some(), weak.strong_count()));
            }
        }
    }
    #[derive(Trace)]
    struct Holder(Peek, GcCell<Option<Gc<Holder>>>);
    let _gate = Gate::open_for(dying_objects_are_not_upgraded);
    for cyclic in [false, true] {
        let (log, n) = (Log::new(), if cfg!(miri) { 10 } else { 100 });
        let mut first = None;
        let mut last = None;
        for _ in 0..n {
            let shelf = Shelf::new();
            let holder = gc(Holder(Peek(shelf.clone(), log.clone()), GcCell::new(first)));
            shelf.put(Gc::downgrade(&holder));
            last = last.or(Some(Gc::downgrade(&holder)));
            first = Some(holder);
        }
        if cyclic {
            last.unwrap().upgrade().unwrap().1.set(first.clone());
        }
        drop(first);
        assert_eq!(collect(), if cyclic { n } else { 0 });
        assert_eq!(log.take(), vec!["false 0"; n]);
    }
}

/// A finalizer puts its object into a live one; another forgets a handle to its neighbour.
#[test]
fn resurrected_by_other_means() {
    let _gate = Gate::open_for(resurrected_by_other_means);
    let log = Log::new();
    let home = Obj::new("home", &log);
    let weak = Gc::downgrade(&home);
    let obj = Obj::with("a", &log, move |this| weak.upgrade().unwrap().link(&this.edges.borrow()[0]));
    let tail = Obj::new("tail", &log);
    self_link(&obj);
    obj.link(&tail);
    drop((obj, tail));
    assert_eq!(collect(), 0);
    assert_eq!(home.edges.borrow()[0].edges.borrow()[1].name(), "tail");
    assert_eq!(log.sorted(), ["finalize a", "finalize tail"]);
    drop(home);
    assert_eq!(collect(), 2);
    assert_eq!(log.count("drop"), 3);
}

/// As above: what is forgotten leaks, with all that it leads to.
#[test]
#[cfg_attr(miri, ignore = "leaks")]
#[expect(clippy::mem_forget, reason = "what is tested")]
fn forgotten_by_a_finalizer() {
    let log = Log::new();
    apart::<H>(concat!(module_path!(), "::forgotten_by_a_finalizer"), {
        let log = log.clone();
        move || {
            let a = Obj::with("a", &log, |this| std::mem::forget(this.edges.borrow()[0].clone()));
            let [b, c] = ["b", "c"].map(|name| Obj::new(name, &log));
            circle(&[a.clone(), b.clone()]);
            self_link(&c);
            c.link(&a);
            drop((a, b, c));
            assert_eq!(collect(), 1);
            assert_eq!(log.sorted(), ["drop c", "finalize a", "finalize b", "finalize c"]);
        }
    });
    assert!(log.take().is_empty());
}

/// A `Trace` that leaves edges out, at every one of its calls in turn: what it leaves out is kept, nothing is freed
/// that is alive.
#[test]
fn edges_left_out() {
    struct Fickle(GcCell<Vec<Gc<Fickle>>>, #[expect(dead_code, reason = "dropped")] Canary);
    thread_local! { static CALLS: Cell<usize> = const { Cell::new(0) }; }
    // SAFETY: clause 2 is broken, and no edge is reported that there is not.
    unsafe impl Trace for Fickle {
        const CONTAINER: bool = true;
        fn trace(&self, visitor: &mut impl Visitor) {
            CALLS.set(CALLS.get().wrapping_sub(1));
            if CALLS.get() != 0 {
                self.0.trace(visitor);
            }
        }
    }
    // Leaving out an edge of a reachable object while marking would free what it leads to, so the test leaves out those
    // of garbage only: there are no other objects of this type.
    for call in 1..12 {
        let _gate = Gate::open();
        let log = Log::new();
        let new = |name| gc(Fickle(GcCell::default(), Canary::new(name, &log)));
        let ring = ["a", "b", "c"].map(new);
        (0..3).for_each(|i| ring[i].0.borrow_mut().push(ring[(i + 1) % 3].clone()));
        let weak = Gc::downgrade(&ring[0]);
        drop(ring);
        CALLS.set(call);
        let collected = collect();
        CALLS.set(0);
        assert!(collected == 3 || collected == 0 && log.take().is_empty());
        // To be suspected again, it has to lose a handle.
        drop(weak.upgrade());
        HEAP.collect();
        assert_eq!(log.count("drop"), 3);
    }
}

/// Two heaps: each one's finalizers and destructors use and collect the other; a chain that goes to and fro dies by
/// count.
#[test]
fn heaps_that_meet() {
    #[derive(Trace)]
    #[trace(finalize)]
    struct Here(GcCell<Option<tricycle::Gc<There, Other>>>, GcCell<Option<Gc<Here>>>, Canary);
    #[derive(Trace)]
    #[trace(finalize)]
    struct There(tricycle::GcCell<Option<Gc<Here>>, Other>, Canary);
    impl Finalize for Here {
        fn finalize(&self) {
            assert!(!Other.is_collecting());
            Other.collect();
        }
    }
    impl Finalize for There {
        fn finalize(&self) {
            HEAP.collect();
        }
    }
    let _gate = Gate::open_for(heaps_that_meet);
    let _other = crate::support::Gate::<Other>::open();
    let log = Log::new();
    let mut here = gc(Here(GcCell::default(), GcCell::default(), Canary::new("here", &log)));
    here.1.set(Some(here.clone()));
    let n = if cfg!(miri) { 10 } else { 500 };
    for _ in 0..n {
        let there = There(tricycle::GcCell::new(Some(here)), Canary::new("there", &log));
        let there = tricycle::Gc::new_in(there, Other);
        here = gc(Here(GcCell::new(Some(there)), GcCell::default(), Canary::new("here", &log)));
    }
    here.1.set(Some(here.clone()));
    drop(here);
    HEAP.collect();
    HEAP.collect();
    assert_eq!((log.count("drop here"), log.count("drop there")), (n + 1, n));
}
