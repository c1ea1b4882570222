//! Operators on values of any type: built-in arithmetic first, then the methods of classes.

use super::{Args, R, Vm};
use crate::code::{BinaryOp, UnaryOp};
use crate::heap::Runtime;
use crate::memory::{self, NoMemory};
use crate::name::{Name, names};
use crate::object::{List, Misc, View};
use crate::value::Value;

impl BinaryOp {
    /// The symbol, and the methods: plain, reflected, in place.
    pub fn names(self) -> (&'static str, Name, Name, Name) {
        match self {
            BinaryOp::Add => ("+", names::ADD, names::RADD, names::IADD),
            BinaryOp::Sub => ("-", names::SUB, names::RSUB, names::ISUB),
            BinaryOp::Mul => ("*", names::MUL, names::RMUL, names::IMUL),
            BinaryOp::TrueDiv => ("/", names::TRUEDIV, names::RTRUEDIV, names::ITRUEDIV),
            BinaryOp::FloorDiv => ("//", names::FLOORDIV, names::RFLOORDIV, names::IFLOORDIV),
            BinaryOp::Mod => ("%", names::MOD, names::RMOD, names::IMOD),
            BinaryOp::Pow => ("** or pow()", names::POW, names::RPOW, names::IPOW),
            BinaryOp::And => ("&", names::AND, names::RAND, names::IAND),
            BinaryOp::Or => ("|", names::OR, names::ROR, names::IOR),
            BinaryOp::Xor => ("^", names::XOR, names::RXOR, names::IXOR),
            BinaryOp::LShift => ("<<", names::LSHIFT, names::RLSHIFT, names::ILSHIFT),
            BinaryOp::RShift => (">>", names::RSHIFT, names::RRSHIFT, names::IRSHIFT),
            BinaryOp::MatMul => ("@", names::MATMUL, names::RMATMUL, names::IMATMUL),
        }
    }
}

impl<H: Runtime> Vm<H> {
    pub fn binary(&self, op: BinaryOp, left: &Value<H>, right: &Value<H>) -> R<Value<H>, H> {
        match self.try_binary(op, left, right)? {
            Some(value) => Ok(value),
            None => Err(self.unsupported(op, "", left, right)),
        }
    }

    fn unsupported(&self, op: BinaryOp, suffix: &str, left: &Value<H>, right: &Value<H>) -> super::Raise<H> {
        for (value, operand) in [(left, "left"), (right, "right")] {
            if let (Value::Unset, _) = (value, operand) {
                return self.error("UnboundLocalError", "cannot access a local variable without a value");
            }
        }
        let (symbol, ..) = op.names();
        let (left_name, right_name) = (self.type_name(left), self.type_name(right));
        if let (BinaryOp::Add, Value::Str(_), "") = (op, left, suffix) {
            return self.type_error(format!("can only concatenate str (not \"{right_name}\") to str"));
        }
        if let (BinaryOp::Add, Value::List(_) | Value::Tuple(_), "") = (op, left, suffix) {
            return self.type_error(format!("can only concatenate {left_name} (not \"{right_name}\") to {left_name}"));
        }
        let symbol =
            if suffix.is_empty() { symbol.to_owned() } else { format!("{}=", symbol.trim_end_matches(" or pow()")) };
        self.type_error(format!("unsupported operand type(s) for {symbol}: '{left_name}' and '{right_name}'"))
    }

    fn try_binary(&self, op: BinaryOp, left: &Value<H>, right: &Value<H>) -> R<Option<Value<H>>, H> {
        if let Some(value) = self.number_op(op, left, right)? {
            return Ok(Some(value));
        }
        let classes = left.object().is_some() || right.object().is_some();
        if !classes {
            return self.sequence_op(op, left, right);
        }
        let (_, plain, reflected, _) = op.names();
        // The reflected method of a subclass goes first.
        let (left_class, right_class) = (self.class_of(left), self.class_of(right));
        let right_first = !std::ptr::eq(&raw const *left_class, &raw const *right_class)
            && right_class.is_subclass_of(&left_class)
            && right_class.own(reflected).is_some();
        let attempts = if right_first {
            [(right, reflected, left), (left, plain, right)]
        } else {
            [(left, plain, right), (right, reflected, left)]
        };
        for (object, method, argument) in attempts {
            if object.object().is_some()
                && let Some(result) = self.call_special(object, method, std::slice::from_ref(argument))
            {
                match result? {
                    Value::NotImplemented => {}
                    value => return Ok(Some(value)),
                }
            }
        }
        let (a, b) = (left.unwrap_payload(), right.unwrap_payload());
        if a.is(left) && b.is(right) { self.sequence_op(op, left, right) } else { self.sequence_op(op, &a, &b) }
    }

    /// `left op= right`.
    pub fn inplace(&self, op: BinaryOp, left: &Value<H>, right: &Value<H>) -> R<Value<H>, H> {
        let none = |none| self.no_memory(none);
        match (op, left) {
            (BinaryOp::Add, Value::List(list)) => {
                let items = self.collect(right)?;
                list.extend(items).map_err(none)?;
                return Ok(left.clone());
            }
            (BinaryOp::Or, Value::Dict(dict)) => {
                self.dict_update(dict, right, false)?;
                return Ok(left.clone());
            }
            (BinaryOp::Or | BinaryOp::And | BinaryOp::Sub | BinaryOp::Xor, Value::Set(set)) if !set.frozen => {
                if let Some(Value::Set(result)) = self.set_op(op, left, right)? {
                    let result = std::mem::replace(&mut *result.table.borrow_mut(), crate::object::Table::new());
                    let old = std::mem::replace(&mut *set.table.borrow_mut(), result);
                    drop(old);
                    return Ok(left.clone());
                }
            }
            _ => {}
        }
        let (.., in_place) = op.names();
        if left.object().is_some() {
            match self.call_special(left, in_place, std::slice::from_ref(right)).transpose()? {
                None | Some(Value::NotImplemented) => {}
                Some(value) => return Ok(value),
            }
            if let (BinaryOp::Add, Value::List(list)) = (op, left.unwrap_payload()) {
                let items = self.collect(right)?;
                list.extend(items).map_err(none)?;
                return Ok(left.clone());
            }
        }
        match self.try_binary(op, left, right)? {
            Some(value) => Ok(value),
            None => Err(self.unsupported(op, "=", left, right)),
        }
    }

    /// A constant that is added, or, if it is negative, subtracted: the compiler does not tell them apart, but classes
    /// must not notice.
    pub(super) fn add_int(&self, left: &Value<H>, right: i32, in_place: bool) -> R<Value<H>, H> {
        if let Value::Float(a) = left {
            return Ok(Value::float(a.get() + f64::from(right)));
        }
        let (op, right) = if right < 0 { (BinaryOp::Sub, -i64::from(right)) } else { (BinaryOp::Add, right.into()) };
        let right = Value::Int(right);
        if in_place { self.inplace(op, left, &right) } else { self.binary(op, left, &right) }
    }

    /// Concatenation, repetition, formatting, and the algebra of sets.
    fn sequence_op(&self, op: BinaryOp, left: &Value<H>, right: &Value<H>) -> R<Option<Value<H>>, H> {
        let none = |none| self.no_memory(none);
        Ok(Some(match (op, left, right) {
            (BinaryOp::Add, Value::Str(a), Value::Str(b)) => {
                Value::str(memory::concat(a.len().checked_add(b.len()), [&***a, &***b]).map_err(none)?)
            }
            (BinaryOp::Add, Value::List(a), Value::List(b)) => {
                let mut items = a.copy().map_err(none)?;
                let more = b.copy().map_err(none)?;
                memory::reserve(&mut items, more.len()).map_err(none)?;
                items.extend(more);
                Value::list(items)
            }
            (BinaryOp::Add, Value::Tuple(a), Value::Tuple(b)) => {
                let len = a.items.len() + b.items.len();
                Value::tuple(memory::gather(len, a.items.iter().chain(&*b.items).cloned()).map_err(none)?)
            }
            (BinaryOp::Mul, sequence @ (Value::Str(_) | Value::List(_) | Value::Tuple(_)), count)
            | (BinaryOp::Mul, count, sequence @ (Value::Str(_) | Value::List(_) | Value::Tuple(_))) => {
                let Some(count) = self.as_index(count) else {
                    let name = self.type_name(count);
                    return Err(self.type_error(format!("can't multiply sequence by non-int of type '{name}'")));
                };
                self.repeat(sequence, count.max(0) as usize)?
            }
            (BinaryOp::Mod, Value::Str(format), argument) => Value::str(self.percent_format(format, argument)?),
            (BinaryOp::Or, Value::Dict(a), Value::Dict(_)) => {
                let copy = self.dict_copy(a)?;
                self.dict_update(&copy, right, false)?;
                Value::Dict(copy)
            }
            (BinaryOp::Or | BinaryOp::And | BinaryOp::Sub | BinaryOp::Xor, ..) => return self.set_op(op, left, right),
            _ => return Ok(None),
        }))
    }

    fn repeat(&self, sequence: &Value<H>, count: usize) -> R<Value<H>, H> {
        let result = match sequence {
            Value::Str(text) => memory::repeat(text, count).map(Value::str),
            Value::List(list) => {
                let items = list.items.borrow();
                repeat_items(&items, count).map(|repeated| {
                    drop(items);
                    Value::list(repeated)
                })
            }
            Value::Tuple(tuple) => repeat_items(&tuple.items, count).map(Value::tuple),
            _ => unreachable!("the caller looked"),
        };
        result.map_err(|none| self.no_memory(none))
    }

    /// The algebra of sets, also of the views of a dict.
    fn set_op(&self, op: BinaryOp, left: &Value<H>, right: &Value<H>) -> R<Option<Value<H>>, H> {
        let is_set = |value: &Value<H>| match value {
            Value::Set(_) => true,
            Value::Misc(misc) => matches!(**misc, Misc::View { what: View::Keys | View::Items, .. }),
            _ => false,
        };
        if !is_set(left) || !is_set(right) {
            return Ok(None);
        }
        let frozen = matches!(left, Value::Set(set) if set.frozen);
        let (a, b) = (self.to_set(left, frozen)?, self.to_set(right, frozen)?);
        let result = self.to_set(&Value::list(Vec::new()), frozen)?;
        let (a_keys, b_keys) = (a.table.borrow().hashed(), b.table.borrow().hashed());
        for (_, key) in &a_keys {
            self.checkpoint()?;
            let keep = match op {
                BinaryOp::Or => true,
                BinaryOp::And => self.set_contains(&b, key)?,
                _ => !self.set_contains(&b, key)?,
            };
            if keep {
                self.set_add(&result, key.clone())?;
            }
        }
        if matches!(op, BinaryOp::Or | BinaryOp::Xor) {
            for (_, key) in &b_keys {
                self.checkpoint()?;
                if op == BinaryOp::Or || !self.set_contains(&a, key)? {
                    self.set_add(&result, key.clone())?;
                }
            }
        }
        Ok(Some(Value::Set(result)))
    }

    pub fn unary(&self, op: UnaryOp, value: &Value<H>) -> R<Value<H>, H> {
        let (symbol, method) = match op {
            UnaryOp::Neg => ("-", names::NEG),
            UnaryOp::Pos => ("+", names::POS),
            UnaryOp::Invert => ("~", names::INVERT),
            UnaryOp::Not => return Ok(Value::bool(!self.truth(value)?)),
        };
        let number = match value {
            Value::Bool(truth) => Value::Int(i64::from(truth.get())),
            value => value.clone(),
        };
        match (op, &number) {
            (UnaryOp::Neg, Value::Int(a)) => a.checked_neg().map(Value::Int).ok_or_else(|| self.overflow()),
            (UnaryOp::Neg, Value::Float(a)) => Ok(Value::float(-a.get())),
            (UnaryOp::Pos, Value::Int(_) | Value::Float(_)) => Ok(number),
            (UnaryOp::Invert, Value::Int(a)) => Ok(Value::Int(!a)),
            _ => match self.call_special(value, method, &[]) {
                Some(result) if value.object().is_some() => result,
                _ => {
                    let name = self.type_name(value);
                    Err(self.type_error(format!("bad operand type for unary {symbol}: '{name}'")))
                }
            },
        }
    }

    /// An integer, or something with `__index__`.
    pub fn as_index(&self, value: &Value<H>) -> Option<i64> {
        match value {
            Value::Int(value) => Some(*value),
            Value::Bool(value) => Some(i64::from(value.get())),
            value => match self.call_special(value, names::INDEX, &[])? {
                Ok(Value::Int(value)) => Some(value),
                _ => None,
            },
        }
    }

    /// As [`Vm::as_index`], or the error that there is none.
    pub fn to_index(&self, value: &Value<H>) -> R<i64, H> {
        self.as_index(value).ok_or_else(|| {
            let name = self.type_name(value);
            self.type_error(format!("'{name}' object cannot be interpreted as an integer"))
        })
    }

    /// A float, an integer, or something with `__float__`.
    pub fn to_float(&self, value: &Value<H>) -> R<f64, H> {
        match value {
            Value::Float(value) => Ok(value.get()),
            Value::Int(value) => Ok(*value as f64),
            Value::Bool(value) => Ok(f64::from(value.get())),
            value => match self.call_special(value, names::FLOAT, &[]) {
                Some(result) => match result? {
                    Value::Float(value) => Ok(value.get()),
                    _ => Err(self.type_error("__float__ returned non-float")),
                },
                None => {
                    let name = self.type_name(value);
                    Err(self.type_error(format!("must be real number, not {name}")))
                }
            },
        }
    }

    /// A number of items for a new list, at most.
    pub fn length_hint(&self, value: &Value<H>) -> usize {
        match value {
            Value::List(list) => list.len(),
            Value::Tuple(tuple) => tuple.items.len(),
            _ => 0,
        }
    }

    /// A new list object.
    pub fn new_list(&self, items: Vec<Value<H>>) -> tricycle::Gc<List<H>, H> {
        memory::object(List::new(items))
    }

    /// Calls with one argument.
    pub fn call1(&self, callee: &Value<H>, argument: Value<H>) -> R<Value<H>, H> {
        self.call(callee, Args::of(&[argument]))
    }
}

fn repeat_items<H: Runtime>(items: &[Value<H>], count: usize) -> Result<Vec<Value<H>>, NoMemory> {
    let len = items.len().checked_mul(count).ok_or(NoMemory)?;
    memory::gather(len, (0..count).flat_map(|_| items.iter().cloned()))
}
