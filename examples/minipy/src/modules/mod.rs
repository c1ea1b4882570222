//! The modules that can be imported.

pub mod gc;
mod math;
mod objgraph;
mod random;
mod sys;
mod threading;
pub mod time;
mod weakref;

use std::sync::atomic::{AtomicU64, Ordering};

use tricycle::Gc;

use crate::heap::Runtime;
use crate::name::Name;
use crate::object::{Globals, Module};
use crate::value::Value;
use crate::vm::Vm;

/// Makes a module, if there is one of that name.
pub fn load<H: Runtime>(vm: &Vm<H>, name: Name) -> Option<Gc<Module<H>, H>> {
    let module = Gc::new_in(Module::new(name), H::default());
    match &*name.text() {
        "builtins" => return Some(vm.builtins.clone()),
        "atexit" => weakref::fill_atexit(&module),
        "gc" => gc::fill(&module),
        "math" => math::fill(&module),
        "objgraph" => objgraph::fill(&module),
        "queue" => python(vm, &module, include_str!("queue.py")),
        "random" => random::fill(vm, &module),
        "sys" => sys::fill(vm, &module),
        "_thread" => threading::fill_low(vm, &module),
        "threading" => threading::fill(vm, &module),
        "time" => time::fill(&module),
        "weakref" => weakref::fill(vm, &module),
        _ => return None,
    }
    Some(module)
}

/// Adds what Python source defines. What the module has already is visible to it.
fn python<H: Runtime>(vm: &Vm<H>, module: &Gc<Module<H>, H>, source: &str) {
    let globals = Globals::create(Some(module.name));
    let own: Vec<(Name, Value<H>)> = module.attributes.borrow().iter().map(|(n, v)| (*n, v.clone())).collect();
    for (name, value) in own {
        drop(globals.variable(name, || None).store(value));
    }
    vm.run_module(&globals, source);
    for (name, value) in globals.all() {
        module.set(name, value);
    }
    vm.own_globals(globals);
}

/// The number of the calling thread.
pub fn thread_number() -> u64 {
    static NEXT: AtomicU64 = AtomicU64::new(1);
    thread_local! {
        static NUMBER: u64 = NEXT.fetch_add(1, Ordering::Relaxed);
    }
    NUMBER.with(|number| *number)
}
