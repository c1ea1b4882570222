//! Cycles of every shape are found, and counted exactly.

use std::collections::{BTreeMap, HashMap};

use tricycle::Trace;

use super::objects::*;

/// `test_gc.test_list`
#[test]
fn list() {
    let _gate = Gate::open_for(list);
    #[derive(Trace)]
    struct List(GcCell<Vec<Gc<List>>>);
    let list = gc(List(GcCell::default()));
    list.0.borrow_mut().push(list.clone());
    drop(list);
    assert_eq!(collect(), 1);
}

/// `test_gc.test_dict`
#[test]
fn dict() {
    let _gate = Gate::open_for(dict);
    #[derive(Trace)]
    struct Dict(GcCell<HashMap<u32, Gc<Dict>>>);
    let dict = gc(Dict(GcCell::default()));
    dict.0.borrow_mut().insert(1, dict.clone());
    drop(dict);
    assert_eq!(collect(), 1);

    #[derive(Trace)]
    struct Sorted(GcCell<BTreeMap<u32, Gc<Sorted>>>);
    let sorted = gc(Sorted(GcCell::default()));
    sorted.0.borrow_mut().extend([(1, sorted.clone()), (2, sorted.clone())]);
    drop(sorted);
    assert_eq!(collect(), 1);
}

/// `test_gc.test_tuple`: the tuple cannot be changed, but it can be part of a cycle.
#[test]
fn tuple() {
    let _gate = Gate::open_for(tuple);
    #[derive(Trace)]
    struct List(GcCell<Vec<Gc<(u32, Gc<List>)>>>);
    let list = gc(List(GcCell::default()));
    let tuple = gc((1, list.clone()));
    list.0.borrow_mut().push(tuple.clone());
    drop((list, tuple));
    assert_eq!(collect(), 2);
}

/// `test_gc.test_instance`, `test_newinstance`: also as a trait object, and nothing is left for a second collection.
#[test]
fn instance() {
    let _gate = Gate::open_for(instance);
    let log = Log::new();
    let node = Node::named("a", &log);
    node.link(&node);
    drop(node);
    assert_eq!(collect(), 1);
    assert_eq!(log.take(), ["drop a"]);
    assert_eq!(collect(), 0);

    trait Shape: Storable {
        fn me(&self) -> &GcCell<Option<Gc<dyn Shape>>>;
    }
    #[derive(Trace)]
    struct Square(GcCell<Option<Gc<dyn Shape>>>, Canary);
    impl Shape for Square {
        fn me(&self) -> &GcCell<Option<Gc<dyn Shape>>> {
            &self.0
        }
    }
    let square = tricycle::unsize!(gc(Square(GcCell::default(), Canary::new("b", &log))) => dyn Shape);
    square.me().set(Some(square.clone()));
    drop(square);
    assert_eq!(collect(), 1);
    assert_eq!(log.take(), ["drop b"]);
}

/// `test_gc.test_method`: a callable of an object, kept by the object.
#[test]
fn method() {
    let _gate = Gate::open_for(method);
    #[derive(Trace)]
    struct Method {
        receiver: Gc<Instance>,
        function: fn(&Instance) -> u32,
    }
    #[derive(Trace)]
    struct Instance {
        method: GcCell<Option<Gc<Method>>>,
    }
    let instance = gc(Instance { method: GcCell::default() });
    instance.method.set(Some(gc(Method { receiver: instance.clone(), function: |_| 7 })));
    let method = instance.method.get().unwrap();
    assert_eq!((method.function)(&method.receiver), 7);
    drop((instance, method));
    assert_eq!(collect(), 2);
}

/// `test_gc.test_function`: a function and the globals that it is defined in.
#[test]
fn function() {
    let _gate = Gate::open_for(function);
    #[derive(Trace)]
    struct Globals(GcCell<HashMap<String, Gc<Function>>>);
    #[derive(Trace)]
    struct Function(Gc<Globals>);
    let globals = gc(Globals(GcCell::default()));
    let function = gc(Function(globals.clone()));
    globals.0.borrow_mut().insert("f".into(), function);
    assert!(Gc::ptr_eq(&globals.0.borrow()["f"].0, &globals));
    drop(globals);
    assert_eq!(collect(), 2);
}

/// `test_gc.test_frame`: a frame that holds itself among its locals.
#[test]
fn frame() {
    let _gate = Gate::open_for(frame);
    #[derive(Trace)]
    enum Value {
        Nothing,
        Frame(Gc<Frame>),
    }
    #[derive(Trace)]
    struct Frame {
        locals: GcCell<[Value; 2]>,
    }
    let frame = gc(Frame { locals: GcCell::new([Value::Nothing, Value::Nothing]) });
    frame.locals.borrow_mut()[1] = Value::Frame(frame.clone());
    assert!(matches!(&frame.locals.borrow()[1], Value::Frame(other) if Gc::ptr_eq(other, &frame)));
    drop(frame);
    assert_eq!(collect(), 1);
}

/// `test_gc.test_boom`, `test_boom2`: finding out whether there is a finalizer runs no code of the user, and looking at
/// an object changes nothing.
#[test]
fn boom() {
    let _gate = Gate::open_for(boom);
    let log = Log::new();
    let ring = Node::ring(2, &log);
    drop(ring);
    let collection = HEAP.collect();
    assert_eq!((collection.collected, collection.uncollectable), (2, 0));
    assert!(HEAP.garbage().is_empty());
    assert_eq!(log.sorted(), ["drop 0", "drop 1"]);
}

/// What is reachable from outside of the cycle, and what it is reachable through, stays.
#[test]
fn live_cycles_stay() {
    let _gate = Gate::open_for(live_cycles_stay);
    let log = Log::new();
    let ring = Node::ring(5, &log);
    let root = Node::named("root", &log);
    root.link(&ring[3]);
    drop(ring);
    assert_eq!(collect(), 0);
    let mut at = root.edges.borrow()[0].clone();
    let mut names = Vec::new();
    for _ in 0..5 {
        names.push(at.name().to_owned());
        let next = at.edges.borrow()[0].clone();
        at = next;
    }
    assert_eq!(names, ["3", "4", "0", "1", "2"]);
    assert!(log.take().is_empty());
    drop((at, root));
    assert_eq!(log.take(), ["drop root"]);
    assert_eq!(collect(), 5);
}

/// Garbage that leads to live objects leaves them alone, and lets go of them.
#[test]
fn garbage_releases_what_it_refers_to() {
    let _gate = Gate::open_for(garbage_releases_what_it_refers_to);
    let log = Log::new();
    let live = Node::named("live", &log);
    let ring = Node::ring(2, &log);
    ring[0].link(&live);
    ring[1].link(&Node::named("tail", &log));
    drop(ring);
    assert_eq!(Gc::strong_count(&live), 2);
    // The tail is reachable from garbage only, so it is garbage itself.
    assert_eq!(collect(), 3);
    assert_eq!(Gc::strong_count(&live), 1);
    assert_eq!(log.sorted(), ["drop 0", "drop 1", "drop tail"]);
}

/// Many handles between the same two objects.
#[test]
fn parallel_edges() {
    let _gate = Gate::open_for(parallel_edges);
    let [a, b] = [Node::new(), Node::new()];
    for _ in 0..10 {
        a.link(&b);
        b.link(&a);
        b.link(&b);
    }
    let keep = a.clone();
    drop((a, b));
    assert_eq!(collect(), 0);
    drop(keep);
    assert_eq!(collect(), 2);
}

/// An object in two cycles.
#[test]
fn figure_eight() {
    let _gate = Gate::open_for(figure_eight);
    let log = Log::new();
    let (left, right) = (Node::ring(3, &log), Node::ring(3, &log));
    left[0].link(&right[0]);
    right[1].link(&left[2]);
    drop(left);
    assert_eq!(collect(), 0);
    drop(right);
    assert_eq!(collect(), 6);
    assert_eq!(log.count("drop"), 6);
}

/// A clique: every object refers to every other and to itself.
#[test]
fn clique() {
    let _gate = Gate::open_for(clique);
    let n = if cfg!(any(miri, gc_small_limits)) { 6 } else { 60 };
    let nodes: Vec<_> = (0..n).map(|_| Node::new()).collect();
    for a in &nodes {
        nodes.iter().for_each(|b| a.link(b));
    }
    assert_eq!(collect(), 0);
    drop(nodes);
    assert_eq!(collect(), n);
}

/// A cycle through objects of two heaps belongs to neither, and leaks until it is broken by hand.
#[test]
fn cycles_across_heaps_are_external() {
    let _gate = Gate::open_for(cycles_across_heaps_are_external);
    let _other = crate::support::Gate::<Other>::open();
    #[derive(Trace)]
    struct Here(GcCell<Option<tricycle::Gc<There, Other>>>);
    #[derive(Trace)]
    struct There(tricycle::GcCell<Option<Gc<Here>>, Other>);

    let here = gc(Here(GcCell::default()));
    let there = tricycle::Gc::new_in(There(tricycle::GcCell::default()), Other);
    here.0.set(Some(there.clone()));
    there.0.set(Some(here.clone()));
    let weak = Gc::downgrade(&here);
    drop((here, there));
    assert_eq!((collect(), Other.collect().collected), (0, 0));
    let here = weak.upgrade().expect("each heap takes the other's handles for roots");
    here.0.take();
}

/// Few objects, spread over much memory, and a ring of them; then many. Both ways to go over a heap find the same.
#[test]
fn sparse_and_dense() {
    let _gate = Gate::open_for(sparse_and_dense);
    let log = Log::new();
    let n = if cfg!(miri) { 100 } else { 20_000 };
    let many: Vec<_> = (0..n).map(|_| Node::new()).collect();
    let few: Vec<_> = many.iter().step_by(50).cloned().collect();
    for (i, node) in few.iter().enumerate() {
        node.link(&few[(i * 3 + 1) % few.len()]);
    }
    drop(many);
    let keep = few[1].clone();
    let ring = Node::ring(3, &log);
    drop((few, ring));
    // A handle to one keeps those on its way round, and no others.
    let seen = {
        let mut seen = vec![keep.clone()];
        while let Some(next) = seen.last().and_then(|last| last.edges.borrow().first().cloned())
            && !seen.iter().any(|node| Gc::ptr_eq(node, &next))
        {
            seen.push(next);
        }
        seen.len()
    };
    HEAP.collect();
    assert_eq!((log.count("drop"), HEAP.live_objects()), (3, seen));
    let dense: Vec<_> = (0..n).map(|_| Node::new()).collect();
    for (i, node) in dense.iter().enumerate() {
        node.link(&dense[(i + 1) % dense.len()]);
    }
    assert_eq!(collect(), 0);
    drop(dense);
    assert_eq!(collect(), n);
    drop(keep);
    HEAP.collect();
    assert_eq!(HEAP.live_objects(), 0);
}
