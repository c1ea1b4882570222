//! Compiled code: what the compiler makes of a function and the evaluator runs.
//!
//! A register machine. The first registers of a frame are the parameters and local variables, the rest hold temporary
//! values and are used as a stack. Whoever reads an object from a temporary register takes it out, so that objects die as
//! early as they do in CPython.

use std::sync::atomic::{AtomicU64, Ordering};

use tricycle::{Gc, Trace};

use crate::heap::Runtime;
use crate::name::Name;
use crate::value::Value;

/// A register of the current frame.
pub type Reg = u16;

/// No register.
pub const NOWHERE: Reg = Reg::MAX;

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[repr(u8)]
pub enum BinaryOp {
    Add,
    Sub,
    Mul,
    TrueDiv,
    FloorDiv,
    Mod,
    Pow,
    And,
    Or,
    Xor,
    LShift,
    RShift,
    MatMul,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[repr(u8)]
pub enum CompareOp {
    Eq,
    Ne,
    Lt,
    Le,
    Gt,
    Ge,
    Is,
    IsNot,
    In,
    NotIn,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[repr(u8)]
pub enum UnaryOp {
    Neg,
    Pos,
    Invert,
    Not,
}

/// An instruction. `dst` is where the result goes, `base` the first of several consecutive registers.
#[derive(Clone, Copy, Debug)]
pub enum Op {
    Const {
        dst: Reg,
        index: u32,
    },
    Int {
        dst: Reg,
        value: i32,
    },
    /// Copies a variable.
    Copy {
        dst: Reg,
        src: Reg,
    },
    /// Moves a temporary value.
    Move {
        dst: Reg,
        src: Reg,
    },
    /// Empties a register.
    Clear {
        reg: Reg,
    },
    CheckLocal {
        reg: Reg,
        name: Name,
    },
    DeleteLocal {
        reg: Reg,
        name: Name,
    },
    /// Puts what is in the register into a variable of its own, which closures can share.
    MakeVariable {
        reg: Reg,
    },
    LoadVariable {
        dst: Reg,
        reg: Reg,
        name: Name,
    },
    StoreVariable {
        reg: Reg,
        src: Reg,
    },
    DeleteVariable {
        reg: Reg,
        name: Name,
    },
    LoadFree {
        dst: Reg,
        index: u16,
        name: Name,
    },
    StoreFree {
        index: u16,
        src: Reg,
    },
    DeleteFree {
        index: u16,
        name: Name,
    },
    LoadGlobal {
        dst: Reg,
        number: u32,
    },
    StoreGlobal {
        number: u32,
        src: Reg,
    },
    DeleteGlobal {
        number: u32,
    },
    /// In the body of a class, whose names are in a namespace in register 0.
    LoadName {
        dst: Reg,
        number: u32,
        free: u16,
    },
    StoreName {
        name: Name,
        src: Reg,
    },
    DeleteName {
        name: Name,
    },
    GetAttr {
        dst: Reg,
        obj: Reg,
        cache: u16,
        name: Name,
    },
    SetAttr {
        obj: Reg,
        src: Reg,
        cache: u16,
        name: Name,
    },
    DelAttr {
        obj: Reg,
        name: Name,
    },
    GetItem {
        dst: Reg,
        obj: Reg,
        index: Reg,
    },
    SetItem {
        obj: Reg,
        index: Reg,
        src: Reg,
    },
    DelItem {
        obj: Reg,
        index: Reg,
    },
    Binary {
        op: BinaryOp,
        dst: Reg,
        left: Reg,
        right: Reg,
    },
    Inplace {
        op: BinaryOp,
        dst: Reg,
        left: Reg,
        right: Reg,
    },
    AddInt {
        in_place: bool,
        dst: Reg,
        left: Reg,
        right: i32,
    },
    Compare {
        op: CompareOp,
        dst: Reg,
        left: Reg,
        right: Reg,
    },
    Unary {
        op: UnaryOp,
        dst: Reg,
        src: Reg,
    },
    Jump {
        target: u32,
    },
    /// Jumps if the truth of a value is `when`; takes the value.
    JumpIf {
        when: bool,
        reg: Reg,
        target: u32,
    },
    /// For `and` and `or`: leaves the value where it is if it jumps.
    JumpIfKeep {
        when: bool,
        reg: Reg,
        target: u32,
    },
    /// Jumps unless the comparison holds.
    JumpUnless {
        op: CompareOp,
        left: Reg,
        right: Reg,
        target: u32,
    },
    JumpUnlessInt {
        op: CompareOp,
        left: Reg,
        right: i16,
        target: u32,
    },
    /// `is None`, or `is not` if `when` is false.
    JumpIfNone {
        when: bool,
        reg: Reg,
        target: u32,
    },
    /// The callee is in `base`, its arguments follow.
    Call {
        dst: Reg,
        base: Reg,
        count: u16,
    },
    CallKeywords {
        dst: Reg,
        base: Reg,
        count: u16,
        names: u32,
    },
    /// A list of arguments is in `base + 1`, a dict or nothing in `base + 2`.
    CallSpread {
        dst: Reg,
        base: Reg,
    },
    /// The object is in `base + 1`, the arguments follow.
    CallMethod {
        count: u8,
        dst: Reg,
        base: Reg,
        cache: u16,
        name: Name,
    },
    Return {
        src: Reg,
    },
    ReturnNone,
    Yield {
        dst: Reg,
        src: Reg,
    },
    /// Gets the next value of the iterator and yields it; what is sent in goes on to it. `dst` is the value in the end.
    YieldFrom {
        dst: Reg,
        iter: Reg,
    },
    GetIter {
        dst: Reg,
        src: Reg,
    },
    ForIter {
        iter: Reg,
        dst: Reg,
        target: u32,
    },
    BuildList {
        dst: Reg,
        base: Reg,
        count: u32,
    },
    BuildTuple {
        dst: Reg,
        base: Reg,
        count: u32,
    },
    BuildSet {
        dst: Reg,
        base: Reg,
        count: u32,
    },
    /// An empty one.
    BuildDict {
        dst: Reg,
    },
    ListAppend {
        list: Reg,
        src: Reg,
    },
    ListExtend {
        list: Reg,
        src: Reg,
    },
    ListToTuple {
        reg: Reg,
    },
    SetAdd {
        set: Reg,
        src: Reg,
    },
    SetUpdate {
        set: Reg,
        src: Reg,
    },
    /// The key is in `base`, the value follows.
    DictSet {
        dict: Reg,
        base: Reg,
    },
    /// `strict`: for keyword arguments, which must not come twice.
    DictUpdate {
        strict: bool,
        dict: Reg,
        src: Reg,
    },
    Unpack {
        base: Reg,
        src: Reg,
        count: u32,
    },
    UnpackStar {
        base: Reg,
        src: Reg,
        before: u16,
        after: u16,
    },
    BuildSlice {
        dst: Reg,
        base: Reg,
    },
    BuildString {
        dst: Reg,
        base: Reg,
        count: u32,
    },
    /// `conversion` is one of `s`, `r`, `a`, or zero.
    Format {
        conversion: u8,
        dst: Reg,
        src: Reg,
        spec: Reg,
    },
    /// Defaults are in a tuple in `base`, those of keyword-only parameters in a dict in `base + 1`.
    MakeFunction {
        dst: Reg,
        base: Reg,
        code: u32,
    },
    /// The body's function is in `base`, the base classes follow; then keyword arguments in a dict, or nothing.
    MakeClass {
        dst: Reg,
        base: Reg,
        count: u16,
        name: Name,
    },
    Import {
        dst: Reg,
        name: Name,
    },
    ImportFrom {
        dst: Reg,
        module: Reg,
        name: Name,
    },
    Raise {
        exception: Reg,
        cause: Reg,
    },
    /// Raises what the handler around it was entered with.
    RaiseAgain {
        reg: Reg,
    },
    /// A `raise` outside of any handler.
    RaiseCurrent,
    /// The exception is in `reg`; what was being handled before is kept in `reg + 1`.
    EnterHandler {
        reg: Reg,
    },
    LeaveHandler {
        reg: Reg,
    },
    JumpUnlessMatch {
        exception: Reg,
        class: Reg,
        target: u32,
    },
    /// `__exit__` is in `base`, and the result of `__enter__` comes to `base + 1`.
    EnterWith {
        base: Reg,
    },
    /// Calls the exit function in `base` with nothing.
    ExitWith {
        base: Reg,
    },
    /// Calls it with the exception in `base + 1`, and jumps if that is taken care of.
    ExitWithException {
        base: Reg,
        target: u32,
    },
    /// Prints the value of a line that was typed at the prompt.
    Display {
        src: Reg,
    },
}

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
    pub fn find(&self, version: u32) -> Option<u32> {
        let entry = self.0[version as usize % 4].load(Ordering::Relaxed);
        ((entry >> 32) as u32 == version).then_some(entry as u32)
    }

    pub fn fill(&self, version: u32, found: u32) {
        self.0[version as usize % 4].store(u64::from(version) << 32 | u64::from(found), Ordering::Relaxed);
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
