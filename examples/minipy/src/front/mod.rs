//! The front end: source text to [`Code`].

mod assign;
mod call;
mod compile;
mod comprehension;
mod control;
mod define;
mod expression;
mod literal;
mod scope;
mod statement;
mod try_;
mod unit;

use std::fmt;

use ruff_text_size::{Ranged, TextRange};
use tricycle::Gc;

use crate::code::Code;
use crate::heap::Runtime;
use crate::object::Globals;
use crate::vm::Vm;

/// What is wrong with a program, and where.
#[derive(Debug)]
pub struct SyntaxError {
    pub message: String,
    pub line: u32,
    pub column: u32,
    /// Whether more input might help, at the prompt.
    pub incomplete: bool,
}

impl fmt::Display for SyntaxError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} (line {}, column {})", self.message, self.line, self.column)
    }
}

/// The lines of a source text: from an offset to the line.
pub struct Lines(Vec<u32>);

impl Lines {
    fn new(source: &str) -> Self {
        Lines(std::iter::once(0).chain(source.match_indices('\n').map(|(at, _)| at as u32 + 1)).collect())
    }

    fn line(&self, offset: u32) -> u32 {
        self.0.partition_point(|&start| start <= offset) as u32
    }

    fn error(&self, message: impl Into<String>, range: TextRange) -> SyntaxError {
        let offset = range.start().to_u32();
        let line = self.line(offset);
        let column = offset - self.0[line as usize - 1] + 1;
        SyntaxError { message: message.into(), line, column, incomplete: false }
    }
}

/// Compiles a program. With `interactive`, the value of an expression on a line of its own is printed.
pub fn compile<H: Runtime>(
    vm: &Vm<H>,
    globals: &Gc<Globals<H>, H>,
    source: &str,
    interactive: bool,
) -> Result<Gc<Code<H>, H>, SyntaxError> {
    let lines = Lines::new(source);
    let parsed = ruff_python_parser::parse_module(source).map_err(|error| {
        let at_end = error.location.end().to_usize() >= source.trim_end().len();
        SyntaxError { incomplete: at_end, ..lines.error(error.error.to_string(), error.range()) }
    })?;
    let scopes = scope::analyse(parsed.suite(), &lines)?;
    compile::program(vm, globals, &scopes, &lines, parsed.suite(), interactive)
}
