//! gc-arena: an incremental mark-and-sweep in a branded arena.
//!
//! Nothing is collected inside `mutate`, so work comes in batches with a `collect_debt` (default pacing) after each, as
//! its users write it; a full collection is `finish_cycle`. The rows mirror those of [`crate::workload`].

use std::hint::black_box;

use fastrand::Rng;
use gc_arena::barrier::unlock;
use gc_arena::{Arena, Collect, Gc, Lock, Mutation, Rootable};

use super::Contestant;
use crate::clock::{Longest, Stopwatch};
use crate::common::SEED;
use crate::common::gcbench::Sizes;
use crate::common::graphs::tree_size;
use crate::rows::{Row, Scale, Skip};
use crate::workload::stride;

/// Steps between two calls of `collect_debt`.
const BATCH: usize = 1_000;

#[derive(Collect)]
#[collect(no_drop)]
struct Node<'gc> {
    value: u64,
    a: Lock<Option<Link<'gc>>>,
    b: Lock<Option<Link<'gc>>>,
}

type Link<'gc> = Gc<'gc, Node<'gc>>;

#[derive(Collect, Default)]
#[collect(no_drop)]
struct Root<'gc> {
    nodes: Vec<Link<'gc>>,
    array: Option<Gc<'gc, Vec<f64>>>,
}

type Heap = Arena<Rootable![Root<'_>]>;

/// The contestant.
pub struct Arenas;

impl Contestant for Arenas {
    fn name(&self) -> &'static str {
        super::ARENA
    }

    fn run(&self, row: Row, scale: &Scale) -> Result<f64, Skip> {
        let heap = Heap::new(|_| Root::default());
        let objects = scale.objects;
        Ok(match row {
            Row::CloneDrop => return Err(Skip::CopyHandle),
            Row::LiveClean => return Err(Skip::OursOnly),
            Row::LivePart | Row::Cut | Row::Lists => return Err(Skip::NotWritten),
            Row::Deref => deref(heap, scale.operations),
            Row::Leaf => leaf(heap, scale.operations),
            Row::TreeBuild => tree(heap, scale.tree_depth).0,
            Row::TreeDrop => tree(heap, scale.tree_depth).1,
            Row::ListDrop => list_drop(heap, objects),
            Row::Pairs => cyclic_pairs(heap, scale.cyclic, 0),
            Row::PairsLive => cyclic_pairs(heap, scale.cyclic, objects),
            Row::Churn => churn(heap, scale.slots, scale.churn_steps),
            Row::GarbagePairs => garbage(heap, |mc| pairs(mc, objects), objects),
            Row::GarbageRing => garbage(heap, |mc| ring(mc, objects), objects),
            Row::GarbageRandom => garbage(heap, |mc| random_graph(mc, objects), objects),
            Row::LiveFull => live_full(heap, objects),
            Row::Step => longest_step(heap, objects, scale.steps, false),
            Row::StepMutual => longest_step(heap, objects, scale.mutual_steps, true),
            Row::Gcbench => gcbench(heap, scale.gcbench),
            Row::LeafBytes => leaf_bytes(&heap),
            Row::NodeBytes => node_bytes(&heap),
        })
    }
}

#[inline]
fn node<'gc>(mc: &Mutation<'gc>, value: u64, a: Option<Link<'gc>>, b: Option<Link<'gc>>) -> Link<'gc> {
    Gc::new(mc, Node { value, a: Lock::new(a), b: Lock::new(b) })
}

#[inline]
fn set_a<'gc>(mc: &Mutation<'gc>, node: Link<'gc>, to: Option<Link<'gc>>) {
    unlock!(Gc::write(mc, node), Node, a).set(to);
}

#[inline]
fn set_b<'gc>(mc: &Mutation<'gc>, node: Link<'gc>, to: Option<Link<'gc>>) {
    unlock!(Gc::write(mc, node), Node, b).set(to);
}

fn deref(mut heap: Heap, count: usize) -> f64 {
    const HANDLES: usize = 256;
    heap.mutate_root(|mc, root| root.nodes = (0..HANDLES).map(|i| node(mc, i as u64, None, None)).collect());
    let watch = Stopwatch::start();
    heap.mutate(|_, root| {
        for _ in 0..count / HANDLES {
            let sum: u64 = black_box(&root.nodes).iter().map(|node| node.value).sum();
            black_box(sum);
        }
    });
    watch.nanos_per(count / HANDLES * HANDLES)
}

fn leaf(mut heap: Heap, count: usize) -> f64 {
    let watch = Stopwatch::start();
    for batch in 0..count / BATCH {
        heap.mutate(|mc, _| {
            for i in 0..BATCH {
                black_box(Gc::new(mc, (batch * BATCH + i) as u64));
            }
        });
        heap.collect_debt();
    }
    watch.nanos_per(count / BATCH * BATCH)
}

fn bottom_up<'gc>(mc: &Mutation<'gc>, depth: u32) -> Link<'gc> {
    if depth == 0 {
        return node(mc, 0, None, None);
    }
    let a = bottom_up(mc, depth - 1);
    let b = bottom_up(mc, depth - 1);
    node(mc, u64::from(depth), Some(a), Some(b))
}

fn top_down<'gc>(mc: &Mutation<'gc>, depth: u32, parent: Link<'gc>) {
    if depth == 0 {
        return;
    }
    set_a(mc, parent, Some(node(mc, 0, None, None)));
    set_b(mc, parent, Some(node(mc, 0, None, None)));
    top_down(mc, depth - 1, parent.a.get().expect("just set"));
    top_down(mc, depth - 1, parent.b.get().expect("just set"));
}

fn tree(mut heap: Heap, depth: u32) -> (f64, f64) {
    let nodes = tree_size(depth);
    let watch = Stopwatch::start();
    heap.mutate_root(|mc, root| root.nodes.push(bottom_up(mc, depth)));
    let build = watch.nanos_per(nodes);
    let watch = Stopwatch::start();
    heap.mutate_root(|_, root| root.nodes.clear());
    heap.finish_cycle();
    (build, watch.nanos_per(nodes))
}

fn list_drop(mut heap: Heap, count: usize) -> f64 {
    heap.mutate_root(|mc, root| {
        let head = (0..count).fold(None, |head, i| Some(node(mc, i as u64, head, None)));
        root.nodes.extend(head);
    });
    let watch = Stopwatch::start();
    heap.mutate_root(|_, root| root.nodes.clear());
    heap.finish_cycle();
    watch.nanos_per(count)
}

fn cyclic_pairs(mut heap: Heap, count: usize, live: usize) -> f64 {
    if live > 0 {
        heap.mutate_root(|mc, root| root.nodes = random_graph(mc, live));
        heap.finish_cycle();
    }
    let watch = Stopwatch::start();
    for batch in 0..count / BATCH {
        heap.mutate(|mc, _| {
            for i in 0..BATCH / 2 {
                let value = (batch * BATCH + i) as u64;
                let a = node(mc, value, None, None);
                let b = node(mc, value, Some(a), None);
                set_a(mc, a, Some(b));
            }
        });
        heap.collect_debt();
    }
    watch.nanos_per(count / BATCH * BATCH)
}

fn churn(mut heap: Heap, slots: usize, steps: usize) -> f64 {
    let mut rng = Rng::with_seed(SEED);
    heap.mutate_root(|mc, root| root.nodes = (0..slots).map(|i| node(mc, i as u64, None, None)).collect());
    let watch = Stopwatch::start();
    for batch in 0..steps / BATCH {
        heap.mutate_root(|mc, root| {
            for i in 0..BATCH {
                let a = root.nodes[rng.usize(..slots)];
                let b = rng.bool().then(|| root.nodes[rng.usize(..slots)]);
                let new = node(mc, (batch * BATCH + i) as u64, Some(a), b);
                let old = std::mem::replace(&mut root.nodes[rng.usize(..slots)], new);
                set_a(mc, old, None);
                set_b(mc, old, None);
            }
        });
        heap.collect_debt();
    }
    watch.nanos_per(steps / BATCH * BATCH)
}

fn pairs<'gc>(mc: &Mutation<'gc>, count: usize) -> Vec<Link<'gc>> {
    (0..count / 2)
        .flat_map(|i| {
            let a = node(mc, i as u64, None, None);
            let b = node(mc, i as u64, Some(a), None);
            set_a(mc, a, Some(b));
            [a, b]
        })
        .collect()
}

fn ring<'gc>(mc: &Mutation<'gc>, count: usize) -> Vec<Link<'gc>> {
    let mut nodes: Vec<Link<'gc>> = Vec::with_capacity(count);
    for i in 0..count {
        let previous = nodes.last().copied();
        nodes.push(node(mc, i as u64, previous, None));
    }
    set_a(mc, nodes[0], nodes.last().copied());
    nodes
}

fn random_graph<'gc>(mc: &Mutation<'gc>, count: usize) -> Vec<Link<'gc>> {
    let mut rng = Rng::with_seed(SEED);
    let nodes: Vec<_> = (0..count).map(|i| node(mc, i as u64, None, None)).collect();
    let mut order: Vec<usize> = (0..count).collect();
    rng.shuffle(&mut order);
    for (&from, &to) in order.iter().zip(order.iter().cycle().skip(1)) {
        set_a(mc, nodes[from], Some(nodes[to]));
        set_b(mc, nodes[from], Some(nodes[rng.usize(..count)]));
    }
    nodes
}

fn garbage(mut heap: Heap, build: impl for<'gc> FnOnce(&Mutation<'gc>) -> Vec<Link<'gc>>, count: usize) -> f64 {
    heap.mutate_root(|mc, root| root.nodes = build(mc));
    heap.mutate_root(|_, root| root.nodes = Vec::new());
    let watch = Stopwatch::start();
    heap.finish_cycle();
    watch.nanos_per(count)
}

fn live_full(mut heap: Heap, count: usize) -> f64 {
    heap.mutate_root(|mc, root| root.nodes = random_graph(mc, count));
    heap.finish_cycle();
    let watch = Stopwatch::start();
    heap.finish_cycle();
    watch.nanos_per(count)
}

fn longest_step(mut heap: Heap, slots: usize, steps: usize, mutual: bool) -> f64 {
    let mut rng = Rng::with_seed(SEED);
    heap.mutate_root(|mc, root| root.nodes = (0..slots).map(|i| node(mc, i as u64, None, None)).collect());
    heap.finish_cycle();
    let mut longest = Longest::start();
    for batch in 0..steps / BATCH {
        heap.mutate_root(|mc, root| {
            for i in 0..BATCH {
                let partner = root.nodes[rng.usize(..slots)];
                let new = node(mc, (batch * BATCH + i) as u64, Some(partner), None);
                if mutual {
                    set_a(mc, partner, Some(new));
                }
                let old = std::mem::replace(&mut root.nodes[rng.usize(..slots)], new);
                if !mutual {
                    set_a(mc, old, None);
                }
                longest.step();
            }
        });
        heap.collect_debt();
    }
    longest.millis()
}

fn gcbench(mut heap: Heap, sizes: Sizes) -> f64 {
    let watch = Stopwatch::start();
    heap.mutate(|mc, _| {
        black_box(bottom_up(mc, sizes.stretch));
    });
    heap.collect_debt();
    heap.mutate_root(|mc, root| {
        let long_lived = node(mc, 0, None, None);
        top_down(mc, sizes.stretch - 2, long_lived);
        root.nodes.push(long_lived);
        root.array = Some(Gc::new(mc, sizes.numbers()));
    });
    for (depth, count) in sizes.rounds() {
        for _ in 0..count {
            heap.mutate(|mc, _| top_down(mc, depth, black_box(node(mc, 0, None, None))));
            heap.collect_debt();
        }
        for _ in 0..count {
            heap.mutate(|mc, _| {
                black_box(bottom_up(mc, depth));
            });
            heap.collect_debt();
        }
    }
    watch.millis()
}

fn leaf_bytes(heap: &Heap) -> f64 {
    let addresses = heap.mutate(|mc, _| {
        let leaves = (0..10_000_u64).map(|i| Gc::as_ptr(Gc::new(mc, i)).addr());
        leaves.collect::<Vec<_>>()
    });
    stride(addresses.into_iter()) - size_of::<u64>() as f64
}

fn node_bytes(heap: &Heap) -> f64 {
    let addresses = heap.mutate(|mc, _| {
        let nodes = (0..10_000).map(|i| Gc::as_ptr(node(mc, i, None, None)).addr());
        nodes.collect::<Vec<_>>()
    });
    stride(addresses.into_iter()) - size_of::<Node<'_>>() as f64
}
