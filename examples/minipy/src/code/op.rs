//! The instructions of the register machine.

use super::{BinaryOp, CompareOp, UnaryOp};
use crate::name::Name;

/// A register of the current frame.
pub type Reg = u16;

/// No register.
pub const NOWHERE: Reg = Reg::MAX;

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
    /// Begins a loop over what is in `iter`. The loop has that register and the two behind it: what has no end to it that
    /// Python code could get hold of needs no iterator.
    Loop {
        iter: Reg,
    },
    /// The next round.
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
