//! std's `Rc`: the yardstick. Cycles leak.

use std::cell::RefCell;
use std::rc::Rc;

use super::{Counted, alike};

/// The node.
pub(crate) struct Node {
    value: u64,
    a: RefCell<Option<Rc<Node>>>,
    b: RefCell<Option<Rc<Node>>>,
}

/// The crate.
pub(crate) enum Std {}

impl Counted for Std {
    const NAME: &'static str = "std Rc";
    alike!(Rc, RefCell);

    fn collect() {}
}
