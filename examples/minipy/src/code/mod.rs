//! Compiled code: what the compiler makes of a function and the evaluator runs.
//!
//! A register machine. The first registers of a frame are the parameters and local variables, the rest hold temporary
//! values and are used as a stack. Whoever reads an object from a temporary register takes it out, so that objects die as
//! early as they do in CPython.

mod op;
mod operator;

use std::sync::atomic::{AtomicU64, Ordering};

use tricycle::{Gc, Trace};

use crate::heap::Runtime;
use crate::name::Name;
use crate::object::{GlobalVariable, Place};
use crate::value::Value;

pub use op::{NOWHERE, Op, Reg};
pub use operator::{BinaryOp, CompareOp, UnaryOp};

/// Where a closure finds a variable when it is made.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Capture {
    Register(Reg),
    Free(u16),
}

/// A stretch of code whose exceptions are caught.
#[derive(Clone, Copy, Debug)]
pub struct Handler {
    pub start: u32,
    pub end: u32,
    pub target: u32,
    /// Where the exception goes. Temporary registers from here on are emptied first.
    pub reg: Reg,
}

/// The parameters of a function.
#[derive(Clone, Debug, Default)]
pub struct Parameters {
    /// Positional ones, then keyword-only ones.
    pub names: Vec<Name>,
    pub positional_only: usize,
    pub positional: usize,
    pub star: bool,
    pub double_star: bool,
}

impl Parameters {
    /// The registers that parameters take up.
    pub fn registers(&self) -> usize {
        self.names.len() + usize::from(self.star) + usize::from(self.double_star)
    }

    /// Whether a call only has to bring the right number of arguments.
    pub fn is_simple(&self) -> bool {
        self.positional == self.names.len() && !self.star && !self.double_star
    }
}

/// What a site that looks an attribute up has found before, for up to four classes. An entry is one word, so that
/// threads cannot see half of one: the class version above, what was found below. Which entry a class has is decided by
/// its version; versions are given out in order, so the classes that meet at a site rarely get in each other's way.
#[derive(Default, Trace)]
pub struct Cache([AtomicU64; 4]);

impl Cache {
    #[inline(always)]
    pub fn find(&self, version: u32) -> Option<Place> {
        let entry = self.0[version as usize % 4].load(Ordering::Relaxed);
        ((entry >> 32) as u32 == version).then_some(Place { version, number: entry as u32 })
    }

    pub fn fill(&self, Place { version, number }: Place) {
        self.0[version as usize % 4].store(u64::from(version) << 32 | u64::from(number), Ordering::Relaxed);
    }
}

/// The code of one function, class body or program.
#[derive(Trace)]
#[trace(bound = "H: Runtime")]
pub struct Code<H: Runtime> {
    pub name: Name,
    pub qualname: Name,
    #[trace(skip)]
    pub ops: Vec<Op>,
    /// The line of each instruction.
    pub lines: Vec<u32>,
    pub constants: Vec<Value<H>>,
    pub codes: Vec<Gc<Code<H>, H>>,
    /// The global variables that it uses.
    pub globals: Vec<Gc<GlobalVariable<H>, H>>,
    /// Names of keyword arguments in calls.
    pub keyword_lists: Vec<Vec<Name>>,
    #[trace(skip)]
    pub handlers: Vec<Handler>,
    pub caches: Vec<Cache>,
    #[trace(skip)]
    pub parameters: Parameters,
    /// Whether a call may put its arguments straight into the registers; if so, how many.
    pub simple: Option<u16>,
    #[trace(skip)]
    pub captures: Vec<Capture>,
    pub registers: u16,
    /// The registers of variables; the others are temporary.
    pub locals: u16,
    pub is_generator: bool,
    pub doc: Value<H>,
}

impl<H: Runtime> Code<H> {
    /// The innermost handler around an instruction.
    pub fn handler(&self, pc: usize) -> Option<Handler> {
        let pc = pc as u32;
        self.handlers.iter().find(|handler| handler.start <= pc && pc < handler.end).copied()
    }

    pub fn line(&self, pc: usize) -> u32 {
        self.lines.get(pc).copied().unwrap_or(0)
    }
}
