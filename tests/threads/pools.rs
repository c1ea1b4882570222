//! Pools of threads, as GUIDE says how to use them: rayon.

use rayon::prelude::*;
use tricycle::{Gc, GcCell, Heap};

use crate::support::{Census, Node, bounded, times};

/// `rayon::join` by a thread that is attached: both sides are, and nobody is while it waits.
fn join<H: Heap, A: Send, B: Send>(heap: H, a: impl FnOnce() -> A + Send, b: impl FnOnce() -> B + Send) -> (A, B) {
    heap.detach(|| rayon::join(|| heap.attach(a), || heap.attach(b)))
}

/// An iterator over objects, by an attached thread.
#[test]
fn parallel_iterator() {
    own!(H);
    bounded(|| {
        let census = Census::default();
        H.attach(|| {
            let nodes: Vec<_> = (0..times(2000)).map(|_| Node::<H>::new(&census)).collect();
            let total = Gc::new_in(GcCell::<_, H>::new(0), H);
            for _ in 0..3 {
                H.detach(|| {
                    nodes.par_iter().for_each(|node| {
                        H.attach(|| {
                            node.edges.borrow_mut().push(Node::ring(2, &census));
                            *total.borrow_mut() += 1;
                        });
                    });
                });
                H.collect();
            }
            assert_eq!(total.get(), 3 * nodes.len());
        });
        census.nothing_left::<H>();
    });
}

/// A tree is built by threads that divide the work, each of which waits for the other half.
#[test]
fn divided() {
    own!(H);
    fn build<K: Heap>(heap: K, depth: usize, make: &(impl Fn() -> usize + Sync)) -> usize {
        if depth == 0 {
            return make();
        }
        let (a, b) = join(heap, || build(heap, depth - 1, make), || build(heap, depth - 1, make));
        a + b
    }
    bounded(|| {
        let census = Census::default();
        let make = || {
            drop(Node::<H>::ring(3, &census));
            1
        };
        for _ in 0..3 {
            let depth = if cfg!(miri) { 2 } else { 8 };
            assert_eq!(H.attach(|| build(H, depth, &make)), 1 << depth);
            H.collect();
        }
        census.nothing_left::<H>();
    });
}
