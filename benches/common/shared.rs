//! tricycle, on any of its heaps: what [`super::tricycle`] is for `Local`, with the heap as a parameter.

use std::marker::PhantomData;

use ::tricycle::{Atomic, Biased, Gc, GcCell, Heap, Hosts, Local, Locked, Trace};

use super::Counted;

/// The node.
#[derive(Trace)]
#[trace(bound = "")] // a heap is no part of the value: it need not be `Trace`
pub(crate) struct Node<H: Heap> {
    value: u64,
    a: GcCell<Option<Gc<Node<H>, H>>, H>,
    b: GcCell<Option<Gc<Node<H>, H>>, H>,
}

/// A heap with a name in tables.
pub(crate) trait Named: Heap + Hosts<Node<Self>> + Hosts<u64> + Hosts<Vec<f64>> {
    /// The name.
    const NAME: &'static str;
}

impl Named for Local {
    const NAME: &'static str = "tricycle Local";
}

impl Named for Locked {
    const NAME: &'static str = "tricycle Locked";
}

impl Named for Atomic {
    const NAME: &'static str = "tricycle Atomic";
}

impl Named for Biased {
    const NAME: &'static str = "tricycle Biased";
}

/// The crate, on heap `H`. Threads that use it are attached.
pub(crate) struct On<H>(PhantomData<H>);

impl<H: Named> Counted for On<H> {
    const NAME: &'static str = H::NAME;
    type Node = Gc<Node<H>, H>;
    type Leaf = Gc<u64, H>;
    type Doubles = Gc<Vec<f64>, H>;

    #[inline]
    fn node(value: u64, a: Option<Self::Node>, b: Option<Self::Node>) -> Self::Node {
        Gc::new_in(Node { value, a: GcCell::new(a), b: GcCell::new(b) }, H::default())
    }
    #[inline]
    fn leaf(value: u64) -> Self::Leaf {
        Gc::new_in(value, H::default())
    }
    fn doubles(values: Vec<f64>) -> Self::Doubles {
        Gc::new_in(values, H::default())
    }
    #[inline]
    fn value(node: &Self::Node) -> &u64 {
        &node.value
    }
    #[inline]
    fn set_a(node: &Self::Node, to: Option<Self::Node>) {
        *node.a.borrow_mut() = to;
    }
    #[inline]
    fn set_b(node: &Self::Node, to: Option<Self::Node>) {
        *node.b.borrow_mut() = to;
    }
    #[inline]
    fn with_a<R>(node: &Self::Node, f: impl FnOnce(Option<&Self::Node>) -> R) -> R {
        f(node.a.borrow().as_ref())
    }
    #[inline]
    fn with_b<R>(node: &Self::Node, f: impl FnOnce(Option<&Self::Node>) -> R) -> R {
        f(node.b.borrow().as_ref())
    }

    fn collect() {
        H::default().collect();
    }

    fn automatic(on: bool) {
        if on {
            H::default().enable();
        } else {
            H::default().disable();
        }
    }
}
