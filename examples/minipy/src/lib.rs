//! minipy: a small Python, whose memory is managed by tricycle.
//!
//! It is a proof that the crate serves as a language's memory manager, its largest test, and a demonstration: the same
//! programs run under CPython, print the same, and see the same of the collector (`gc`, `weakref`, `__del__`).
//!
//! The program is `main.rs`. It is a library as well, for tests and fuzz targets that run programs in their own process.

#![expect(
    clippy::missing_panics_doc,
    clippy::len_without_is_empty,
    clippy::result_unit_err,
    clippy::new_without_default,
    reason = "a library only so that its tests and fuzz targets can get at it"
)]
#![forbid(unsafe_code)]
#![allow(missing_docs, missing_debug_implementations, unreachable_pub, reason = "a program, not a library")]
#![allow(
    clippy::type_complexity,
    reason = "values and results are generic over the heap, and so is what is made of them"
)]

mod builtins;
mod code;
pub mod front;
pub mod heap;
mod memory;
mod modules;
mod name;
mod object;
pub mod prompt;
mod scalar;
pub mod timeline;
mod value;
pub mod vm;

use heap::Runtime;
use value::Value;
use vm::Vm;

/// Runs a program; the exit code is CPython's.
pub fn run_program<H: Runtime>(vm: &Vm<H>, source: &str) -> u8 {
    match vm.run_source(source, false) {
        Ok(Ok(())) => 0,
        Ok(Err(raise)) => exit_code(vm, &raise),
        Err(error) => {
            print_syntax_error(vm, &error);
            1
        }
    }
}

pub fn print_syntax_error<H: Runtime>(vm: &Vm<H>, error: &front::SyntaxError) {
    vm.write_error(&format!("  File \"{}\", line {}\n", vm.file, error.line));
    if let Some(line) = vm.source_line(error.line) {
        vm.write_error(&format!("    {}\n    {}^\n", line.trim_end(), " ".repeat(error.column as usize - 1)));
    }
    vm.write_error(&format!("SyntaxError: {error}\n"));
}

/// What an exception that nobody caught means: `SystemExit` has a code of its own.
fn exit_code<H: Runtime>(vm: &Vm<H>, raise: &vm::Raise<H>) -> u8 {
    if !vm.is_a(raise, "SystemExit") {
        vm.print_exception(raise);
        return if vm.is_a(raise, "KeyboardInterrupt") { 130 } else { 1 };
    }
    match raise.args().as_slice() {
        [] | [Value::None] => 0,
        [Value::Int(code)] => *code as u8,
        [Value::Bool(code)] => u8::from(code.get()),
        [other] => {
            let text = vm.str(other).unwrap_or_default();
            vm.write_error(&format!("{text}\n"));
            1
        }
        _ => 1,
    }
}
