//! Trait objects: which type is behind them, coerced handles of both kinds, and those that are traced by hand.

use std::any::Any;
use std::fmt::Debug;

use tricycle::{DynTrace, DynVisitor, Trace, Visitor, trace_dyn, unsize};

use super::objects::*;

trait Shape: DynTrace + Any + Storable {}

/// A container.
#[derive(Trace)]
struct Square(u32, GcCell<Option<Gc<dyn Shape>>>, Canary);

impl Shape for Square {}

/// A leaf.
#[derive(Debug, PartialEq, Trace)]
struct Dot(u32);

impl Shape for Dot {}

fn square(n: u32, log: &Log) -> Gc<dyn Shape> {
    unsize!(gc(Square(n, GcCell::default(), Canary::new(n.to_string(), log))) => dyn Shape)
}

/// Down from a trait object of one's own, of containers and leaves.
#[test]
fn downcast() {
    let _gate = Gate::open_for(downcast);
    let log = Log::new();
    let shape = square(1, &log);
    assert!(Gc::is::<Square>(&shape) && !Gc::is::<Dot>(&shape) && !Gc::is::<dyn Shape>(&shape));
    assert!(Gc::type_name(&shape).ends_with("Square"));
    assert_eq!(Gc::downcast_ref::<Square>(&shape).map(|square| square.0), Some(1));
    assert!(Gc::downcast_ref::<Dot>(&shape).is_none());
    let other = shape.clone();
    let Err(shape) = Gc::downcast::<Dot>(shape) else { panic!("a square is no dot") };
    let Ok(concrete) = Gc::downcast::<Square>(shape) else { panic!("a square is a square") };
    assert!(concrete.0 == 1 && Gc::as_ptr(&concrete).addr() == Gc::as_ptr(&other).addr());
    assert_eq!(Gc::strong_count(&concrete), 2);
    // As itself it is still what the collector knows.
    concrete.1.set(Some(other));
    drop(concrete);
    assert_eq!((collect(), log.take()), (1, vec!["drop 1".to_owned()]));

    let dot: Gc<dyn Shape> = unsize!(gc(Dot(3)) => _);
    assert_eq!(Gc::downcast_ref::<Dot>(&dot), Some(&Dot(3)));
    let weak = Gc::downgrade(&dot);
    let Ok(dot) = Gc::downcast::<Dot>(dot) else { panic!("a dot is a dot") };
    drop(dot);
    assert!(weak.upgrade().is_none());
    // A type with a size is what it is.
    assert!(Gc::is::<Dot>(&gc(Dot(1))) && Gc::downcast::<u8>(gc(1_u16)).is_err());
}

/// Up to a supertrait, and down from `dyn Any`, with and without auto traits.
#[test]
fn upcast() {
    let _gate = Gate::open_for(upcast);
    let log = Log::new();
    let any: Gc<dyn Any> = unsize!(square(1, &log) => dyn Any);
    let Ok(square) = Gc::downcast::<Square>(any) else { panic!("a square is a square") };
    assert_eq!(square.0, 1);
    let any: Gc<dyn Any + Send + Sync> = unsize!(gc(5_u8) => _);
    let any = Gc::downcast::<u16>(any).unwrap_err();
    let sent: Gc<dyn Any + Send> = unsize!(any => _);
    assert_eq!(*Gc::downcast::<u8>(sent).unwrap(), 5);
}

/// Weak handles, those to nothing, and those with callbacks.
#[test]
fn weak_handles() {
    let _gate = Gate::open_for(weak_handles);
    let log = Log::new();
    let concrete = gc(Square(1, GcCell::default(), Canary::new("square", &log)));
    let weak: Weak<dyn Shape> = unsize!(Gc::downgrade(&concrete) => dyn Shape);
    let heard = log.clone();
    let told: Weak<dyn Shape> = unsize!(Gc::downgrade_with(&concrete, move || heard.add("told")) => _);
    let heard = log.clone();
    let cancelled: Weak<dyn Shape> = unsize!(Gc::downgrade_with(&concrete, move || heard.add("cancelled")) => _);
    drop(cancelled);
    assert_eq!((Gc::weak_count(&concrete), weak.strong_count()), (2, 1));
    assert!(Gc::is::<Square>(&weak.upgrade().unwrap()) && weak.ptr_eq(&told));
    drop(concrete);
    assert!(weak.upgrade().is_none() && told.upgrade().is_none());
    assert_eq!(log.take(), ["told", "drop square"]);

    let none: Weak<dyn Shape> = unsize!(Weak::<Square>::new() => dyn Shape);
    assert!(none.upgrade().is_none() && none.clone().ptr_eq(&none) && none.weak_count() == 0);
    let slice: Weak<[u8]> = unsize!(Gc::downgrade(&gc([1, 2])) => [u8]);
    assert!(slice.upgrade().is_none());
    let list: Weak<[Gc<u8>]> = unsize!(Weak::<[Gc<u8>; 3]>::new() => _);
    assert_eq!(list.strong_count(), 0);
}

/// `AnyGc` goes by the object, and by the handle that it was made from.
#[test]
fn untyped_handles() {
    let _gate = Gate::open_for(untyped_handles);
    let log = Log::new();
    let any = AnyGc::from(square(1, &log));
    assert!(any.is::<Square>() && any.type_name().ends_with("Square") && !any.is::<Dot>());
    let copy = any.clone();
    assert_eq!(copy.downcast_ref::<Square>().map(|square| (square.0, Gc::strong_count(square))), Some((1, 2)));
    assert!(copy.downcast_ref::<Dot>().is_none() && copy.downcast_ref::<[Square]>().is_none());
    let concrete: Gc<Square> = copy.downcast().unwrap();
    let any = any.downcast::<Dot>().unwrap_err();
    drop(any);
    assert_eq!(Gc::strong_count(&concrete), 1);

    // What introspection finds by an edge: to the object it leads to, whatever the type of the edge.
    concrete.1.set(Some(square(2, &log)));
    let found = HEAP.referents(&concrete);
    assert!(found[0].is::<Square>() && found[0].downcast_ref::<Square>().is_some_and(|square| square.0 == 2));
    drop((found, concrete));
    assert_eq!(log.sorted(), ["drop 1", "drop 2"]);

    // An array that became a slice is an array.
    let slice: Gc<[Gc<u8>]> = unsize!(gc([gc(1_u8), gc(2)]) => _);
    let any = AnyGc::from(slice);
    assert!(any.is::<[Gc<u8>]>() && any.is::<[Gc<u8>; 2]>() && !any.is::<[Gc<u8>; 3]>());
    assert_eq!(*any.downcast_ref::<[Gc<u8>; 2]>().unwrap()[1], 2);
    assert_eq!(*any.downcast::<[Gc<u8>; 2]>().unwrap()[0], 1);
    let slice: tricycle::Gc<[Gc<u8>], H> = vec![gc(1)].into();
    assert_eq!(AnyGc::from(slice).downcast::<[Gc<u8>]>().unwrap().len(), 1);
    // Of a leaf, its handle alone knows.
    let dot: Gc<dyn Debug + Send + Sync> = unsize!(gc(Dot(1)) => _);
    let any = AnyGc::from(dot).downcast::<Dot>().unwrap_err();
    assert!(any.type_name().contains("dyn") && any.is::<dyn Debug + Send + Sync>());
}

trait Listener<E, const N: usize>: DynTrace + Storable {
    fn heard(&self) -> [E; N];
}

trace_dyn!(<E: Trace> dyn Listener<E, 2> where E: Clone);

trait Clock: Storable {}
impl Clock for u8 {}
trace_dyn!(dyn Clock, acyclic);

trait Unit<T>: Storable {}
impl Unit<u8> for () {}
trace_dyn!(<T> dyn Unit<T>, acyclic where T: 'static);

/// Generic trait objects, and those that are leaves.
#[test]
fn traced_trait_objects() {
    #[derive(Trace)]
    struct Source(Box<dyn Listener<Gc<Node>, 2>>, std::sync::Arc<dyn Clock>, Option<Box<dyn Unit<u8>>>);
    #[derive(Trace)]
    struct Both(Gc<Node>, Gc<Node>);
    impl Listener<Gc<Node>, 2> for Both {
        fn heard(&self) -> [Gc<Node>; 2] {
            [self.0.clone(), self.1.clone()]
        }
    }
    const { assert!(Source::CONTAINER && !<dyn Clock as Trace>::CONTAINER && !<dyn Unit<u8> as Trace>::CONTAINER) };
    let _gate = Gate::open_for(traced_trait_objects);
    let nodes = Node::ring(2, &Log::new());
    let source = gc(Source(Box::new(Both(nodes[0].clone(), nodes[1].clone())), std::sync::Arc::new(1), Some(Box::new(()))));
    assert!(source.0.heard().iter().zip(&nodes).all(|(one, other)| Gc::ptr_eq(one, other)) && source.2.is_some());
    assert_eq!(HEAP.referents(&source).len(), 2);
    drop((source, nodes));
    assert_eq!(collect(), 2);
}

/// A trait with its own way to trace and to finalize.
#[test]
fn by_hand() {
    /// # Safety
    ///
    /// `visit` keeps to the contract of `Trace`.
    unsafe trait Object: Storable {
        fn visit(&self, visitor: &mut DynVisitor<'_>);
        fn close(&self);
    }
    struct Any(Box<dyn Object>);
    // SAFETY: passes on.
    unsafe impl Trace for Any {
        const CONTAINER: bool = true;
        const FINALIZER: bool = true;
        const WEAK: bool = true;
        fn trace(&self, visitor: &mut impl Visitor) {
            self.0.visit(&mut visitor.erase());
        }
        fn run_finalizer(&self) {
            self.0.close();
        }
    }
    struct List(GcCell<Vec<Gc<Any>>>, Canary, Log);
    // SAFETY: visits the one field that holds handles.
    unsafe impl Object for List {
        fn visit(&self, visitor: &mut DynVisitor<'_>) {
            self.0.trace(visitor);
        }
        fn close(&self) {
            self.2.add(format!("close {} {}", self.1.name, self.0.borrow().len()));
        }
    }
    let _gate = Gate::open_for(by_hand);
    let log = Log::new();
    let list = |links: Vec<Gc<Any>>| gc(Any(Box::new(List(GcCell::new(links), Canary::new("list", &log), log.clone()))));
    drop(list(vec![list(vec![])]));
    assert_eq!(log.take(), ["close list 1", "close list 0", "drop list", "drop list"]);
}

/// Leaves of every size and alignment, moved out of boxes of trait objects.
#[test]
fn out_of_boxes() {
    struct Empty;
    #[repr(align(64))]
    struct Aligned(u8);
    struct Large([u8; 100_000]);
    struct Owner(Canary, Box<u8>);
    trait Read: Storable {
        fn read(&self) -> usize;
    }
    trace_dyn!(dyn Read, acyclic);
    impl Read for Empty {
        fn read(&self) -> usize {
            0
        }
    }
    impl Read for Aligned {
        fn read(&self) -> usize {
            assert_eq!(std::ptr::from_ref(self).addr() % 64, 0);
            self.0.into()
        }
    }
    impl Read for Large {
        fn read(&self) -> usize {
            self.0.iter().map(|n| usize::from(*n)).sum()
        }
    }
    impl Read for Owner {
        fn read(&self) -> usize {
            self.0.name.len() + usize::from(*self.1)
        }
    }
    let _gate = Gate::open_for(out_of_boxes);
    let log = Log::new();
    let boxes: [Box<dyn Read>; 4] = [
        Box::new(Empty),
        Box::new(Aligned(7)),
        Box::new(Large([1; 100_000])),
        Box::new(Owner(Canary::new("moved", &log), Box::new(2))),
    ];
    let objects = boxes.map(Gc::<dyn Read>::from_box);
    assert_eq!(objects.each_ref().map(|object| object.read()), [0, 7, 100_000, 7]);
    assert!(objects.iter().all(|object| !Gc::is_tracked(object)) && log.take().is_empty());
    let weak = Gc::downgrade(&objects[3]);
    let copy = objects[3].clone();
    drop(objects);
    assert_eq!((weak.upgrade().map(|object| object.read()), log.take().len()), (Some(7), 0));
    drop(copy);
    assert_eq!((weak.upgrade().is_none(), log.take()), (true, vec!["drop moved".to_owned()]));
    let text = Gc::<str>::from_box("text".into());
    let slice = Gc::<[String]>::from_box(vec!["a".to_owned()].into());
    assert_eq!((&*text, &*slice), ("text", &["a".to_owned()][..]));
}
