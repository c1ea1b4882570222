//! gc (rust-gc): mark-and-sweep with a count of roots per object.

#![expect(non_local_definitions, reason = "what the crate's own derive expands to")]

use ::gc::{Finalize, Gc, GcCell, Trace, force_collect};

use super::Contender;
use crate::common::{Counted, alike};

#[derive(Trace, Finalize)]
pub struct Node {
    value: u64,
    a: GcCell<Option<Gc<Node>>>,
    b: GcCell<Option<Gc<Node>>>,
}

pub enum RustGc {}

impl Counted for RustGc {
    const NAME: &'static str = "gc";
    alike!(Gc, GcCell);

    fn collect() {
        force_collect();
    }
}

impl Contender for RustGc {
    const COUNT_FREES: bool = false;
}
