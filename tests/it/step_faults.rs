//! Panics in the steps of an incremental collection, and user code that gets in its way.

use std::cell::Cell;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::time::Duration;

use tricycle::{Generation, Phase, Progress, Trace, Visitor};

use super::objects::*;
use super::panics::{Bomb, for_each_fault, watch};
use super::steps::{Heavy, Steps, at_each_step, finish, step};
use crate::support::{inject, injected};

/// The first panic ends the steps; a full collection makes up for it.
#[test]
fn a_panic_in_a_step() {
    let seen = for_each_fault(3, |log| {
        let ring = Bomb::ring(3, log);
        let weak = watch(&ring[0], log);
        HEAP.collect();
        drop(ring);
        Steps::of(0).run().finish();
        drop(weak);
    });
    assert_eq!(seen, ["trace", "finalize", "callback", "drop"].into());
}

/// A whole incremental collection, which goes on after a panic, and another one after that. The last panic.
pub(super) fn steps_with_panics() -> Option<&'static str> {
    let heavy = Steps::of(0).run();
    let mut panic = None;
    while match injected(step) {
        Ok(more) => more,
        Err(what) => {
            panic = Some(what);
            true
        }
    } {}
    heavy.finish();
    if panic.is_some() {
        Heavy::again().finish();
    }
    panic
}

/// After a panic the steps go on, and what it may have given up is found by the next one.
#[test]
fn steps_after_a_panic() {
    let seen = for_each_fault(3, |log| {
        let ring = Bomb::ring(3, log);
        let weak = watch(&ring[0], log);
        HEAP.collect();
        drop(ring);
        let panic = steps_with_panics();
        assert_eq!(log.count("drop"), 6);
        drop(weak);
        if let Some(what) = panic {
            inject(what);
        }
    });
    assert_eq!(seen, ["trace", "finalize", "callback", "drop"].into());
}

thread_local! {
    /// How often a [`Stubborn`] is yet to panic.
    static PANICS: Cell<usize> = const { Cell::new(0) };
}

/// A field whose tracing panics again and again.
struct Stubborn;

// SAFETY: nothing is visited; it may panic.
unsafe impl Trace for Stubborn {
    const CONTAINER: bool = true;

    fn trace(&self, _: &mut impl Visitor) {
        let left = PANICS.get();
        if left > 0 {
            PANICS.set(left - 1);
            inject("trace");
        }
    }
}

#[derive(Trace)]
struct Difficult {
    me: GcCell<Option<Gc<Difficult>>>,
    stubborn: Stubborn,
}

/// A collection that cannot pass on what keeps it from its end does not try for ever.
#[test]
fn trace_panics_while_unwinding() {
    const MANY: usize = 1000;

    struct Collect;

    impl Drop for Collect {
        fn drop(&mut self) {
            assert!(matches!(HEAP.collect_within(Duration::from_secs(3600)), Progress::Finished(_)));
        }
    }

    let _gate = Gate::open_for(trace_panics_while_unwinding);
    let difficult = gc(Difficult { me: GcCell::new(None), stubborn: Stubborn });
    difficult.me.set(Some(difficult.clone()));
    drop(difficult);
    PANICS.set(MANY);
    let result = catch_unwind(AssertUnwindSafe(|| {
        let _collect = Collect;
        inject("unwinding");
    }));
    assert!(result.is_err());
    assert_eq!(MANY - PANICS.replace(0), 1);
    assert_eq!(HEAP.collect().collected, 1);
}

/// Finalizers of the garbage that an incremental collection found do what is in that collection's way.
#[test]
fn meddling_finalizers() {
    let meddle: [fn(); 7] = [
        || assert_eq!(HEAP.collect().candidates, 0),
        || assert!(matches!(HEAP.collect_within(Duration::ZERO), Progress::Finished(none) if none.candidates == 0)),
        || {
            HEAP.freeze();
            HEAP.unfreeze();
        },
        || drop(HEAP.objects(None)),
        || (0..20).for_each(|_| drop(Node::ring(2, &Log::new()))),
        || HEAP.trim(),
        || finish(),
    ];
    for meddle in meddle {
        let _gate = Gate::open();
        let log = Log::new();
        let objects = ["a", "b", "c"].map(|name| Obj::with(name, &log, move |_| meddle()));
        circle(&objects);
        let live = Node::ring(9, &Log::new());
        HEAP.collect();
        drop(objects);
        Steps::of(0).run().finish();
        assert_eq!((log.count("finalize"), log.count("drop")), (3, 3));
        assert_eq!(live[8].edges.borrow()[0].edges.borrow().len(), 1);
    }
}

/// Destructors that run in a step allocate, which does no further step and no collection.
#[test]
fn destructors_allocate() {
    use tricycle::Trace;
    #[derive(Trace)]
    #[trace(acyclic)]
    struct Busy(Log);
    impl Drop for Busy {
        fn drop(&mut self) {
            drop(Node::ring(3, &self.0));
            assert!(HEAP.is_collecting());
            assert!(!step());
        }
    }
    #[derive(Trace)]
    struct Owner(Busy, GcCell<Option<Gc<Owner>>>);

    at_each_step(|steps| {
        let log = Log::new();
        let owners: Vec<_> = (0..9).map(|_| gc(Owner(Busy(log.clone()), GcCell::default()))).collect();
        (0..9).for_each(|i| owners[i].1.set(Some(owners[(i + 1) % 9].clone())));
        steps.age();
        drop(owners);
        steps.run().finish();
        HEAP.collect();
        assert_eq!(log.count("drop"), 27);
    });
}

/// Resurrection by the finalizers of an incremental collection.
#[test]
fn resurrected() {
    at_each_step(|steps| {
        let (log, shelf) = (Log::new(), Shelf::new());
        let objects = [Obj::saving("a", &log, &shelf), Obj::new("b", &log), Obj::new("c", &log)];
        circle(&objects);
        let lost = Obj::new("lost", &log);
        lost.link(&objects[0]);
        self_link(&lost);
        steps.age();
        drop((objects, lost));
        steps.run().finish();
        assert_eq!(log.count("finalize"), 4);
        assert_eq!(log.count("drop"), 1, "only what was brought back survives");
        let saved = shelf.take();
        assert_eq!(saved.len(), 1);
        let c = saved[0].edges.borrow()[0].clone();
        assert_eq!((saved[0].name(), c.name()), ("b", "c"));
        drop((saved, c));
        assert_eq!(collect(), 3);
    });
}

/// Garbage is saved, when that is wanted, if it is so when the incremental collection examines.
#[test]
fn saved() {
    at_each_step(|steps| {
        let log = Log::new();
        let ring = Node::ring(9, &log);
        steps.age();
        drop(ring);
        let heavy = steps.run();
        HEAP.set_save_all(true);
        heavy.finish();
        let saved = HEAP.take_garbage();
        assert_eq!(saved.len() + log.count("drop"), 9);
        HEAP.set_save_all(false);
        if let Some(any) = saved.first() {
            assert_eq!(any.downcast_ref::<Node>().unwrap().edges.borrow()[0].edges.borrow().len(), 1);
        }
        drop(saved);
        HEAP.collect();
        assert_eq!(log.count("drop"), 9);
    });
}

/// A guard that is held across steps: what it changes is seen, what it refers to stays, and it is tracked afterwards.
#[test]
fn guarded() {
    use tricycle::Trace;
    #[derive(Trace)]
    struct Plain(Vec<Gc<Node>>);

    at_each_step(|steps| {
        let log = Log::new();
        let (mut holder, mut other) = (gc(Plain(vec![])), gc(Plain(vec![])));
        let ring = Node::ring(9, &log);
        Gc::get_mut(&mut holder).unwrap().0.push(ring[4].clone());
        steps.age();
        drop(ring);
        let heavy = steps.run();
        {
            let mut guard = Gc::get_mut(&mut holder).unwrap();
            let moved = std::mem::take(&mut guard.0);
            step();
            Gc::get_mut(&mut other).unwrap().0.extend(moved);
            guard.0.push(Node::new());
            finish();
        }
        heavy.finish();
        assert!(Gc::is_tracked(&holder) && Gc::is_tracked(&other));
        HEAP.collect();
        assert!(log.take().is_empty());
        assert_eq!(other.0[0].name(), "4");
        assert_eq!(other.0[0].edges.borrow()[0].name(), "5");
        drop(other);
        assert_eq!(collect(), 9);
    });
}

/// An object is taken apart in the middle, and its only handle to a ring goes to a new one, or nowhere.
#[test]
fn unwrapped() {
    at_each_step(|steps| {
        let log = Log::new();
        let holders = [(); 2].map(|()| gc(GcCell::new(Some(Node::ring(9, &log).swap_remove(0)))));
        steps.age();
        let heavy = steps.run();
        let [first, second] = holders.map(|holder| tricycle::Gc::try_unwrap(holder).unwrap_or_else(|_| panic!("unique")));
        let again = gc(first);
        let bare = second.take();
        step();
        drop(bare);
        heavy.finish();
        HEAP.collect();
        assert_eq!(log.count("drop"), 9);
        assert_eq!(again.borrow().as_ref().unwrap().edges.borrow()[0].name(), "1");
        drop(again);
        assert_eq!(collect(), 9);
    });
}

/// Callbacks are told of an incremental collection once, when it examines.
#[test]
fn announced() {
    let _gate = Gate::open_for(announced);
    let events = Shelf::new();
    let ring = Node::ring(9, &Log::new());
    HEAP.collect();
    drop(ring);
    let id = HEAP.on_collection({
        let events = events.clone();
        move |event| events.put(*event)
    });
    Steps::of(0).run().finish();
    HEAP.remove_callback(id);
    let old: Vec<_> = events.take().into_iter().filter(|event| event.generation == Generation::Old).collect();
    assert_eq!(old.iter().map(|event| event.phase).collect::<Vec<_>>(), [Phase::Start, Phase::Stop]);
    assert_eq!((old[1].collected, old[1].uncollectable, old[1].candidates), (9, 0, 10));
    assert!(!old[1].duration.is_zero());
}

/// A budget of nothing still gets there in the end.
#[test]
fn no_time_at_all() {
    let _gate = Gate::open_for(no_time_at_all);
    let log = Log::new();
    let ring = Node::ring(3, &log);
    HEAP.collect();
    drop(ring);
    let mut calls = 0;
    while HEAP.collect_within(Duration::ZERO) == Progress::Unfinished {
        calls += 1;
        assert!(calls < 100, "no progress");
    }
    assert_eq!(log.count("drop"), 3);
}
