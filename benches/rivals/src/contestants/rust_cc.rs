//! rust-cc: counts, and a list of candidates that is examined when the allocated bytes pass a threshold.

use std::cell::RefCell;

use ::rust_cc::{Cc, Finalize, Trace, collect_cycles, config::config};

use super::Contender;
use crate::common::{Counted, alike};

#[derive(Trace, Finalize)]
pub struct Node {
    value: u64,
    a: RefCell<Option<Cc<Node>>>,
    b: RefCell<Option<Cc<Node>>>,
}

pub enum RustCc {}

impl Counted for RustCc {
    const NAME: &'static str = "rust-cc";
    alike!(Cc, RefCell);

    fn collect() {
        collect_cycles();
    }

    fn automatic(on: bool) {
        config(|config| config.set_auto_collect(on)).expect("no collection is running");
    }
}

impl Contender for RustCc {}
