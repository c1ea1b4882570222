//! The front end: source text to `Code`.

mod assign;
mod call;
mod compile;
mod comprehension;
mod control;
mod define;
mod expression;
mod literal;
mod nesting;
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
pub struct Lines<'s> {
    source: &'s str,
    starts: Vec<u32>,
}

impl<'s> Lines<'s> {
    fn new(source: &'s str) -> Self {
        let starts = source.match_indices('\n').map(|(at, _)| at as u32 + 1);
        Lines { source, starts: std::iter::once(0).chain(starts).collect() }
    }

    fn line(&self, offset: u32) -> u32 {
        self.starts.partition_point(|&start| start <= offset) as u32
    }

    fn error(&self, message: impl Into<String>, range: TextRange) -> SyntaxError {
        let offset = range.start().to_u32();
        let line = self.line(offset);
        let start = self.starts[line as usize - 1];
        // In characters. The parser may point into the middle of one that it does not understand.
        let before = self.source.char_indices().map(|(at, _)| at as u32);
        let column = 1 + before.filter(|at| (start..offset).contains(at)).count() as u32;
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
    nesting::check(source, &lines)?;
    let parsed = ruff_python_parser::parse_module(source).map_err(|error| {
        let at_end = error.location.end().to_usize() >= source.trim_end().len();
        SyntaxError { incomplete: at_end, ..lines.error(error.error.to_string(), error.range()) }
    })?;
    let scopes = scope::analyse(parsed.suite(), &lines)?;
    compile::program(vm, globals, &scopes, &lines, parsed.suite(), interactive)
}
