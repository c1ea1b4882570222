//! `sys`.

use std::sync::atomic::Ordering;
use std::time::Duration;

use tricycle::Gc;

use crate::builtins::functions;
use crate::heap::Runtime;
use crate::name::Name;
use crate::object::Module;
use crate::value::Value;
use crate::vm::{RECURSION_LIMIT, Vm};

pub fn fill<H: Runtime>(vm: &Vm<H>, module: &Gc<Module<H>, H>) {
    let arguments = vm.arguments.iter().map(|argument| Value::str(argument.as_str())).collect();
    module.set(Name::of("argv"), Value::list(arguments));
    module.set(Name::of("maxsize"), Value::Int(i64::MAX));
    module.set(Name::of("platform"), Value::str("linux"));
    module.set(Name::of("version"), Value::str("3.11 (minipy)"));
    module.set(Name::of("version_info"), Value::tuple([3, 11, 0].map(Value::Int)));
    module.set(Name::of("<interval>"), Value::float(0.005));
    for (name, write) in [("stdout", stdout::<H> as crate::object::NativeFn<H>), ("stderr", stderr::<H>)] {
        let stream = Gc::new_in(Module::new(Name::of(name)), H::default());
        functions(
            &stream,
            &[
                ("write", write),
                ("flush", |vm, _| {
                    vm.flush();
                    Ok(Value::None)
                }),
            ],
        );
        module.set(Name::of(name), Value::Module(stream));
    }
    functions(
        module,
        &[
            ("exit", |vm, args| Err(vm.error_with("SystemExit", args.positional))),
            ("getrefcount", |vm, args| {
                let [value] = args.exactly::<1>(vm, "getrefcount")?;
                let count = crate::with_handle!(value, gc => Gc::strong_count(gc), else 1);
                Ok(Value::from(count))
            }),
            ("getrecursionlimit", |_, _| Ok(Value::from(RECURSION_LIMIT.load(Ordering::Relaxed)))),
            ("setrecursionlimit", |vm, args| {
                let limit = vm.to_index(&args.exactly::<1>(vm, "setrecursionlimit")?[0])?;
                if limit < 1 {
                    return Err(vm.value_error("recursion limit must be greater or equal than 1"));
                }
                RECURSION_LIMIT.store(limit as usize, Ordering::Relaxed);
                Ok(Value::None)
            }),
            ("getswitchinterval", |vm, _| match vm.import(Name::of("sys"))? {
                Value::Module(module) => Ok(Value::or_none(module.get(Name::of("<interval>")))),
                _ => Ok(Value::None),
            }),
            ("setswitchinterval", |vm, args| {
                let interval = vm.to_float(&args.exactly::<1>(vm, "setswitchinterval")?[0])?;
                if interval <= 0.0 {
                    return Err(vm.value_error("switch interval must be strictly positive"));
                }
                H::default().set_switch_interval(Duration::from_secs_f64(interval.min(1e9)));
                if let Value::Module(module) = vm.import(Name::of("sys"))? {
                    module.set(Name::of("<interval>"), Value::float(interval));
                }
                Ok(Value::None)
            }),
            ("intern", |vm, args| Ok(args.exactly::<1>(vm, "intern")?[0].clone())),
            ("exc_info", |vm, _| {
                let current = vm.handling.borrow().clone();
                if current.is_none() {
                    return Ok(Value::tuple([Value::None, Value::None, Value::None]));
                }
                let class = Value::Class(vm.class_of(&current));
                let traceback = vm.get_attribute(&current, crate::name::names::TRACEBACK)?;
                Ok(Value::tuple([class, current, traceback]))
            }),
        ],
    );
}

fn stdout<H: Runtime>(vm: &Vm<H>, args: crate::vm::Args<'_, H>) -> crate::vm::R<Value<H>, H> {
    let text = vm.str(&args.exactly::<1>(vm, "write")?[0])?;
    vm.write(&text);
    Ok(Value::from(text.chars().count()))
}

fn stderr<H: Runtime>(vm: &Vm<H>, args: crate::vm::Args<'_, H>) -> crate::vm::R<Value<H>, H> {
    let text = vm.str(&args.exactly::<1>(vm, "write")?[0])?;
    vm.write_error(&text);
    Ok(Value::from(text.chars().count()))
}
