//! `objgraph`: what of the module of that name can be made from the library's introspection.

use std::collections::BTreeMap;
use std::fmt::Write;

use tricycle::Gc;

use crate::builtins::functions;
use crate::heap::Runtime;
use crate::name::Name;
use crate::object::Module;
use crate::value::Value;
use crate::vm::{R, Vm};

pub fn fill<H: Runtime>(module: &Gc<Module<H>, H>) {
    functions(
        module,
        &[
            ("typestats", |vm, _| {
                let counts: Vec<_> =
                    census(vm).into_iter().map(|(name, n)| (Name::of(&name), Value::from(n))).collect();
                Ok(Value::dict(vm.keyword_dict(&counts)))
            }),
            ("count", |vm, args| {
                let wanted = args.get(0).and_then(Value::text).unwrap_or("");
                Ok(Value::from(census(vm).get(wanted).copied().unwrap_or(0)))
            }),
            ("growth", |vm, _| growth(vm)),
            ("show_growth", |vm, _| {
                for row in vm.collect(&growth(vm)?)? {
                    let parts = vm.collect(&row)?;
                    if let [name, count, delta] = parts.as_slice() {
                        let (name, count, delta) = (vm.str(name)?, vm.str(count)?, vm.str(delta)?);
                        vm.write(&format!("{name:<20} {count:>9} {:>9}\n", format!("+{delta}")));
                    }
                }
                Ok(Value::None)
            }),
            ("backrefs", |vm, args| {
                let target = args.get(0).ok_or_else(|| vm.type_error("backrefs() takes an object"))?;
                let depth = args.get_or_keyword(1, Name::of("max_depth")).map_or(Ok(3), |depth| vm.to_index(depth))?;
                backrefs(vm, target, depth).map(Value::str)
            }),
        ],
    );
}

/// How many objects there are of each class.
fn census<H: Runtime>(vm: &Vm<H>) -> BTreeMap<String, usize> {
    let mut counts = BTreeMap::new();
    for value in H::default().objects(None).into_iter().filter_map(H::value_of) {
        *counts.entry(vm.type_name(&value).to_string()).or_insert(0) += 1;
    }
    counts
}

/// The classes that have more instances than at the last call: name, count, by how many more.
fn growth<H: Runtime>(vm: &Vm<H>) -> R<Value<H>, H> {
    let Value::Module(module) = vm.import(Name::of("objgraph"))? else { return Ok(Value::None) };
    let key = Name::of("<last>");
    let last = module.get(key);
    let now = census(vm);
    let mut rows = Vec::new();
    for (name, count) in &now {
        let before = match &last {
            Some(Value::Dict(last)) => match vm.dict_get_str(last, name)? {
                Some(Value::Int(before)) => before,
                _ => 0,
            },
            _ => 0,
        };
        let delta = *count as i64 - before;
        if delta > 0 {
            rows.push((delta, name.clone(), *count));
        }
    }
    let counts: Vec<_> = now.into_iter().map(|(name, n)| (Name::of(&name), Value::from(n))).collect();
    module.set(key, Value::dict(vm.keyword_dict(&counts)));
    rows.sort_by(|a, b| b.cmp(a));
    let row = |(delta, name, count): (i64, String, usize)| Value::tuple([name.into(), count.into(), delta.into()]);
    Ok(Value::list(rows.into_iter().map(row).collect()))
}

/// A graph, in DOT, of what refers to an object.
fn backrefs<H: Runtime>(vm: &Vm<H>, target: &Value<H>, depth: i64) -> R<String, H> {
    let mut dot = String::from("digraph backrefs {\n");
    let mut seen = vec![target.clone()];
    let mut level = vec![target.clone()];
    let _ = writeln!(dot, "  n0 [label=\"{}\"];", vm.type_name(target));
    for _ in 0..depth {
        let mut next = Vec::new();
        for value in level {
            let to = seen.iter().position(|other| other.is(&value)).unwrap_or(0);
            let referrers = crate::with_handle!(&value, gc => H::default().referrers(gc), else Vec::new());
            for referrer in referrers.into_iter().filter_map(H::value_of) {
                let from = match seen.iter().position(|other| other.is(&referrer)) {
                    Some(at) => at,
                    None => {
                        let _ = writeln!(dot, "  n{} [label=\"{}\"];", seen.len(), vm.type_name(&referrer));
                        seen.push(referrer.clone());
                        next.push(referrer);
                        seen.len() - 1
                    }
                };
                let _ = writeln!(dot, "  n{from} -> n{to};");
            }
        }
        level = next;
    }
    dot.push_str("}\n");
    Ok(dot)
}
