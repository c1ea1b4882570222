//! The front end on any input: it compiles, or says what is wrong and where.

use std::io;
use std::rc::Rc;

use minipy::front;
use minipy::vm::{Output, Vm};
use tricycle::Local;

/// An evaluator to compile for.
pub fn vm() -> Rc<Vm<Local>> {
    Vm::start_with("program.py".into(), Vec::new(), Output::new(Box::new(io::sink()), Box::new(io::sink()), false))
}

/// Compiles a program, and throws it away.
pub fn compile(vm: &Vm<Local>, source: &str) {
    for interactive in [false, true] {
        let Err(error) = front::compile(vm, &vm.globals, source, interactive) else { continue };
        assert!(!error.message.is_empty() && !error.message.contains('\n'), "{:?}", error.message);
        assert!(error.line >= 1 && error.column >= 1, "{error}");
        let lines = source.split('\n').count() as u32;
        assert!(error.line <= lines, "{error}, but there are {lines} lines");
        let line = source.split('\n').nth(error.line as usize - 1).unwrap_or_default();
        assert!(error.column as usize <= line.chars().count() + 2, "{error}, but the line is {line:?}");
    }
}
