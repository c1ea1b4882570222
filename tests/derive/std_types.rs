//! The types of the standard library.

use std::cell::{Cell, OnceCell, RefCell};
use std::collections::{BTreeMap, BTreeSet, BinaryHeap, HashMap, HashSet, LinkedList, VecDeque};
use std::marker::PhantomData;
use std::mem::ManuallyDrop;
use std::ops::{Bound, ControlFlow};
use std::pin::Pin;
use std::rc::{self, Rc};
use std::sync::{Arc, Mutex, OnceLock, RwLock, atomic::AtomicU8};
use std::task::Poll;
use std::{borrow::Cow, cmp::Ordering, cmp::Reverse, num::Wrapping};

use tricycle::{Gc, GcCell, Local, Trace};

use crate::{assert_leaf, edges, gc};

/// Three handles, the usual content.
fn three() -> [Gc<u32>; 3] {
    [gc(1), gc(2), gc(3)]
}

fn sorted<T: Trace + 'static>(value: T) -> Vec<u32> {
    let mut edges = edges(value);
    edges.sort_unstable();
    edges
}

#[test]
fn leaves() {
    assert_leaf::<(u8, i128, f32, bool, char, (), std::num::NonZeroU8)>();
    assert_leaf::<(String, Box<str>, &str, std::ffi::CString, std::ffi::OsString, std::path::PathBuf)>();
    assert_leaf::<(std::time::Duration, std::net::IpAddr, std::any::TypeId, AtomicU8, Ordering)>();
    assert_leaf::<(fn(), fn(u8) -> u8, unsafe fn(u8, u8), extern "C" fn(u8), Option<unsafe extern "C" fn(u8)>)>();
    assert_leaf::<(Vec<u8>, HashMap<String, [u8; 4]>, RefCell<Option<Box<u8>>>, Result<u8, String>)>();
    assert_leaf::<(PhantomData<Gc<u8>>, &[Gc<u8>], rc::Weak<Gc<u8>>, std::sync::Weak<Gc<u8>>)>();
    assert_leaf::<(Rc<u8>, Arc<str>, Mutex<Vec<u8>>, RwLock<u8>, OnceLock<u8>, ManuallyDrop<u8>)>();
}

#[test]
fn leaves_of_the_system() {
    use std::{io, process, thread};
    assert_leaf::<(process::Child, process::Command, process::ExitStatus, process::Output, thread::Thread)>();
    assert_leaf::<(io::Stdin, io::Stdout, io::Error, io::SeekFrom, std::fs::Metadata, std::num::ParseIntError)>();
    assert_leaf::<(io::BufReader<std::fs::File>, io::BufWriter<Vec<u8>>, io::LineWriter<io::Stdout>)>();
    assert_leaf::<(thread::JoinHandle<u8>, std::sync::mpsc::Sender<u8>, std::sync::LazyLock<u8>)>();
    assert_leaf::<std::cell::LazyCell<String>>();
}

#[test]
fn readers() {
    use std::io::{self, Read};
    #[derive(Trace)]
    struct Reader(Gc<u32>);
    impl Read for Reader {
        fn read(&mut self, _: &mut [u8]) -> io::Result<usize> {
            Ok(0)
        }
    }
    assert_eq!(edges(io::BufReader::new(Reader(gc(1)))), [1]);
    assert_eq!(edges(io::Cursor::new(gc(1))), [1]);
    assert_eq!(edges(Reader(gc(1)).chain(Reader(gc(2)).take(1))), [1, 2]);
}

#[test]
fn sequences() {
    assert_eq!(edges(three()), [1, 2, 3]);
    assert_eq!(edges(Vec::from(three())), [1, 2, 3]);
    assert_eq!(edges(Box::<[_]>::from(three())), [1, 2, 3]);
    assert_eq!(edges(VecDeque::from(three())), [1, 2, 3]);
    assert_eq!(edges(LinkedList::from(three())), [1, 2, 3]);
    assert_eq!(edges(BTreeSet::from(three())), [1, 2, 3]);
    assert_eq!(edges(BTreeMap::from([(gc(1), gc(2)), (gc(3), gc(4))])), [1, 2, 3, 4]);
    assert_eq!(sorted(BinaryHeap::from(three())), [1, 2, 3]);
    assert_eq!(sorted(HashSet::from(three())), [1, 2, 3]);
    assert_eq!(sorted(HashMap::from([(gc(1), gc(2)), (gc(3), gc(4))])), [1, 2, 3, 4]);
}

/// Two looks see the same edges in the same order: the collector depends on it.
#[test]
fn order_is_stable() {
    let map = Gc::new((0..100).map(|n| (gc(n), ())).collect::<HashMap<_, _>>());
    let look = || Local.referents(&map).iter().map(|edge| edge.address()).collect::<Vec<_>>();
    assert_eq!(look(), look());
}

#[test]
fn wrappers() {
    assert_eq!(edges(Box::new(gc(1))), [1]);
    assert_eq!(edges(Box::pin(gc(1))), [1]);
    const { assert!(<Pin<Box<Gc<u32>>> as Trace>::CONTAINER) };
    assert_eq!(edges(Some(gc(1))), [1]);
    assert_eq!(edges(None::<Gc<u32>>), []);
    assert_eq!(edges(Ok::<_, u8>(gc(1))), [1]);
    assert_eq!(edges(Err::<u8, _>(gc(1))), [1]);
    assert_eq!(edges(Poll::Ready(gc(1))), [1]);
    assert_eq!(edges(ControlFlow::<_, u8>::Break(gc(1))), [1]);
    assert_eq!(edges(ControlFlow::<u8, _>::Continue(gc(1))), [1]);
    assert_eq!(edges(Reverse(gc(1))), [1]);
    assert_eq!(edges(Wrapping(gc(1))), [1]);
    assert_eq!(edges(Cow::<'static, [Gc<u32>]>::Owned(vec![gc(1)])), [1]);
    assert_eq!(edges((Bound::Included(gc(1)), Bound::<Gc<u32>>::Unbounded)), [1]);
    assert_eq!(edges((gc(1)..gc(2), gc(3)..=gc(4), gc(5).., ..gc(6), ..=gc(7))), [1, 2, 3, 4, 5, 6, 7]);
    assert_eq!(edges((gc(1), 0, gc(2), 0, 0, 0, 0, 0, 0, 0, 0, gc(3))), [1, 2, 3]);
}

#[test]
fn cells() {
    assert_eq!(edges(Cell::new(Some(gc(1)))), [1]);
    assert_eq!(edges(OnceCell::from(gc(1))), [1]);
    assert_eq!(edges(OnceCell::<Gc<u32>>::new()), []);
    assert_eq!(edges(RefCell::new(gc(1))), [1]);
}

#[test]
fn a_borrowed_refcell_is_opaque() {
    let cell = Gc::new(RefCell::new(gc(1)));
    let count = || Local.referents(&cell).len();
    let shared = cell.borrow();
    assert_eq!(count(), 1);
    drop(shared);
    let exclusive = cell.borrow_mut();
    assert_eq!(count(), 0);
    drop(exclusive);
    assert_eq!(count(), 1);
}

/// What is behind a reference belongs to somebody else.
#[test]
#[cfg_attr(miri, ignore = "leaks")]
fn references_own_nothing() {
    let leaked: &'static [Gc<u32>] = Box::leak(Box::new([gc(1)]));
    assert_eq!(edges((leaked, Cow::Borrowed(leaked), gc(2))), [2]);
}

/// The hasher may be anything.
#[test]
fn any_hasher() {
    struct Hasher;
    #[derive(Trace)]
    struct Map(HashMap<u8, Gc<u32>, Hasher>);
    assert_eq!(edges(Map(HashMap::with_hasher(Hasher))), []);
}

/// Without handles, elements are not even looked at.
#[test]
fn leaves_are_skipped() {
    #[derive(Trace)]
    struct Big {
        bytes: Vec<u8>,
        gc: Gc<u32>,
    }
    let big = Big { bytes: vec![0; 1 << 20], gc: gc(1) };
    assert_eq!(big.bytes.len(), 1 << 20);
    assert_eq!(edges(big), [1]);
}

type Link = Gc<GcCell<Everything>>;

/// A node that can point to itself in many ways.
#[derive(Default, Trace)]
struct Everything {
    array: [Option<Link>; 2],
    binary_heap: BinaryHeap<Reverse<Keyed>>,
    boxed: Option<Box<Link>>,
    btree_map: BTreeMap<u8, Link>,
    btree_set: BTreeSet<Keyed>,
    cell: Cell<Option<Link>>,
    deque: VecDeque<Link>,
    hash_map: HashMap<String, (u8, Link)>,
    linked_list: LinkedList<Link>,
    once: OnceCell<Link>,
    ref_cell: RefCell<Vec<Link>>,
    slice: Box<[Link]>,
}

/// A link with an order of its own: following it would not end.
#[derive(Trace)]
struct Keyed(u8, Link);

impl PartialEq for Keyed {
    fn eq(&self, other: &Self) -> bool {
        self.0 == other.0
    }
}

impl Eq for Keyed {}

impl PartialOrd for Keyed {
    fn partial_cmp(&self, other: &Self) -> Option<Ordering> {
        Some(self.cmp(other))
    }
}

impl Ord for Keyed {
    fn cmp(&self, other: &Self) -> Ordering {
        self.0.cmp(&other.0)
    }
}

/// One edge missed, and it would not be collected; one counted twice, and it would be collected too early.
#[test]
fn cycles_through_everything() {
    let node: Link = Gc::new(GcCell::new(Everything::default()));
    let link = || node.clone();
    node.set(Everything {
        array: [Some(link()), None],
        binary_heap: [Reverse(Keyed(1, link())), Reverse(Keyed(0, link()))].into(),
        boxed: Some(Box::new(link())),
        btree_map: [(1, link()), (2, link())].into(),
        btree_set: [Keyed(1, link()), Keyed(2, link())].into(),
        cell: Cell::new(Some(link())),
        deque: [link(), link()].into(),
        hash_map: [("a".to_owned(), (1, link())), ("b".to_owned(), (2, link()))].into(),
        linked_list: [link(), link()].into(),
        once: link().into(),
        ref_cell: RefCell::new(vec![link()]),
        slice: [link(), link()].into(),
    });
    assert_eq!(Gc::strong_count(&node), 1 + Local.referents(&node).len());
    assert_eq!(Local.collect().collected, 0);
    drop(node);
    assert_eq!(Local.collect().collected, 1);
}

/// A trait object, by way of `trace_dyn!`.
mod objects {
    use tricycle::{DynTrace, Gc, Trace, trace_dyn};

    use crate::{edges, gc};

    trait Shape: DynTrace {
        fn area(&self) -> u32;
    }
    trace_dyn!(dyn Shape);

    #[derive(Trace)]
    struct Square(Gc<u32>);
    impl Shape for Square {
        fn area(&self) -> u32 {
            *self.0 * *self.0
        }
    }

    #[derive(Trace)]
    struct Scene {
        shapes: Vec<Box<dyn Shape>>,
    }

    #[test]
    fn boxes_of_trait_objects() {
        let scene = Scene { shapes: vec![Box::new(Square(gc(2))), Box::new(Square(gc(3)))] };
        assert_eq!(scene.shapes.iter().map(|shape| shape.area()).sum::<u32>(), 13);
        assert_eq!(edges(scene), [2, 3]);
    }
}
