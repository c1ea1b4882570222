//! Graphs of all shapes, as strategies for proptest.
//!
//! ```
//! use proptest::prelude::*;
//! use tricycle::{Gc, Local, testing::graph};
//!
//! proptest! {
//!     # #![proptest_config(ProptestConfig::with_cases(16))]
//!     // With `#[test]` in a test.
//!     fn garbage_goes(graph in graph::any_shape()) {
//!         let mut vertices = graph::build::<Local>(&graph);
//!         let weak: Vec<_> = vertices.iter().map(Gc::downgrade).collect();
//!         vertices.truncate(1); // the only root
//!         Local.collect();
//!         for (weak, reachable) in weak.iter().zip(graph.reachable([0])) {
//!             prop_assert_eq!(weak.upgrade().is_some(), reachable);
//!         }
//!     }
//! }
//! garbage_goes();
//! ```

use proptest::collection::vec;
use proptest::prelude::{Just, Strategy, any};
use proptest::prop_oneof;
use proptest::sample::Index;

use crate::{Gc, GcCell, Generation, Heap, Hosts, Local, Trace};

/// The largest number of nodes of a generated graph.
pub const MOST: usize = 24;

/// A directed graph, possibly with loops and parallel edges.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Graph {
    /// The number of nodes.
    pub nodes: usize,
    /// The source and the target of each edge.
    pub edges: Vec<(usize, usize)>,
    /// Nodes below this number are older than the others: they survive a full collection in [`build`].
    pub old: usize,
}

impl Graph {
    /// Makes a graph without old nodes.
    ///
    /// # Panics
    ///
    /// If an edge names a node that does not exist.
    pub fn new(nodes: usize, edges: impl IntoIterator<Item = (usize, usize)>) -> Graph {
        let graph = Graph { nodes, edges: edges.into_iter().collect(), old: 0 };
        assert!(graph.edges.iter().all(|(from, to)| *from < nodes && *to < nodes), "an edge leads nowhere: {graph:?}");
        graph
    }

    /// Returns which nodes can be reached from the given ones, computed naively: an oracle for what has to survive.
    ///
    /// ```
    /// use tricycle::testing::graph::Graph;
    ///
    /// let graph = Graph::new(4, [(0, 1), (1, 0), (2, 1)]);
    /// assert_eq!(graph.reachable([0]), [true, true, false, false]);
    /// ```
    pub fn reachable(&self, roots: impl IntoIterator<Item = usize>) -> Vec<bool> {
        let mut reached = vec![false; self.nodes];
        let mut todo: Vec<usize> = roots.into_iter().collect();
        while let Some(node) = todo.pop() {
            if !std::mem::replace(&mut reached[node], true) {
                todo.extend(self.edges.iter().filter(|(from, _)| *from == node).map(|(_, to)| *to));
            }
        }
        reached
    }
}

/// A node of a graph that was built.
#[derive(Debug, Trace)]
#[trace(bound = "")]
pub struct Vertex<H: Heap = Local> {
    /// Its number in the graph.
    pub number: usize,
    /// The targets of its edges.
    pub edges: GcCell<Vec<Gc<Vertex<H>, H>>, H>,
}

/// Builds a graph of objects. Returns a handle to each, in order.
///
/// Runs a full collection after the old nodes, if the graph has any.
pub fn build<H: Hosts<Vertex<H>>>(graph: &Graph) -> Vec<Gc<Vertex<H>, H>> {
    let heap = H::default();
    let mut vertices: Vec<Gc<Vertex<H>, H>> = Vec::with_capacity(graph.nodes);
    let link = |vertices: &[Gc<Vertex<H>, H>], young: bool| {
        for &(from, to) in graph.edges.iter().filter(|(from, to)| young == (*from.max(to) >= graph.old)) {
            vertices[from].edges.borrow_mut().push(vertices[to].clone());
        }
    };
    for number in 0..graph.nodes {
        if number == graph.old && number > 0 {
            link(&vertices, false);
            heap.collect_generation(Generation::Old);
        }
        vertices.push(Gc::new_in(Vertex { number, edges: GcCell::default() }, heap));
    }
    if graph.old >= graph.nodes {
        link(&vertices, false);
    }
    link(&vertices, true);
    vertices
}

fn size() -> impl Strategy<Value = usize> {
    1..=MOST
}

/// Edges between any two nodes.
pub fn random() -> impl Strategy<Value = Graph> {
    (size(), vec(any::<(Index, Index)>(), 0..2 * MOST)).prop_map(|(nodes, edges)| {
        Graph::new(nodes, edges.iter().map(|(from, to)| (from.index(nodes), to.index(nodes))))
    })
}

/// Each node but the first has one parent, and may have an edge back to it.
pub fn tree() -> impl Strategy<Value = Graph> {
    vec(any::<(Index, bool)>(), 0..MOST).prop_map(|parents| {
        let edges = parents.iter().enumerate().flat_map(|(node, (parent, back))| {
            let (parent, child) = (parent.index(node + 1), node + 1);
            [Some((parent, child)), back.then_some((child, parent))].into_iter().flatten()
        });
        Graph::new(parents.len() + 1, edges)
    })
}

/// Each node leads to the next, the last to the first.
pub fn ring() -> impl Strategy<Value = Graph> {
    size().prop_map(|nodes| Graph::new(nodes, (0..nodes).map(|node| (node, (node + 1) % nodes))))
}

/// Each node leads to each other. At most a third of [`MOST`] nodes.
pub fn clique() -> impl Strategy<Value = Graph> {
    (1..=MOST / 3).prop_map(|nodes| {
        let pairs = (0..nodes).flat_map(|from| (0..nodes).map(move |to| (from, to)));
        Graph::new(nodes, pairs.filter(|(from, to)| from != to))
    })
}

/// Each node leads to the next.
pub fn chain() -> impl Strategy<Value = Graph> {
    size().prop_map(|nodes| Graph::new(nodes, (1..nodes).map(|node| (node - 1, node))))
}

/// All nodes lead to one, or one to all, or both.
pub fn hub() -> impl Strategy<Value = Graph> {
    (size(), any::<Index>(), prop_oneof![Just((true, false)), Just((false, true)), Just((true, true))]).prop_map(
        |(nodes, hub, (inward, outward))| {
            let hub = hub.index(nodes);
            let spokes = (0..nodes).filter(move |node| *node != hub);
            let edges = spokes
                .flat_map(|node| [inward.then_some((node, hub)), outward.then_some((hub, node))].into_iter().flatten());
            Graph::new(nodes, edges)
        },
    )
}

/// Any of the other shapes, in two parts: nodes below a number are old, and there are edges between the parts.
pub fn two_generations() -> impl Strategy<Value = Graph> {
    (one_generation(), any::<Index>(), vec(any::<(Index, Index)>(), 0..8)).prop_map(|(mut graph, old, links)| {
        let nodes = graph.nodes;
        graph.old = old.index(nodes);
        if graph.old > 0 {
            let young = |index: &Index| graph.old + index.index(nodes - graph.old);
            graph.edges.extend(links.iter().enumerate().map(|(at, (a, b))| {
                let (old, young) = (a.index(graph.old), young(b));
                if at % 2 == 0 { (old, young) } else { (young, old) }
            }));
        }
        graph
    })
}

fn one_generation() -> impl Strategy<Value = Graph> {
    prop_oneof![random(), tree(), ring(), clique(), chain(), hub()]
}

/// Any shape.
pub fn any_shape() -> impl Strategy<Value = Graph> {
    prop_oneof![3 => one_generation(), 1 => two_generations()]
}
