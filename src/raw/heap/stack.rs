//! What belongs to one stack: how deep destruction is nested, what it has put off, which cells are read.

use super::backlog::Queue;
use crate::raw::base::nesting::Nesting;
use crate::raw::lock::held::Reading;

/// What belongs to one stack.
#[derive(Debug)]
pub(crate) struct Stack {
    /// How deep destruction is nested, and how much of it there may be.
    pub(crate) nesting: Nesting,
    /// What was put off until the stack is shallow again.
    pub(crate) queue: Queue,
    /// Cells that are read.
    pub(crate) reading: Reading,
}

impl Stack {
    /// Takes over what a thread has put off that is gone, whose stack that was.
    pub(crate) fn inherit(&self, gone: &Stack) {
        gone.nesting.reset();
        gone.reading.forget();
        self.queue.append(&gone.queue);
    }

    pub(crate) fn new() -> Self {
        Stack { nesting: Nesting::new(), queue: Queue::default(), reading: Reading::new() }
    }
}
