//! `weakref`.

use tricycle::Gc;

use crate::builtins::functions;
use crate::heap::Runtime;
use crate::name::Name;
use crate::object::{Module, WeakRef};
use crate::value::Value;
use crate::vm::{Args, R, Vm};

/// What is easiest said in Python.
const SOURCE: &str = include_str!("weakref.py");

pub fn fill<H: Runtime>(vm: &Vm<H>, module: &Gc<Module<H>, H>) {
    let class = &vm.types.weakref;
    class.set_construct(|vm, args| {
        let args = args.between(vm, "__new__", 1, 2)?;
        let callback = args.get(1).cloned().unwrap_or(Value::None);
        reference(vm, &args[0], callback)
    });
    module.set(Name::of("ref"), Value::Class(class.clone()));
    module.set(Name::of("ReferenceType"), Value::Class(class.clone()));
    functions(
        module,
        &[("getweakrefcount", |vm, args| {
            let [value] = args.exactly::<1>(vm, "getweakrefcount")?;
            let count = match value {
                // One of them is the object's own, for `__del__`.
                Value::Finalizable(gc) => Gc::weak_count(gc) - 1,
                value => crate::with_handle!(value, gc => Gc::weak_count(gc), else 0),
            };
            Ok(Value::from(count))
        })],
    );
    super::python(vm, module, SOURCE);
    if let Some(function) = module.get(Name::of("_run_finalizers")) {
        vm.at_exit.borrow_mut().insert(0, function);
    }
}

fn reference<H: Runtime>(vm: &Vm<H>, target: &Value<H>, callback: Value<H>) -> R<Value<H>, H> {
    match WeakRef::create(target, callback) {
        Some(weak) => Ok(Value::WeakRef(weak)),
        None => {
            let name = vm.type_name(target);
            Err(vm.type_error(format!("cannot create weak reference to '{name}' object")))
        }
    }
}

/// The functions of `atexit`, which share the list with `weakref.finalize`.
pub fn fill_atexit<H: Runtime>(module: &Module<H>) {
    functions(
        module,
        &[("register", |vm: &Vm<H>, args: Args<'_, H>| {
            let function =
                args.get(0).ok_or_else(|| vm.type_error("register() takes at least 1 argument (0 given)"))?;
            vm.at_exit.borrow_mut().push(function.clone());
            Ok(function.clone())
        })],
    );
}
