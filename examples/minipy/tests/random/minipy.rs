//! Runs a program in this process.

use std::cell::RefCell;
use std::io::{self, Write};
use std::rc::Rc;

use minipy::run_program;
use minipy::vm::Vm;
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
struct Sink(Rc<RefCell<Vec<u8>>>);

impl Sink {
    fn text(&self) -> String {
        String::from_utf8_lossy(&self.0.borrow()).into_owned()
    }
}

impl Write for Sink {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        self.0.borrow_mut().write(bytes)
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}

/// `stress`: collect at nearly every allocation.
pub fn run(source: &str, stress: bool) -> Ran {
    Local.set_thresholds(if stress { (1, 0, 0) } else { (2000, 10, 10) });
    let (out, errors) = (Sink::default(), Sink::default());
    let sinks = (Box::new(out.clone()), Box::new(errors.clone()));
    let vm = Vm::<Local>::start_with("program.py".into(), Vec::new(), sinks.0, sinks.1);
    let code = run_program(&vm, source);
    let errors = errors.text(); // what finalizers say later is another matter
    vm.shut_down();
    Vm::end(vm);
    Ran { out: out.text(), errors, code, alive: Local.live_allocations() }
}
