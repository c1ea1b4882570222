//! The end: of a thread, of long chains, of garbage that hangs together with what is alive.
#![forbid(unsafe_code)]

use std::cell::RefCell;
use std::sync::atomic::{AtomicU32, Ordering};
use std::time::Duration;

use tricycle::{Gc, GcCell, Local, Progress, Trace};

use crate::program;

/// How many `Late`s found that all is well.
static WELL: AtomicU32 = AtomicU32::new(0);

/// Uses the heap in the destructor of a thread-local.
struct Late;

impl Drop for Late {
    fn drop(&mut self) {
        let gc = Gc::new(1u8);
        let id = Local.on_collection(move |_| assert_eq!(*gc, 1));
        // A panic here would end the process.
        WELL.fetch_add(u32::from(Local.remove_callback(id)), Ordering::Relaxed);
    }
}

thread_local! {
    static LATE: Late = const { Late };
}

/// A heap is used after its thread has ended it: the removed callback owns its last object, whose end freed the heap that
/// was just being used. It stays while anybody uses it.
#[test]
fn callbacks_after_the_end() {
    let late_first = || {
        LATE.with(|_| ());
        drop(Gc::new(1u8));
    };
    let late_last = || {
        drop(Gc::new(1u8));
        LATE.with(|_| ());
    };
    std::thread::spawn(late_first).join().unwrap();
    std::thread::spawn(late_last).join().unwrap();
    assert_eq!(WELL.load(Ordering::Relaxed), 2);
}

/// Large, so that its memory is given back at once.
#[derive(Trace)]
struct Large {
    other: GcCell<Option<Gc<Large>>>,
    _pad: [u64; 1024],
}

impl Large {
    fn create(other: Option<Gc<Large>>) -> Gc<Large> {
        Gc::new(Large { other: GcCell::new(other), _pad: [0; 1024] })
    }
}

/// Makes garbage when its thread has ended the heap, and allocates so that it is collected.
struct Collects(Option<Gc<Large>>);

impl Drop for Collects {
    fn drop(&mut self) {
        let last = self.0.take();
        Local.set_thresholds((1, 1, 1));
        let a = Large::create(None);
        drop(last);
        let b = Large::create(Some(a.clone()));
        a.other.set(Some(b.clone()));
        drop((a, b));
        drop(Large::create(None));
        WELL_COLLECTED.fetch_add(1, Ordering::Relaxed);
    }
}

static WELL_COLLECTED: AtomicU32 = AtomicU32::new(0);

/// The collection that the allocation of an object set off freed the last object of an ended heap, and the heap with it,
/// in which the object was then allocated.
#[test]
fn allocation_frees_the_heap() {
    thread_local! {
        static COLLECTS: RefCell<Option<Collects>> = const { RefCell::new(None) };
    }
    std::thread::spawn(|| {
        COLLECTS.set(None); // destroyed after the heap
        let last = Large::create(None);
        COLLECTS.set(Some(Collects(Some(last))));
    })
    .join()
    .unwrap();
    assert_eq!(WELL_COLLECTED.load(Ordering::Relaxed), 1);
}

/// A leaf that is allocated and dropped after the end took a page for further ones, which nobody gave back: to be seen by
/// a leak checker.
#[test]
fn leaf_after_the_end() {
    struct Leaf;
    impl Drop for Leaf {
        fn drop(&mut self) {
            drop(Gc::new(5));
        }
    }
    thread_local! {
        static LEAF: RefCell<Option<Leaf>> = const { RefCell::new(None) };
    }
    std::thread::spawn(|| {
        LEAF.set(Some(Leaf));
        drop(Gc::new(6));
    })
    .join()
    .unwrap();
}

#[derive(Trace)]
struct Link {
    #[trace(skip)]
    _next: Option<Gc<Link>>,
}

/// With `#[trace(skip)]` a leaf can own another, and so on: dropping the first overflowed the stack. Leaves, too, are put
/// off when destruction is nested deeply.
#[test]
fn chain_of_leaves() {
    program(|| {
        let mut chain = None;
        for _ in 0..if cfg!(miri) { 30 } else { 1_000_000 } {
            chain = Some(Gc::new(Link { _next: chain }));
        }
        drop(chain);
    });
}

#[derive(Trace)]
struct Node {
    name: String,
    others: GcCell<Vec<Gc<Node>>>,
}

/// Two objects that refer to each other.
fn pair(name: &str) -> Gc<Node> {
    let a = Gc::new(Node { name: name.to_owned(), others: GcCell::new(Vec::new()) });
    let b = Gc::new(Node { name: name.to_owned(), others: GcCell::new(vec![a.clone()]) });
    a.others.borrow_mut().push(b);
    a
}

/// Some of what is examined is garbage that refers to the rest, which is not. Garbage is condemned as it is sorted; were it
/// condemned as soon as it is suspected, the rest would be cleared as well.
#[test]
fn garbage_refers_to_what_is_alive() {
    program(|| {
        let keep = pair("keep");
        for i in 0..6 {
            let garbage = pair("garbage");
            if i % 2 == 0 {
                garbage.others.borrow_mut().push(keep.clone());
            }
        }
        let result = Local.collect();
        assert_eq!((result.collected, result.candidates), (12, 14));
        for _ in 0..6 {
            pair("more");
        }
        assert_eq!((Local.collect().collected, Local.live_objects()), (12, 2));
        for _ in 0..6 {
            pair("in steps");
        }
        for _ in 0..if cfg!(miri) { 4 } else { 1000 } {
            let Progress::Unfinished = Local.collect_within(Duration::from_micros(1)) else { break };
            pair("meanwhile");
        }
        assert_eq!(keep.name, "keep");
        assert_eq!(keep.others.borrow()[0].name, "keep");
    });
}
