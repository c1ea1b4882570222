//! Instances of classes written in Python, exceptions included.
//!
//! The names of the attributes are with the class ([`Class::keys`]); an instance has the values. Most instances have few,
//! so the first four stand in the object itself.

use tricycle::{Finalize, Gc, GcCell, Trace, Weak};

use super::Class;
use crate::heap::Runtime;
use crate::memory;
use crate::value::Value;
use crate::vm::Vm;

const INLINE: usize = 4;

/// The values of the attributes, by the number that the class gave to each name.
#[derive(Trace)]
#[trace(bound = "H: Runtime")]
enum Slots<H: Runtime> {
    Few([Value<H>; INLINE]),
    Many(Vec<Value<H>>),
}

impl<H: Runtime> Slots<H> {
    #[inline(always)]
    fn as_slice(&self) -> &[Value<H>] {
        match self {
            Slots::Few(slots) => slots,
            Slots::Many(slots) => slots,
        }
    }

    #[inline(always)]
    fn replace(&mut self, index: usize, value: Value<H>) -> Value<H> {
        match self {
            Slots::Few(slots) if index < INLINE => std::mem::replace(&mut slots[index], value),
            Slots::Many(slots) if index < slots.len() => std::mem::replace(&mut slots[index], value),
            _ => {
                self.grow(index + 1);
                self.replace(index, value)
            }
        }
    }

    #[cold]
    fn grow(&mut self, len: usize) {
        let mut slots = match self {
            Slots::Few(slots) => slots.iter_mut().map(|slot| std::mem::replace(slot, Value::Unset)).collect(),
            Slots::Many(slots) => std::mem::take(slots),
        };
        memory::spend(len * size_of::<Value<H>>());
        slots.resize(len, Value::Unset);
        *self = Slots::Many(slots);
    }
}

/// What every instance has.
#[derive(Trace)]
#[trace(bound = "H: Runtime")]
pub struct Object<H: Runtime> {
    pub class: Gc<Class<H>, H>,
    slots: GcCell<Slots<H>, H>,
}

impl<H: Runtime> Object<H> {
    #[inline(always)]
    pub fn new(class: Gc<Class<H>, H>) -> Self {
        Object { class, slots: GcCell::new(Slots::Few([const { Value::Unset }; INLINE])) }
    }

    /// The value of the attribute with this number.
    #[inline(always)]
    pub fn get(&self, index: usize) -> Option<Value<H>> {
        match self.slots.borrow().as_slice().get(index) {
            None | Some(Value::Unset) => None,
            Some(value) => Some(value.clone()),
        }
    }

    /// Sets the value of the attribute with this number; unset removes it.
    #[inline(always)]
    pub fn set(&self, index: usize, value: Value<H>) {
        drop(self.replace(index, value));
    }

    #[inline(always)]
    pub fn replace(&self, index: usize, value: Value<H>) -> Value<H> {
        self.slots.borrow_mut().replace(index, value)
    }
}

/// An instance of a class without `__del__`.
#[derive(Trace)]
#[trace(bound = "H: Runtime")]
pub struct Instance<H: Runtime>(pub Object<H>);

/// An instance of a class with `__del__`. A type of its own, so that the collector has nothing to finalize for others.
#[derive(Trace)]
#[trace(finalize, bound = "H: Runtime")]
pub struct Finalizable<H: Runtime> {
    pub object: Object<H>,
    /// The `self` that the finalizer passes to `__del__`.
    me: Weak<Finalizable<H>, H>,
}

impl<H: Runtime> Finalizable<H> {
    pub fn create(class: Gc<Class<H>, H>) -> Gc<Self, H> {
        memory::cyclic(|me| Finalizable { object: Object::new(class), me: me.clone() })
    }
}

impl<H: Runtime> Finalize for Finalizable<H> {
    fn finalize(&self) {
        if let (Some(me), Some(vm)) = (self.me.upgrade(), Vm::<H>::current()) {
            vm.finalize(&Value::Finalizable(me));
        }
    }
}

/// The numbers of an exception's own attributes.
pub mod exception {
    pub const ARGS: usize = 0;
    pub const TRACEBACK: usize = 1;
    pub const CAUSE: usize = 2;
    pub const CONTEXT: usize = 3;
    pub const SUPPRESS: usize = 4;
    /// Attributes of particular exceptions: `StopIteration.value`, `SystemExit.code`, `KeyError` and such have none.
    pub const EXTRA: usize = 5;
}
