//! Arithmetic on built-in numbers, with Python's signs.

use super::{R, Vm};
use crate::code::BinaryOp;
use crate::heap::Runtime;
use crate::value::Value;

/// Two numbers, of the same kind.
enum Pair {
    Ints(i64, i64),
    Floats(f64, f64),
}

fn pair<H: Runtime>(left: &Value<H>, right: &Value<H>) -> Option<Pair> {
    let int = |value: &Value<H>| match value {
        Value::Int(value) => Some(*value),
        Value::Bool(value) => Some(i64::from(value.get())),
        _ => None,
    };
    let float = |value: &Value<H>| match value {
        Value::Float(value) => Some(value.get()),
        value => int(value).map(|value| value as f64),
    };
    match (int(left), int(right)) {
        (Some(a), Some(b)) => Some(Pair::Ints(a, b)),
        _ => Some(Pair::Floats(float(left)?, float(right)?)),
    }
}

impl<H: Runtime> Vm<H> {
    /// Nothing if they are not both numbers.
    pub(super) fn number_op(&self, op: BinaryOp, left: &Value<H>, right: &Value<H>) -> R<Option<Value<H>>, H> {
        if let (Value::Bool(a), Value::Bool(b)) = (left, right) {
            match op {
                BinaryOp::And => return Ok(Some(Value::bool(a.get() & b.get()))),
                BinaryOp::Or => return Ok(Some(Value::bool(a.get() | b.get()))),
                BinaryOp::Xor => return Ok(Some(Value::bool(a.get() ^ b.get()))),
                _ => {}
            }
        }
        match pair(left, right) {
            Some(Pair::Ints(a, b)) => self.int_op(op, a, b),
            Some(Pair::Floats(a, b)) => self.float_op(op, a, b),
            None => Ok(None),
        }
    }

    fn int_op(&self, op: BinaryOp, a: i64, b: i64) -> R<Option<Value<H>>, H> {
        let result = match op {
            BinaryOp::Add => a.checked_add(b),
            BinaryOp::Sub => a.checked_sub(b),
            BinaryOp::Mul => a.checked_mul(b),
            BinaryOp::TrueDiv if b == 0 => return Err(self.zero_division("division by zero")),
            BinaryOp::TrueDiv => return Ok(Some(Value::float(a as f64 / b as f64))),
            BinaryOp::FloorDiv | BinaryOp::Mod if b == 0 => {
                return Err(self.zero_division(if op == BinaryOp::Mod {
                    "integer modulo by zero"
                } else {
                    "integer division or modulo by zero"
                }));
            }
            BinaryOp::FloorDiv => floor_div(a, b),
            BinaryOp::Mod => Some(modulo(a, b)),
            BinaryOp::Pow if b < 0 => {
                if a == 0 {
                    return Err(self.zero_division("0.0 cannot be raised to a negative power"));
                }
                return Ok(Some(Value::float((a as f64).powf(b as f64))));
            }
            BinaryOp::Pow => match u32::try_from(b) {
                Ok(b) => a.checked_pow(b),
                Err(_) => match a {
                    0 | 1 => Some(a),
                    -1 => Some(if b % 2 == 0 { 1 } else { -1 }),
                    _ => None,
                },
            },
            BinaryOp::And => Some(a & b),
            BinaryOp::Or => Some(a | b),
            BinaryOp::Xor => Some(a ^ b),
            BinaryOp::LShift | BinaryOp::RShift if b < 0 => return Err(self.value_error("negative shift count")),
            BinaryOp::LShift if a == 0 => Some(0),
            BinaryOp::LShift => (b < 64).then(|| a << b).filter(|shifted| shifted >> b == a),
            BinaryOp::RShift => Some(a >> b.min(63)),
            BinaryOp::MatMul => return Ok(None),
        };
        result.map(|value| Some(Value::Int(value))).ok_or_else(|| self.overflow())
    }

    fn float_op(&self, op: BinaryOp, a: f64, b: f64) -> R<Option<Value<H>>, H> {
        Ok(Some(Value::float(match op {
            BinaryOp::Add => a + b,
            BinaryOp::Sub => a - b,
            BinaryOp::Mul => a * b,
            BinaryOp::TrueDiv if b == 0.0 => return Err(self.zero_division("float division by zero")),
            BinaryOp::TrueDiv => a / b,
            BinaryOp::FloorDiv if b == 0.0 => return Err(self.zero_division("float floor division by zero")),
            BinaryOp::FloorDiv => ((a - float_modulo(a, b)) / b).round(),
            BinaryOp::Mod if b == 0.0 => return Err(self.zero_division("float modulo")),
            BinaryOp::Mod => float_modulo(a, b),
            BinaryOp::Pow => {
                if a == 0.0 && b < 0.0 {
                    return Err(self.zero_division("0.0 cannot be raised to a negative power"));
                }
                if a < 0.0 && b.fract() != 0.0 && b.is_finite() {
                    return Err(self.value_error("minipy has no complex numbers"));
                }
                let power = a.powf(b);
                if power.is_infinite() && a.is_finite() && b.is_finite() {
                    return Err(self
                        .error_with("OverflowError", &[Value::Int(34), Value::str("Numerical result out of range")]));
                }
                power
            }
            _ => return Ok(None),
        })))
    }

    pub fn zero_division(&self, message: &str) -> super::Raise<H> {
        self.error("ZeroDivisionError", message)
    }
}

/// Rounds down, where Rust rounds to zero. Nothing if it does not fit.
fn floor_div(a: i64, b: i64) -> Option<i64> {
    let quotient = a.checked_div(b)?;
    Some(if a % b != 0 && (a < 0) != (b < 0) { quotient - 1 } else { quotient })
}

/// Has the sign of `b`.
fn modulo(a: i64, b: i64) -> i64 {
    let rest = a.wrapping_rem(b);
    if rest != 0 && (rest < 0) != (b < 0) { rest + b } else { rest }
}

fn float_modulo(a: f64, b: f64) -> f64 {
    let rest = a % b;
    if rest == 0.0 {
        0f64.copysign(b)
    } else if (rest < 0.0) != (b < 0.0) {
        rest + b
    } else {
        rest
    }
}
