//! dumpster's `unsync` half: counts, and a hash map of candidates, examined when more handles were dropped than live.

use std::cell::RefCell;

use ::dumpster::Trace;
use ::dumpster::unsync::{Gc, collect, default_collect_condition, set_collect_condition};

use super::Contender;
use crate::common::{Counted, alike};

#[derive(Trace)]
pub struct Node {
    value: u64,
    a: RefCell<Option<Gc<Node>>>,
    b: RefCell<Option<Gc<Node>>>,
}

pub enum Dumpster {}

impl Counted for Dumpster {
    const NAME: &'static str = "dumpster";
    alike!(Gc, RefCell);

    fn collect() {
        collect();
    }

    fn automatic(on: bool) {
        set_collect_condition(if on { default_collect_condition } else { |_| false });
    }
}

impl Contender for Dumpster {}
