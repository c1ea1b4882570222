//! Built-in functions.

use std::io::BufRead;

use super::functions;
use crate::code::{BinaryOp, UnaryOp};
use crate::heap::Runtime;
use crate::name::{Name, names};
use crate::object::{Class, Iter, IterState};
use crate::scalar::Truth;
use crate::value::Value;
use crate::vm::{Args, R, Vm};

pub fn install<H: Runtime>(vm: &Vm<H>) {
    functions(
        &vm.builtins,
        &[
            ("print", print),
            ("len", |vm, args| {
                let len = args.exactly::<1>(vm, "len").and_then(|[value]| vm.len(value))?;
                let too_long = |_| vm.error("OverflowError", "Python int too large to convert to C ssize_t");
                i64::try_from(len).map(Value::Int).map_err(too_long)
            }),
            ("repr", |vm, args| args.exactly::<1>(vm, "repr").and_then(|[value]| vm.repr(value)).map(Value::str)),
            ("ascii", |vm, args| args.exactly::<1>(vm, "ascii").and_then(|[value]| vm.ascii(value)).map(Value::str)),
            ("hash", |vm, args| {
                let [value] = args.exactly::<1>(vm, "hash")?;
                let hash = vm.hash(value)? as i64;
                Ok(Value::Int(if hash == -1 { -2 } else { hash }))
            }),
            ("id", |vm, args| {
                let [value] = args.exactly::<1>(vm, "id")?;
                Ok(Value::Int(match value {
                    Value::Int(number) => *number << 4 | 1,
                    value => value.address() as i64,
                }))
            }),
            ("abs", abs),
            ("min", |vm, args| extreme(vm, args, "min")),
            ("max", |vm, args| extreme(vm, args, "max")),
            ("sum", sum),
            ("all", |vm, args| any_or_all(vm, args, false)),
            ("any", |vm, args| any_or_all(vm, args, true)),
            ("ord", |vm, args| match args.exactly::<1>(vm, "ord")? {
                [Value::Str(text)] if text.chars_len() == 1 => {
                    Ok(Value::Int(text.chars().next().map_or(0, |c| i64::from(c as u32))))
                }
                [Value::Str(text)] => {
                    let message =
                        format!("ord() expected a character, but string of length {} found", text.chars_len());
                    Err(vm.type_error(message))
                }
                [other] => {
                    let message = format!("ord() expected string of length 1, but {} found", vm.type_name(other));
                    Err(vm.type_error(message))
                }
            }),
            ("chr", |vm, args| {
                let [code] = args.exactly::<1>(vm, "chr")?;
                let code = vm.to_index(code)?;
                let c = u32::try_from(code).ok().and_then(char::from_u32);
                c.map(|c| vm.character(c)).ok_or_else(|| vm.value_error("chr() arg not in range(0x110000)"))
            }),
            ("bin", |vm, args| vm.prefixed(args, "bin", "#b")),
            ("oct", |vm, args| vm.prefixed(args, "oct", "#o")),
            ("hex", |vm, args| vm.prefixed(args, "hex", "#x")),
            ("isinstance", |vm, args| {
                let [value, class] = args.exactly::<2>(vm, "isinstance")?;
                is_subclass(
                    vm,
                    &vm.class_of(value),
                    class,
                    "isinstance() arg 2 must be a type, a tuple of types, or a union",
                )
            }),
            ("issubclass", |vm, args| {
                let [value, class] = args.exactly::<2>(vm, "issubclass")?;
                let Value::Class(value) = value else {
                    return Err(vm.type_error("issubclass() arg 1 must be a class"));
                };
                is_subclass(vm, value, class, "issubclass() arg 2 must be a class, a tuple of classes, or a union")
            }),
            ("callable", |vm, args| {
                let [value] = args.exactly::<1>(vm, "callable")?;
                Ok(Value::bool(match value {
                    Value::Function(_) | Value::Native(_) | Value::Method(_) | Value::Class(_) | Value::WeakRef(_) => {
                        true
                    }
                    value => vm.special(value, names::CALL).is_some(),
                }))
            }),
            ("getattr", |vm, args| {
                let args = args.between(vm, "getattr", 2, 3)?;
                match vm.get_attribute(&args[0], vm.attribute_name(&args[1])?) {
                    Err(raise) if args.len() == 3 && vm.is_a(&raise, "AttributeError") => Ok(args[2].clone()),
                    result => result,
                }
            }),
            ("hasattr", |vm, args| {
                let [object, name] = args.exactly::<2>(vm, "hasattr")?;
                match vm.get_attribute(object, vm.attribute_name(name)?) {
                    Ok(_) => Ok(Value::bool(true)),
                    Err(raise) if vm.is_a(&raise, "AttributeError") => Ok(Value::bool(false)),
                    Err(raise) => Err(raise),
                }
            }),
            ("setattr", |vm, args| {
                let [object, name, value] = args.exactly::<3>(vm, "setattr")?;
                vm.set_attribute(object, vm.attribute_name(name)?, value.clone()).map(|()| Value::None)
            }),
            ("delattr", |vm, args| {
                let [object, name] = args.exactly::<2>(vm, "delattr")?;
                vm.delete_attribute(object, vm.attribute_name(name)?).map(|()| Value::None)
            }),
            ("vars", |vm, args| {
                let [object] = args.exactly::<1>(vm, "vars")?;
                vm.get_attribute(object, names::DICT)
            }),
            ("globals", |vm, _| Ok(Value::dict(vm.keyword_dict(&vm.globals.all())))),
            ("dir", dir),
            ("iter", |vm, args| match args.between(vm, "iter", 1, 2)? {
                [function, sentinel] => {
                    Ok(Iter::create(IterState::Calls { function: function.clone(), sentinel: sentinel.clone() }))
                }
                args => vm.iter(&args[0]),
            }),
            ("next", |vm, args| {
                let args = args.between(vm, "next", 1, 2)?;
                match (vm.next_or_raise(&args[0]), args.get(1)) {
                    (Err(raise), Some(default)) if vm.is_a(&raise, "StopIteration") => Ok(default.clone()),
                    (result, _) => result,
                }
            }),
            ("pow", |vm, args| match args.between(vm, "pow", 2, 3)? {
                [base, exponent] => vm.binary(BinaryOp::Pow, base, exponent),
                [base, exponent, modulus] => {
                    let [base, exponent, modulus] = [base, exponent, modulus].map(|value| vm.to_index(value));
                    power_modulo(vm, base?, exponent?, modulus?)
                }
                _ => unreachable!("two or three"),
            }),
            ("divmod", |vm, args| {
                let [a, b] = args.exactly::<2>(vm, "divmod")?;
                Ok(Value::tuple([vm.binary(BinaryOp::FloorDiv, a, b)?, vm.binary(BinaryOp::Mod, a, b)?]))
            }),
            ("round", round),
            ("format", |vm, args| {
                let args = args.between(vm, "format", 1, 2)?;
                let spec = args.get(1).and_then(Value::text).unwrap_or("");
                vm.format(&args[0], spec).map(Value::str)
            }),
            ("sorted", |vm, args| {
                let items =
                    vm.collect(args.get(0).ok_or_else(|| vm.type_error("sorted expected 1 argument, got 0"))?)?;
                vm.sort(items, args.keyword(names::KEY), args.keyword(names::REVERSE)).map(Value::list)
            }),
            ("input", |vm, args| {
                if let Some(prompt) = args.get(0) {
                    vm.write(&vm.str(prompt)?);
                }
                vm.flush();
                let mut line = String::new();
                match vm.outside(|| std::io::stdin().lock().read_line(&mut line)) {
                    Ok(0) | Err(_) => Err(vm.error("EOFError", "EOF when reading a line")),
                    Ok(_) => Ok(Value::str(line.trim_end_matches('\n'))),
                }
            }),
        ],
    );
}

fn print<H: Runtime>(vm: &Vm<H>, args: Args<'_, H>) -> R<Value<H>, H> {
    let part = |name| match args.keyword(name) {
        None | Some(Value::None) => Ok(None),
        Some(value) => vm.str(value).map(Some),
    };
    let separator = part(names::SEP)?.unwrap_or_else(|| " ".into());
    let mut line = String::new();
    for (at, value) in args.positional.iter().enumerate() {
        if at > 0 {
            line.push_str(&separator);
        }
        match value {
            Value::Str(text) => line.push_str(text),
            value => line.push_str(&vm.str(value)?),
        }
    }
    line.push_str(&part(names::END)?.unwrap_or_else(|| "\n".into()));
    match args.keyword(names::FILE) {
        None | Some(Value::None) => {
            vm.write(&line);
            if args.keyword(names::FLUSH).is_some() {
                vm.flush();
            }
        }
        Some(file) => _ = vm.call_method(file, names::WRITE, &[Value::str(line)])?,
    }
    Ok(Value::None)
}

fn abs<H: Runtime>(vm: &Vm<H>, args: Args<'_, H>) -> R<Value<H>, H> {
    let [value] = args.exactly::<1>(vm, "abs")?;
    match value {
        Value::Int(value) => value.checked_abs().map(Value::Int).ok_or_else(|| vm.overflow()),
        Value::Bool(value) => Ok(Value::Int(i64::from(value.get()))),
        Value::Float(value) => Ok(Value::float(value.get().abs())),
        value => vm.call_special(value, names::ABS, &[]).unwrap_or_else(|| {
            let message = format!("bad operand type for abs(): '{}'", vm.type_name(value));
            Err(vm.type_error(message))
        }),
    }
}

/// `min` and `max`.
fn extreme<H: Runtime>(vm: &Vm<H>, args: Args<'_, H>, name: &str) -> R<Value<H>, H> {
    let iter = match args.positional {
        [] => return Err(vm.type_error(format!("{name} expected at least 1 argument, got 0"))),
        [one] => vm.iter(one)?,
        several => vm.iter(&Value::tuple(several))?,
    };
    let key = args.keyword(names::KEY).filter(|key| !key.is_none());
    let keyed = |value: &Value<H>| match key {
        Some(key) => vm.call1(key, value.clone()),
        None => Ok(value.clone()),
    };
    let Some(mut best) = vm.next(&iter)? else {
        let default = args.keyword(names::DEFAULT).cloned();
        return default.ok_or_else(|| vm.value_error(format!("{name}() arg is an empty sequence")));
    };
    let mut best_key = keyed(&best)?;
    while let Some(value) = vm.next(&iter)? {
        let value_key = keyed(&value)?;
        let better = if name == "min" { vm.less(&value_key, &best_key)? } else { vm.less(&best_key, &value_key)? };
        if better {
            (best, best_key) = (value, value_key);
        }
    }
    Ok(best)
}

fn sum<H: Runtime>(vm: &Vm<H>, args: Args<'_, H>) -> R<Value<H>, H> {
    let values = args.get(0).ok_or_else(|| vm.type_error("sum() takes at least 1 positional argument (0 given)"))?;
    let mut sum = args.get_or_keyword(1, names::START).cloned().unwrap_or(Value::Int(0));
    if let Value::Str(_) = sum {
        return Err(vm.type_error("sum() can't sum strings [use ''.join(seq) instead]"));
    }
    let iter = vm.iter(values)?;
    while let Some(value) = vm.next(&iter)? {
        sum = vm.binary(BinaryOp::Add, &sum, &value)?;
    }
    Ok(sum)
}

fn any_or_all<H: Runtime>(vm: &Vm<H>, args: Args<'_, H>, any: bool) -> R<Value<H>, H> {
    let [values] = args.exactly::<1>(vm, if any { "any" } else { "all" })?;
    let iter = vm.iter(values)?;
    while let Some(value) = vm.next(&iter)? {
        if vm.truth(&value)? == any {
            return Ok(Value::bool(any));
        }
    }
    Ok(Value::bool(!any))
}

fn is_subclass<H: Runtime>(vm: &Vm<H>, class: &Class<H>, of: &Value<H>, message: &str) -> R<Value<H>, H> {
    match of {
        Value::Class(of) => Ok(Value::bool(class.is_subclass_of(of))),
        Value::Tuple(classes) => {
            for of in &classes.items {
                if let Value::Bool(Truth::True) = vm.nested(|| is_subclass(vm, class, of, message))? {
                    return Ok(Value::bool(true));
                }
            }
            Ok(Value::bool(false))
        }
        _ => Err(vm.type_error(message)),
    }
}

fn dir<H: Runtime>(vm: &Vm<H>, args: Args<'_, H>) -> R<Value<H>, H> {
    let mut found: Vec<Name> = match args.between(vm, "dir", 0, 1)? {
        [] => vm.globals.all().into_iter().map(|(name, _)| name).collect(),
        [Value::Module(module)] => module.attributes.borrow().keys().copied().collect(),
        args => {
            let class = match &args[0] {
                Value::Class(class) => class.clone(),
                value => vm.class_of(value),
            };
            let own = vm.instance_attributes(&args[0]).into_iter().map(|(name, _)| name);
            own.chain(class.ancestors().flat_map(Class::own_names).map(|(name, _)| name)).collect()
        }
    };
    found.sort_by_key(|name| name.text());
    found.dedup();
    Ok(Value::list(found.into_iter().map(|name| Value::str(&*name.text())).collect()))
}

fn power_modulo<H: Runtime>(vm: &Vm<H>, base: i64, exponent: i64, modulus: i64) -> R<Value<H>, H> {
    if modulus == 0 {
        return Err(vm.value_error("pow() 3rd argument cannot be 0"));
    }
    if exponent < 0 {
        return Err(vm.value_error("minipy has no modular inverse"));
    }
    let modulus = i128::from(modulus);
    let (mut result, mut base, mut exponent) = (1 % modulus, i128::from(base).rem_euclid(modulus), exponent);
    while exponent > 0 {
        if exponent & 1 == 1 {
            result = result * base % modulus;
        }
        base = base * base % modulus;
        exponent >>= 1;
    }
    let result = if result != 0 && (result < 0) != (modulus < 0) { result + modulus } else { result };
    Ok(Value::Int(result as i64))
}

fn round<H: Runtime>(vm: &Vm<H>, args: Args<'_, H>) -> R<Value<H>, H> {
    let number = args.get(0).ok_or_else(|| vm.type_error("round() missing required argument 'number' (pos 1)"))?;
    let digits = args.get_or_keyword(1, Name::of("ndigits")).filter(|digits| !digits.is_none());
    let digits = digits.map(|digits| vm.to_index(digits)).transpose()?;
    match (number, digits) {
        (Value::Int(_) | Value::Bool(_), None | Some(0..)) => vm.unary(UnaryOp::Pos, number),
        (Value::Int(value), Some(digits)) => {
            let rounded = round_int(i128::from(*value), digits.unsigned_abs());
            i64::try_from(rounded).map(Value::Int).map_err(|_| vm.overflow())
        }
        (Value::Float(value), None) => {
            let rounded = value.get().round_ties_even();
            if !rounded.is_finite() {
                return Err(vm.error("OverflowError", "cannot convert float infinity to integer"));
            }
            if rounded.abs() >= 9.3e18 {
                return Err(vm.overflow());
            }
            Ok(Value::Int(rounded as i64))
        }
        // The text is rounded correctly, also where the number itself lies beside the decimal it looks like.
        (Value::Float(value), Some(digits @ 0..)) => {
            let value = value.get();
            Ok(Value::float(format!("{value:.*}", digits.min(300) as usize).parse().unwrap_or(value)))
        }
        (Value::Float(value), Some(digits)) => {
            let value = value.get();
            if !value.is_finite() || digits < -308 {
                return Ok(Value::float(if value.is_finite() { 0f64.copysign(value) } else { value }));
            }
            let unit = 10f64.powi(-digits as i32);
            Ok(Value::float((value / unit).round_ties_even() * unit))
        }
        (value, digits) => {
            let args: Vec<Value<H>> = digits.into_iter().map(Value::Int).collect();
            vm.call_special(value, names::ROUND, &args).unwrap_or_else(|| {
                Err(vm.type_error(format!("type {} doesn't define __round__ method", vm.type_name(value))))
            })
        }
    }
}

/// Rounds to a multiple of a power of ten; of two that are as close, to the even one.
fn round_int(value: i128, zeros: u64) -> i128 {
    // Half of 10^20 is more than any integer.
    let unit = 10i128.pow(zeros.min(20) as u32);
    let (quotient, rest) = (value.div_euclid(unit), value.rem_euclid(unit));
    let up = 2 * rest > unit || 2 * rest == unit && quotient % 2 != 0;
    (quotient + i128::from(up)) * unit
}

impl<H: Runtime> Vm<H> {
    fn prefixed(&self, args: Args<'_, H>, name: &str, spec: &str) -> R<Value<H>, H> {
        let [value] = args.exactly::<1>(self, name)?;
        self.format(&Value::Int(self.to_index(value)?), spec).map(Value::str)
    }

    pub fn attribute_name(&self, value: &Value<H>) -> R<Name, H> {
        value.text().map(Name::of).ok_or_else(|| self.type_error("attribute name must be string"))
    }

    /// The next value of an iterator, or `StopIteration`.
    pub fn next_or_raise(&self, iter: &Value<H>) -> R<Value<H>, H> {
        use crate::vm::Outcome;
        match iter {
            Value::Generator(generator) => match self.resume(generator, Ok(Value::None))? {
                Outcome::Yielded(value) => Ok(value),
                Outcome::Returned(value) => Err(self.stop_iteration(value)),
            },
            Value::Iter(_) => self.next(iter)?.ok_or_else(|| self.stop_iteration(Value::None)),
            iter => self.call_special(iter, names::NEXT, &[]).unwrap_or_else(|| {
                Err(self.type_error(format!("'{}' object is not an iterator", self.type_name(iter))))
            }),
        }
    }
}
