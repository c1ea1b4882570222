//! What programs find without importing it: one family a file.

mod attributes;
mod class;
mod dict;
mod exceptions;
mod functions;
mod generator;
mod iterators;
mod list;
mod number;
mod object;
mod set;
mod sort;
mod text;

use tricycle::Gc;

use crate::heap::Runtime;
use crate::name::Name;
use crate::object::{Class, Module, Native, NativeFn};
use crate::value::Value;
use crate::vm::Vm;

/// Fills the module of built-ins, and the built-in classes.
pub fn install<H: Runtime>(vm: &Vm<H>) {
    for class in vm.types.all() {
        vm.builtins.set(class.name, Value::Class(class.clone()));
    }
    for hidden in [
        "NoneType",
        "function",
        "method",
        "builtin_function_or_method",
        "generator",
        "module",
        "iterator",
        "dict_keys",
        "dict_values",
        "dict_items",
        "NotImplementedType",
        "weakref",
        "traceback",
        "cell",
        "_thread_handle",
        "lock",
        "RLock",
        "_local",
        "Random",
    ] {
        vm.builtins.remove(Name::of(hidden));
    }
    for (name, value) in
        [("NotImplemented", Value::NotImplemented), ("Ellipsis", Value::Ellipsis), ("__debug__", Value::bool(true))]
    {
        vm.builtins.set(Name::of(name), value);
    }
    exceptions::install(vm);
    functions::install(vm);
    object::install(vm);
    number::install(vm);
    text::install(vm);
    list::install(vm);
    dict::install(vm);
    set::install(vm);
    iterators::install(vm);
    generator::install(vm);
}

pub fn native<H: Runtime>(name: &'static str, function: NativeFn<H>, binds: bool) -> Value<H> {
    Value::Native(Gc::new_in(Native { name, function, binds }, H::default()))
}

/// Adds functions to a module.
pub fn functions<H: Runtime>(module: &Module<H>, functions: &[(&'static str, NativeFn<H>)]) {
    for &(name, function) in functions {
        module.set(Name::of(name), native(name, function, false));
    }
}

/// Adds methods to a class.
pub fn methods<H: Runtime>(class: &Class<H>, methods: &[(&'static str, NativeFn<H>)]) {
    for &(name, function) in methods {
        class.set(Name::of(name), native(name, function, true));
    }
}
