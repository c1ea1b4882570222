//! Callbacks at the start and the end of collections.

use std::sync::atomic::{AtomicBool, Ordering::Relaxed};

use tricycle::{CollectionEvent, Generation, Phase, Trace, Visitor};

use super::objects::*;

/// Keeps what a callback is told.
fn record(events: &Shelf<CollectionEvent>) -> tricycle::CallbackId {
    let events = events.clone();
    HEAP.on_collection(move |event| events.put(*event))
}

/// `test_gc.GCCallbackTests.test_collect`: each callback is called once at the start and once at the end, in order.
#[test]
fn each_is_called_twice() {
    let _gate = Gate::open_for(each_is_called_twice);
    let log = Log::new();
    let ids = [1, 2].map(|n| {
        let log = log.clone();
        HEAP.on_collection(move |event| log.add(format!("{n} {:?}", event.phase)))
    });
    HEAP.collect();
    assert_eq!(log.take(), ["1 Start", "2 Start", "1 Stop", "2 Stop"]);
    ids.into_iter().for_each(|id| assert!(HEAP.remove_callback(id)));
    ids.into_iter().for_each(|id| assert!(!HEAP.remove_callback(id)));
    HEAP.collect();
    assert!(log.take().is_empty());
}

/// `test_gc.GCCallbackTests.test_collect_generation`
#[test]
fn generation() {
    let _gate = Gate::open_for(generation);
    let events = Shelf::new();
    let id = record(&events);
    for generation in Generation::ALL {
        HEAP.collect_generation(generation);
        let told = events.take();
        assert_eq!(told.iter().map(|event| event.generation).collect::<Vec<_>>(), [generation; 2]);
        assert_eq!(told.iter().map(|event| event.phase).collect::<Vec<_>>(), [Phase::Start, Phase::Stop]);
    }
    HEAP.remove_callback(id);
}

/// What a stop event says equals what `collect` returns, and the start says nothing.
#[test]
fn figures() {
    let _gate = Gate::open_for(figures);
    let events = Shelf::new();
    let id = record(&events);
    drop(Node::ring(3, &Log::new()));
    let live = Node::new();
    drop(live.clone());
    let unsuspected = Node::new();
    let collection = HEAP.collect();
    let [start, stop] = events.take()[..] else { panic!("two events") };
    assert_eq!((start.collected, start.uncollectable, start.candidates), (0, 0, 0));
    assert!(start.duration.is_zero());
    assert_eq!((stop.collected, stop.uncollectable, stop.candidates), (3, 0, 4));
    assert_eq!(
        (stop.collected, stop.uncollectable, stop.candidates, stop.duration),
        (collection.collected, collection.uncollectable, collection.candidates, collection.duration)
    );
    HEAP.remove_callback(id);
    drop((live, unsuspected));
}

/// An object whose `Trace` may lie: it reports each edge twice.
struct Liar {
    edges: GcCell<Vec<Gc<Liar>>>,
    lies: AtomicBool,
    _canary: Canary,
}

// SAFETY: none, that is the point: an edge is reported twice. The objects are part of one cycle each, and the tests look
// at what the collector makes of it.
unsafe impl Trace for Liar {
    const CONTAINER: bool = true;

    fn trace(&self, visitor: &mut impl Visitor) {
        self.edges.trace(visitor);
        if self.lies.load(Relaxed) {
            self.edges.trace(visitor);
        }
    }
}

impl Liar {
    fn new(log: &Log) -> Gc<Liar> {
        let liar = Liar {
            edges: GcCell::default(),
            lies: AtomicBool::new(true),
            _canary: Canary::new("liar", log),
        };
        let liar = gc(liar);
        liar.edges.borrow_mut().push(liar.clone());
        liar
    }
}

/// `test_gc.GCCallbackTests.test_collect_garbage`, `test_gc.test_legacy_finalizer`, `_newclass`: what cannot be collected
/// is counted and stays, other garbage goes, and breaking the cycle by hand lets it be freed. What is not collectable
/// here is not a matter of finalizers, but of a `Trace` that reports more edges than there are handles.
#[test]
fn uncollectable() {
    let _gate = Gate::open_for(uncollectable);
    let (log, events) = (Log::new(), Shelf::new());
    let id = record(&events);
    let liars = [Liar::new(&log), Liar::new(&log)];
    let weaks = liars.each_ref().map(Gc::downgrade);
    drop(liars);
    let node = Node::new();
    node.link(&node);
    drop(node);

    let panic = std::panic::catch_unwind(|| HEAP.collect()).unwrap_err();
    assert!(panic.downcast_ref::<String>().unwrap().contains("Liar"));
    let stop = events.take().pop().unwrap();
    assert_eq!((stop.collected, stop.uncollectable), (1, 2));
    assert!(log.take().is_empty());

    for weak in &weaks {
        let liar = weak.upgrade().expect("kept");
        liar.edges.take();
    }
    assert_eq!(log.take(), ["drop liar"; 2]);
    let collection = HEAP.collect();
    assert_eq!((collection.collected, collection.uncollectable), (0, 0));
    HEAP.remove_callback(id);
}

/// `test_gc.GCCallbackTests.test_refcount_errors`: the error names the type. Once the lying stops, the cycle is
/// collected.
#[test]
fn too_few_handles() {
    let _gate = Gate::open_for(too_few_handles);
    let log = Log::new();
    let weak = Gc::downgrade(&Liar::new(&log));
    for _ in 0..2 {
        let panic = std::panic::catch_unwind(|| HEAP.collect()).unwrap_err();
        let message = panic.downcast_ref::<String>().unwrap();
        assert!(message.contains("Trace") && message.contains("Liar"), "{message}");
        // To be found again it has to be suspected.
        weak.upgrade().expect("kept").lies.store(true, Relaxed);
    }
    weak.upgrade().unwrap().lies.store(false, Relaxed);
    assert_eq!(collect(), 1);
    assert_eq!(log.take(), ["drop liar"]);
}

/// Callbacks that add and remove callbacks, collect, and allocate.
#[test]
fn callbacks_do_as_they_like() {
    let _gate = Gate::open_for(callbacks_do_as_they_like);
    let log = Log::new();
    let outer = HEAP.on_collection({
        let log = log.clone();
        move |event| {
            assert!(HEAP.is_collecting());
            assert_eq!(HEAP.collect().candidates, 0, "a nested collection does nothing");
            log.add(format!("{:?}", event.phase));
            drop(Node::ring(2, &Log::new()));
            if event.phase == Phase::Start {
                let id = Shelf::new();
                let own = id.clone();
                id.put(HEAP.on_collection({
                    let log = log.clone();
                    move |event| {
                        log.add(format!("inner {:?}", event.phase));
                        own.take().into_iter().for_each(|id| assert!(HEAP.remove_callback(id)));
                    }
                }));
            }
        }
    });
    HEAP.collect();
    assert!(!HEAP.is_collecting());
    assert_eq!(log.take(), ["Start", "inner Start", "Stop"]);
    HEAP.remove_callback(outer);
    HEAP.collect();
    assert!(log.take().is_empty());
}

/// What a callback captured goes when it is removed, also by itself.
#[test]
fn removal_drops_the_captures() {
    let _gate = Gate::open_for(removal_drops_the_captures);
    let log = Log::new();
    let canary = Canary::new("capture", &log);
    let own = Shelf::new();
    own.put(HEAP.on_collection({
        let own = own.clone();
        move |_| {
            let _ = &canary;
            own.take().into_iter().for_each(|id| assert!(HEAP.remove_callback(id)));
        }
    }));
    HEAP.collect();
    assert_eq!(log.take(), ["drop capture"]);
}

/// A callback that removes itself, or one that has been called, keeps nobody from being told.
#[test]
fn removal_while_callbacks_run() {
    let _gate = Gate::open_for(removal_while_callbacks_run);
    let log = Log::new();
    let ids = Shelf::new();
    for n in 0..4 {
        let (log, ids) = (log.clone(), ids.clone());
        let own = ids.clone();
        ids.put(HEAP.on_collection(move |event| {
            log.add(format!("{n} {:?}", event.phase));
            if n == 1 && event.phase == Phase::Start {
                // The first one, which has been called, and itself.
                let mut ids = own.take();
                ids.drain(..2).for_each(|id| assert!(HEAP.remove_callback(id)));
                // One that has not been called.
                assert!(HEAP.remove_callback(ids.pop().unwrap()));
                ids.into_iter().for_each(|id| own.put(id));
            }
        }));
    }
    HEAP.collect();
    assert_eq!(log.take(), ["0 Start", "1 Start", "2 Start", "2 Stop"]);
    ids.take().into_iter().for_each(|id| assert!(HEAP.remove_callback(id)));
}
