//! `int`, `float` and `range`.

use super::methods;
use crate::heap::Runtime;
use crate::name::{Name, names};
use crate::object::Misc;
use crate::value::Value;
use crate::vm::{Args, R, Vm, parse_float, parse_int};

pub fn install<H: Runtime>(vm: &Vm<H>) {
    let types = &vm.types;
    types.int.set_construct(int);
    types.float.set_construct(float);
    types.range.set_construct(|vm, args| {
        let numbers = args.between(vm, "range", 1, 3)?.iter().map(|value| vm.to_index(value));
        let (start, stop, step) = match numbers.collect::<R<Vec<i64>, H>>()?.as_slice() {
            [stop] => (0, *stop, 1),
            [start, stop] => (*start, *stop, 1),
            [.., 0] => return Err(vm.value_error("range() arg 3 must not be zero")),
            [start, stop, step] => (*start, *stop, *step),
            _ => unreachable!("one to three"),
        };
        Ok(Value::misc(Misc::Range { start, stop, step }))
    });
    methods(
        &types.int,
        &[
            ("bit_length", |vm, args| {
                let value = vm.to_index(&args.positional[0])?;
                Ok(Value::Int(i64::from(64 - value.unsigned_abs().leading_zeros())))
            }),
            ("bit_count", |vm, args| {
                Ok(Value::Int(vm.to_index(&args.positional[0])?.unsigned_abs().count_ones().into()))
            }),
            ("conjugate", |_, args| Ok(args.positional[0].clone())),
            ("__index__", |_, args| Ok(args.positional[0].clone())),
        ],
    );
    methods(
        &types.float,
        &[("is_integer", |vm, args| {
            let value = vm.to_float(&args.positional[0])?;
            Ok(Value::bool(value.is_finite() && value.fract() == 0.0))
        })],
    );
    methods(
        &types.range,
        &[
            ("index", |vm, args| {
                let [range, value] = args.exactly::<2>(vm, "index")?;
                match vm.range_index(range, value)? {
                    Some(at) => Ok(Value::from(at)),
                    None if matches!(value, Value::Int(_) | Value::Bool(_)) => {
                        Err(vm.value_error(format!("{} is not in range", vm.repr(value)?)))
                    }
                    None => Err(vm.value_error("sequence.index(x): x not in sequence")),
                }
            }),
            ("count", |vm, args| {
                let [range, value] = args.exactly::<2>(vm, "count")?;
                Ok(Value::Int(vm.contains(range, value)?.into()))
            }),
        ],
    );
}

fn int<H: Runtime>(vm: &Vm<H>, args: Args<'_, H>) -> R<Value<H>, H> {
    let base = args.get_or_keyword(1, Name::of("base"));
    let Some(value) = args.get(0) else { return Ok(Value::Int(0)) };
    if base.is_some() && value.text().is_none() {
        return Err(vm.type_error("int() can't convert non-string with explicit base"));
    }
    match value {
        Value::Int(_) => Ok(value.clone()),
        Value::Bool(value) => Ok(Value::Int(i64::from(value.get()))),
        Value::Float(value) if value.get().is_nan() => Err(vm.value_error("cannot convert float NaN to integer")),
        Value::Float(value) if value.get().is_infinite() => {
            Err(vm.error("OverflowError", "cannot convert float infinity to integer"))
        }
        Value::Float(value) if value.get().abs() >= 9.223_372_036_854_776e18 => Err(vm.overflow()),
        Value::Float(value) => Ok(Value::Int(value.get() as i64)),
        Value::Str(text) => {
            let base = base.map_or(Ok(10), |base| vm.to_index(base))?;
            if base != 0 && !(2..=36).contains(&base) {
                return Err(vm.value_error("int() base must be >= 2 and <= 36, or 0"));
            }
            match parse_int(text, base as u32) {
                Ok(Ok(value)) => Ok(Value::Int(value)),
                Ok(Err(())) => Err(vm.overflow()),
                Err(()) => {
                    let text = vm.repr(value)?;
                    Err(vm.value_error(format!("invalid literal for int() with base {base}: {text}")))
                }
            }
        }
        value => match vm.call_special(value, names::INT, &[]).or_else(|| vm.call_special(value, names::INDEX, &[])) {
            Some(result) => result,
            None => {
                let name = vm.type_name(value);
                let message = "int() argument must be a string, a bytes-like object or a real number, not";
                Err(vm.type_error(format!("{message} '{name}'")))
            }
        },
    }
}

fn float<H: Runtime>(vm: &Vm<H>, args: Args<'_, H>) -> R<Value<H>, H> {
    match args.between(vm, "float", 0, 1)? {
        [] => Ok(Value::float(0.0)),
        [value @ Value::Str(text)] => match parse_float(text) {
            Some(value) => Ok(Value::float(value)),
            None => {
                let text = vm.repr(value)?;
                Err(vm.value_error(format!("could not convert string to float: {text}")))
            }
        },
        [value] => vm.to_float(value).map(Value::float).map_err(|raise| {
            if vm.special(value, names::FLOAT).is_some() {
                return raise;
            }
            vm.type_error(format!("float() argument must be a string or a real number, not '{}'", vm.type_name(value)))
        }),
        _ => unreachable!("one at most"),
    }
}
