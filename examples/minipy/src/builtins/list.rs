//! `list` and `tuple`.

use super::methods;
use crate::heap::Runtime;
use crate::memory;
use crate::name::names;
use crate::object::{Iter, IterState, Tuple};
use crate::value::Value;
use crate::vm::{Args, R, Vm};

pub fn install<H: Runtime>(vm: &Vm<H>) {
    let types = &vm.types;
    types.list.set_construct(|vm, args| match args.between(vm, "list", 0, 1)? {
        [] => Ok(Value::list(Vec::new())),
        args => vm.collect(&args[0]).map(Value::list),
    });
    types.tuple.set_construct(|vm, args| match args.between(vm, "tuple", 0, 1)? {
        [] => Ok(Value::tuple(Vec::new())),
        [tuple @ Value::Tuple(_)] => Ok(tuple.clone()),
        args => vm.collect(&args[0]).map(Value::tuple),
    });
    methods(
        &types.list,
        &[
            ("__init__", |vm, args| {
                let list = args.this_list(vm)?;
                let items = args.get(1).map_or(Ok(Vec::new()), |items| vm.collect(items))?;
                let old = list.items.replace(items);
                drop(old);
                Ok(Value::None)
            }),
            ("append", |vm, args| {
                let [_, value] =
                    args.exactly::<2>(vm, "append").map_err(|raise| one_argument(vm, args, "list.append", raise))?;
                args.this_list(vm)?.push(value.clone()).map_err(|none| vm.no_memory(none))?;
                Ok(Value::None)
            }),
            ("extend", |vm, args| {
                let [_, values] = args.exactly::<2>(vm, "extend")?;
                let values = vm.collect(values)?;
                args.this_list(vm)?.extend(values).map_err(|none| vm.no_memory(none))?;
                Ok(Value::None)
            }),
            ("insert", |vm, args| {
                let [_, at, value] = args.exactly::<3>(vm, "insert")?;
                let (list, at) = (args.this_list(vm)?, vm.to_index(at)?);
                let room = {
                    let mut items = list.items.borrow_mut();
                    memory::reserve(&mut items, 1).map(|()| {
                        let len = items.len() as i64;
                        let at = if at < 0 { (at + len).max(0) } else { at.min(len) };
                        items.insert(at as usize, value.clone());
                    })
                };
                room.map(|()| Value::None).map_err(|none| vm.no_memory(none))
            }),
            ("pop", |vm, args| {
                let list = args.this_list(vm)?;
                let at = args.get(1).map_or(Ok(-1), |at| vm.to_index(at))?;
                let removed = {
                    let mut items = list.items.borrow_mut();
                    let len = items.len() as i64;
                    let at = if at < 0 { at + len } else { at };
                    if (0..len).contains(&at) { Ok(items.remove(at as usize)) } else { Err(len) }
                };
                // Making an exception may run finalizers, which may look at the list.
                removed.map_err(|len| {
                    vm.index_error(if len == 0 { "pop from empty list" } else { "pop index out of range" })
                })
            }),
            ("remove", |vm, args| {
                let list = args.this_list(vm)?;
                loop {
                    let mut found = None;
                    vm.search(&list, &args.positional[1], 0, usize::MAX, |at, item| {
                        found = Some((at, item.clone()));
                        false
                    })?;
                    let Some((at, found)) = found else {
                        return Err(vm.value_error("list.remove(x): x not in list"));
                    };
                    let old = {
                        let mut now = list.items.borrow_mut();
                        let there = now.get(at).is_some_and(|item| item.is(&found));
                        there.then(|| now.remove(at))
                    };
                    // Otherwise the list has changed in the meantime.
                    if old.is_some() {
                        return Ok(Value::None);
                    }
                }
            }),
            ("index", |vm, args| {
                let list = args.this_list(vm)?;
                let (from, to) = bounds(vm, args, list.len())?;
                let mut found = None;
                vm.search(&list, &args.positional[1], from, to, |at, _| {
                    found = Some(at);
                    false
                })?;
                match found {
                    Some(at) => Ok(Value::from(at)),
                    None => Err(vm.value_error(format!("{} is not in list", vm.repr(&args.positional[1])?))),
                }
            }),
            ("count", |vm, args| {
                let [_, value] = args.exactly::<2>(vm, "count")?;
                let mut count = 0;
                vm.search(&*args.this_list(vm)?, value, 0, usize::MAX, |_, _| {
                    count += 1;
                    true
                })?;
                Ok(Value::Int(count))
            }),
            ("clear", |vm, args| {
                // From the end, as CPython does.
                let mut old = args.this_list(vm)?.items.take();
                while let Some(last) = old.pop() {
                    drop(last);
                }
                Ok(Value::None)
            }),
            ("copy", |vm, args| {
                let items = args.this_list(vm)?.copy();
                items.map(Value::list).map_err(|none| vm.no_memory(none))
            }),
            ("reverse", |vm, args| {
                args.this_list(vm)?.items.borrow_mut().reverse();
                Ok(Value::None)
            }),
            ("sort", |vm, args| {
                let list = args.this_list(vm)?;
                // While it is being sorted the list is empty, as CPython's is.
                let items = list.items.take();
                let copy = items.clone();
                match vm.sort(items, args.keyword(names::KEY), args.keyword(names::REVERSE)) {
                    Ok(sorted) => {
                        if !list.items.replace(sorted).is_empty() {
                            return Err(vm.value_error("list modified during sort"));
                        }
                    }
                    Err(raise) => {
                        drop(list.items.replace(copy));
                        return Err(raise);
                    }
                }
                Ok(Value::None)
            }),
            ("__len__", |vm, args| Ok(Value::from(args.this_list(vm)?.len()))),
            ("__getitem__", |vm, args| vm.get_item(&Value::List(args.this_list(vm)?), &args.positional[1])),
            ("__setitem__", |vm, args| {
                let [_, index, value] = args.exactly::<3>(vm, "__setitem__")?;
                vm.set_item(&Value::List(args.this_list(vm)?), index, value.clone()).map(|()| Value::None)
            }),
            ("__delitem__", |vm, args| {
                vm.delete_item(&Value::List(args.this_list(vm)?), &args.positional[1]).map(|()| Value::None)
            }),
            ("__iter__", |vm, args| vm.iter(&Value::List(args.this_list(vm)?))),
            ("__reversed__", |vm, args| {
                let list = args.this_list(vm)?;
                Ok(Iter::create_then(|| IterState::ListReversed { left: list.len(), list }))
            }),
            ("__contains__", |vm, args| {
                vm.contains(&Value::List(args.this_list(vm)?), &args.positional[1]).map(Value::bool)
            }),
            ("__repr__", |vm, args| vm.repr(&Value::List(args.this_list(vm)?)).map(Value::str)),
        ],
    );
    methods(
        &types.tuple,
        &[
            ("index", |vm, args| {
                let tuple = this_tuple(vm, args)?;
                let (from, to) = bounds(vm, args, tuple.items.len())?;
                for (at, item) in tuple.items.iter().enumerate().take(to).skip(from) {
                    vm.checkpoint()?;
                    if vm.equal(item, &args.positional[1])? {
                        return Ok(Value::from(at));
                    }
                }
                Err(vm.value_error("tuple.index(x): x not in tuple"))
            }),
            ("count", |vm, args| {
                let [_, value] = args.exactly::<2>(vm, "count")?;
                let mut count = 0;
                for item in &this_tuple(vm, args)?.items {
                    vm.checkpoint()?;
                    count += i64::from(vm.equal(item, value)?);
                }
                Ok(Value::Int(count))
            }),
        ],
    );
}

fn one_argument<H: Runtime>(vm: &Vm<H>, args: Args<'_, H>, name: &str, _: crate::vm::Raise<H>) -> crate::vm::Raise<H> {
    vm.type_error(format!("{name}() takes exactly one argument ({} given)", args.len().saturating_sub(1)))
}

fn this_tuple<'a, H: Runtime>(vm: &Vm<H>, args: Args<'a, H>) -> R<&'a Tuple<H>, H> {
    match args.get(0) {
        Some(Value::Tuple(tuple)) => Ok(tuple),
        _ => Err(vm.type_error("descriptor requires a 'tuple' object")),
    }
}

/// Where `index` begins to search, and where it ends.
fn bounds<H: Runtime>(vm: &Vm<H>, args: Args<'_, H>, len: usize) -> R<(usize, usize), H> {
    let [value, rest @ ..] = args.rest().between(vm, "index", 1, 3)? else { unreachable!("one at least") };
    let _ = value;
    let bound = |at: usize, default: usize| match rest.get(at) {
        None => Ok(default),
        Some(value) => {
            let value = vm.to_index(value)?;
            Ok(if value < 0 { value.saturating_add(len as i64).max(0) } else { value } as usize)
        }
    };
    Ok((bound(0, 0)?, bound(1, usize::MAX)?))
}
