//! `enumerate`, `zip`, `map`, `filter`, `reversed`.

use super::methods;
use crate::heap::Runtime;
use crate::name::names;
use crate::object::{Iter, IterState, Misc};
use crate::value::Value;
use crate::vm::{Args, R, Vm};

pub fn install<H: Runtime>(vm: &Vm<H>) {
    let types = &vm.types;
    types.enumerate.set_construct(|vm, args| {
        let Some(iterable) = args.get(0) else {
            return Err(vm.type_error("enumerate() missing required argument 'iterable' (pos 1)"));
        };
        let at = args.get_or_keyword(1, names::START).map_or(Ok(0), |start| vm.to_index(start))?;
        Ok(Iter::create(IterState::Enumerate { inner: vm.iter(iterable)?, at }))
    });
    types.zip.set_construct(|vm, args| {
        let strict = args.keyword(names::STRICT).map_or(Ok(false), |strict| vm.truth(strict))?;
        Ok(Iter::create(IterState::Zip { inner: iterators(vm, args)?, strict }))
    });
    types.map.set_construct(|vm, args| match args.get(0) {
        Some(function) if args.len() > 1 => {
            Ok(Iter::create(IterState::Map { function: function.clone(), inner: iterators(vm, args.rest())? }))
        }
        _ => Err(vm.type_error("map() must have at least two arguments.")),
    });
    types.filter.set_construct(|vm, args| {
        let [function, iterable] = args.exactly::<2>(vm, "filter")?;
        Ok(Iter::create(IterState::Filter { function: function.clone(), inner: vm.iter(iterable)? }))
    });
    types.reversed.set_construct(|vm, args| {
        let [sequence] = args.exactly::<1>(vm, "reversed")?;
        if let Some(result) = vm.call_special(sequence, names::REVERSED, &[]) {
            return result;
        }
        match sequence {
            Value::Misc(misc) if let Misc::View { .. } = &**misc => {
                let mut items = vm.collect(sequence)?;
                items.reverse();
                vm.iter(&Value::list(items))
            }
            Value::Tuple(_) | Value::Str(_) | Value::Misc(_) | Value::Instance(_) | Value::Finalizable(_) => {
                let left = vm.len(sequence)? as i64;
                Ok(Iter::create(IterState::SequenceReversed { object: sequence.clone(), left }))
            }
            other => Err(vm.type_error(format!("'{}' object is not reversible", vm.type_name(other)))),
        }
    });
    for class in [&types.iterator, &types.enumerate, &types.zip, &types.map, &types.filter, &types.reversed] {
        methods(
            class,
            &[
                ("__iter__", |_, args| Ok(args.positional[0].clone())),
                ("__next__", |vm, args| vm.next_or_raise(&args.positional[0])),
            ],
        );
    }
}

fn iterators<H: Runtime>(vm: &Vm<H>, args: Args<'_, H>) -> R<Vec<Value<H>>, H> {
    args.positional.iter().map(|value| vm.iter(value)).collect()
}
