//! [`Output`]: standard output, which threads share.

use std::io::{self, IsTerminal, Write};
use std::sync::{Mutex, PoisonError};

/// So much is kept back before it is written.
const ENOUGH: usize = 8 << 10;

/// Text on its way to standard output. Adding to it never blocks; writing may, and is done outside of the heap.
pub struct Output {
    pending: Mutex<Vec<u8>>,
    /// Held while writing, so that text comes out in the order in which it was added.
    order: Mutex<()>,
    /// Somebody watches line by line.
    terminal: bool,
}

impl Output {
    pub fn new() -> Self {
        Output { pending: Mutex::default(), order: Mutex::default(), terminal: io::stdout().is_terminal() }
    }

    /// Adds text; whether it is time to write it.
    pub fn add(&self, text: &str) -> bool {
        let mut pending = self.pending.lock().unwrap_or_else(PoisonError::into_inner);
        pending.extend_from_slice(text.as_bytes());
        pending.len() >= ENOUGH || self.terminal && text.contains('\n')
    }

    pub fn is_empty(&self) -> bool {
        self.pending.lock().unwrap_or_else(PoisonError::into_inner).is_empty()
    }

    /// Writes all that was added, and then, to standard error, a text.
    pub fn write(&self, error: Option<&str>) {
        let _order = self.order.lock().unwrap_or_else(PoisonError::into_inner);
        let pending = std::mem::take(&mut *self.pending.lock().unwrap_or_else(PoisonError::into_inner));
        // A reader that has gone is no reason to die.
        let mut out = io::stdout().lock();
        let _ = out.write_all(&pending).and_then(|()| out.flush());
        if let Some(text) = error {
            let _ = io::stderr().write_all(text.as_bytes());
        }
    }
}
