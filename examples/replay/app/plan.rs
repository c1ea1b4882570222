//! The [`Plan`]: what kind of object each node becomes, and in which order they are made.

use super::heap_file::HeapFile;

/// The object that stands for a node.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Kind {
    /// No edges, and CPython did not track it: bytes.
    Leaf,
    /// It has edges, but neither CPython nor we track it: all it can reach are leaves and its like, without a cycle.
    Tuple,
    /// Tracked.
    Container,
}

/// Decided before the clock starts.
#[derive(Debug)]
pub(crate) struct Plan {
    kinds: Vec<Kind>,
    order: Vec<u32>,
}

#[derive(Clone, Copy, PartialEq)]
enum State {
    New,
    Open,
    Closed(Kind),
}

impl Plan {
    /// Decides kinds and order.
    ///
    /// The order is that of a program: containers as they stand in the file, which is their age, and what a container
    /// needs and nobody needed before it just in front of it, so that leaves and containers are mixed in memory as they
    /// would be.
    ///
    /// CPython leaves tuples and dictionaries untracked as long as they hold nothing that is tracked. We do the same where
    /// it is safe: if such a node reaches a tracked one after all, or a cycle (the file does not say that it cannot), it
    /// becomes a container.
    pub(crate) fn new(file: &HeapFile) -> Self {
        let mut states = vec![State::New; file.nodes() as usize];
        let mut order = Vec::with_capacity(states.len());
        states[..file.tracked() as usize].fill(State::Closed(Kind::Container));
        for node in 0..file.nodes() {
            if node < file.tracked() {
                file.edges(node).iter().for_each(|&target| settle(file, target, &mut states, &mut order));
                order.push(node);
            } else {
                settle(file, node, &mut states, &mut order);
            }
        }
        let kind = |state| match state {
            State::Closed(kind) => kind,
            State::New | State::Open => unreachable!("every node is settled"),
        };
        Self { kinds: states.into_iter().map(kind).collect(), order }
    }

    pub(crate) fn kind(&self, node: u32) -> Kind {
        self.kinds[node as usize]
    }

    /// Every node once; a leaf or tuple comes before all that refer to it.
    pub(crate) fn order(&self) -> &[u32] {
        &self.order
    }

    /// How many objects we track: CPython's number, and those that had to become containers.
    pub(crate) fn tracked(&self) -> usize {
        self.kinds.iter().filter(|&&kind| kind == Kind::Container).count()
    }
}

/// Depth-first search from an untracked node: settles all that it reaches, what is below first.
fn settle(file: &HeapFile, from: u32, states: &mut [State], order: &mut Vec<u32>) {
    if states[from as usize] != State::New {
        return;
    }
    states[from as usize] = State::Open;
    let mut path = vec![(from, 0)];
    while let Some((node, next)) = path.last_mut() {
        let node = *node;
        if let Some(&target) = file.edges(node).get(*next) {
            *next += 1;
            if states[target as usize] == State::New {
                states[target as usize] = State::Open;
                path.push((target, 0));
            }
        } else {
            // A target that is still open closes a cycle; whatever is in one is a container, and so is all above it.
            let safe = |&target: &u32| matches!(states[target as usize], State::Closed(Kind::Leaf | Kind::Tuple));
            let kind = match file.edges(node) {
                [] => Kind::Leaf,
                edges if edges.iter().all(safe) => Kind::Tuple,
                _ => Kind::Container,
            };
            states[node as usize] = State::Closed(kind);
            order.push(node);
            path.pop();
        }
    }
}
