//! Modules, and the global variables of a program.

use indexmap::IndexMap;
use rustc_hash::FxBuildHasher;
use tricycle::{GcCell, Trace};

use super::class::Namespace;
use crate::heap::Runtime;
use crate::name::Name;
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

/// The global variables of the program. Code refers to them by number; numbers are given out while compiling.
#[derive(Trace)]
#[trace(bound = "H: Runtime")]
pub struct Globals<H: Runtime> {
    /// The built-in module that they are of, if they are not the program's.
    pub module: Option<Name>,
    /// Each with the built-in of that name, which is what it means while it is unset.
    variables: GcCell<IndexMap<Name, (Value<H>, Value<H>), FxBuildHasher>, H>,
}

impl<H: Runtime> Globals<H> {
    pub fn new(module: Option<Name>) -> Self {
        Globals { module, variables: GcCell::new(IndexMap::default()) }
    }

    /// The number of a variable.
    pub fn number(&self, name: Name, builtin: impl FnOnce() -> Option<Value<H>>) -> u32 {
        if let Some(number) = self.variables.borrow().get_index_of(&name) {
            return number as u32;
        }
        let builtin = builtin().unwrap_or(Value::Unset);
        self.variables.borrow_mut().insert_full(name, (Value::Unset, builtin)).0 as u32
    }

    /// The variable, or the built-in of that name; unset if there is neither.
    #[inline(always)]
    pub fn load(&self, number: u32) -> Value<H> {
        match self.variables.borrow().get_index(number as usize) {
            Some((_, (Value::Unset, builtin))) => builtin.clone(),
            Some((_, (value, _))) => value.clone(),
            None => Value::Unset,
        }
    }

    /// Sets a variable; returns what it was.
    #[inline(always)]
    pub fn store(&self, number: u32, value: Value<H>) -> Value<H> {
        match self.variables.borrow_mut().get_index_mut(number as usize) {
            Some((_, (slot, _))) => std::mem::replace(slot, value),
            None => Value::Unset,
        }
    }

    pub fn name(&self, number: u32) -> Name {
        *self.variables.borrow().get_index(number as usize).expect("numbers are given out by `number`").0
    }

    pub fn get(&self, name: Name) -> Option<Value<H>> {
        self.variables.borrow().get(&name).and_then(|(value, _)| value.clone().set())
    }

    /// The variables that are set, in order.
    pub fn all(&self) -> Vec<(Name, Value<H>)> {
        let variables = self.variables.borrow();
        let set = variables.iter().filter(|(_, (value, _))| !value.is_unset());
        set.map(|(&name, (value, _))| (name, value.clone())).collect()
    }

    /// Unsets variables, in order, at the end of the program. Finalizers may run, and look at what is left.
    pub fn clear(&self, which: impl Fn(&Value<H>) -> bool) {
        let len = self.variables.borrow().len();
        for number in 0..len {
            let unset = self.variables.borrow().get_index(number).is_some_and(|(_, (value, _))| which(value));
            if unset {
                drop(self.store(number as u32, Value::Unset));
            }
        }
    }
}
