//! Ellis, Kovac and Boehm's GCBench.

use std::hint::black_box;

use super::Counted;
use super::graphs::{bottom_up, top_down, tree_size};

/// The sizes. The long-lived tree is two less deep than the stretch tree.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Sizes {
    /// Depth of the tree that stretches the heap at the start.
    pub(crate) stretch: u32,
    /// Numbers in the long-lived array.
    pub(crate) array: usize,
    /// Depth of the deepest of the short-lived trees.
    pub(crate) deepest: u32,
}

impl Sizes {
    /// Depths of the short-lived trees, and how many are built of each, in both ways.
    pub(crate) fn rounds(self) -> impl Iterator<Item = (u32, usize)> {
        (4..=self.deepest).step_by(2).map(move |depth| (depth, 2 * tree_size(self.stretch) / tree_size(depth)))
    }

    /// The contents of the array.
    pub(crate) fn numbers(self) -> Vec<f64> {
        (0..self.array).map(|i| 1.0 / i as f64).collect()
    }
}

/// One run.
pub(crate) fn run<C: Counted>(sizes: Sizes) {
    drop(black_box(bottom_up::<C>(sizes.stretch)));
    let long_lived = C::node(0, None, None);
    top_down::<C>(sizes.stretch - 2, &long_lived);
    let array = C::doubles(sizes.numbers());
    for (depth, count) in sizes.rounds() {
        for _ in 0..count {
            let root = C::node(0, None, None);
            top_down::<C>(depth, &root);
            drop(black_box(root));
        }
        for _ in 0..count {
            drop(black_box(bottom_up::<C>(depth)));
        }
    }
    black_box((&long_lived, &array));
}
