//! jrsonnet-gcmodule: CPython's algorithm with one generation and no trigger.

use std::cell::RefCell;

use jrsonnet_gcmodule::{Cc, Trace, collect_thread_cycles};

use super::Contender;
use crate::common::{Counted, alike};

// Without the attribute the derive asks a recursive type about itself for ever.
#[derive(Trace)]
#[trace(tracking(force))]
pub struct Node {
    value: u64,
    a: RefCell<Option<Cc<Node>>>,
    b: RefCell<Option<Cc<Node>>>,
}

pub enum Gcmodule {}

impl Counted for Gcmodule {
    const NAME: &'static str = "jrsonnet-gcmodule";
    alike!(Cc, RefCell);

    fn collect() {
        let _found = collect_thread_cycles();
    }
}

impl Contender for Gcmodule {
    /// Each collection walks the whole heap, so a user collects when the heap has doubled.
    fn collect_every(live: usize) -> Option<usize> {
        Some(live.max(10_000))
    }
}
