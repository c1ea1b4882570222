//! Rows in which little has changed since the last collection, or little is garbage: they tell those who look at everything
//! from those who look at what has lost a handle.

use std::hint::black_box;

use fastrand::Rng;

use crate::clock::Stopwatch;
use crate::common::{SEED, graphs};
use crate::contestants::Contender;

/// Nodes and edges of the graph that is cut, and how many handles go at a time.
const GRAPH: usize = 1 << 15;
const CUT: usize = 1 << 10;
/// Lists, and nodes of each.
const LISTS: usize = 30;
const NODES: usize = 1 << 12;
/// The part of a heap in which handles are lost, as one in so many objects, and how many handles are.
const PART: usize = 100;
const LOST: usize = 1000;
/// How often that is timed.
const TIMES: usize = 9;

/// A graph of as many random edges as nodes, each held by a `Vec`, which is cut, with a collection after each cut. Milliseconds in all.
pub fn cut<C: Contender>() -> f64 {
    C::automatic(false);
    let mut rng = Rng::with_seed(SEED);
    let mut nodes: Vec<C::Node> = (0..GRAPH).map(|i| C::node(i as u64, None, None)).collect();
    let mut edges = 0;
    while edges < GRAPH {
        let (from, to) = (&nodes[rng.usize(..GRAPH)], &nodes[rng.usize(..GRAPH)]);
        if C::with_a(from, |a| a.is_none()) {
            C::set_a(from, Some(to.clone()));
        } else if C::with_b(from, |b| b.is_none()) {
            C::set_b(from, Some(to.clone()));
        } else {
            continue;
        }
        edges += 1;
    }
    C::collect();
    let watch = Stopwatch::start();
    while !nodes.is_empty() {
        nodes.truncate(nodes.len() - CUT);
        C::collect();
    }
    watch.millis()
}

/// Lists linked both ways, made, measured and dropped, and a collection of all of them. Milliseconds in all.
pub fn lists<C: Contender>() -> f64 {
    let watch = Stopwatch::start();
    for _ in 0..LISTS {
        let first = C::node(0, None, None);
        let mut last = first.clone();
        for i in 1..NODES {
            let next = C::node(i as u64, None, Some(last.clone()));
            C::set_a(&last, Some(next.clone()));
            last = next;
        }
        let mut at = Some(first);
        let mut length = 0;
        while let Some(node) = at {
            length += 1;
            at = C::with_a(&node, |next| next.cloned());
        }
        assert_eq!(black_box(length), NODES);
    }
    C::collect();
    watch.millis()
}

/// A collection of live objects, of which some have lost a handle since the last one, that lead to a hundredth of all. Milliseconds.
pub fn part<C: Contender>(objects: usize) -> f64 {
    C::automatic(false);
    let mut rng = Rng::with_seed(SEED);
    let rest = graphs::random::<C>(objects - objects / PART);
    let part = graphs::random::<C>(objects / PART);
    C::collect();
    let mut times = [0.0; TIMES];
    for time in &mut times {
        for _ in 0..LOST {
            drop(black_box(part[rng.usize(..part.len())].clone()));
        }
        let watch = Stopwatch::start();
        C::collect();
        *time = watch.millis();
    }
    drop(black_box((rest, part)));
    times.sort_by(f64::total_cmp);
    times[TIMES / 2]
}
