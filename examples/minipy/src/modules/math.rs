//! `math`.

use crate::builtins::functions;
use crate::heap::Runtime;
use crate::name::Name;
use crate::object::Module;
use crate::value::Value;
use crate::vm::{Args, R, Vm};

/// Functions of one float.
macro_rules! plain {
    ($($name:literal: $f:expr,)+) => {
        [$(($name, |vm: &Vm<H>, args: Args<'_, H>| {
            let [x] = args.exactly::<1>(vm, $name)?;
            one(vm, $f, x)
        }),)+]
    };
}

pub fn fill<H: Runtime>(module: &Module<H>) {
    for (name, value) in [
        ("pi", std::f64::consts::PI),
        ("e", std::f64::consts::E),
        ("tau", std::f64::consts::TAU),
        ("inf", f64::INFINITY),
        ("nan", f64::NAN),
    ] {
        module.set(Name::of(name), Value::float(value));
    }
    functions(
        module,
        &plain! {
            "sqrt": f64::sqrt, "sin": f64::sin, "cos": f64::cos, "tan": f64::tan, "asin": f64::asin, "acos": f64::acos,
            "atan": f64::atan, "exp": f64::exp, "log10": f64::log10, "log2": f64::log2, "fabs": f64::abs,
            "sinh": f64::sinh, "cosh": f64::cosh, "tanh": f64::tanh, "degrees": f64::to_degrees,
            "radians": f64::to_radians, "log1p": f64::ln_1p, "expm1": f64::exp_m1, "cbrt": f64::cbrt,
        },
    );
    functions(
        module,
        &[
            ("floor", |vm, args| whole(vm, args, "floor", f64::floor)),
            ("ceil", |vm, args| whole(vm, args, "ceil", f64::ceil)),
            ("trunc", |vm, args| whole(vm, args, "trunc", f64::trunc)),
            ("pow", |vm, args| two(vm, args, "pow", f64::powf)),
            ("atan2", |vm, args| two(vm, args, "atan2", f64::atan2)),
            ("fmod", |vm, args| two(vm, args, "fmod", |a, b| a % b)),
            ("copysign", |vm, args| two(vm, args, "copysign", f64::copysign)),
            ("hypot", |vm, args| {
                let parts: Vec<f64> = args.positional.iter().map(|x| vm.to_float(x)).collect::<R<_, H>>()?;
                Ok(Value::float(match parts.as_slice() {
                    [a, b] => a.hypot(*b),
                    parts => parts.iter().map(|x| x * x).sum::<f64>().sqrt(),
                }))
            }),
            ("log", |vm, args| match args.between(vm, "log", 1, 2)? {
                [x] => one(vm, f64::ln, x),
                [x, base] => match (one(vm, f64::ln, x)?, one(vm, f64::ln, base)?) {
                    (Value::Float(x), Value::Float(base)) if base.get() != 0.0 => {
                        Ok(Value::float(x.get() / base.get()))
                    }
                    _ => Err(vm.zero_division("float division by zero")),
                },
                _ => unreachable!("one or two"),
            }),
            ("isnan", |vm, args| Ok(Value::bool(vm.to_float(&args.exactly::<1>(vm, "isnan")?[0])?.is_nan()))),
            ("isinf", |vm, args| Ok(Value::bool(vm.to_float(&args.exactly::<1>(vm, "isinf")?[0])?.is_infinite()))),
            ("isfinite", |vm, args| Ok(Value::bool(vm.to_float(&args.exactly::<1>(vm, "isfinite")?[0])?.is_finite()))),
            ("isclose", |vm, args| {
                let (a, b) = (vm.to_float(&args.positional[0])?, vm.to_float(&args.positional[1])?);
                let tolerance = |name, default| args.keyword(Name::of(name)).map_or(Ok(default), |x| vm.to_float(x));
                let bound = (tolerance("rel_tol", 1e-9)? * a.abs().max(b.abs())).max(tolerance("abs_tol", 0.0)?);
                Ok(Value::bool(a == b || (a - b).abs() <= bound))
            }),
            ("gcd", |vm, args| {
                let gcd = |a: u64, b: &Value<H>| {
                    let (mut a, mut b) = (a, vm.to_index(b)?.unsigned_abs());
                    while b != 0 {
                        (a, b) = (b, a % b);
                    }
                    Ok(a)
                };
                let gcd = args.positional.iter().try_fold(0, gcd)?;
                i64::try_from(gcd).map(Value::Int).map_err(|_| vm.overflow())
            }),
            ("isqrt", |vm, args| {
                let value = vm.to_index(&args.exactly::<1>(vm, "isqrt")?[0])?;
                if value < 0 {
                    return Err(vm.value_error("isqrt() argument must be nonnegative"));
                }
                Ok(Value::Int(value.isqrt()))
            }),
            ("factorial", |vm, args| {
                let value = vm.to_index(&args.exactly::<1>(vm, "factorial")?[0])?;
                if value < 0 {
                    return Err(vm.value_error("factorial() not defined for negative values"));
                }
                let product = (1..=value).try_fold(1i64, i64::checked_mul);
                product.map(Value::Int).ok_or_else(|| vm.overflow())
            }),
            ("fsum", |vm, args| {
                let values = vm.collect(&args.exactly::<1>(vm, "fsum")?[0])?;
                let values: Vec<f64> = values.iter().map(|value| vm.to_float(value)).collect::<R<_, H>>()?;
                Ok(Value::float(exact_sum(&values)))
            }),
            ("prod", |vm, args| {
                let values = vm.collect(&args.positional[0])?;
                values.iter().try_fold(Value::Int(1), |product, value| {
                    vm.checkpoint()?;
                    vm.binary(crate::code::BinaryOp::Mul, &product, value)
                })
            }),
            ("modf", |vm, args| {
                let value = vm.to_float(&args.exactly::<1>(vm, "modf")?[0])?;
                Ok(Value::tuple([Value::float(value.fract()), Value::float(value.trunc())]))
            }),
        ],
    );
}

fn one<H: Runtime>(vm: &Vm<H>, f: fn(f64) -> f64, x: &Value<H>) -> R<Value<H>, H> {
    let x = vm.to_float(x)?;
    let y = f(x);
    if y.is_nan() && !x.is_nan() || y == f64::NEG_INFINITY && x == 0.0 {
        return Err(vm.value_error("math domain error"));
    }
    if y.is_infinite() && x.is_finite() {
        return Err(vm.error("OverflowError", "math range error"));
    }
    Ok(Value::float(y))
}

fn two<H: Runtime>(vm: &Vm<H>, args: Args<'_, H>, name: &str, f: fn(f64, f64) -> f64) -> R<Value<H>, H> {
    let [a, b] = args.exactly::<2>(vm, name)?;
    let (a, b) = (vm.to_float(a)?, vm.to_float(b)?);
    let y = f(a, b);
    if y.is_nan() && !a.is_nan() && !b.is_nan() {
        return Err(vm.value_error("math domain error"));
    }
    if y.is_infinite() && a.is_finite() && b.is_finite() {
        return Err(vm.error("OverflowError", "math range error"));
    }
    Ok(Value::float(y))
}

fn whole<H: Runtime>(vm: &Vm<H>, args: Args<'_, H>, name: &str, f: fn(f64) -> f64) -> R<Value<H>, H> {
    let [x] = args.exactly::<1>(vm, name)?;
    if let Value::Int(_) = x {
        return Ok(x.clone());
    }
    if let Some(result) = vm.call_special(x, Name::of(&format!("__{name}__")), &[]) {
        return result;
    }
    let y = f(vm.to_float(x)?);
    if y.is_nan() {
        return Err(vm.value_error("cannot convert float NaN to integer"));
    }
    if y.is_infinite() {
        return Err(vm.error("OverflowError", "cannot convert float infinity to integer"));
    }
    if y.abs() >= 9.3e18 {
        return Err(vm.overflow());
    }
    Ok(Value::Int(y as i64))
}

/// Shewchuk's sum: partial sums that do not overlap, so that nothing is lost.
fn exact_sum(values: &[f64]) -> f64 {
    let mut partials: Vec<f64> = Vec::new();
    for &value in values {
        let mut x = value;
        let mut kept = 0;
        for at in 0..partials.len() {
            let mut y = partials[at];
            if x.abs() < y.abs() {
                std::mem::swap(&mut x, &mut y);
            }
            let high = x + y;
            let low = y - (high - x);
            if low != 0.0 {
                partials[kept] = low;
                kept += 1;
            }
            x = high;
        }
        partials.truncate(kept);
        partials.push(x);
    }
    partials.iter().rev().sum()
}
