//! What the criterion suite and the comparison with the rivals share: what a crate has to supply ([`Counted`]), ours and
//! std's `Rc`, and the workloads ([`graphs`], [`churn`], [`gcbench`]), written once for everybody.

pub(crate) mod churn;
pub(crate) mod gcbench;
pub(crate) mod graphs;
pub(crate) mod shared;
pub(crate) mod std_rc;
pub(crate) mod tricycle;

use std::ops::Deref;

/// Every graph, churn and choice comes from this seed: everybody sees the same.
pub(crate) const SEED: u64 = 0x7123_c1c1;

/// A crate with `Rc`-like handles.
///
/// `Node` is a handle to a `u64` and two edges, each in the cell that the crate's users would reach for.
pub(crate) trait Counted: 'static {
    /// The name in tables.
    const NAME: &'static str;

    /// A handle to a node.
    type Node: Clone + Deref<Target: Sized>;
    /// A handle to a `u64`.
    type Leaf: Deref<Target = u64>;
    /// A handle to an array of numbers.
    type Doubles;

    /// Allocates a node.
    fn node(value: u64, a: Option<Self::Node>, b: Option<Self::Node>) -> Self::Node;
    /// Allocates a leaf.
    fn leaf(value: u64) -> Self::Leaf;
    /// Allocates an array.
    fn doubles(values: Vec<f64>) -> Self::Doubles;

    /// The node's number, by dereferencing the handle.
    fn value(node: &Self::Node) -> &u64;
    /// Sets the first edge.
    fn set_a(node: &Self::Node, to: Option<Self::Node>);
    /// Sets the second edge.
    fn set_b(node: &Self::Node, to: Option<Self::Node>);
    /// Borrows the first edge.
    fn with_a<R>(node: &Self::Node, f: impl FnOnce(Option<&Self::Node>) -> R) -> R;
    /// Borrows the second edge.
    fn with_b<R>(node: &Self::Node, f: impl FnOnce(Option<&Self::Node>) -> R) -> R;

    /// A full collection.
    fn collect();
    /// Switches automatic collection, where that can be done. Rows that time one explicit collection switch it off
    /// while they build.
    fn automatic(_on: bool) {}
}

/// The items of [`Counted`] that read alike for every crate: `$gc` is the handle, `$cell` the cell.
macro_rules! alike {
    ($gc:ident, $cell:ident) => {
        type Node = $gc<Node>;
        type Leaf = $gc<u64>;
        type Doubles = $gc<Vec<f64>>;

        #[inline]
        fn node(value: u64, a: Option<$gc<Node>>, b: Option<$gc<Node>>) -> $gc<Node> {
            $gc::new(Node { value, a: $cell::new(a), b: $cell::new(b) })
        }
        #[inline]
        fn leaf(value: u64) -> $gc<u64> {
            $gc::new(value)
        }
        fn doubles(values: Vec<f64>) -> $gc<Vec<f64>> {
            $gc::new(values)
        }
        #[inline]
        fn value(node: &$gc<Node>) -> &u64 {
            &node.value
        }
        #[inline]
        fn set_a(node: &$gc<Node>, to: Option<$gc<Node>>) {
            *node.a.borrow_mut() = to;
        }
        #[inline]
        fn set_b(node: &$gc<Node>, to: Option<$gc<Node>>) {
            *node.b.borrow_mut() = to;
        }
        #[inline]
        fn with_a<R>(node: &$gc<Node>, f: impl FnOnce(Option<&$gc<Node>>) -> R) -> R {
            f(node.a.borrow().as_ref())
        }
        #[inline]
        fn with_b<R>(node: &$gc<Node>, f: impl FnOnce(Option<&$gc<Node>>) -> R) -> R {
            f(node.b.borrow().as_ref())
        }
    };
}
pub(crate) use alike;
