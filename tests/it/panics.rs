//! Fault injection: user code panics at its n-th call, for every n until there is none. Whatever happens, nothing is
//! dropped twice, nothing is lost, and the heap goes on.

use std::collections::{BTreeSet, HashSet};
use std::panic::{AssertUnwindSafe, catch_unwind};

use tricycle::{Finalize, Generation, Trace, Visitor};

use super::objects::*;
use crate::support::{inject, injected, points, set_fuse, tick, ticks};

/// A field that may panic when it is traced and when it is dropped.
struct Mine {
    log: Log,
    name: usize,
}

// SAFETY: nothing is visited; it may panic.
unsafe impl Trace for Mine {
    const CONTAINER: bool = true;

    fn trace(&self, _: &mut impl Visitor) {
        tick("trace");
    }
}

impl Drop for Mine {
    fn drop(&mut self) {
        self.log.add(format!("drop {}", self.name));
        tick("drop");
    }
}

/// An object full of mines.
#[derive(Trace)]
#[trace(finalize)]
pub(super) struct Bomb {
    before: Mine,
    pub(super) edges: GcCell<Vec<Gc<Bomb>>>,
    after: Mine,
}

impl Bomb {
    pub(super) fn new(name: usize, log: &Log) -> Gc<Bomb> {
        let mine = |name| Mine { log: log.clone(), name };
        gc(Bomb { before: mine(name), edges: GcCell::default(), after: mine(name + 1000) })
    }

    pub(super) fn ring(n: usize, log: &Log) -> Vec<Gc<Bomb>> {
        let bombs: Vec<_> = (0..n).map(|i| Bomb::new(i, log)).collect();
        (0..n).for_each(|i| bombs[i].edges.borrow_mut().push(bombs[(i + 1) % n].clone()));
        bombs
    }
}

impl Finalize for Bomb {
    fn finalize(&self) {
        self.before.log.add(format!("finalize {}", self.before.name));
        tick("finalize");
    }
}

/// A weak handle whose callback may panic.
pub(super) fn watch(target: &Gc<Bomb>, log: &Log) -> Weak<Bomb> {
    let (log, name) = (log.clone(), target.before.name);
    Gc::downgrade_with(target, move || {
        log.add(format!("callback {name}"));
        tick("callback");
    })
}

/// The ticks at which to panic: all, or under Miri, if they are many, some of each kind, and ever fewer with the distance from
/// the first and the last one.
fn faults(ticks: &[&'static str]) -> BTreeSet<usize> {
    let all = 1..=ticks.len();
    if !cfg!(miri) || ticks.len() <= 60 {
        return all.collect();
    }
    let half = points(if ticks.len() > 400 { 1 } else { 20 }).skip(1).take_while(|n| *n <= ticks.len() / 2);
    let mut faults: BTreeSet<_> = half.flat_map(|n| [n, ticks.len() + 1 - n]).collect();
    for what in ticks.iter().collect::<HashSet<_>>() {
        let of_kind: Vec<_> = all.clone().filter(|n| ticks[n - 1] == *what).collect();
        faults.extend([of_kind[0], of_kind[of_kind.len() / 2], of_kind[of_kind.len() - 1]]);
    }
    faults
}

/// Runs `scenario`, which makes `objects` bombs and lets go of them, with a panic at each of its ticks, and without one. Returns
/// what panicked.
pub(super) fn for_each_fault(objects: usize, scenario: impl Fn(&Log)) -> HashSet<&'static str> {
    let mut seen = HashSet::new();
    // Returns what ticked, the panicking one included.
    let mut run = |n: usize| {
        let _gate = Gate::open();
        let log = Log::new();
        set_fuse(n);
        let result = injected(|| scenario(&log));
        let ticks = ticks();
        let left = set_fuse(0);
        assert_eq!(result.is_ok(), left > 0, "a panic is passed on, and only then");
        seen.extend(result.err());
        assert!(!HEAP.is_collecting());

        // The heap works, and finishes what the panic interrupted.
        drop(Node::ring(3, &Log::new()));
        HEAP.collect();
        let entries = log.take();
        let mut unique = HashSet::new();
        entries.iter().for_each(|entry| assert!(unique.insert(entry), "{entry} twice, with a panic at {n}: {entries:?}"));
        let drops = entries.iter().filter(|entry| entry.starts_with("drop")).count();
        assert_eq!(drops, 2 * objects, "with a panic at {n}: {entries:?}");
        let finalized = entries.iter().filter(|entry| entry.starts_with("finalize")).count();
        assert_eq!(finalized, objects, "with a panic at {n}: {entries:?}");
        drop(Node::ring(3, &Log::new()));
        assert_eq!(collect(), 3);
        assert_eq!(ticks.len(), n - left);
        ticks
    };
    let ticks = run(usize::MAX);
    for n in faults(&ticks) {
        assert_eq!(run(n).len(), n, "of {} ticks", ticks.len());
    }
    seen
}

/// A cycle, with a tail and weak callbacks, is collected.
#[test]
fn in_a_collection() {
    let seen = for_each_fault(4, |log| {
        let ring = Bomb::ring(3, log);
        let tail = Bomb::new(3, log);
        ring[1].edges.borrow_mut().push(tail.clone());
        let weaks = [watch(&ring[0], log), watch(&tail, log)];
        drop((ring, tail));
        HEAP.collect();
        drop(weaks);
    });
    assert_eq!(seen, ["trace", "finalize", "callback", "drop"].into());
}

/// Collections of the young generation, some of which are set off by allocations.
#[test]
fn in_an_automatic_collection() {
    let seen = for_each_fault(6, |log| {
        HEAP.set_thresholds((2, 1, 1));
        drop(Bomb::ring(6, log));
        for _ in 0..8 {
            drop(Node::ring(2, &Log::new()));
        }
    });
    HEAP.set_thresholds(tricycle::Thresholds::default());
    assert!(seen.contains("trace") && seen.contains("finalize") && seen.contains("drop"), "{seen:?}");
}

/// A tree dies by count, deeper than destruction nests.
#[test]
fn in_a_death_by_count() {
    let depth = if cfg!(miri) { 8 } else { 60 };
    let seen = for_each_fault(2 * depth, |log| {
        let mut root = None::<Gc<Bomb>>;
        for i in 0..depth {
            let bomb = Bomb::new(i, log);
            bomb.edges.borrow_mut().push(Bomb::new(i + depth, log));
            bomb.edges.borrow_mut().extend(root);
            root = Some(bomb);
        }
        let weak = watch(root.as_ref().unwrap(), log);
        drop(root);
        drop(weak);
    });
    assert_eq!(seen, ["finalize", "callback", "drop"].into());
}

/// A slice of objects is built, dropped, collected.
#[test]
fn in_a_slice() {
    let seen = for_each_fault(3, |log| {
        let slice: tricycle::Gc<[Gc<Bomb>], H> = (0..3).map(|i| Bomb::new(i, log)).collect();
        slice[0].edges.borrow_mut().push(slice[1].clone());
        slice[1].edges.borrow_mut().push(slice[0].clone());
        HEAP.collect();
        drop(slice);
        HEAP.collect();
    });
    assert_eq!(seen, ["trace", "finalize", "drop"].into());
}

/// Collection callbacks: all are called, and the collection happens.
#[test]
fn in_collection_callbacks() {
    for n in 1..=5 {
        let _gate = Gate::open();
        let log = Log::new();
        let ids = ["first", "second"].map(|name| {
            let log = log.clone();
            HEAP.on_collection(move |event| {
                log.add(format!("{name} {:?}", event.phase));
                tick("event");
            })
        });
        drop(Node::ring(2, &log));
        set_fuse(n);
        let result = injected(collect);
        set_fuse(0);
        assert_eq!(result, if n <= 4 { Err("event") } else { Ok(2) });
        assert_eq!(log.count("drop"), 2);
        assert_eq!(log.count("first"), 2);
        assert_eq!(log.count("second"), 2);
        ids.into_iter().for_each(|id| assert!(HEAP.remove_callback(id)));
    }
}

/// The first of several panics is the one that is passed on.
#[test]
fn the_first_panic_wins() {
    let _gate = Gate::open_for(the_first_panic_wins);
    let log = Log::new();
    let order = Log::new();
    let objects = ["a", "b", "c"].map(|name| {
        let order = order.clone();
        Obj::with(name, &log, move |_| {
            order.add(name);
            inject(name)
        })
    });
    circle(&objects);
    drop(objects);
    // In which order they are finalized is not promised.
    let first = injected(collect).unwrap_err();
    assert_eq!(order.take()[0], first);
    assert_eq!(log.count("finalize"), 3);
    assert_eq!(collect(), 0);
    assert_eq!(log.count("drop"), 3);
}

/// Objects die, and collections run, while the thread unwinds from another panic.
#[test]
fn while_unwinding() {
    let _gate = Gate::open_for(while_unwinding);
    let log = Log::new();
    struct CollectOnDrop;
    impl Drop for CollectOnDrop {
        fn drop(&mut self) {
            HEAP.collect();
        }
    }
    let result = injected(|| {
        let _collect = CollectOnDrop;
        let bombs = ["a", "b"].map(|name| Obj::with(name, &log, move |_| inject(name)));
        self_link(&bombs[0]);
        inject("outer");
    });
    assert_eq!(result, Err("outer"));
    assert_eq!((log.count("finalize"), log.count("drop")), (2, 2));
}

/// A `Trace` that panics: nothing is freed, and the next collection makes up for it.
#[test]
fn a_panicking_trace_frees_nothing() {
    let _gate = Gate::open_for(a_panicking_trace_frees_nothing);
    for generation in Generation::ALL {
        let log = Log::new();
        drop(Bomb::ring(3, &log));
        set_fuse(2);
        assert!(injected(|| HEAP.collect_generation(generation)).is_err());
        set_fuse(0);
        assert!(log.take().is_empty());
        assert_eq!(collect(), 3, "{generation:?}");
        assert_eq!(log.count("drop"), 6);
    }
}

/// A clone that panics in `make_mut`.
#[test]
fn in_make_mut() {
    struct Moody(Log);
    // SAFETY: nothing is visited.
    unsafe impl Trace for Moody {
        const CONTAINER: bool = true;
        fn trace(&self, _: &mut impl Visitor) {}
    }
    impl Clone for Moody {
        fn clone(&self) -> Self {
            tick("clone");
            Moody(self.0.clone())
        }
    }
    let _gate = Gate::open_for(in_make_mut);
    let mut a = gc(Moody(Log::new()));
    let b = a.clone();
    set_fuse(1);
    assert_eq!(injected(|| drop(Gc::make_mut(&mut a))), Err("clone"));
    set_fuse(0);
    assert!(Gc::ptr_eq(&a, &b));
    assert_eq!(Gc::strong_count(&a), 2);
    drop(Gc::make_mut(&mut a));
    assert!(!Gc::ptr_eq(&a, &b));
}

/// An element that panics while a slice is made from clones: those made are dropped.
#[test]
fn in_making_a_slice() {
    #[derive(Trace)]
    struct Element(Canary, GcCell<Option<Gc<u8>>>);
    impl Clone for Element {
        fn clone(&self) -> Self {
            tick("clone");
            Element(Canary::new("clone", &CLONES.with(Log::clone)), GcCell::default())
        }
    }
    thread_local! { static CLONES: Log = Log::new(); }
    let _gate = Gate::open_for(in_making_a_slice);
    let element = || Element(Canary::new("original", &Log::new()), GcCell::default());
    let elements = [element(), element(), element()];
    for n in 1..=3 {
        set_fuse(n);
        let result = injected(|| tricycle::Gc::<[Element], H>::from(&elements[..]));
        set_fuse(0);
        assert_eq!(result.err(), Some("clone"));
        assert_eq!(CLONES.with(Log::take), vec!["drop clone"; n - 1]);
    }
}

/// A real panic, with message and hook, is passed on as it is.
#[test]
fn the_payload_is_kept() {
    let _gate = Gate::open_for(the_payload_is_kept);
    let obj = Obj::with("a", &Log::new(), |this| panic!("message {}", this.name()));
    self_link(&obj);
    drop(obj);
    let panic = catch_unwind(AssertUnwindSafe(collect)).unwrap_err();
    assert_eq!(panic.downcast_ref::<String>().unwrap(), "message a");
}
