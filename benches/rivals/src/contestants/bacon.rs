//! bacon_rajan_cc: synchronous trial deletion over a buffer of candidates, no trigger.

use std::cell::RefCell;

use bacon_rajan_cc::{Cc, Trace, Tracer, collect_cycles};

use super::Contender;
use crate::common::{Counted, alike};

pub struct Node {
    value: u64,
    a: RefCell<Option<Cc<Node>>>,
    b: RefCell<Option<Cc<Node>>>,
}

impl Trace for Node {
    fn trace(&self, tracer: &mut Tracer<'_>) {
        self.a.trace(tracer);
        self.b.trace(tracer);
    }
}

pub enum Bacon {}

impl Counted for Bacon {
    const NAME: &'static str = "bacon_rajan_cc";
    alike!(Cc, RefCell);

    fn collect() {
        collect_cycles();
    }
}

impl Contender for Bacon {
    /// Each collection walks only what the candidates reach, so a user can afford it often.
    fn collect_every(_live: usize) -> Option<usize> {
        Some(10_000)
    }
}
