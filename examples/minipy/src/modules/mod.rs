//! The modules that can be imported.

mod gc;
mod math;
mod sys;
mod time;

use std::sync::atomic::{AtomicU64, Ordering};

use tricycle::Gc;

use crate::heap::Runtime;
use crate::name::Name;
use crate::object::Module;
use crate::vm::Vm;

/// Makes a module, if there is one of that name.
pub fn load<H: Runtime>(vm: &Vm<H>, name: Name) -> Option<Gc<Module<H>, H>> {
    let module = Gc::new_in(Module::new(name), H::default());
    match &*name.text() {
        "builtins" => return Some(vm.builtins.clone()),
        "gc" => gc::fill(vm, &module),
        "math" => math::fill(&module),
        "sys" => sys::fill(vm, &module),
        "time" => time::fill(&module),
        _ => return None,
    }
    Some(module)
}

/// The number of the calling thread.
pub fn thread_number() -> u64 {
    static NEXT: AtomicU64 = AtomicU64::new(1);
    thread_local! {
        static NUMBER: u64 = NEXT.fetch_add(1, Ordering::Relaxed);
    }
    NUMBER.with(|number| *number)
}
