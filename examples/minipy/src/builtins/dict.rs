//! `dict`.

use super::methods;
use crate::heap::Runtime;
use crate::name::names;
use crate::object::{Dict, Iter, IterState, Misc, View};
use crate::value::Value;
use crate::vm::{Args, R, Vm};

pub fn install<H: Runtime>(vm: &Vm<H>) {
    let types = &vm.types;
    types.dict.set_construct(|vm, args| {
        let dict = Dict::new();
        fill(vm, &dict, args, "dict")?;
        Ok(Value::dict(dict))
    });
    let fromkeys = super::native(
        "fromkeys",
        |vm, args: Args<'_, H>| {
            let value = args.get(2).cloned().unwrap_or(Value::None);
            let dict = vm.call(&args.positional[0], Args::none())?;
            for key in vm.collect(&args.positional[1])? {
                vm.checkpoint()?;
                vm.set_item(&dict, &key, value.clone())?;
            }
            Ok(dict)
        },
        true,
    );
    types.dict.set(names::FROMKEYS, Value::misc(Misc::ClassMethod(fromkeys)));
    methods(
        &types.dict,
        &[
            ("__init__", |vm, args| {
                let dict = args.this_dict(vm)?;
                fill(vm, &dict, args.rest(), "dict").map(|()| Value::None)
            }),
            ("get", |vm, args| {
                let found = vm.dict_get(&*args.this_dict(vm)?, &args.rest().between(vm, "get", 1, 2)?[0])?;
                Ok(found.or_else(|| args.get(2).cloned()).unwrap_or(Value::None))
            }),
            ("setdefault", |vm, args| {
                let dict = args.this_dict(vm)?;
                let key = &args.positional[1];
                let default = args.get(2).cloned().unwrap_or(Value::None);
                vm.dict_set_default(&dict, key, default)
            }),
            ("pop", |vm, args| {
                let key = &args.rest().between(vm, "pop", 1, 2)?[0];
                match (vm.dict_remove(&*args.this_dict(vm)?, key)?, args.get(2)) {
                    (Some(value), _) => Ok(value),
                    (None, Some(default)) => Ok(default.clone()),
                    (None, None) => Err(vm.key_error(key)),
                }
            }),
            ("popitem", |vm, args| {
                let dict = args.this_dict(vm)?;
                let last = {
                    let mut table = dict.table.borrow_mut();
                    table.last().map(|place| table.remove(place))
                };
                match last {
                    Some((key, value)) => Ok(Value::tuple([key, value])),
                    None => Err(vm.key_error(&Value::str("popitem(): dictionary is empty"))),
                }
            }),
            ("update", |vm, args| {
                let dict = args.this_dict(vm)?;
                fill(vm, &dict, args.rest(), "update").map(|()| Value::None)
            }),
            ("clear", |vm, args| {
                let old = std::mem::replace(&mut *args.this_dict(vm)?.table.borrow_mut(), crate::object::Table::new());
                drop(old);
                Ok(Value::None)
            }),
            ("copy", |vm, args| vm.dict_copy(&*args.this_dict(vm)?).map(Value::Dict)),
            ("keys", |vm, args| view(vm, args, View::Keys)),
            ("values", |vm, args| view(vm, args, View::Values)),
            ("items", |vm, args| view(vm, args, View::Items)),
            ("__len__", |vm, args| Ok(Value::from(args.this_dict(vm)?.len()))),
            ("__getitem__", |vm, args| {
                let [object, key] = args.exactly::<2>(vm, "__getitem__")?;
                match (vm.dict_get(&*args.this_dict(vm)?, key)?, vm.special(object, names::MISSING)) {
                    (Some(value), _) => Ok(value),
                    (None, Some(missing)) => vm.call(&missing, Args::of(args.positional)),
                    (None, None) => Err(vm.key_error(key)),
                }
            }),
            ("__setitem__", |vm, args| {
                let [_, key, value] = args.exactly::<3>(vm, "__setitem__")?;
                vm.dict_set(&*args.this_dict(vm)?, key.clone(), value.clone()).map(|()| Value::None)
            }),
            ("__delitem__", |vm, args| {
                vm.delete_item(&Value::Dict(args.this_dict(vm)?), &args.positional[1]).map(|()| Value::None)
            }),
            ("__contains__", |vm, args| {
                Ok(Value::bool(vm.dict_get(&*args.this_dict(vm)?, &args.positional[1])?.is_some()))
            }),
            ("__iter__", |vm, args| vm.iter(&Value::Dict(args.this_dict(vm)?))),
            ("__reversed__", |vm, args| {
                let dict = args.this_dict(vm)?;
                Ok(Iter::create_then(|| {
                    let left = dict.table.borrow().places();
                    IterState::DictReversed { dict, left }
                }))
            }),
            ("__repr__", |vm, args| vm.repr(&Value::Dict(args.this_dict(vm)?)).map(Value::str)),
        ],
    );
    for class in [&types.keys, &types.items] {
        methods(
            class,
            &[("isdisjoint", |vm, args| {
                let [a, b] = args.exactly::<2>(vm, "isdisjoint")?;
                let (a, b) = (vm.to_set(a, false)?, vm.to_set(b, false)?);
                let keys = a.table.borrow().hashed();
                for (_, key) in keys {
                    vm.checkpoint()?;
                    if vm.set_contains(&b, &key)? {
                        return Ok(Value::bool(false));
                    }
                }
                Ok(Value::bool(true))
            })],
        );
    }
}

/// Adds what the arguments of `dict(…)` say.
fn fill<H: Runtime>(vm: &Vm<H>, dict: &Dict<H>, args: Args<'_, H>, name: &str) -> R<(), H> {
    let positional = Args::of(args.positional).between(vm, name, 0, 1)?;
    if let [other] = positional {
        vm.dict_update(dict, other, false)?;
    }
    for (name, value) in args.keywords {
        vm.dict_set(dict, Value::str(&*name.text()), value.clone())?;
    }
    Ok(())
}

fn view<H: Runtime>(vm: &Vm<H>, args: Args<'_, H>, what: View) -> R<Value<H>, H> {
    Ok(Value::misc(Misc::View { dict: args.this_dict(vm)?, what }))
}
