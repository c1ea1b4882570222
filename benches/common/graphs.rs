//! Object graphs.

use fastrand::Rng;

use super::{Counted, SEED};

/// A full binary tree, children first, moved into their parents.
pub(crate) fn bottom_up<C: Counted>(depth: u32) -> C::Node {
    if depth == 0 {
        return C::node(0, None, None);
    }
    let a = bottom_up::<C>(depth - 1);
    let b = bottom_up::<C>(depth - 1);
    C::node(u64::from(depth), Some(a), Some(b))
}

/// Fills in a full binary tree below `node`, parents first.
pub(crate) fn top_down<C: Counted>(depth: u32, node: &C::Node) {
    if depth == 0 {
        return;
    }
    C::set_a(node, Some(C::node(0, None, None)));
    C::set_b(node, Some(C::node(0, None, None)));
    C::with_a(node, |a| top_down::<C>(depth - 1, a.expect("just set")));
    C::with_b(node, |b| top_down::<C>(depth - 1, b.expect("just set")));
}

/// Nodes in a full binary tree.
pub(crate) fn tree_size(depth: u32) -> usize {
    (1 << (depth + 1)) - 1
}

/// A singly linked list, by its head.
pub(crate) fn list<C: Counted>(count: usize) -> Option<C::Node> {
    (0..count).fold(None, |head, i| Some(C::node(i as u64, head, None)))
}

/// Two nodes that point to each other, by one of them.
pub(crate) fn cyclic_pair<C: Counted>(value: u64) -> C::Node {
    let a = C::node(value, None, None);
    let b = C::node(value, Some(a.clone()), None);
    C::set_a(&a, Some(b));
    a
}

/// Cyclic pairs, all nodes.
pub(crate) fn pairs<C: Counted>(count: usize) -> Vec<C::Node> {
    let both = |i| {
        let a = cyclic_pair::<C>(i as u64);
        let b = C::with_a(&a, |b| b.cloned()).expect("a pair");
        [a, b]
    };
    (0..count / 2).flat_map(both).collect()
}

/// One ring of all nodes.
pub(crate) fn ring<C: Counted>(count: usize) -> Vec<C::Node> {
    let mut nodes: Vec<C::Node> = Vec::with_capacity(count);
    for i in 0..count {
        let previous = nodes.last().cloned();
        nodes.push(C::node(i as u64, previous, None));
    }
    C::set_a(&nodes[0], nodes.last().cloned());
    nodes
}

/// A random graph, two edges out of each node: the first follows one random cycle through all of them, so that every
/// node is reachable from every other and none dies by its count; the second goes anywhere.
pub(crate) fn random<C: Counted>(count: usize) -> Vec<C::Node> {
    let mut rng = Rng::with_seed(SEED);
    let nodes: Vec<_> = (0..count).map(|i| C::node(i as u64, None, None)).collect();
    let mut order: Vec<usize> = (0..count).collect();
    rng.shuffle(&mut order);
    for (&from, &to) in order.iter().zip(order.iter().cycle().skip(1)) {
        C::set_a(&nodes[from], Some(nodes[to].clone()));
        C::set_b(&nodes[from], Some(nodes[rng.usize(..count)].clone()));
    }
    nodes
}
