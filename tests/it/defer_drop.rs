//! Large structures that go by count are put off, if so asked: to allocations, polls and collections.

use std::time::Duration;

use tricycle::Progress;

use super::counted::*;
use super::objects::{Canary, Gate, Gc, GcCell, H, HEAP, Log, Obj, Shelf, gc};
use crate::support::Kind;

/// So many objects go at once.
const FEW: usize = if cfg!(miri) { 10 } else { 100 };

/// The setting, as long as this lives.
struct Setting;

impl Setting {
    fn new() -> Self {
        assert_eq!(HEAP.defer_drop(), None);
        HEAP.set_defer_drop(Some(FEW));
        assert_eq!(HEAP.defer_drop(), Some(FEW));
        Setting
    }
}

impl Drop for Setting {
    fn drop(&mut self) {
        HEAP.set_defer_drop(None);
        HEAP.collect();
    }
}

/// The drop destroys some, and allocations the rest, whatever the shape.
#[test]
fn shapes() {
    for shape in SHAPES {
        let _gate = Gate::open();
        let _setting = Setting::new();
        let drops = Drops::new();
        drop(shape(N, &drops));
        assert!((FEW..=FEW + 1).contains(&drops.get()), "{}", drops.get());
        let most = most_in_one(&drops, N);
        assert!(most <= MOST, "{most} in one allocation");
    }
}

/// Small structures go at once.
#[test]
fn small() {
    let _gate = Gate::open();
    let _setting = Setting::new();
    let drops = Drops::new();
    for i in 1..10 {
        drop(tree(FEW - 1, &drops));
        assert_eq!(drops.get(), i * (FEW - 1));
    }
}

/// `poll()` destroys some.
#[test]
fn poll() {
    let _gate = Gate::open();
    let _setting = Setting::new();
    let drops = Drops::new();
    drop(list(N, &drops));
    HEAP.attach(|| {
        let mut before = drops.get();
        while before < N {
            HEAP.poll();
            assert!(drops.get() > before && drops.get() <= before + STEP + 1);
            before = drops.get();
        }
    });
}

/// `collect()` and `collect_within` destroy everything.
#[test]
fn collections() {
    let _gate = Gate::open();
    let _setting = Setting::new();
    let drops = Drops::new();
    drop(list(N, &drops));
    HEAP.collect();
    assert_eq!(drops.get(), N);
    drop(star(N, &drops));
    while HEAP.collect_within(Duration::ZERO) == Progress::Unfinished {}
    assert_eq!(drops.get(), 2 * N);
    // Garbage that holds much, too.
    lose(tree(N, &drops));
    HEAP.collect();
    assert_eq!(drops.get(), 3 * N);
}

/// A container in garbage, whose handles are leaves: nothing else that goes sees to them.
#[test]
fn leaves_in_garbage() {
    #[derive(tricycle::Trace)]
    struct Owner {
        leaves: Vec<Gc<Canary>>,
        me: GcCell<Option<Gc<Owner>>>,
    }
    const LEAVES: usize = 40;
    let _gate = Gate::open();
    let _setting = Setting::new();
    let log = Log::new();
    for collect in [|| _ = HEAP.collect(), || while HEAP.collect_within(Duration::ZERO) == Progress::Unfinished {}] {
        let owner = gc(Owner { leaves: (0..LEAVES).map(|_| gc(Canary::new("leaf", &log))).collect(), me: GcCell::new(None) });
        owner.me.set(Some(owner.clone()));
        drop(owner);
        collect();
        assert_eq!(log.count("drop leaf"), LEAVES);
        log.take();
    }
}

/// To switch it off leaves what has been put off to the next step.
#[test]
fn switched_off() {
    let _gate = Gate::open();
    let drops = Drops::new();
    {
        let (first, second) = (list(N, &drops), list(N, &drops));
        let _setting = Setting::new();
        drop(first);
        HEAP.set_defer_drop(None);
        drop(second);
        assert!((N + FEW..=N + FEW + 1).contains(&drops.get()));
    }
    assert_eq!(drops.get(), 2 * N);
    HEAP.set_defer_drop(Some(0));
    drop(list(2, &drops));
    assert!(drops.get() > 2 * N, "one at least");
    HEAP.set_defer_drop(Some(usize::MAX));
    assert_eq!(HEAP.defer_drop(), None);
    HEAP.collect();
    assert_eq!(drops.get(), 2 * N + 2);
}

/// Callbacks and finalizers come later, and may bring something back. Weak handles are dead when the handles in a large container
/// have gone.
#[test]
fn weak_handles_and_finalizers() {
    let _gate = Gate::open();
    let _setting = Setting::new();
    let (log, shelf) = (Log::new(), Shelf::new());
    let last = Obj::saving("last", &log, &shelf);
    last.link(&last);
    last.link(&Obj::new("kept", &log));
    let theirs = log.clone();
    let watch = Gc::downgrade_with(&last.edges.borrow()[1], move || theirs.add("callback"));
    last.edges.borrow_mut().remove(0);
    let star = Obj::new("star", &log);
    (0..N).for_each(|_| star.link(&Obj::new("", &log)));
    star.link(&last);
    drop(last);
    let weak = Gc::downgrade(&star.edges.borrow()[N]);
    drop(star);
    assert!(log.count("finalize") <= FEW + 1);
    assert!(weak.upgrade().is_some() && watch.upgrade().is_some());
    HEAP.collect();
    assert!(weak.upgrade().is_none());
    assert_eq!(log.count("drop"), N + 2);
    assert_eq!(shelf.len(), 1);
    drop(shelf);
    assert_eq!((log.count("drop"), log.count("callback")), (N + 3, 1));
}

/// A thread that ends leaves nothing, or leaves it to those that are there.
#[test]
fn the_end_of_a_thread() {
    let _gate = Gate::open();
    let drops = Drops::new();
    let _setting = Setting::new();
    let theirs = drops.clone();
    let work = move || {
        HEAP.set_defer_drop(Some(FEW));
        drop(list(N, &theirs));
        assert!(theirs.get() < N);
    };
    std::thread::spawn(work).join().unwrap();
    if drops.get() < N {
        assert!(H::TURNS.is_some(), "a heap of one thread ends with it");
        most_in_one(&drops, N);
    }
    assert_eq!(drops.get(), N);
}
