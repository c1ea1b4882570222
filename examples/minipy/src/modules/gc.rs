//! `gc`: the library's controls under their Python names.

use tricycle::{Collection, CollectionEvent, Gc, Generation, Phase, Thresholds};

use crate::builtins::functions;
use crate::heap::Runtime;
use crate::name::Name;
use crate::object::Module;
use crate::value::Value;
use crate::vm::{Args, R, Vm};

const DEBUG_STATS: i64 = 1;
const DEBUG_SAVEALL: i64 = 32;

pub fn fill<H: Runtime>(module: &Gc<Module<H>, H>) {
    for (name, flag) in [
        ("DEBUG_STATS", DEBUG_STATS),
        ("DEBUG_COLLECTABLE", 2),
        ("DEBUG_UNCOLLECTABLE", 4),
        ("DEBUG_SAVEALL", DEBUG_SAVEALL),
        ("DEBUG_LEAK", 38),
    ] {
        module.set(Name::of(name), Value::Int(flag));
    }
    module.set(Name::of("garbage"), Value::list(Vec::new()));
    module.set(Name::of("callbacks"), Value::list(Vec::new()));
    module.set(Name::of("<debug>"), Value::Int(0));
    H::on_collection(announce::<H>);
    functions(
        module,
        &[
            ("collect", collect),
            ("enable", |_, _| {
                H::default().enable();
                Ok(Value::None)
            }),
            ("disable", |_, _| {
                H::default().disable();
                Ok(Value::None)
            }),
            ("isenabled", |_, _| Ok(Value::bool(H::default().is_enabled()))),
            ("get_threshold", |_, _| {
                let Thresholds { young, middle, old } = H::default().thresholds();
                Ok(Value::tuple([young, middle, old].map(Value::from)))
            }),
            ("set_threshold", |vm, args| {
                let mut thresholds = H::default().thresholds();
                let fields = [&mut thresholds.young, &mut thresholds.middle, &mut thresholds.old];
                for (field, value) in fields.into_iter().zip(args.between(vm, "set_threshold", 1, 3)?) {
                    *field = vm.to_index(value)?.max(0) as usize;
                }
                H::default().set_thresholds(thresholds);
                Ok(Value::None)
            }),
            ("get_count", |_, _| {
                let counts = H::default().counts();
                Ok(Value::tuple([counts.young, counts.middle, counts.old].map(Value::from)))
            }),
            ("get_stats", |vm, _| {
                let stats = H::default().stats();
                let entry = |generation| {
                    let stats = stats[generation];
                    let entries = [
                        (Name::of("collections"), Value::Int(stats.collections as i64)),
                        (Name::of("collected"), Value::Int(stats.collected as i64)),
                        (Name::of("uncollectable"), Value::Int(stats.uncollectable as i64)),
                    ];
                    Value::dict(vm.keyword_dict(&entries))
                };
                Ok(Value::list(Generation::ALL.map(entry).to_vec()))
            }),
            ("freeze", |_, _| {
                H::default().freeze();
                Ok(Value::None)
            }),
            ("unfreeze", |_, _| {
                H::default().unfreeze();
                Ok(Value::None)
            }),
            ("get_freeze_count", |_, _| Ok(Value::from(H::default().freeze_count()))),
            ("set_debug", |vm, args| {
                let [flags] = args.exactly::<1>(vm, "set_debug")?;
                let flags = vm.to_index(flags)?;
                H::default().set_save_all(flags & DEBUG_SAVEALL != 0);
                set_state(vm, "<debug>", Value::Int(flags));
                Ok(Value::None)
            }),
            ("get_debug", |vm, _| Ok(state(vm, "<debug>").unwrap_or(Value::Int(0)))),
            ("is_tracked", |vm, args| {
                let [value] = args.exactly::<1>(vm, "is_tracked")?;
                Ok(Value::bool(crate::with_handle!(value, gc => Gc::is_tracked(gc), else false)))
            }),
            ("is_finalized", |vm, args| {
                let [value] = args.exactly::<1>(vm, "is_finalized")?;
                Ok(Value::bool(crate::with_handle!(value, gc => Gc::is_finalized(gc), else false)))
            }),
            ("get_objects", |vm, args| {
                let generation = args.get_or_keyword(0, Name::of("generation")).filter(|value| !value.is_none());
                let generation = generation.map(|value| self::generation(vm, value)).transpose()?;
                let objects = H::default().objects(generation);
                Ok(Value::list(objects.into_iter().filter_map(H::value_of).collect()))
            }),
            ("get_referrers", |_, args| {
                let mut found = Vec::new();
                for value in args.positional {
                    found.extend(crate::with_handle!(value, gc => H::default().referrers(gc), else Vec::new()));
                }
                Ok(Value::list(found.into_iter().filter_map(H::value_of).collect()))
            }),
            ("get_referents", |_, args| {
                let mut found = Vec::new();
                for value in args.positional {
                    found.extend(crate::with_handle!(value, gc => H::default().referents(gc), else Vec::new()));
                }
                Ok(Value::list(found.into_iter().filter_map(H::value_of).collect()))
            }),
        ],
    );
}

/// An attribute of the module, if it has been imported and not been taken apart yet.
fn state<H: Runtime>(vm: &Vm<H>, name: &str) -> Option<Value<H>> {
    vm.imported(Name::of("gc"))?.get(Name::of(name))
}

fn set_state<H: Runtime>(vm: &Vm<H>, name: &str, value: Value<H>) {
    if let Some(module) = vm.imported(Name::of("gc")) {
        module.set(Name::of(name), value);
    }
}

fn generation<H: Runtime>(vm: &Vm<H>, value: &Value<H>) -> R<Generation, H> {
    match vm.to_index(value)? {
        0 => Ok(Generation::Young),
        1 => Ok(Generation::Middle),
        2 => Ok(Generation::Old),
        _ => Err(vm.value_error("invalid generation")),
    }
}

fn collect<H: Runtime>(vm: &Vm<H>, args: Args<'_, H>) -> R<Value<H>, H> {
    let generation = match args.get_or_keyword(0, Name::of("generation")) {
        Some(value) => generation(vm, value)?,
        None => Generation::Old,
    };
    vm.recall.forget();
    let Collection { collected, uncollectable, .. } = H::default().collect_generation(generation);
    // What the collector saved goes where Python looks for it.
    if H::default().is_save_all()
        && let Some(Value::List(garbage)) = state(vm, "garbage")
    {
        let saved: Vec<Value<H>> = H::default().take_garbage().into_iter().filter_map(H::value_of).collect();
        garbage.items.borrow_mut().extend(saved);
    }
    Ok(Value::from(collected + uncollectable))
}

/// Calls `gc.callbacks`.
fn announce<H: Runtime>(event: &CollectionEvent) {
    let Some(vm) = Vm::<H>::current() else { return };
    let Some(Value::List(callbacks)) = state(&vm, "callbacks") else { return };
    let callbacks = callbacks.items.borrow().clone();
    if callbacks.is_empty() {
        return;
    }
    let phase = Value::str(if event.phase == Phase::Start { "start" } else { "stop" });
    let info = vm.keyword_dict(&[
        (Name::of("generation"), Value::Int(event.generation as i64)),
        (Name::of("collected"), Value::from(event.collected)),
        (Name::of("uncollectable"), Value::from(event.uncollectable)),
    ]);
    let info = Value::dict(info);
    for callback in callbacks {
        let result = vm.call(&callback, Args::of(&[phase.clone(), info.clone()]));
        vm.unraisable(result, &callback);
    }
}
