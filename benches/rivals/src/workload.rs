//! The rows, written once over [`Contender`].

use std::hint::black_box;
use std::ops::Deref;

use crate::clock::{Longest, Stopwatch};
use crate::common::churn::{Churn, Links};
use crate::common::gcbench::{self, Sizes};
use crate::common::graphs;
use crate::contestants::Contender;
use crate::partial;
use crate::rows::{Row, Scale, Skip};

/// Runs one row.
pub fn run<C: Contender>(row: Row, scale: &Scale) -> Result<f64, Skip> {
    let objects = scale.objects;
    if !C::COLLECTS {
        match row {
            Row::Pairs | Row::PairsLive | Row::StepMutual => return Err(Skip::Leaks),
            Row::GarbagePairs
            | Row::GarbageRing
            | Row::GarbageRandom
            | Row::LiveFull
            | Row::LivePart
            | Row::Cut
            | Row::Lists => {
                return Err(Skip::NoCollector);
            }
            _ => {}
        }
    }
    Ok(match row {
        Row::CloneDrop => clone_drop::<C>(scale.operations),
        Row::Deref => deref::<C>(scale.operations),
        Row::Leaf => leaf::<C>(scale.operations),
        Row::TreeBuild => tree::<C>(scale.tree_depth).0,
        Row::TreeDrop => tree::<C>(scale.tree_depth).1,
        Row::ListDrop => list_drop::<C>(objects),
        Row::Pairs => cyclic_pairs::<C>(scale.cyclic, 0),
        Row::PairsLive => {
            let live = graphs::random::<C>(objects);
            C::collect();
            let figure = cyclic_pairs::<C>(scale.cyclic, objects);
            drop(live);
            figure
        }
        Row::Churn => churn::<C>(scale.slots, scale.churn_steps),
        Row::GarbagePairs => garbage::<C>(graphs::pairs::<C>, objects),
        Row::GarbageRing => garbage::<C>(graphs::ring::<C>, objects),
        Row::GarbageRandom => garbage::<C>(graphs::random::<C>, objects),
        Row::LiveFull => live_graph::<C>(objects).0,
        Row::LiveClean if C::NAME == crate::contestants::OURS => live_graph::<C>(objects).1,
        Row::LiveClean => return Err(Skip::OursOnly),
        Row::LivePart => partial::part::<C>(objects),
        Row::Cut => partial::cut::<C>(),
        Row::Lists => partial::lists::<C>(),
        Row::Step => longest_step::<C>(objects, scale.steps, Links::One),
        Row::StepMutual => longest_step::<C>(objects, scale.mutual_steps, Links::Mutual),
        Row::Gcbench => gcbench::<C>(scale.gcbench),
        Row::LeafBytes => leaf_bytes::<C>(),
        Row::NodeBytes => node_bytes::<C>(),
    })
}

/// Collects now and then for the crates that never do so by themselves.
struct Trigger {
    every: Option<usize>,
    since: usize,
}

impl Trigger {
    fn new<C: Contender>(live: usize) -> Self {
        Trigger { every: C::collect_every(live), since: 0 }
    }

    #[inline]
    fn allocated<C: Contender>(&mut self, count: usize) {
        if let Some(every) = self.every {
            self.since += count;
            if self.since >= every {
                self.since = 0;
                C::collect();
            }
        }
    }
}

fn clone_drop<C: Contender>(count: usize) -> f64 {
    let node = C::node(1, None, None);
    let watch = Stopwatch::start();
    for _ in 0..count {
        drop(black_box(C::Node::clone(black_box(&node))));
    }
    watch.nanos_per(count)
}

/// The sum over a `Vec` of handles whose objects all fit into the first cache.
fn deref<C: Contender>(count: usize) -> f64 {
    const HANDLES: usize = 256;
    let nodes: Vec<_> = (0..HANDLES).map(|i| C::node(i as u64, None, None)).collect();
    let watch = Stopwatch::start();
    for _ in 0..count / HANDLES {
        let sum: u64 = black_box(&nodes).iter().map(|node| *C::value(node)).sum();
        black_box(sum);
    }
    watch.nanos_per(count / HANDLES * HANDLES)
}

fn leaf<C: Contender>(count: usize) -> f64 {
    let watch = Stopwatch::start();
    for i in 0..count {
        drop(black_box(C::leaf(i as u64)));
    }
    watch.nanos_per(count)
}

/// Times building and dropping.
fn tree<C: Contender>(depth: u32) -> (f64, f64) {
    let nodes = graphs::tree_size(depth);
    let watch = Stopwatch::start();
    let root = black_box(graphs::bottom_up::<C>(depth));
    let build = watch.nanos_per(nodes);
    let watch = Stopwatch::start();
    drop(root);
    if !C::COUNT_FREES {
        C::collect();
    }
    (build, watch.nanos_per(nodes))
}

fn list_drop<C: Contender>(count: usize) -> f64 {
    let head = graphs::list::<C>(count);
    let watch = Stopwatch::start();
    drop(black_box(head));
    if !C::COUNT_FREES {
        C::collect();
    }
    watch.nanos_per(count)
}

fn cyclic_pairs<C: Contender>(count: usize, live: usize) -> f64 {
    let mut trigger = Trigger::new::<C>(live);
    let watch = Stopwatch::start();
    for i in 0..count / 2 {
        drop(black_box(graphs::cyclic_pair::<C>(i as u64)));
        trigger.allocated::<C>(2);
    }
    watch.nanos_per(count)
}

/// Builds, drops every handle, and times the collection that finds it all.
fn garbage<C: Contender>(build: fn(usize) -> Vec<C::Node>, count: usize) -> f64 {
    C::automatic(false);
    let nodes = build(count);
    drop(black_box(nodes));
    let watch = Stopwatch::start();
    C::collect();
    watch.nanos_per(count)
}

/// Times a full collection after every object had a handle cloned and dropped, and the one right after it.
fn live_graph<C: Contender>(count: usize) -> (f64, f64) {
    C::automatic(false);
    let nodes = graphs::random::<C>(count);
    C::collect();
    for node in &nodes {
        drop(black_box(node.clone()));
    }
    let watch = Stopwatch::start();
    C::collect();
    let suspects = watch.nanos_per(count);
    let watch = Stopwatch::start();
    C::collect();
    let clean = watch.nanos_per(count);
    drop(black_box(nodes));
    (suspects, clean)
}

fn churn<C: Contender>(slots: usize, steps: usize) -> f64 {
    let mut churn = Churn::<C>::new(slots, Links::OneOrTwo);
    let mut trigger = Trigger::new::<C>(slots);
    let watch = Stopwatch::start();
    for _ in 0..steps {
        churn.step();
        trigger.allocated::<C>(1);
    }
    watch.nanos_per(steps)
}

/// The longest step, in milliseconds.
fn longest_step<C: Contender>(slots: usize, steps: usize, links: Links) -> f64 {
    let mut churn = Churn::<C>::new(slots, links);
    C::collect();
    let mut trigger = Trigger::new::<C>(slots);
    let mut longest = Longest::start();
    for _ in 0..steps {
        churn.step();
        trigger.allocated::<C>(1);
        longest.step();
    }
    longest.millis()
}

fn gcbench<C: Contender>(sizes: Sizes) -> f64 {
    let watch = Stopwatch::start();
    gcbench::run::<C>(sizes);
    watch.millis()
}

fn leaf_bytes<C: Contender>() -> f64 {
    let leaves: Vec<_> = (0..10_000).map(C::leaf).collect();
    stride(leaves.iter().map(|leaf| std::ptr::from_ref::<u64>(leaf).addr())) - size_of::<u64>() as f64
}

fn node_bytes<C: Contender>() -> f64 {
    let nodes: Vec<_> = (0..10_000).map(|i| C::node(i, None, None)).collect();
    stride(nodes.iter().map(|node| std::ptr::from_ref(C::value(node)).addr()))
        - size_of::<<C::Node as Deref>::Target>() as f64
}

/// The distance between neighbours in memory: what one more object costs, the allocator's own bytes included.
pub fn stride(addresses: impl Iterator<Item = usize>) -> f64 {
    let mut addresses: Vec<_> = addresses.collect();
    addresses.sort_unstable();
    addresses.windows(2).map(|pair| pair[1] - pair[0]).min().unwrap_or(0) as f64
}
