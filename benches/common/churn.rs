//! Slots whose nodes are replaced at random, one a step.

use std::mem;

use fastrand::Rng;

use super::{Counted, SEED};

/// How a new node is linked to those that are there.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Links {
    /// To one or two. The node that leaves gives up its edges, so that no history builds up behind the slots. Edges only
    /// point to older nodes: no cycles.
    OneOrTwo,
    /// As above, but to just one.
    One,
    /// To one, and that one to the new node, both with the edge `a`. The node that leaves keeps its edge: most of what dies is
    /// cyclic. As `a` always names the latest partner, a path leads to ever later links, and nothing holds history.
    Mutual,
}

/// The slots.
pub(crate) struct Churn<C: Counted> {
    rng: Rng,
    slots: Vec<C::Node>,
    links: Links,
}

impl<C: Counted> Churn<C> {
    /// Fills the slots with nodes that are not linked yet.
    pub(crate) fn new(slots: usize, links: Links) -> Self {
        let slots = (0..slots).map(|i| C::node(i as u64, None, None)).collect();
        Churn { rng: Rng::with_seed(SEED), slots, links }
    }

    /// Replaces the node of a random slot.
    #[inline]
    pub(crate) fn step(&mut self) {
        let count = self.slots.len();
        let partner = &self.slots[self.rng.usize(..count)];
        let second = match self.links {
            Links::OneOrTwo if self.rng.bool() => Some(self.slots[self.rng.usize(..count)].clone()),
            _ => None,
        };
        let new = C::node(count as u64, Some(partner.clone()), second);
        if self.links == Links::Mutual {
            C::set_a(partner, Some(new.clone()));
        }
        let old = mem::replace(&mut self.slots[self.rng.usize(..count)], new);
        if self.links != Links::Mutual {
            C::set_a(&old, None);
        }
        if self.links == Links::OneOrTwo {
            C::set_b(&old, None);
        }
        drop(old);
    }
}
