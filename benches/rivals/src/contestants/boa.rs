//! boa_gc: counts that serve only to find the roots of a mark-and-sweep.

use boa_gc::{Finalize, Gc, GcRefCell, Trace, force_collect};

use super::Contender;
use crate::common::{Counted, alike};

#[derive(Trace, Finalize)]
pub struct Node {
    value: u64,
    a: GcRefCell<Option<Gc<Node>>>,
    b: GcRefCell<Option<Gc<Node>>>,
}

pub enum Boa {}

impl Counted for Boa {
    const NAME: &'static str = "boa_gc";
    alike!(Gc, GcRefCell);

    fn collect() {
        force_collect();
    }
}

impl Contender for Boa {
    const COUNT_FREES: bool = false;
}
