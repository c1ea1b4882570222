//! Runs a program in this process.

use std::io::{self, Write};
use std::sync::{Arc, Mutex};

use minipy::run_program;
use minipy::vm::{Output, Vm};
use tricycle::Local;

pub struct Ran {
    pub out: String,
    pub errors: String,
    pub code: u8,
    /// Objects that were left at the end.
    pub alive: usize,
}

impl Ran {
    /// The type of the exception that ended the program.
    pub fn error(&self) -> &str {
        let last = self.errors.lines().last().filter(|_| self.code != 0).unwrap_or_default();
        last.split(':').next().unwrap_or_default()
    }
}

#[derive(Clone, Default)]
struct Sink(Arc<Mutex<Vec<u8>>>);

impl Sink {
    fn text(&self) -> String {
        String::from_utf8_lossy(&self.0.lock().expect("nobody panics")).into_owned()
    }
}

impl Write for Sink {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        self.0.lock().expect("nobody panics").write(bytes)
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}

/// `stress`: collect all the time, and everything; not at every allocation, since builds for fuzzing are slow.
pub fn run(source: &str, stress: bool) -> Ran {
    Local.set_thresholds(if stress { (20, 0, 0) } else { (2000, 10, 10) });
    let (out, errors) = (Sink::default(), Sink::default());
    let output = Output::new(Box::new(out.clone()), Box::new(errors.clone()), false);
    let vm = Vm::<Local>::start_with("program.py".into(), Vec::new(), output);
    let code = run_program(&vm, source);
    let errors = errors.text(); // what finalizers say later is another matter
    vm.shut_down();
    Vm::leave(vm);
    Local.collect();
    Ran { out: out.text(), errors, code, alive: Local.live_allocations() }
}
