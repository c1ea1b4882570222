//! [`Unit`]: the code of one frame while it is being made.

use std::collections::{HashMap, HashSet};

use ruff_python_ast::Stmt;

use super::scope::Variable;
use crate::code::{Code, CompareOp, Handler, NOWHERE, Op, Parameters, Reg};
use crate::heap::Runtime;
use crate::name::Name;
use crate::object::GlobalVariable;
use crate::value::Value;

/// A place to jump to; its address is known in the end.
pub type Label = u32;

/// What has to be done, or known, when control leaves a stretch of code early.
pub enum Block<'a> {
    Loop {
        on_break: Label,
        on_continue: Label,
    },
    /// `try` with `except`: nothing to do.
    Try(Covered),
    Finally(Covered, &'a [Stmt]),
    /// The body of an `except`: the register of the exception, and the name to be unbound.
    Handler(Covered, Reg, Option<&'a str>),
    With(Covered, Reg),
}

/// The code that a handler covers: not always one stretch, for what is done on the way out is not part of it.
pub struct Covered {
    pub start: u32,
    pub ranges: Vec<(u32, u32)>,
}

impl Block<'_> {
    pub fn covered(&mut self) -> Option<&mut Covered> {
        match self {
            Block::Loop { .. } => None,
            Block::Try(covered)
            | Block::Finally(covered, _)
            | Block::Handler(covered, ..)
            | Block::With(covered, _) => Some(covered),
        }
    }
}

pub struct Unit<'a, H: Runtime> {
    /// The frame's scope, and the innermost one right now.
    pub frame: usize,
    pub scope: usize,
    pub name: Name,
    pub qualname: Name,
    pub ops: Vec<Op>,
    pub lines: Vec<u32>,
    pub line: u32,
    pub constants: Vec<Value<H>>,
    pub small: HashMap<String, u32>,
    pub codes: Vec<tricycle::Gc<Code<H>, H>>,
    pub globals: Vec<tricycle::Gc<GlobalVariable<H>, H>>,
    pub keyword_lists: Vec<Vec<Name>>,
    pub handlers: Vec<Handler>,
    pub caches: usize,
    pub parameters: Parameters,
    pub registers: HashMap<Variable, Reg>,
    pub locals: Reg,
    /// The next temporary register, and the most that there were.
    pub temp: Reg,
    pub most: Reg,
    labels: Vec<u32>,
    pub blocks: Vec<Block<'a>>,
    /// Variables that are bound for certain.
    pub bound: HashSet<Reg>,
    /// Variables that never are.
    pub never_bound: HashSet<Reg>,
    pub has_walrus: bool,
    /// There are not enough registers for it, or it is too long.
    pub too_large: bool,
    pub doc: Value<H>,
}

/// The last register; what comes above has a meaning of its own.
const MOST_REGISTERS: Reg = NOWHERE - 1;

/// How many instructions code may have. A `finally` is compiled once for each way out, and they may nest.
const MAX_OPS: usize = 1 << 22;

impl<H: Runtime> Unit<'_, H> {
    pub fn new(frame: usize, name: Name, qualname: Name) -> Self {
        Unit {
            frame,
            scope: frame,
            name,
            qualname,
            ops: Vec::new(),
            lines: Vec::new(),
            line: 1,
            constants: Vec::new(),
            small: HashMap::new(),
            codes: Vec::new(),
            globals: Vec::new(),
            keyword_lists: Vec::new(),
            handlers: Vec::new(),
            caches: 0,
            parameters: Parameters::default(),
            registers: HashMap::new(),
            locals: 0,
            temp: 0,
            most: 0,
            labels: Vec::new(),
            blocks: Vec::new(),
            bound: HashSet::new(),
            never_bound: HashSet::new(),
            has_walrus: false,
            too_large: false,
            doc: Value::None,
        }
    }

    pub fn emit(&mut self, op: Op) {
        self.ops.push(op);
        self.lines.push(self.line);
        self.too_large |= self.ops.len() > MAX_OPS;
    }

    pub fn here(&self) -> u32 {
        self.ops.len() as u32
    }

    pub fn alloc(&mut self) -> Reg {
        let reg = self.temp;
        if reg == MOST_REGISTERS {
            self.too_large = true;
            return reg;
        }
        self.temp += 1;
        self.most = self.most.max(self.temp);
        reg
    }

    /// Gives the first registers to variables.
    pub fn reserve_locals(&mut self, count: usize) {
        self.too_large |= count > usize::from(MOST_REGISTERS);
        self.locals = count.min(usize::from(MOST_REGISTERS)) as Reg;
        self.temp = self.locals;
    }

    pub fn is_temp(&self, reg: Reg) -> bool {
        reg >= self.locals
    }

    pub fn label(&mut self) -> Label {
        self.labels.push(u32::MAX);
        self.labels.len() as u32 - 1
    }

    pub fn place(&mut self, label: Label) {
        self.labels[label as usize] = self.here();
    }

    pub fn jump(&mut self, target: Label) {
        self.emit(Op::Jump { target });
    }

    pub fn cache(&mut self) -> u16 {
        self.caches += 1;
        // Sites beyond the last cache share it: they are slower, not wrong.
        (self.caches - 1).min(usize::from(u16::MAX)) as u16
    }

    pub fn constant(&mut self, value: Value<H>) -> u32 {
        self.constants.push(value);
        self.constants.len() as u32 - 1
    }

    pub fn begin_cover(&self) -> Covered {
        Covered { start: self.here(), ranges: Vec::new() }
    }

    /// Has exceptions in what was covered go to `target`.
    pub fn end_cover(&mut self, mut covered: Covered, target: Label, reg: Reg) {
        covered.ranges.push((covered.start, self.here()));
        for (start, end) in covered.ranges {
            if start < end {
                self.handlers.push(Handler { start, end, target, reg });
            }
        }
    }

    pub fn finish(mut self, is_generator: bool, captures: Vec<crate::code::Capture>) -> Code<H> {
        self.emit(Op::ReturnNone);
        let labels = &self.labels;
        for op in &mut self.ops {
            match op {
                Op::Jump { target }
                | Op::JumpIf { target, .. }
                | Op::JumpIfKeep { target, .. }
                | Op::JumpUnless { target, .. }
                | Op::JumpUnlessInt { target, .. }
                | Op::JumpIfNone { target, .. }
                | Op::ForIter { target, .. }
                | Op::JumpUnlessMatch { target, .. }
                | Op::ExitWithException { target, .. } => *target = labels[*target as usize],
                _ => {}
            }
        }
        for handler in &mut self.handlers {
            handler.target = labels[handler.target as usize];
        }
        let simple = (self.parameters.is_simple() && !is_generator).then_some(self.parameters.positional as u16);
        let caches = self.caches.min(usize::from(u16::MAX) + 1);
        Code {
            name: self.name,
            qualname: self.qualname,
            ops: self.ops,
            lines: self.lines,
            constants: self.constants,
            codes: self.codes,
            globals: self.globals,
            keyword_lists: self.keyword_lists,
            handlers: self.handlers,
            caches: std::iter::repeat_with(Default::default).take(caches).collect(),
            parameters: self.parameters,
            simple,
            captures,
            registers: self.most.max(self.locals),
            locals: self.locals,
            is_generator,
            doc: self.doc,
        }
    }
}

/// The instruction's operator for one in the source.
pub fn compare_op(op: ruff_python_ast::CmpOp) -> CompareOp {
    use ruff_python_ast::CmpOp;
    match op {
        CmpOp::Eq => CompareOp::Eq,
        CmpOp::NotEq => CompareOp::Ne,
        CmpOp::Lt => CompareOp::Lt,
        CmpOp::LtE => CompareOp::Le,
        CmpOp::Gt => CompareOp::Gt,
        CmpOp::GtE => CompareOp::Ge,
        CmpOp::Is => CompareOp::Is,
        CmpOp::IsNot => CompareOp::IsNot,
        CmpOp::In => CompareOp::In,
        CmpOp::NotIn => CompareOp::NotIn,
    }
}
