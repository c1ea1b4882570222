//! The loop that runs the instructions of one frame, until it calls, returns, yields or fails.

use super::Raise;
use super::frame::{Exit, Flow, Step};
use crate::code::{BinaryOp, CompareOp, Op, UnaryOp};
use crate::heap::Runtime;
use crate::value::Value;

impl<H: Runtime> Step<'_, H> {
    /// Runs until something happens that the loop cannot deal with. A failure says whether the exception was raised once
    /// more, in which case its traceback is complete.
    #[expect(clippy::too_many_lines, reason = "the instructions that are short; the others are functions")]
    #[inline(always)]
    pub(super) fn run_to_exit(&mut self, at: &mut usize) -> Result<Exit<H>, (Raise<H>, bool)> {
        let vm = self.vm;
        let code = self.code;
        let ops = &code.ops[..];
        let mut pc = *at;

        macro_rules! reg {
            ($reg:expr) => {
                self.regs[usize::from($reg)]
            };
        }
        // Unwraps a result; where it fails depends on `pc`.
        macro_rules! check {
            ($result:expr) => {
                match $result {
                    Ok(value) => value,
                    Err(raise) => {
                        *at = pc;
                        return Err((raise, false));
                    }
                }
            };
        }
        macro_rules! leave {
            ($exit:expr) => {{
                *at = pc;
                return Ok($exit);
            }};
        }
        macro_rules! flow {
            ($flow:expr) => {
                match check!($flow) {
                    Flow::Go => {}
                    Flow::Jump(target) => pc = target as usize,
                    Flow::Leave(exit) => leave!(exit),
                    Flow::RaiseAgain(raise) => {
                        *at = pc;
                        return Err((raise, true));
                    }
                }
            };
        }
        macro_rules! arithmetic {
            ($op:expr, $dst:expr, $left:expr, $right:expr, $slow:ident) => {{
                let result = match (&reg!($left), &reg!($right)) {
                    (Value::Int(a), Value::Int(b)) => match $op {
                        BinaryOp::Add => a.checked_add(*b).map(Value::Int),
                        BinaryOp::Sub => a.checked_sub(*b).map(Value::Int),
                        BinaryOp::Mul => a.checked_mul(*b).map(Value::Int),
                        BinaryOp::And => Some(Value::Int(a & b)),
                        _ => None,
                    },
                    (Value::Float(a), Value::Float(b)) => match $op {
                        BinaryOp::Add => Some(Value::float(a.get() + b.get())),
                        BinaryOp::Sub => Some(Value::float(a.get() - b.get())),
                        BinaryOp::Mul => Some(Value::float(a.get() * b.get())),
                        _ => None,
                    },
                    _ => None,
                };
                match result {
                    Some(value) => reg!($dst).put(value),
                    None => check!(self.$slow($op, $dst, $left, $right)),
                }
            }};
        }

        loop {
            // In place: each instruction reads what it needs of its own.
            let op = &ops[pc];
            pc += 1;
            match *op {
                Op::Const { dst, index } => reg!(dst).put(code.constants[index as usize].clone()),
                Op::Int { dst, value } => reg!(dst).put(Value::Int(i64::from(value))),
                Op::Copy { dst, src } => {
                    let value = reg!(src).clone();
                    reg!(dst).put(value);
                }
                Op::Move { dst, src } => {
                    let value = std::mem::replace(&mut reg!(src), Value::Unset);
                    reg!(dst).put(value);
                }
                Op::Clear { reg } => reg!(reg).put(Value::Unset),
                Op::CheckLocal { reg, name } => {
                    if reg!(reg).is_unset() {
                        check!(Err(vm.unbound(name)));
                    }
                }
                Op::LoadVariable { dst, reg, name } => {
                    let value = match &reg!(reg) {
                        Value::Variable(variable) => variable.value.get(),
                        _ => Value::Unset,
                    };
                    if value.is_unset() {
                        check!(Err(vm.unbound(name)));
                    }
                    reg!(dst).put(value);
                }
                Op::LoadFree { dst, index, name } => {
                    let value = self.function.closure[usize::from(index)].value.get();
                    if value.is_unset() {
                        check!(Err(vm.unbound_free(name)));
                    }
                    reg!(dst).put(value);
                }
                Op::LoadGlobal { dst, number } => {
                    let variable = &code.globals[number as usize];
                    let value = vm.load_global(variable);
                    if value.is_unset() {
                        check!(Err(vm.not_defined(variable.name)));
                    }
                    reg!(dst).put(value);
                }
                Op::StoreGlobal { number, src } => {
                    let value = self.take(src);
                    let old = code.globals[number as usize].store(value);
                    vm.forget_rebound(&old);
                    drop(old);
                }
                Op::GetAttr { dst, obj, cache, name } => {
                    let cache = &code.caches[usize::from(cache)];
                    let quick = match &reg!(obj) {
                        Value::Instance(instance) => vm.cached_slot(&instance.0, cache),
                        _ => None,
                    };
                    let value = match quick {
                        Some(value) => value,
                        None => check!(vm.get_attribute_cached(&reg!(obj), name, cache)),
                    };
                    reg!(dst).put(value);
                    if obj >= code.locals && obj != dst {
                        reg!(obj).put(Value::Unset);
                    }
                }
                Op::SetAttr { obj, src, cache, name } => {
                    let value = self.take(src);
                    let cache = &code.caches[usize::from(cache)];
                    let old = match &reg!(obj) {
                        Value::Instance(instance) => vm.cached_set(&instance.0, cache, value),
                        _ => Err(value),
                    };
                    match old {
                        Ok(old) => drop(old),
                        Err(value) => check!(vm.set_attribute_cached(&reg!(obj), name, value, cache)),
                    }
                    if obj >= code.locals {
                        reg!(obj).put(Value::Unset);
                    }
                }
                Op::GetItem { dst, obj, index } => {
                    let quick = match (&reg!(obj), &reg!(index)) {
                        (Value::List(list), &Value::Int(index)) if index >= 0 => list.get(index as usize),
                        (Value::Tuple(tuple), &Value::Int(index)) if index >= 0 => {
                            tuple.items.get(index as usize).cloned()
                        }
                        _ => None,
                    };
                    let value = match quick {
                        Some(value) => value,
                        None => check!(vm.get_item(&reg!(obj), &reg!(index))),
                    };
                    self.clear_temp(index);
                    self.clear_temp(obj);
                    reg!(dst).put(value);
                }
                Op::SetItem { obj, index, src } => {
                    let value = self.take(src);
                    check!(vm.set_item(&reg!(obj), &reg!(index), value));
                    self.clear_temp(index);
                    self.clear_temp(obj);
                }
                Op::Binary { op, dst, left, right } => arithmetic!(op, dst, left, right, binary),
                Op::Inplace { op, dst, left, right } => arithmetic!(op, dst, left, right, inplace),
                Op::AddInt { in_place, dst, left, right } => {
                    let result = match &reg!(left) {
                        Value::Int(a) => a.checked_add(i64::from(right)).map(Value::Int),
                        _ => None,
                    };
                    match result {
                        Some(value) => reg!(dst).put(value),
                        None => {
                            let value = check!(vm.add_int(&reg!(left), right, in_place));
                            self.clear_temp(left);
                            reg!(dst).put(value);
                        }
                    }
                }
                Op::Compare { op, dst, left, right } => match quick_compare(op, &reg!(left), &reg!(right)) {
                    Some(truth) => reg!(dst).put(Value::bool(truth)),
                    None => {
                        let value = check!(vm.compare(op, &reg!(left), &reg!(right)));
                        self.clear_temp(right);
                        self.clear_temp(left);
                        reg!(dst).put(value);
                    }
                },
                Op::Unary { op, dst, src } => {
                    let value = match (op, &reg!(src)) {
                        (UnaryOp::Not, value) => Value::bool(!check!(vm.truth(value))),
                        (op, value) => check!(vm.unary(op, value)),
                    };
                    self.clear_temp(src);
                    reg!(dst).put(value);
                }
                Op::Jump { target } => {
                    if (target as usize) < pc {
                        check!(vm.checkpoint());
                    }
                    pc = target as usize;
                }
                Op::JumpIf { when, reg, target } => {
                    let truth = match &reg!(reg) {
                        Value::Bool(truth) => truth.get(),
                        Value::None => false,
                        value => {
                            let truth = check!(vm.truth(value));
                            self.clear_temp(reg);
                            truth
                        }
                    };
                    if truth == when {
                        pc = target as usize;
                    }
                }
                Op::JumpIfKeep { when, reg, target } => {
                    if check!(vm.truth(&reg!(reg))) == when {
                        pc = target as usize;
                    }
                }
                Op::JumpUnless { op, left, right, target } => {
                    let truth = match quick_compare(op, &reg!(left), &reg!(right)) {
                        Some(truth) => truth,
                        None => {
                            let value = check!(vm.compare(op, &reg!(left), &reg!(right)));
                            self.clear_temp(right);
                            self.clear_temp(left);
                            check!(vm.truth(&value))
                        }
                    };
                    if !truth {
                        pc = target as usize;
                    }
                }
                Op::JumpUnlessInt { op, left, right, target } => {
                    let right = i64::from(right);
                    let truth = match &reg!(left) {
                        Value::Int(left) => compare_ints(op, *left, right),
                        left_value => {
                            let value = check!(vm.compare(op, left_value, &Value::Int(right)));
                            self.clear_temp(left);
                            check!(vm.truth(&value))
                        }
                    };
                    if !truth {
                        pc = target as usize;
                    }
                }
                Op::JumpIfNone { when, reg, target } => {
                    let none = reg!(reg).is_none();
                    self.clear_temp(reg);
                    if none == when {
                        pc = target as usize;
                    }
                }
                Op::Call { dst, base, count } => {
                    let callee = std::mem::replace(&mut reg!(base), Value::Unset);
                    if let Value::Function(function) = callee {
                        leave!(Exit::Enter { function, window: base + 1, count, dst, init: false });
                    }
                    flow!(self.call(callee, base + 1, count.into(), dst));
                }
                Op::CallMethod { count, dst, base, cache, name } => {
                    let cache = &code.caches[usize::from(cache)];
                    let quick = match &reg!(base + 1) {
                        Value::Instance(instance) => vm.cached_method(&instance.0, cache),
                        _ => None,
                    };
                    if let Some(Value::Function(function)) = quick {
                        let count = u16::from(count) + 1;
                        leave!(Exit::Enter { function, window: base + 1, count, dst, init: false });
                    }
                    flow!(self.call_method(base, usize::from(count), dst, name, cache));
                }
                Op::Return { src } => {
                    let value = if src >= code.locals { self.take(src) } else { reg!(src).clone() };
                    leave!(Exit::Return(value));
                }
                Op::ReturnNone => leave!(Exit::Return(Value::None)),
                Op::Yield { dst, src } => {
                    let value = self.take(src);
                    leave!(Exit::Yield { value, target: dst, again: false });
                }
                Op::Loop { iter } => check!(self.begin_loop(iter)),
                Op::ForIter { iter, dst, target } => {
                    // In a frame's registers, an iterator would be an object that nobody else sees.
                    let state = usize::from(iter);
                    let (quick, exhausted) = match &mut self.regs[state..] {
                        [Value::Int(next), Value::Int(stop), Value::Int(step), ..] => {
                            let value = *next;
                            let more = (*step > 0 && value < *stop) || (*step < 0 && value > *stop);
                            *next = value.saturating_add(*step);
                            (more.then_some(Value::Int(value)), !more)
                        }
                        [Value::List(list), Value::Int(at), ..] => {
                            let value = list.get(*at as usize);
                            *at += 1;
                            let exhausted = value.is_none();
                            (value, exhausted)
                        }
                        [Value::Tuple(tuple), Value::Int(at), ..] => {
                            let value = tuple.items.get(*at as usize).cloned();
                            *at += 1;
                            let exhausted = value.is_none();
                            (value, exhausted)
                        }
                        _ => (None, false),
                    };
                    match quick {
                        Some(value) => reg!(dst).put(value),
                        None if exhausted => pc = target as usize,
                        None => flow!(self.for_iter(iter, dst, target)),
                    }
                }
                Op::ListAppend { list, src } => {
                    let value = self.take(src);
                    if let Value::List(list) = &reg!(list) {
                        check!(list.push(value).map_err(|none| vm.no_memory(none)));
                    }
                }
                Op::RaiseAgain { reg } => {
                    let value = std::mem::replace(&mut reg!(reg), Value::Unset);
                    *at = pc;
                    return Err((Raise::from_value(value), true));
                }
                Op::RaiseCurrent => {
                    *at = pc;
                    return Err(vm.raise_current());
                }
                op => flow!(self.rare(op)),
            }
        }
    }
}

#[inline(always)]
fn compare_ints(op: CompareOp, a: i64, b: i64) -> bool {
    match op {
        CompareOp::Eq | CompareOp::Is => a == b,
        CompareOp::Ne | CompareOp::IsNot => a != b,
        CompareOp::Lt => a < b,
        CompareOp::Le => a <= b,
        CompareOp::Gt => a > b,
        CompareOp::Ge => a >= b,
        CompareOp::In | CompareOp::NotIn => false,
    }
}

/// The comparisons that need no look at the types.
#[inline(always)]
fn quick_compare<H: Runtime>(op: CompareOp, left: &Value<H>, right: &Value<H>) -> Option<bool> {
    match (op, left, right) {
        (CompareOp::In | CompareOp::NotIn, ..) => None,
        (op, Value::Int(a), Value::Int(b)) => Some(compare_ints(op, *a, *b)),
        // The registers may hold the last handle; `vm.compare` has them emptied.
        _ => None,
    }
}
