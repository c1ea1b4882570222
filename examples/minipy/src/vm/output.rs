//! [`Output`]: standard output, which threads share.

use std::io::{self, IsTerminal, Write};
use std::sync::{Mutex, PoisonError};

/// So much is kept back before it is written.
const ENOUGH: usize = 8 << 10;

/// Text on its way to standard output. Adding to it never blocks; writing may, and is done outside of the heap.
pub struct Output {
    pending: Mutex<Vec<u8>>,
    /// Standard output and standard error, locked while writing, so that text comes out in the order in which it was added.
    sinks: Mutex<[Sink; 2]>,
    /// Somebody watches line by line.
    terminal: bool,
}

/// Where text goes in the end.
pub type Sink = Box<dyn Write + Send>;

impl Default for Output {
    fn default() -> Self {
        Output::new(Box::new(io::stdout()), Box::new(io::stderr()), io::stdout().is_terminal())
    }
}

impl Output {
    pub fn new(out: Sink, errors: Sink, terminal: bool) -> Self {
        Output { pending: Mutex::default(), sinks: Mutex::new([out, errors]), terminal }
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
        let [out, errors] = &mut *self.sinks.lock().unwrap_or_else(PoisonError::into_inner);
        let pending = std::mem::take(&mut *self.pending.lock().unwrap_or_else(PoisonError::into_inner));
        // A reader that has gone is no reason to die.
        let _ = out.write_all(&pending).and_then(|()| out.flush());
        if let Some(text) = error {
            let _ = errors.write_all(text.as_bytes());
        }
    }
}
