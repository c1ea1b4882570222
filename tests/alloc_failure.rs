//! Running out of memory: `try_new` gives the value back, and the heap goes on.
//!
//! The allocator of this test refuses large requests on demand, on one thread. The pool has its blocks from the operating
//! system: `address_space.rs` is about those.

use std::alloc::{GlobalAlloc, Layout, System};
use std::cell::Cell;

use tricycle::{Gc, GcCell, Local, Trace};

/// Refuses requests of at least as many bytes as the thread says.
struct Stingy;

thread_local! {
    static LIMIT: Cell<usize> = const { Cell::new(usize::MAX) };
    static REFUSED: Cell<usize> = const { Cell::new(0) };
}

fn refuses(size: usize) -> bool {
    let refuses = LIMIT.try_with(Cell::get).is_ok_and(|limit| size >= limit);
    if refuses {
        REFUSED.set(REFUSED.get() + 1);
    }
    refuses
}

// SAFETY: the system allocator's answers, or none.
unsafe impl GlobalAlloc for Stingy {
    unsafe fn alloc(&self, layout: Layout) -> *mut u8 {
        // SAFETY: the caller's promise.
        if refuses(layout.size()) { std::ptr::null_mut() } else { unsafe { System.alloc(layout) } }
    }

    unsafe fn dealloc(&self, ptr: *mut u8, layout: Layout) {
        // SAFETY: the caller's promise.
        unsafe { System.dealloc(ptr, layout) }
    }

    unsafe fn realloc(&self, ptr: *mut u8, layout: Layout, size: usize) -> *mut u8 {
        // SAFETY: the caller's promise.
        if refuses(size) { std::ptr::null_mut() } else { unsafe { System.realloc(ptr, layout, size) } }
    }
}

#[global_allocator]
static ALLOCATOR: Stingy = Stingy;

/// Runs `f` while requests of `limit` bytes or more are refused. Returns how many there were.
fn out_of_memory(limit: usize, f: impl FnOnce()) -> usize {
    REFUSED.set(0);
    LIMIT.set(limit);
    f();
    LIMIT.set(usize::MAX);
    REFUSED.get()
}

/// A node of `N` bytes and a bit.
#[derive(Trace)]
struct Node<const N: usize>(GcCell<Option<Gc<Node<N>>>>, Box<u32>, [u8; N]);

impl<const N: usize> Node<N> {
    fn value(n: u32) -> Self {
        Node(GcCell::new(None), Box::new(n), [n as u8; N])
    }
}

/// The value comes back, whole, from an object with an allocation of its own, and the heap is as it was.
#[test]
fn large_objects() {
    const N: usize = 20_000;
    let before = (Local.live_objects(), Local.live_allocations());
    // The pool has memory for small objects of both kinds.
    let _small = (Gc::new(Box::new(0)), Gc::new(Node::<8>::value(0)));
    let before = (before.0 + 1, before.1 + 2);
    let ring = Gc::new(Node::<N>::value(1));
    ring.0.set(Some(ring.clone()));
    let mut back = Vec::with_capacity(3);
    let refused = out_of_memory(N, || {
        let Err(error) = Gc::try_new(Node::<N>::value(2)) else { panic!("there is no memory") };
        back.push(error.into_inner());
        // Small ones are still to be had.
        assert_eq!(**Gc::try_new(Box::new(3)).unwrap(), 3);
        drop(Gc::new(Node::<8>::value(4)));
    });
    assert_eq!(refused, 1);
    let value = back.pop().unwrap();
    assert_eq!((*value.1, value.2[N - 1]), (2, 2));
    drop(ring);
    assert_eq!(Local.collect().collected, 1);
    let again = Gc::try_new(value).expect("there is memory again");
    assert_eq!((*again.1, again.2[N / 2]), (2, 2));
    drop(again);
    assert_eq!((Local.live_objects(), Local.live_allocations()), before);
}

/// A value that comes back is dropped like any other, and is not finalized: it was never an object.
#[test]
fn what_comes_back_was_never_an_object() {
    #[derive(Trace)]
    #[trace(finalize)]
    struct Big(Gc<u8>, [u8; 20_000]);
    impl tricycle::Finalize for Big {
        fn finalize(&self) {
            panic!("{}", self.1[0]);
        }
    }
    let leaf = Gc::new(1);
    let made = out_of_memory(20_000, || {
        let Err(error) = Gc::try_new(Big(leaf.clone(), [0; 20_000])) else { panic!("there is no memory") };
        assert_eq!(Gc::strong_count(&error.into_inner().0), 2);
    });
    assert_eq!((made, Gc::strong_count(&leaf)), (1, 1));
}

/// A collection that gets no more than small pieces of memory finds what there is to be found, with weak callbacks and
/// finalizers (`test_weakref.test_no_memory_when_clearing`).
#[test]
fn a_collection_without_memory() {
    let n = if cfg!(miri) { 50 } else { 5000 };
    let called = std::rc::Rc::new(Cell::new(0));
    let nodes: Vec<_> = (0..n).map(|i| Gc::new(Node::<8>::value(i))).collect();
    // Against the order of the list, so that marking goes back and forth.
    for i in 0..n as usize {
        nodes[i].0.set(Some(nodes[(i * 7 + 3) % n as usize].clone()));
    }
    let weak = Gc::downgrade_with(&nodes[5], {
        let called = called.clone();
        move || called.set(called.get() + 1)
    });
    let keep = nodes[3].clone();
    let refused = out_of_memory(1 << 20, || {
        Local.collect();
        drop(nodes);
        Local.collect();
        drop(keep);
        Local.collect();
    });
    assert_eq!((refused, called.get(), Local.live_objects()), (0, 1, 0));
    assert!(weak.upgrade().is_none());
}
