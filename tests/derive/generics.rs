//! Type parameters, lifetimes and constants.

use std::borrow::Cow;
use std::marker::PhantomData;

use tricycle::{Gc, GcCell, Heap, Leaf, Local, Trace, Weak};

use crate::{assert_leaf, edges, gc};

/// Does not implement `Trace`.
struct Foreign;

#[derive(Trace)]
struct Pair<A, B: Clone = u8>
where
    A: PartialEq,
{
    a: A,
    b: B,
}

#[test]
fn parameters_decide() {
    assert_eq!(edges(Pair { a: gc(1), b: 2 }), [1]);
    assert_eq!(edges(Pair { a: 1, b: gc(2) }), [2]);
    const { assert!(Pair::<Gc<u32>, u8>::CONTAINER) };
    assert_leaf::<Pair<u8, u8>>();
    assert_leaf::<Pair<Pair<u8>, u8>>();
}

impl PartialEq for Pair<u8> {
    fn eq(&self, other: &Self) -> bool {
        self.a == other.a
    }
}

#[derive(Trace)]
enum List<T> {
    Nil,
    Cons(T, Gc<List<T>>),
}

#[derive(Trace)]
struct Tree<T, const N: usize> {
    value: T,
    parent: GcCell<Weak<Tree<T, N>>>,
    children: [Option<Box<Tree<T, N>>>; N],
}

#[test]
fn recursive_generics() {
    const { assert!(List::<u8>::CONTAINER) };
    let list = Gc::new(List::Cons(1, Gc::new(List::Nil)));
    assert_eq!(Local.referents(&list).len(), 1);
    let List::Cons(head, tail) = &*list else { panic!() };
    assert!(*head == 1 && matches!(**tail, List::Nil));

    const { assert!(!Tree::<u8, 2>::CONTAINER && Tree::<u8, 2>::WEAK) };
    let leaf = |n| Tree { value: gc(n), parent: GcCell::new(Weak::new()), children: [None, None] };
    let mut tree = leaf(1);
    assert!(tree.parent.borrow().upgrade().is_none());
    tree.children = [Some(Box::new(leaf(2))), Some(Box::new(leaf(3)))];
    assert_eq!(edges(tree), [1, 2, 3]);
}

/// A type that contains itself, but with another argument: `Other<u8>` owns an `Other<Gc<u32>>`.
#[derive(Trace)]
struct Other<T> {
    value: T,
    other: Option<Box<Other<Gc<u32>>>>,
}

#[test]
fn recursion_with_other_arguments() {
    const { assert!(Other::<u8>::CONTAINER && Other::<u8>::WEAK) };
    let other = Some(Box::new(Other { value: gc(1), other: None }));
    assert_eq!(edges(Other { value: 0, other }), [1]);
}

/// A parameter that no traced field mentions need not be `Trace`.
#[derive(Trace)]
struct Tagged<T, Tag, Skipped> {
    value: T,
    tag: PhantomData<(Tag, T)>,
    #[trace(skip)]
    skipped: Skipped,
}

#[test]
fn only_what_is_mentioned_is_bounded() {
    let tagged = Tagged { value: gc(1), tag: PhantomData::<(Foreign, _)>, skipped: Foreign };
    let (PhantomData, Foreign) = (tagged.tag, &tagged.skipped);
    assert_eq!(edges(tagged), [1]);
}

/// What is behind a handle, or in a `Leaf`, need not be `Trace`; what is in a type that only has that name must be.
#[derive(Trace)]
struct Handles<T: ?Sized, H: Heap = Local> {
    strong: Option<Gc<T, H>>,
    weak: Vec<Weak<Leaf<T>, H>>,
    leaf: Option<Box<Leaf<T>>>,
}

mod own {
    use tricycle::Trace;

    #[derive(Trace)]
    pub(super) struct Leaf<T>(pub(super) T);
}

#[derive(Trace)]
struct Twig<T>(own::Leaf<T>);

#[test]
fn what_asks_nothing_of_its_contents() {
    fn is_trace<T: Trace>() -> bool {
        T::CONTAINER
    }
    assert!(is_trace::<Handles<Foreign>>() && is_trace::<Handles<dyn Fn()>>());
    let handles = Handles { strong: Some(gc(1)), weak: vec![], leaf: Some(Box::new(Leaf(2))) };
    assert_eq!((handles.weak.len(), handles.leaf.as_deref()), (0, Some(&Leaf(2))));
    assert_eq!(edges(handles), [1]);
    assert_eq!(edges(Twig(own::Leaf(gc(1)))), [1]);
}

/// Associated types are bounded instead of the parameter that they belong to.
#[derive(Trace)]
struct Projected<S: Source> {
    item: S::Item,
    more: Vec<<S as Source>::Item>,
}

trait Source {
    type Item;
}

impl Source for Foreign {
    type Item = Gc<u32>;
}

#[test]
fn associated_types() {
    assert_eq!(edges(Projected::<Foreign> { item: gc(1), more: vec![gc(2)] }), [1, 2]);
}

#[derive(Trace)]
struct Unsized<T: ?Sized> {
    boxed: Box<T>,
    tail: T,
}

#[test]
fn unsized_parameters() {
    const { assert!(Unsized::<[Gc<u32>]>::CONTAINER) };
    const { assert!(!Unsized::<str>::CONTAINER) };
    let sized: Unsized<[Gc<u32>; 1]> = Unsized { boxed: Box::new([gc(1)]), tail: [gc(2)] };
    assert_eq!(edges(sized), [1, 2]);
}

#[derive(Trace)]
struct Borrowed<'a, T: Clone> {
    name: Cow<'a, str>,
    list: Cow<'a, [T]>,
}

#[test]
fn lifetimes() {
    let value = Borrowed { name: "x".into(), list: Cow::Owned(vec![gc(1)]) };
    assert_eq!(value.name, "x");
    assert_eq!(edges(value), [1]);
}

/// Over heaps.
#[derive(Trace)]
struct Node<H: Heap = Local> {
    next: GcCell<Option<Gc<Node<H>, H>>, H>,
}

#[test]
fn generic_over_the_heap() {
    fn is_container<H: Heap>() -> bool {
        Node::<H>::CONTAINER
    }
    assert!(is_container::<Local>());
    let node = Gc::new(Node::<Local> { next: GcCell::new(None) });
    *node.next.borrow_mut() = Some(node.clone());
    assert_eq!(Local.referents(&node).len(), 1);
    *node.next.borrow_mut() = None;
}

/// The bounds of the author's choice.
#[derive(Trace)]
#[trace(bound = "T: Describe, H: Clone + 'static")]
struct Bounded<T, H> {
    described: Described<T>,
    hasher: PhantomData<H>,
}

trait Describe: 'static {}
impl Describe for Foreign {}

#[derive(Trace)]
#[trace(bound = "")]
struct Described<T>(Option<Gc<u32>>, PhantomData<T>);

#[test]
fn bound() {
    let described = Described(Some(gc(1)), PhantomData::<Foreign>);
    let PhantomData = described.1;
    let bounded = Bounded { described, hasher: PhantomData::<u8> };
    let PhantomData = bounded.hasher;
    assert_eq!(edges(bounded), [1]);
}

/// Generic code can pass values on.
#[derive(Trace)]
struct Outer<T> {
    inner: Inner<T>,
}

#[derive(Trace)]
struct Inner<T> {
    value: Option<T>,
}

#[test]
fn generic_code() {
    fn count<T: Trace + 'static>(value: T) -> usize {
        edges(Outer { inner: Inner { value: Some(value) } }).len()
    }
    assert_eq!(count(gc(1)), 1);
    assert_eq!(count(vec![gc(1), gc(2)]), 2);
}
