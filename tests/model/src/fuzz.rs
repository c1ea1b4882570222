//! The bodies of the crate's fuzz targets: what is done with the bytes. `fuzz/` calls them, and `cargo test` does for each
//! file of the corpus.

use crate::Program;
use tricycle::testing::graph::{self, Graph};
use tricycle::{Atomic, Biased, Gc, Generation, Local, Locked, Thresholds};

/// Runs a [`Program`] next to its oracle. Nothing is leaked on purpose, so that a sanitizer may look for leaks.
///
/// # Panics
///
/// If the heap does something that the oracle does not allow.
pub fn ops(bytes: &[u8]) {
    let program = Program::from_bytes(bytes.get(..6 * 200).unwrap_or(bytes)).without_leaks();
    if let Err(violation) = crate::run::<Local>(&program) {
        panic!("{violation}\n{program:?}");
    }
}

/// Runs a [`Program`] on threads that take turns, next to its oracle. The first byte says on what kind of heap, and then six
/// bytes are an operation and the seventh says whose turn it is.
///
/// # Panics
///
/// As [`ops`].
pub fn threads(bytes: &[u8]) {
    let [kind, records @ ..] = bytes else { return };
    let records = records.chunks_exact(7).take(100);
    let ops: Vec<u8> = records.clone().flat_map(|record| record[..6].iter().copied()).collect();
    let turns: Vec<u8> = records.map(|record| record[6]).collect();
    let program = Program::from_bytes(&ops).without_leaks();
    let result = match kind % 4 {
        0 => crate::run_in_turns::<Locked>(&program, &turns),
        1 => crate::run_in_turns::<Atomic>(&program, &turns),
        _ => crate::run_in_turns::<Biased>(&program, &turns),
    };
    if let Err(violation) = result {
        panic!("{violation}\n{program:?} in turns {turns:?}");
    }
}

/// Builds a graph, drops some of it, collects a generation, then everything, and compares what is left.
///
/// # Panics
///
/// If the wrong nodes are left.
pub fn graph(bytes: &[u8]) {
    let [nodes, old, roots, young, generation, rest @ ..] = bytes else { return };
    let nodes = usize::from(*nodes) % 64 + 1;
    let node = |byte: u8| usize::from(byte) % nodes;
    let edges = rest.chunks_exact(2).take(256).map(|pair| (node(pair[0]), node(pair[1])));
    let mut graph = Graph::new(nodes, edges);
    graph.old = node(*old);
    let is_root = |node: usize| node.wrapping_mul(usize::from(*roots) | 1) & 7 == 0;
    let kept = graph.reachable((0..nodes).filter(|node| is_root(*node)));

    let before = Local.thresholds();
    Local.set_thresholds(Thresholds { young: usize::from(young & 15), middle: 1, old: 1 });
    let mut vertices: Vec<Option<_>> = graph::build::<Local>(&graph).into_iter().map(Some).collect();
    let weak: Vec<_> = vertices.iter().flatten().map(Gc::downgrade).collect();
    for (number, vertex) in vertices.iter_mut().enumerate() {
        if !is_root(number) {
            *vertex = None;
        }
    }
    let check = |all: bool| {
        for (number, (weak, kept)) in weak.iter().zip(&kept).enumerate() {
            let alive = weak.upgrade();
            assert!(alive.is_some() || !kept, "node {number} is gone, but it is reachable: {graph:?}");
            assert!(alive.is_none() || *kept || !all, "node {number} is garbage, but it is there: {graph:?}");
            assert!(alive.is_none_or(|vertex| vertex.number == number), "node {number} is another");
        }
    };
    Local.collect_generation(Generation::ALL[usize::from(*generation) % 3]);
    check(false);
    Local.collect();
    check(true);
    vertices.clear();
    Local.collect();
    assert!(weak.iter().all(|weak| weak.upgrade().is_none()), "there is something left: {graph:?}");
    Local.set_thresholds(before);
}
