//! tricycle, on its `Local` heap, with default thresholds.

use ::tricycle::{Gc, GcCell, Local, Trace};

use super::{Counted, alike};

/// The node.
#[derive(Trace)]
pub(crate) struct Node {
    value: u64,
    a: GcCell<Option<Gc<Node>>>,
    b: GcCell<Option<Gc<Node>>>,
}

/// The crate.
pub(crate) enum Tricycle {}

impl Counted for Tricycle {
    const NAME: &'static str = "tricycle";
    alike!(Gc, GcCell);

    fn collect() {
        Local.collect();
    }

    fn automatic(on: bool) {
        if on {
            Local.enable();
        } else {
            Local.disable();
        }
    }
}
