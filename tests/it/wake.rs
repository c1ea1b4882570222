//! What goes in the wake of garbage: a collection that comes due by itself destroys some of it, and leaves the rest to later
//! allocations.

use std::cell::RefCell;
use std::cmp::Ordering;
use std::collections::{BTreeMap, BTreeSet, BinaryHeap, HashMap, HashSet, LinkedList, VecDeque};
use std::hash::{Hash, Hasher};
use std::time::Duration;

use tricycle::{ByAddress, GcLazy, GcOnce, Leaf, Progress, Trace};

use super::counted::*;
use super::objects::{Gate, Gc, GcCell, H, HEAP, Log, Obj, Shelf, gc};
use crate::support::Kind;

/// Whatever its shape: no allocation drops more than some thousand values.
#[test]
fn no_allocation_drops_everything() {
    for shape in SHAPES {
        let _gate = Gate::open();
        let drops = Drops::new();
        lose(shape(N, &drops));
        assert_eq!(drops.get(), 0);
        let most = most_in_one(&drops, N);
        assert!(most <= MOST, "{most} in one allocation");
        HEAP.collect();
    }
}

/// Also garbage itself, if it is much: a heap that goes in steps does not drop it at once, nor when automatic collection has been
/// off meanwhile.
#[test]
fn no_allocation_drops_all_garbage() {
    if H::PARALLEL {
        return; // a full collection is done in one piece
    }
    for off in [false, true] {
        let _gate = Gate::open();
        let drops = Drops::new();
        if off {
            HEAP.disable();
        }
        hurry();
        HEAP.collect();
        let garbage = Node::ring(N, &drops);
        HEAP.collect();
        drop(garbage);
        HEAP.enable();
        let most = most_in_one(&drops, N);
        assert!(most <= MOST, "{most} in one allocation");
    }
}

/// A value with many handles.
#[derive(Trace)]
struct Holder {
    me: GcCell<Option<Gc<Holder>>>,
    held: Held,
    further: Option<Gc<Holder>>,
}

#[derive(Trace)]
enum Held {
    Nothing,
    Vec(GcCell<Vec<Gc<Node>>>),
    Deque { handles: GcCell<VecDeque<Gc<Node>>>, _none: u8 },
    List(LinkedList<(u32, Gc<Node>)>),
    Slice(Option<Box<[Gc<Node>]>>),
    Nested(Box<Vec<(usize, Vec<Option<Gc<Node>>>)>>),
    Map(HashMap<String, Gc<Node>>),
    MapOfMaps(HashMap<u32, HashMap<u32, Gc<Node>>>),
    Set(HashSet<(usize, Gc<Node>)>),
    Tree(BTreeMap<u64, Result<Gc<Node>, ()>>),
    OrderedSet(BTreeSet<(usize, Gc<Node>)>),
    Heap(BinaryHeap<(usize, Gc<Node>)>),
    Array([Vec<Gc<Node>>; 2]),
    Keyed(HashMap<Leaf<u32>, ByAddress<Gc<Node>>>),
    Lazy(GcLazy<Vec<Gc<Node>>, H>),
    Once(Vec<GcOnce<Gc<Node>, H>>),
}

// Nodes are all the same to collections that compare their elements.
impl PartialEq for Node {
    fn eq(&self, _: &Self) -> bool {
        true
    }
}

impl Eq for Node {}

impl PartialOrd for Node {
    fn partial_cmp(&self, other: &Self) -> Option<Ordering> {
        Some(self.cmp(other))
    }
}

impl Ord for Node {
    fn cmp(&self, _: &Self) -> Ordering {
        Ordering::Equal
    }
}

impl Hash for Node {
    fn hash<S: Hasher>(&self, _: &mut S) {}
}

thread_local! {
    /// What the function of a `GcLazy`, which captures nothing, is to return.
    static NEXT: RefCell<Vec<Gc<Node>>> = const { RefCell::new(Vec::new()) };
}

/// So many handles to one object in each kind of container.
fn held(kind: usize, node: &Gc<Node>, n: usize) -> Option<Held> {
    let some = |n| (0..n).map(|_| node.clone());
    Some(match kind {
        0 => Held::Vec(GcCell::new(some(n).collect())),
        1 => Held::Deque { handles: GcCell::new(some(n).collect()), _none: 0 },
        2 => Held::List(some(n).map(|node| (1, node)).collect()),
        3 => Held::Slice(Some(some(n).collect())),
        4 => Held::Nested(Box::new(vec![(1, some(n / 2).map(Some).collect()), (2, some(n - n / 2).map(Some).collect())])),
        5 => Held::Map(some(n).enumerate().map(|(i, node)| (i.to_string(), node)).collect()),
        6 => Held::MapOfMaps([(7, some(n).enumerate().map(|(i, node)| (i as u32, node)).collect())].into()),
        7 => Held::Set(some(n).enumerate().collect()),
        8 => Held::Tree(some(n).enumerate().map(|(i, node)| (i as u64, Ok(node))).collect()),
        9 => Held::OrderedSet(some(n).enumerate().collect()),
        10 => Held::Heap(some(n).enumerate().collect()),
        11 => Held::Array([some(n / 2).collect(), some(n - n / 2).collect()]),
        12 => Held::Keyed(some(n).enumerate().map(|(i, node)| (Leaf(i as u32), node.into())).collect()),
        13 => {
            NEXT.set(some(n).collect());
            let lazy = GcLazy::new((|| NEXT.take()) as fn() -> Vec<Gc<Node>>);
            GcLazy::force(&lazy);
            Held::Lazy(lazy)
        }
        14 => Held::Once(some(n).map(GcOnce::from).collect()),
        _ => return None,
    })
}

fn holder(held: Held, further: Option<Gc<Holder>>) -> Gc<Holder> {
    gc(Holder { me: GcCell::new(None), held, further })
}

/// Nor does it drop all handles in one value, though nothing goes with them: whether the value is garbage, or hangs on it.
#[test]
fn no_allocation_drops_all_handles() {
    let n = if cfg!(miri) { 80 } else { N };
    for in_the_wake in [false, true] {
        for kind in 0.. {
            let _gate = Gate::open();
            let node = other();
            let Some(held) = held(kind, &node, n) else { break };
            let holds = holder(held, None);
            let ring = if in_the_wake { holder(Held::Nothing, Some(holds)) } else { holds };
            hurry();
            HEAP.collect();
            ring.me.set(Some(ring.clone()));
            drop(ring);
            assert_eq!(Gc::strong_count(&node), n + 1);
            let (mut kept, mut before) = (vec![], n + 1);
            while before > 1 {
                kept.push(other());
                assert!(kept.len() < 1 << 20, "{before} of {n} are left");
                let now = Gc::strong_count(&node);
                assert!(before - now <= STEP + if cfg!(miri) { 8 } else { 64 }, "{} of {kind} in one allocation", before - now);
                before = now;
            }
        }
    }
}

/// Begins to drop a list in the wake of a collection: the rest has been put off.
fn put_off(drops: &Drops) {
    lose(list(N, drops));
    let mut kept = vec![];
    while drops.get() == 0 {
        kept.push(other());
    }
    assert!(drops.get() < N);
}

/// `collect()` leaves nothing.
#[test]
fn collect_catches_up() {
    let _gate = Gate::open();
    let drops = Drops::new();
    put_off(&drops);
    HEAP.collect();
    assert_eq!((drops.get(), HEAP.live_objects()), (N, 0));
}

/// … and finds what hangs on it.
#[test]
fn collect_finds_garbage_behind_it() {
    let _gate = Gate::open();
    let drops = Drops::new();
    let end = Node::new(&drops);
    let inner = Node::ring(3, &drops);
    end.link(&inner[0]);
    let mut long = end;
    for _ in 4..N {
        let node = Node::new(&drops);
        node.edges.set(vec![long]);
        long = node;
    }
    drop(inner);
    lose(long);
    let mut kept = vec![];
    while drops.get() == 0 {
        kept.push(other());
    }
    assert_eq!(HEAP.collect().collected, 3);
    assert_eq!(drops.get(), N);
}

/// `collect_within` is finished when nothing is put off any more.
#[test]
fn collect_within_catches_up() {
    let _gate = Gate::open();
    let drops = Drops::new();
    put_off(&drops);
    let mut calls = 1;
    while HEAP.collect_within(Duration::ZERO) == Progress::Unfinished {
        calls += 1;
    }
    assert_eq!(drops.get(), N);
    assert!(H::PARALLEL || cfg!(miri) || calls > 10, "{calls} calls");
}

/// While automatic collection is off what was put off goes all the same.
#[test]
fn goes_while_switched_off() {
    let _gate = Gate::open();
    let drops = Drops::new();
    put_off(&drops);
    HEAP.disable();
    let most = most_in_one(&drops, N);
    assert!(most <= MOST, "{most} in one allocation");
    HEAP.enable();
}

/// A panic does not keep the rest from being destroyed, in this step or in the next.
#[test]
fn panics() {
    #[derive(Trace)]
    struct Bomb {
        _next: Option<Gc<Bomb>>,
        #[trace(skip)]
        _fuse: Fuse,
    }
    struct Fuse {
        _counted: Counted,
        explodes: bool,
    }
    struct Boom; // without memory: only the first payload is not leaked
    impl Drop for Fuse {
        fn drop(&mut self) {
            if self.explodes {
                std::panic::resume_unwind(Box::new(Boom)); // without the hook, which would tell of each
            }
        }
    }
    let _gate = Gate::open();
    hurry();
    let drops = Drops::new();
    let mut bombs = None;
    for i in 0..N {
        let fuse = Fuse { _counted: Counted(drops.clone()), explodes: i % (STEP / 8) == 0 };
        bombs = Some(gc(Bomb { _next: bombs, _fuse: fuse }));
    }
    HEAP.collect();
    #[derive(Trace)]
    struct Ring(GcCell<Option<Gc<Ring>>>, Option<Gc<Bomb>>);
    let ring = gc(Ring(GcCell::new(None), bombs));
    ring.0.set(Some(ring.clone()));
    drop(ring);
    let mut caught = 0;
    let mut kept = vec![];
    while drops.get() < N {
        match std::panic::catch_unwind(other) {
            Ok(node) => kept.push(node),
            Err(panic) => {
                assert!(panic.is::<Boom>());
                caught += 1;
            }
        }
    }
    assert!(caught > 1, "each step passes on the first one");
}

/// Destructors allocate, collect, and drop further structures.
#[test]
fn destructors_that_use_the_heap() {
    #[derive(Trace)]
    struct Busy {
        edges: GcCell<Vec<Gc<Busy>>>,
        #[trace(skip)]
        _user: User,
    }
    struct User(Counted, usize);
    impl Drop for User {
        fn drop(&mut self) {
            if self.1.is_multiple_of(STEP / 4) {
                drop(list(10, &self.0.0));
                HEAP.collect();
            }
            drop(other());
        }
    }
    let _gate = Gate::open();
    hurry();
    let drops = Drops::new();
    let mut edges = vec![];
    for i in 0..N {
        edges = vec![gc(Busy { edges: GcCell::new(edges), _user: User(Counted(drops.clone()), i) })];
    }
    HEAP.collect();
    let ring = gc(Busy { edges: GcCell::new(edges), _user: User(Counted(Drops::new()), 1) });
    ring.edges.borrow_mut().push(ring.clone());
    drop(ring);
    most_in_one(&drops, N + 10 * N.div_ceil(STEP / 4));
}

/// Weak handles to what was put off are dead at once; their callbacks run when it is destroyed. What is in a value is put off all
/// at once, unless that is a large container.
#[test]
fn weak_handles() {
    const WIDE: usize = 30;
    #[derive(Trace)]
    struct Wide([Gc<Node>; WIDE]);
    #[derive(Trace)]
    struct Ring(GcCell<Option<Gc<Ring>>>, Vec<Gc<Wide>>);
    let _gate = Gate::open();
    hurry();
    let drops = Drops::new();
    let wide: Vec<_> = (0..N / WIDE).map(|_| gc(Wide(std::array::from_fn(|_| Node::new(&drops))))).collect();
    let weaks: Vec<_> = wide.iter().flat_map(|wide| wide.0.iter().map(Gc::downgrade)).collect();
    let told = Log::new();
    let theirs = told.clone();
    let with_callback = Gc::downgrade_with(&wide[0].0[WIDE - 1], move || theirs.add("gone"));
    let last = Gc::downgrade_with(&wide[N / WIDE - 1].0[0], || ());
    HEAP.collect();
    let ring = gc(Ring(GcCell::new(None), wide));
    ring.0.set(Some(ring.clone()));
    drop(ring);
    let mut kept = vec![];
    while drops.get() == 0 {
        kept.push(other());
    }
    assert!(drops.get() < N);
    for weaks in weaks.chunks(WIDE) {
        let dead = weaks.iter().filter(|weak| weak.upgrade().is_none() && weak.strong_count() == 0).count();
        assert!(dead == 0 || dead == WIDE, "{dead}");
    }
    assert!(with_callback.upgrade().is_none() && last.upgrade().is_some());
    HEAP.collect();
    assert_eq!((drops.get(), told.count("gone")), (N, 1));
    assert!(last.upgrade().is_none());
}

/// A finalizer brings back what an object leads to that was put off.
#[test]
fn resurrection() {
    let _gate = Gate::open();
    hurry();
    let (log, shelf) = (Log::new(), Shelf::new());
    let last = Obj::saving("last", &log, &shelf);
    last.link(&Obj::new("kept", &log));
    let star = Obj::new("star", &log);
    for _ in 1..N {
        star.link(&Obj::new("", &log));
    }
    star.link(&last);
    drop(last);
    HEAP.collect();
    let ring = Obj::new("", &log);
    ring.link(&ring);
    ring.link(&star);
    drop((ring, star));
    let mut kept = vec![];
    while log.count("finalize") == 0 {
        (0..if cfg!(miri) { 5 } else { 100 }).for_each(|_| kept.push(other()));
    }
    assert!(log.count("finalize") < N && log.count("finalize last") == 0);
    HEAP.collect();
    let back = shelf.take();
    assert_eq!(back.iter().map(|obj| obj.name().to_owned()).collect::<Vec<_>>(), ["kept"]);
    drop(back);
    assert_eq!(log.count("drop"), N + 3);
}
