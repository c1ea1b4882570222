//! Where an object is when a guard has given it back.

use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering::Relaxed};
use std::time::Duration;

use tricycle::{Generation, Progress, Trace, Visitor};

use super::objects::*;

/// Counts how often it is traced.
#[derive(Clone, Default)]
struct Meter(Arc<AtomicUsize>);

// SAFETY: there is no handle.
unsafe impl Trace for Meter {
    const CONTAINER: bool = false;
    /// Or it would not be traced as a field.
    const WEAK: bool = true;

    fn trace(&self, _: &mut impl Visitor) {
        self.0.fetch_add(1, Relaxed);
    }
}

/// An object that is changed through `&mut`.
#[derive(Trace)]
struct Plain {
    edges: Vec<Gc<Plain>>,
    cell: GcCell<Option<Gc<Plain>>>,
    meter: Meter,
}

fn plain() -> Gc<Plain> {
    gc(Plain { edges: Vec::new(), cell: GcCell::default(), meter: Meter::default() })
}

fn is_in(generation: Generation, object: &Gc<Plain>) -> bool {
    HEAP.objects(generation).iter().any(|any| any.downcast_ref().is_some_and(|other| Gc::ptr_eq(other, object)))
}

/// A young object stays young, however often it is borrowed, and goes with the first collection.
#[test]
fn the_young_stay_young() {
    let _gate = Gate::open_for(the_young_stay_young);
    let mut a = plain();
    for _ in 0..3 {
        Gc::get_mut(&mut a).unwrap().edges.push(plain());
    }
    a.cell.set(Some(a.clone()));
    drop(a);
    assert_eq!(HEAP.collect_generation(Generation::Young).collected, 4);

    let mut a = plain();
    Gc::get_mut(&mut a).unwrap().edges.push(plain());
    assert!(is_in(Generation::Young, &a) && is_in(Generation::Young, &a.edges[0]));
}

/// An old object stays old, and what is moved into it is kept. When it has become garbage, the next full collection finds it,
/// and no earlier one.
#[test]
fn the_old_stay_old() {
    let _gate = Gate::open_for(the_old_stay_old);
    let mut a = plain();
    // The collector need not know what has been borrowed before.
    for _ in 0..3 {
        HEAP.collect();
        Gc::get_mut(&mut a).unwrap().edges.push(plain());
    }
    assert!(is_in(Generation::Old, &a) && !is_in(Generation::Young, &a));
    let last = &a.edges[2];
    assert!(is_in(Generation::Young, last));
    last.cell.set(Some(last.clone()));
    assert_eq!(HEAP.collect_generation(Generation::Young).collected, 0);
    assert!(is_in(Generation::Middle, &a.edges[2]));
    a.cell.set(Some(a.clone()));
    drop(a);
    assert_eq!(HEAP.collect_generation(Generation::Middle).collected, 0);
    assert_eq!(HEAP.collect().collected, 4);
}

/// What was hidden from a full collection, which has cleared everything else of suspicion, is examined by the next one.
#[test]
fn garbage_after_a_guard() {
    let _gate = Gate::open_for(garbage_after_a_guard);
    for old in [false, true] {
        let mut a = plain();
        a.cell.set(Some(a.clone())); // suspected
        a.cell.take();
        if old {
            HEAP.collect();
            Gc::get_mut(&mut a).unwrap().edges.push(plain());
            HEAP.collect();
        }
        let mut guard = Gc::get_mut(&mut a).unwrap();
        guard.edges.push(plain());
        assert_eq!(HEAP.collect().collected, 0);
        drop(guard);
        a.cell.set(Some(a.clone()));
        assert_eq!(HEAP.collect().collected, 0);
        drop(a);
        assert_eq!(HEAP.collect().collected, if old { 3 } else { 2 });
    }
}

/// Each young collection traced all of an object that is being filled through `get_mut`.
#[test]
fn filling_a_large_object() {
    let _gate = Gate::open_for(filling_a_large_object);
    const NEVER: usize = 1_000_000;
    HEAP.set_thresholds((10, NEVER, NEVER));
    for _ in 0..2 {
        let mut all = plain();
        let young = HEAP.stats()[Generation::Young].collections;
        for _ in 0..if cfg!(miri) { 200 } else { 2000 } {
            // Before the guard is there: a collection that this sets off sees the large one.
            let new = plain();
            Gc::get_mut(&mut all).unwrap().edges.push(new);
        }
        let collections = HEAP.stats()[Generation::Young].collections - young;
        let traced = all.meter.0.load(Relaxed) as u64;
        assert!(collections >= 15, "{collections} collections");
        // Each collection that examines it traces it twice: one young one, and now and then a full one.
        assert!(traced < collections, "traced {traced} times in {collections} young collections");
    }
}

/// A program that borrows all old objects again and again does not keep a collection in steps from its end.
#[test]
fn borrowed_between_steps() {
    let _gate = Gate::open_for(borrowed_between_steps);
    let mut all: Vec<_> = (0..if cfg!(miri) { 20 } else { 3000 }).map(|_| plain()).collect();
    for _ in 0..2 {
        all.iter_mut().for_each(|object| drop(Gc::get_mut(object)));
        HEAP.collect();
    }
    let log = Log::new();
    drop(Node::ring(3, &log));
    let finished = (0..200).any(|_| {
        all.iter_mut().for_each(|object| drop(Gc::get_mut(object)));
        matches!(HEAP.collect_within(Duration::ZERO), Progress::Finished(_))
    });
    assert!(finished);
    assert_eq!(log.count("drop"), 3);
    assert_eq!(HEAP.objects(None).iter().filter(|any| any.is::<Plain>()).count(), all.len());
}
