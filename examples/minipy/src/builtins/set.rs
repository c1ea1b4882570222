//! `set` and `frozenset`.

use tricycle::Gc;

use super::methods;
use crate::code::{BinaryOp, CompareOp};
use crate::heap::Runtime;
use crate::memory;
use crate::object::{Set, Table};
use crate::value::Value;
use crate::vm::{Args, R, Vm};

pub fn install<H: Runtime>(vm: &Vm<H>) {
    let types = &vm.types;
    types.set.set_construct(|vm, args| construct(vm, args, false));
    types.frozenset.set_construct(|vm, args| match args.get(0) {
        Some(set @ Value::Set(inner)) if inner.frozen => Ok(set.clone()),
        _ => construct(vm, args, true),
    });
    for class in [&types.set, &types.frozenset] {
        methods(
            class,
            &[
                ("union", |vm, args| combine(vm, args, BinaryOp::Or)),
                ("intersection", |vm, args| combine(vm, args, BinaryOp::And)),
                ("difference", |vm, args| combine(vm, args, BinaryOp::Sub)),
                ("symmetric_difference", |vm, args| combine(vm, args, BinaryOp::Xor)),
                ("issubset", |vm, args| relate(vm, args, CompareOp::Le)),
                ("issuperset", |vm, args| relate(vm, args, CompareOp::Ge)),
                ("isdisjoint", |vm, args| {
                    let common = combine(vm, args, BinaryOp::And)?;
                    Ok(Value::bool(vm.len(&common)? == 0))
                }),
                ("copy", |vm, args| {
                    let set = this(vm, args)?;
                    vm.to_set(&Value::Set(set.clone()), set.frozen).map(Value::Set)
                }),
                ("__len__", |vm, args| Ok(Value::from(this(vm, args)?.len()))),
                ("__contains__", |vm, args| vm.set_contains(&*this(vm, args)?, &args.positional[1]).map(Value::bool)),
                ("__iter__", |vm, args| vm.iter(&Value::Set(this(vm, args)?))),
            ],
        );
    }
    methods(
        &types.set,
        &[
            ("__init__", |vm, args| {
                let set = this(vm, args)?;
                for item in args.get(1).map_or(Ok(Vec::new()), |items| vm.collect(items))? {
                    vm.checkpoint()?;
                    vm.set_add(&set, item)?;
                }
                Ok(Value::None)
            }),
            ("add", |vm, args| vm.set_add(&*this(vm, args)?, args.positional[1].clone()).map(|()| Value::None)),
            ("discard", |vm, args| vm.set_remove(&*this(vm, args)?, &args.positional[1]).map(|_| Value::None)),
            ("remove", |vm, args| match vm.set_remove(&*this(vm, args)?, &args.positional[1])? {
                true => Ok(Value::None),
                false => Err(vm.key_error(&args.positional[1])),
            }),
            ("pop", |vm, args| {
                let set = this(vm, args)?;
                let first = {
                    let mut table = set.table.borrow_mut();
                    table.first().map(|place| table.remove(place))
                };
                match first {
                    Some((key, _)) => Ok(key),
                    None => Err(vm.key_error(&Value::str("pop from an empty set"))),
                }
            }),
            ("clear", |vm, args| {
                let old = std::mem::replace(&mut *this(vm, args)?.table.borrow_mut(), Table::new());
                drop(old);
                Ok(Value::None)
            }),
            ("update", |vm, args| {
                let set = this(vm, args)?;
                for other in args.rest().positional {
                    for item in vm.collect(other)? {
                        vm.checkpoint()?;
                        vm.set_add(&set, item)?;
                    }
                }
                Ok(Value::None)
            }),
            ("intersection_update", |vm, args| replace(vm, args, BinaryOp::And)),
            ("difference_update", |vm, args| replace(vm, args, BinaryOp::Sub)),
            ("symmetric_difference_update", |vm, args| replace(vm, args, BinaryOp::Xor)),
        ],
    );
}

fn construct<H: Runtime>(vm: &Vm<H>, args: Args<'_, H>, frozen: bool) -> R<Value<H>, H> {
    match args.between(vm, if frozen { "frozenset" } else { "set" }, 0, 1)? {
        [] => Ok(Value::Set(memory::object(Set::new(frozen)))),
        args => vm.to_set(&args[0], frozen).map(Value::Set),
    }
}

fn this<H: Runtime>(vm: &Vm<H>, args: Args<'_, H>) -> R<Gc<Set<H>, H>, H> {
    match args.get(0).map(Value::unwrap_payload) {
        Some(Value::Set(set)) => Ok(set),
        _ => Err(vm.type_error("descriptor requires a 'set' object")),
    }
}

/// A set operation with any iterables.
fn combine<H: Runtime>(vm: &Vm<H>, args: Args<'_, H>, op: BinaryOp) -> R<Value<H>, H> {
    let set = this(vm, args)?;
    let mut result = Value::Set(vm.to_set(&Value::Set(set.clone()), set.frozen)?);
    for other in args.rest().positional {
        result = vm.binary(op, &result, &Value::Set(vm.to_set(other, false)?))?;
    }
    Ok(result)
}

fn replace<H: Runtime>(vm: &Vm<H>, args: Args<'_, H>, op: BinaryOp) -> R<Value<H>, H> {
    if let Value::Set(result) = combine(vm, args, op)? {
        let table = std::mem::replace(&mut *result.table.borrow_mut(), Table::new());
        let old = std::mem::replace(&mut *this(vm, args)?.table.borrow_mut(), table);
        drop(old);
    }
    Ok(Value::None)
}

fn relate<H: Runtime>(vm: &Vm<H>, args: Args<'_, H>, op: CompareOp) -> R<Value<H>, H> {
    let [_, other] = args.exactly::<2>(vm, "issubset")?;
    let other = Value::Set(vm.to_set(other, false)?);
    vm.compare(op, &Value::Set(this(vm, args)?), &other)
}
