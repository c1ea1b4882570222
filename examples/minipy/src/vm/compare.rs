//! Truth, equality, order, membership and hashes.

use super::{R, Vm};
use crate::code::CompareOp;
use crate::heap::Runtime;
use crate::name::names;
use crate::object::{Misc, View};
use crate::value::Value;

impl CompareOp {
    /// The operator with its sides swapped.
    fn reflected(self) -> Self {
        match self {
            CompareOp::Lt => CompareOp::Gt,
            CompareOp::Le => CompareOp::Ge,
            CompareOp::Gt => CompareOp::Lt,
            CompareOp::Ge => CompareOp::Le,
            other => other,
        }
    }

    pub(super) fn holds(self, ordering: Option<std::cmp::Ordering>) -> bool {
        match self {
            CompareOp::Eq => ordering.is_some_and(|ordering| ordering.is_eq()),
            CompareOp::Ne => !ordering.is_some_and(|ordering| ordering.is_eq()),
            CompareOp::Lt => ordering.is_some_and(|ordering| ordering.is_lt()),
            CompareOp::Le => ordering.is_some_and(|ordering| ordering.is_le()),
            CompareOp::Gt => ordering.is_some_and(|ordering| ordering.is_gt()),
            CompareOp::Ge => ordering.is_some_and(|ordering| ordering.is_ge()),
            _ => false,
        }
    }

    fn symbol(self) -> &'static str {
        match self {
            CompareOp::Eq => "==",
            CompareOp::Ne => "!=",
            CompareOp::Lt => "<",
            CompareOp::Le => "<=",
            CompareOp::Gt => ">",
            CompareOp::Ge => ">=",
            _ => "",
        }
    }
}

/// How an integer and a float compare, without rounding the integer.
fn compare_int_float(a: i64, b: f64) -> Option<std::cmp::Ordering> {
    if b.is_nan() {
        return None;
    }
    if b >= 9.3e18 {
        return Some(std::cmp::Ordering::Less);
    }
    if b <= -9.3e18 {
        return Some(std::cmp::Ordering::Greater);
    }
    let whole = b.floor();
    Some(i128::from(a).cmp(&(whole as i128)).then(if b > whole {
        std::cmp::Ordering::Less
    } else {
        std::cmp::Ordering::Equal
    }))
}

impl<H: Runtime> Vm<H> {
    pub fn truth(&self, value: &Value<H>) -> R<bool, H> {
        Ok(match value {
            Value::None | Value::Unset => false,
            Value::Bool(truth) => truth.get(),
            Value::Int(value) => *value != 0,
            Value::Float(value) => value.get() != 0.0,
            Value::Str(text) => !text.is_empty(),
            Value::List(list) => list.len() != 0,
            Value::Tuple(tuple) => !tuple.items.is_empty(),
            Value::Dict(dict) => dict.len() != 0,
            Value::Set(set) => set.len() != 0,
            Value::Misc(misc) => match &**misc {
                Misc::Range { .. } | Misc::View { .. } => self.len(value)? != 0,
                _ => true,
            },
            value if value.object().is_some() => {
                if let Some(result) = self.call_special(value, names::BOOL, &[]) {
                    return match self.nested(|| result)? {
                        Value::Bool(truth) => Ok(truth.get()),
                        other => {
                            let name = self.type_name(&other);
                            Err(self.type_error(format!("__bool__ should return bool, returned {name}")))
                        }
                    };
                }
                if self.special(value, names::LEN).is_some() { self.len(value)? != 0 } else { true }
            }
            _ => true,
        })
    }

    /// A comparison; the result need not be a bool.
    pub fn compare(&self, op: CompareOp, left: &Value<H>, right: &Value<H>) -> R<Value<H>, H> {
        match op {
            CompareOp::Is => return Ok(Value::bool(left.is(right))),
            CompareOp::IsNot => return Ok(Value::bool(!left.is(right))),
            CompareOp::In => return self.contains(right, left).map(Value::bool),
            CompareOp::NotIn => return self.contains(right, left).map(|truth| Value::bool(!truth)),
            _ => {}
        }
        if let Some(truth) = self.compare_builtin(op, left, right)? {
            return Ok(Value::bool(truth));
        }
        if left.object().is_some() || right.object().is_some() {
            return self.nested(|| self.compare_objects(op, left, right));
        }
        self.compare_by_default(op, left, right)
    }

    fn compare_objects(&self, op: CompareOp, left: &Value<H>, right: &Value<H>) -> R<Value<H>, H> {
        let method = |op| match op {
            CompareOp::Eq => names::EQ,
            CompareOp::Ne => names::NE,
            CompareOp::Lt => names::LT,
            CompareOp::Le => names::LE,
            CompareOp::Gt => names::GT,
            _ => names::GE,
        };
        let (left_class, right_class) = (self.class_of(left), self.class_of(right));
        let right_first =
            !std::ptr::eq(&raw const *left_class, &raw const *right_class) && right_class.is_subclass_of(&left_class);
        let mut attempts = [(left, op, right), (right, op.reflected(), left)];
        if right_first {
            attempts.reverse();
        }
        for (object, op, argument) in attempts {
            if object.object().is_none() {
                continue;
            }
            let argument = std::slice::from_ref(argument);
            if let Some(result) = self.call_special(object, method(op), argument) {
                match result? {
                    Value::NotImplemented => {}
                    value => return Ok(value),
                }
            } else if op == CompareOp::Ne {
                // Without `__ne__`, the opposite of `__eq__`.
                match self.call_special(object, names::EQ, argument).transpose()? {
                    None | Some(Value::NotImplemented) => {}
                    Some(value) => return Ok(Value::bool(!self.truth(&value)?)),
                }
            }
        }
        let (a, b) = (left.unwrap_payload(), right.unwrap_payload());
        if !(a.is(left) && b.is(right))
            && let Some(truth) = self.compare_builtin(op, &a, &b)?
        {
            return Ok(Value::bool(truth));
        }
        self.compare_by_default(op, left, right)
    }

    fn compare_by_default(&self, op: CompareOp, left: &Value<H>, right: &Value<H>) -> R<Value<H>, H> {
        match op {
            CompareOp::Eq => Ok(Value::bool(left.is(right))),
            CompareOp::Ne => Ok(Value::bool(!left.is(right))),
            _ => {
                let (symbol, left, right) = (op.symbol(), self.type_name(left), self.type_name(right));
                let message = format!("'{symbol}' not supported between instances of '{left}' and '{right}'");
                Err(self.type_error(message))
            }
        }
    }

    /// A comparison of built-in values; nothing if their types do not compare.
    fn compare_builtin(&self, op: CompareOp, left: &Value<H>, right: &Value<H>) -> R<Option<bool>, H> {
        let int = |value: &Value<H>| match value {
            Value::Int(value) => Some(*value),
            Value::Bool(value) => Some(i64::from(value.get())),
            _ => None,
        };
        let view = |value: &Value<H>| match value {
            Value::Misc(misc) => matches!(**misc, Misc::View { what: View::Keys | View::Items, .. }),
            Value::Set(_) => true,
            _ => false,
        };
        let ordering = match (left, right) {
            (Value::Misc(_), Value::Set(_)) | (Value::Set(_), Value::Misc(_)) if view(left) && view(right) => {
                let (a, b) = (self.to_set(left, false)?, self.to_set(right, false)?);
                return self.compare_sets(op, &a, &b).map(Some);
            }
            (Value::Str(a), Value::Str(b)) => Some((***a).cmp(&***b)),
            (Value::Float(a), Value::Float(b)) => a.get().partial_cmp(&b.get()),
            (Value::List(a), Value::List(b)) => {
                return self.nested(|| self.compare_lists(op, a, b)).map(Some);
            }
            (Value::Tuple(a), Value::Tuple(b)) => {
                return self.nested(|| self.compare_sequences(op, &a.items, &b.items)).map(Some);
            }
            (Value::Dict(a), Value::Dict(b)) if matches!(op, CompareOp::Eq | CompareOp::Ne) => {
                let equal = self.nested(|| self.equal_dicts(a, b))?;
                return Ok(Some(equal == (op == CompareOp::Eq)));
            }
            (Value::Set(a), Value::Set(b)) => return self.compare_sets(op, a, b).map(Some),
            (Value::Misc(a), Value::Misc(b)) => match (&**a, &**b) {
                (
                    Misc::View { what: View::Keys | View::Items, .. },
                    Misc::View { what: View::Keys | View::Items, .. },
                ) => {
                    let (a, b) = (self.to_set(left, false)?, self.to_set(right, false)?);
                    return self.compare_sets(op, &a, &b).map(Some);
                }
                (Misc::Range { .. }, Misc::Range { .. }) if matches!(op, CompareOp::Eq | CompareOp::Ne) => {
                    let equal = self.collect_ints(left) == self.collect_ints(right);
                    return Ok(Some(equal == (op == CompareOp::Eq)));
                }
                (Misc::Slice { start, stop, step }, Misc::Slice { start: a, stop: b, step: c }) => {
                    let x = [start, stop, step].map(Clone::clone);
                    let y = [a, b, c].map(Clone::clone);
                    return self.compare_sequences(op, &x, &y).map(Some);
                }
                _ => return Ok(None),
            },
            (Value::WeakRef(a), Value::WeakRef(b)) if matches!(op, CompareOp::Eq | CompareOp::Ne) => {
                let (Some(a), Some(b)) = (a.upgrade(), b.upgrade()) else { return Ok(None) };
                return Ok(Some(self.equal(&a, &b)? == (op == CompareOp::Eq)));
            }
            (Value::Method(a), Value::Method(b)) if matches!(op, CompareOp::Eq | CompareOp::Ne) => {
                let equal = a.receiver.is(&b.receiver) && a.function.is(&b.function);
                return Ok(Some(equal == (op == CompareOp::Eq)));
            }
            (left, right) => match (int(left), int(right), left, right) {
                (Some(a), Some(b), ..) => Some(a.cmp(&b)),
                (Some(a), None, _, Value::Float(b)) => compare_int_float(a, b.get()),
                (None, Some(b), Value::Float(a), _) => compare_int_float(b, a.get()).map(std::cmp::Ordering::reverse),
                _ => return Ok(None),
            },
        };
        Ok(Some(op.holds(ordering)))
    }

    /// Whether two values are the same, or equal.
    pub fn equal(&self, a: &Value<H>, b: &Value<H>) -> R<bool, H> {
        if a.is(b) {
            return Ok(true);
        }
        match (a, b) {
            (Value::Int(a), Value::Int(b)) => Ok(a == b),
            (Value::Str(a), Value::Str(b)) => Ok(***a == ***b),
            _ => self.compare(CompareOp::Eq, a, b).and_then(|value| self.truth(&value)),
        }
    }

    pub fn less(&self, a: &Value<H>, b: &Value<H>) -> R<bool, H> {
        match (a, b) {
            (Value::Int(a), Value::Int(b)) => Ok(a < b),
            _ => self.compare(CompareOp::Lt, a, b).and_then(|value| self.truth(&value)),
        }
    }

    /// Python's `value in container`.
    pub fn contains(&self, container: &Value<H>, value: &Value<H>) -> R<bool, H> {
        match container {
            Value::Str(text) => match value {
                Value::Str(part) => Ok(text.contains(&***part)),
                other => {
                    let name = self.type_name(other);
                    Err(self.type_error(format!("'in <string>' requires string as left operand, not {name}")))
                }
            },
            Value::Dict(dict) => Ok(self.dict_get(dict, value)?.is_some()),
            Value::Set(set) => self.set_contains(set, value),
            Value::Misc(misc) => match &**misc {
                Misc::View { dict, what: View::Keys } => Ok(self.dict_get(dict, value)?.is_some()),
                Misc::Range { .. } => Ok(self.range_index(container, value)?.is_some()),
                _ => self.contains_by_iterating(container, value),
            },
            Value::List(list) => {
                let mut found = false;
                self.search(list, value, 0, usize::MAX, |_, _| {
                    found = true;
                    false
                })?;
                Ok(found)
            }
            container => match self.call_special(container, names::CONTAINS, std::slice::from_ref(value)) {
                Some(result) => self.truth(&result?),
                None => match container.unwrap_payload() {
                    inner if !inner.is(container) => self.contains(&inner, value),
                    _ => self.contains_by_iterating(container, value),
                },
            },
        }
    }

    fn contains_by_iterating(&self, container: &Value<H>, value: &Value<H>) -> R<bool, H> {
        let iter = self.iter(container).map_err(|raise| {
            if !self.is_a(&raise, "TypeError") {
                return raise;
            }
            let name = self.type_name(container);
            self.type_error(format!("argument of type '{name}' is not iterable"))
        })?;
        while let Some(item) = self.next(&iter)? {
            if self.equal(&item, value)? {
                return Ok(true);
            }
        }
        Ok(false)
    }

    /// Python's `hash`.
    pub fn hash(&self, value: &Value<H>) -> R<u64, H> {
        Ok(match value {
            Value::Int(value) => *value as u64,
            Value::Bool(value) => u64::from(value.get()),
            Value::Str(text) => text.hash(),
            Value::Float(value) if value.get().fract() == 0.0 && value.get().abs() < 9e18 => value.get() as i64 as u64,
            Value::Float(value) => value.get().to_bits().rotate_left(17),
            Value::Tuple(tuple) => {
                let mut hash = 0x345_6789u64;
                for item in &tuple.items {
                    self.checkpoint()?;
                    hash = crate::object::mix(hash.rotate_left(5) ^ self.nested(|| self.hash(item))?);
                }
                hash
            }
            Value::Set(set) if set.frozen => {
                let keys = set.table.borrow().hashed();
                keys.iter().fold(0x1234_5678, |sum, (hash, _)| sum ^ crate::object::mix(*hash))
            }
            Value::List(_) | Value::Dict(_) | Value::Set(_) => return Err(self.unhashable(value)),
            Value::WeakRef(weak) => return self.hash_weak(weak),
            Value::Method(method) => (method.receiver.address() ^ method.function.address()) as u64,
            Value::Misc(misc) => match &**misc {
                Misc::Slice { .. } => return Err(self.unhashable(value)),
                _ => value.address() as u64 >> 4,
            },
            value if value.object().is_some() => match self.special(value, names::HASH) {
                Some(Value::None) => return Err(self.unhashable(value)),
                Some(method) => match self.nested(|| self.call1(&method, value.clone()))? {
                    Value::Int(hash) => hash as u64,
                    Value::Bool(hash) => u64::from(hash.get()),
                    _ => return Err(self.type_error("__hash__ method should return an integer")),
                },
                None => {
                    let class = self.class_of(value);
                    if class.layout.has_payload() {
                        return Err(self.unhashable(value));
                    }
                    value.address() as u64 >> 4
                }
            },
            value => value.address() as u64 >> 4,
        })
    }

    fn hash_weak(&self, weak: &crate::object::WeakRef<H>) -> R<u64, H> {
        if let Some(hash) = weak.hash.get() {
            return Ok(hash);
        }
        let Some(target) = weak.upgrade() else { return Err(self.type_error("weak object has gone away")) };
        let hash = self.hash(&target)?;
        weak.hash.set(Some(hash));
        Ok(hash)
    }

    fn unhashable(&self, value: &Value<H>) -> super::Raise<H> {
        self.type_error(format!("unhashable type: '{}'", self.type_name(value)))
    }
}
