// What one allocation takes at most, for the heap `H`, when a million objects go: in the wake of a ring of two, or as garbage that
// was made while automatic collection was off.

pub(crate) mod pauses {
    use std::time::Duration;

    use tricycle::{Gc, GcCell, Trace};

    use super::{H, HEAP};
    use crate::Shape;
    use crate::meter::cpu_time;
    use crate::random::Random;

    #[derive(Trace)]
    struct Node {
        edges: GcCell<Vec<Gc<Node, H>>, H>,
        pair: GcCell<Option<Gc<Node, H>>, H>,
    }

    fn node(edges: Vec<Gc<Node, H>>) -> Gc<Node, H> {
        Gc::new_in(Node { edges: GcCell::new(edges), pair: GcCell::new(None) }, HEAP)
    }

    fn empty() -> Gc<Node, H> {
        node(Vec::new())
    }

    fn list(n: usize) -> Option<Gc<Node, H>> {
        (0..n).fold(None, |list, _| {
            let first = empty();
            first.pair.set(list);
            Some(first)
        })
    }

    fn tree(n: usize) -> Option<Gc<Node, H>> {
        let nodes: Vec<_> = (0..n).map(|_| empty()).collect();
        (1..n).for_each(|i| nodes[(i - 1) / 2].edges.borrow_mut().push(nodes[i].clone()));
        nodes.into_iter().next()
    }

    fn star(n: usize) -> Option<Gc<Node, H>> {
        Some(node((0..n).map(|_| empty()).collect()))
    }

    fn shuffled_star(n: usize) -> Option<Gc<Node, H>> {
        let mut nodes: Vec<_> = (0..n).map(|_| empty()).collect();
        let mut random = Random::new();
        (1..n).for_each(|i| nodes.swap(i, random.below(i + 1)));
        Some(node(nodes))
    }

    fn self_cycles(n: usize) -> Option<Gc<Node, H>> {
        (0..n).for_each(|_| {
            let one = empty();
            one.pair.set(Some(one.clone()));
        });
        None
    }

    fn rings(n: usize) -> Option<Gc<Node, H>> {
        const RING: usize = 1000;
        (0..n / RING).for_each(|_| {
            let ring: Vec<_> = (0..RING).map(|_| empty()).collect();
            (0..RING).for_each(|i| ring[i].pair.set(Some(ring[(i + 1) % RING].clone())));
        });
        None
    }

    /// Makes the objects and lets go of them while nothing is collected; then the longest of as many allocations.
    fn longest(make: fn(usize) -> Option<Gc<Node, H>>, n: usize) -> Duration {
        HEAP.attach(|| {
            let mut kept = Vec::with_capacity(n);
            kept.resize_with(n, || None); // the memory is there
            HEAP.disable();
            if let Some(hold) = make(n) {
                HEAP.collect();
                let (one, other) = (empty(), node(vec![hold]));
                one.pair.set(Some(other.clone()));
                other.pair.set(Some(one));
            }
            HEAP.enable();
            let mut longest = Duration::ZERO;
            for place in &mut kept {
                let before = cpu_time();
                *place = Some(empty());
                longest = longest.max(cpu_time() - before);
            }
            drop(kept);
            HEAP.collect();
            longest
        })
    }

    pub(crate) const SHAPES: &[Shape] = &[
        ("list", |n| longest(list, n)),
        ("tree", |n| longest(tree, n)),
        ("star", |n| longest(star, n)),
        ("star, in no order", |n| longest(shuffled_star, n)),
        ("self-cycles, while off", |n| longest(self_cycles, n)),
        ("rings of 1000, while off", |n| longest(rings, n)),
    ];
}
