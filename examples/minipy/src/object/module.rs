//! Modules, and the global variables of a program.

use std::sync::atomic::{AtomicU64, AtomicUsize, Ordering};

use indexmap::IndexMap;
use rustc_hash::FxBuildHasher;
use tricycle::{Gc, GcCell, Trace};

use super::class::Namespace;
use crate::heap::Runtime;
use crate::name::{Name, names};
use crate::value::Value;

/// A built-in module; also the namespace of a class while its body runs, and of a `SimpleNamespace`.
#[derive(Trace)]
#[trace(bound = "H: Runtime")]
pub struct Module<H: Runtime> {
    pub name: Name,
    pub attributes: GcCell<Namespace<H>, H>,
}

impl<H: Runtime> Module<H> {
    pub fn new(name: Name) -> Self {
        Module { name, attributes: GcCell::new(Namespace::default()) }
    }

    pub fn get(&self, name: Name) -> Option<Value<H>> {
        self.attributes.borrow().get(&name).cloned()
    }

    pub fn set(&self, name: Name, value: Value<H>) {
        let old = self.attributes.borrow_mut().insert(name, value);
        drop(old);
    }

    pub fn remove(&self, name: Name) -> Option<Value<H>> {
        self.attributes.borrow_mut().shift_remove(&name)
    }

    pub fn clear(&self) {
        let old = std::mem::take(&mut *self.attributes.borrow_mut());
        drop(old);
    }
}

/// A global variable. Code has handles to those it uses.
#[derive(Trace)]
#[trace(bound = "H: Runtime")]
pub struct GlobalVariable<H: Runtime> {
    pub name: Name,
    /// Tells global variables apart.
    pub number: usize,
    value: GcCell<Value<H>, H>,
    /// The built-in of that name, which is what it means while it is unset.
    builtin: Value<H>,
    /// Changes with the value.
    version: AtomicU64,
}

static NUMBERS: AtomicUsize = AtomicUsize::new(0);

impl<H: Runtime> GlobalVariable<H> {
    /// The value, or the built-in of that name; unset if there is neither.
    #[inline(always)]
    pub fn load(&self) -> Value<H> {
        match &*self.value.borrow() {
            Value::Unset => self.builtin.clone(),
            value => value.clone(),
        }
    }

    /// Sets the variable; returns what it was.
    #[inline(always)]
    pub fn store(&self, value: Value<H>) -> Value<H> {
        let mut slot = self.value.borrow_mut();
        // Nobody else does: the cell is borrowed.
        self.version.store(self.version.load(Ordering::Relaxed) + 1, Ordering::Release);
        std::mem::replace(&mut *slot, value)
    }

    #[inline(always)]
    pub fn version(&self) -> u64 {
        self.version.load(Ordering::Acquire)
    }
}

/// The global variables of the program, or of a built-in module.
#[derive(Trace)]
#[trace(bound = "H: Runtime")]
pub struct Globals<H: Runtime> {
    /// The built-in module that they are of, if they are not the program's.
    pub module: Option<Name>,
    variables: GcCell<IndexMap<Name, Gc<GlobalVariable<H>, H>, FxBuildHasher>, H>,
}

impl<H: Runtime> Globals<H> {
    /// Those of a module, or of the program. There is `__name__` to begin with.
    pub fn create(module: Option<Name>) -> Gc<Self, H> {
        let globals = Gc::new_in(Globals { module, variables: GcCell::new(IndexMap::default()) }, H::default());
        let name = Value::str(&*globals.name().text());
        drop(globals.variable(names::NAME, || None).store(name));
        globals
    }

    /// The variable of a name.
    pub fn variable(&self, name: Name, builtin: impl FnOnce() -> Option<Value<H>>) -> Gc<GlobalVariable<H>, H> {
        if let Some(variable) = self.variables.borrow().get(&name) {
            return variable.clone();
        }
        let variable = GlobalVariable {
            name,
            number: NUMBERS.fetch_add(1, Ordering::Relaxed),
            value: GcCell::new(Value::Unset),
            builtin: builtin().unwrap_or(Value::Unset),
            version: AtomicU64::new(0),
        };
        let variable = Gc::new_in(variable, H::default());
        // Another thread may have been quicker.
        self.variables.borrow_mut().entry(name).or_insert(variable).clone()
    }

    /// What code finds as `__name__`.
    pub fn name(&self) -> Name {
        self.module.unwrap_or(names::MAIN)
    }

    /// The variables that are set, in order.
    pub fn all(&self) -> Vec<(Name, Value<H>)> {
        let variables: Vec<_> = self.variables.borrow().values().cloned().collect();
        variables.iter().filter_map(|variable| Some((variable.name, variable.value.get().set()?))).collect()
    }

    /// Unsets variables, in order, at the end of the program. Finalizers may run, and look at what is left.
    pub fn clear(&self, which: impl Fn(&Value<H>) -> bool) {
        let variables: Vec<_> = self.variables.borrow().values().cloned().collect();
        for variable in variables {
            if which(&variable.value.get()) {
                drop(variable.store(Value::Unset));
            }
        }
    }
}
