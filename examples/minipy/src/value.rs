//! [`Value`]: what a variable holds. Small things stand in it, everything else is behind a handle.

use std::mem::ManuallyDrop;

use tricycle::{Gc, Trace};

use crate::heap::Runtime;
use crate::memory;
use crate::object::{
    Class, Dict, Finalizable, Function, Generator, Instance, Iter, List, Method, Misc, Module, Native, Object, Set,
    Text, Tuple, Variable, WeakRef,
};
use crate::scalar::{Real, Truth};

/// Any Python value. Cloning one copies 16 bytes and, for an object, counts a handle.
///
/// It is two words, of which the second one is always an integer or a pointer: see [`crate::scalar`].
#[derive(Trace)]
#[trace(bound = "H: Runtime")]
pub enum Value<H: Runtime> {
    /// No value: a variable before its assignment, an attribute that is not there.
    Unset,
    None,
    NotImplemented,
    Ellipsis,
    Bool(Truth),
    Int(i64),
    Float(Real),
    Str(Gc<Text, H>),
    List(Gc<List<H>, H>),
    Tuple(Gc<Tuple<H>, H>),
    Dict(Gc<Dict<H>, H>),
    Set(Gc<Set<H>, H>),
    Instance(Gc<Instance<H>, H>),
    /// An instance of a class with `__del__`.
    Finalizable(Gc<Finalizable<H>, H>),
    Class(Gc<Class<H>, H>),
    Function(Gc<Function<H>, H>),
    Method(Gc<Method<H>, H>),
    Native(Gc<Native<H>, H>),
    Generator(Gc<Generator<H>, H>),
    Iter(Gc<Iter<H>, H>),
    Module(Gc<Module<H>, H>),
    /// A variable that closures share. Never seen by the program.
    Variable(Gc<Variable<H>, H>),
    WeakRef(Gc<WeakRef<H>, H>),
    /// The objects that no instruction has a short cut for.
    Misc(Gc<Misc<H>, H>),
}

/// Calls `$f` with the handle in a value, if there is one.
#[macro_export]
macro_rules! with_handle {
    ($value:expr, $gc:ident => $f:expr, else $none:expr) => {
        match $value {
            Value::Unset
            | Value::None
            | Value::NotImplemented
            | Value::Ellipsis
            | Value::Bool(_)
            | Value::Int(_)
            | Value::Float(_) => $none,
            Value::Str($gc) => $f,
            Value::List($gc) => $f,
            Value::Tuple($gc) => $f,
            Value::Dict($gc) => $f,
            Value::Set($gc) => $f,
            Value::Instance($gc) => $f,
            Value::Finalizable($gc) => $f,
            Value::Class($gc) => $f,
            Value::Function($gc) => $f,
            Value::Method($gc) => $f,
            Value::Native($gc) => $f,
            Value::Generator($gc) => $f,
            Value::Iter($gc) => $f,
            Value::Module($gc) => $f,
            Value::Variable($gc) => $f,
            Value::WeakRef($gc) => $f,
            Value::Misc($gc) => $f,
        }
    };
}

impl<H: Runtime> Clone for Value<H> {
    /// What instructions clone most is done in place, the others in a function.
    #[inline(always)]
    fn clone(&self) -> Self {
        match self {
            Value::Unset => Value::Unset,
            Value::None => Value::None,
            Value::Bool(value) => Value::Bool(*value),
            Value::Int(value) => Value::Int(*value),
            Value::Float(value) => Value::Float(*value),
            Value::Instance(gc) => Value::Instance(gc.clone()),
            Value::Function(gc) => Value::Function(gc.clone()),
            other => other.clone_other(),
        }
    }
}

impl<H: Runtime> Value<H> {
    #[inline(never)]
    fn clone_other(&self) -> Self {
        match self {
            Value::Unset => Value::Unset,
            Value::None => Value::None,
            Value::NotImplemented => Value::NotImplemented,
            Value::Ellipsis => Value::Ellipsis,
            Value::Bool(value) => Value::Bool(*value),
            Value::Int(value) => Value::Int(*value),
            Value::Float(value) => Value::Float(*value),
            Value::Str(gc) => Value::Str(gc.clone()),
            Value::List(gc) => Value::List(gc.clone()),
            Value::Tuple(gc) => Value::Tuple(gc.clone()),
            Value::Dict(gc) => Value::Dict(gc.clone()),
            Value::Set(gc) => Value::Set(gc.clone()),
            Value::Instance(gc) => Value::Instance(gc.clone()),
            Value::Finalizable(gc) => Value::Finalizable(gc.clone()),
            Value::Class(gc) => Value::Class(gc.clone()),
            Value::Function(gc) => Value::Function(gc.clone()),
            Value::Method(gc) => Value::Method(gc.clone()),
            Value::Native(gc) => Value::Native(gc.clone()),
            Value::Generator(gc) => Value::Generator(gc.clone()),
            Value::Iter(gc) => Value::Iter(gc.clone()),
            Value::Module(gc) => Value::Module(gc.clone()),
            Value::Variable(gc) => Value::Variable(gc.clone()),
            Value::WeakRef(gc) => Value::WeakRef(gc.clone()),
            Value::Misc(gc) => Value::Misc(gc.clone()),
        }
    }

    /// A `bool`.
    #[inline(always)]
    pub fn bool(value: bool) -> Self {
        Value::Bool(value.into())
    }

    /// A `float`.
    #[inline(always)]
    pub fn float(value: f64) -> Self {
        Value::Float(value.into())
    }

    /// A new string.
    pub fn str(text: impl Into<Box<str>>) -> Self {
        let text = text.into();
        memory::spend(text.len());
        Value::Str(memory::object(Text::new(text)))
    }

    /// A new list.
    pub fn list(items: Vec<Value<H>>) -> Self {
        memory::spend(size_of_val(&*items));
        Value::List(memory::object(List::new(items)))
    }

    /// A new tuple.
    pub fn tuple(items: impl Into<Box<[Value<H>]>>) -> Self {
        let items = items.into();
        memory::spend(size_of_val(&*items));
        Value::Tuple(memory::object(Tuple { items }))
    }

    /// A new dict.
    pub fn dict(dict: Dict<H>) -> Self {
        Value::Dict(memory::object(dict))
    }

    /// A new object of the rarer kinds.
    pub fn misc(misc: Misc<H>) -> Self {
        Value::Misc(memory::object(misc))
    }

    /// `None` for nothing.
    pub fn or_none(value: Option<Self>) -> Self {
        value.unwrap_or(Value::None)
    }

    #[inline(always)]
    pub fn is_unset(&self) -> bool {
        matches!(self, Value::Unset)
    }

    /// Assigns. Most of what is overwritten is no object, and needs no call of a destructor to find that out.
    #[inline(always)]
    pub fn put(&mut self, value: Self) {
        let old = std::mem::replace(self, value);
        if old.is_object() {
            drop(old);
        } else {
            let _ = ManuallyDrop::new(old);
        }
    }

    /// Whether there is a handle in it.
    #[inline(always)]
    fn is_object(&self) -> bool {
        !matches!(
            self,
            Value::Unset
                | Value::None
                | Value::NotImplemented
                | Value::Ellipsis
                | Value::Bool(_)
                | Value::Int(_)
                | Value::Float(_)
        )
    }

    /// Nothing if it is unset.
    pub fn set(self) -> Option<Self> {
        if self.is_unset() { None } else { Some(self) }
    }

    pub fn is_none(&self) -> bool {
        matches!(self, Value::None)
    }

    /// The instance, of whichever kind.
    #[inline(always)]
    pub fn object(&self) -> Option<&Object<H>> {
        match self {
            Value::Instance(instance) => Some(&instance.0),
            Value::Finalizable(instance) => Some(&instance.object),
            _ => None,
        }
    }

    /// A string's text.
    pub fn text(&self) -> Option<&str> {
        match self {
            Value::Str(text) => Some(text),
            _ => None,
        }
    }

    /// What a built-in method works on: the value, or the list or dict that an instance of a subclass stands for.
    pub fn unwrap_payload(&self) -> Value<H> {
        match self.object() {
            Some(object) if object.class.layout.has_payload() => object.get(0).unwrap_or(Value::Unset),
            _ => self.clone(),
        }
    }

    /// Python's `is`.
    pub fn is(&self, other: &Self) -> bool {
        match (self, other) {
            (Value::Bool(a), Value::Bool(b)) => a == b,
            (Value::Int(a), Value::Int(b)) => a == b,
            (Value::Float(a), Value::Float(b)) => a == b,
            _ => std::mem::discriminant(self) == std::mem::discriminant(other) && self.address() == other.address(),
        }
    }

    /// Where the object is; zero if there is none.
    pub fn address(&self) -> usize {
        with_handle!(self, gc => Gc::as_ptr(gc) as usize, else 0)
    }
}

impl<H: Runtime> From<bool> for Value<H> {
    fn from(value: bool) -> Self {
        Value::bool(value)
    }
}

impl<H: Runtime> From<i64> for Value<H> {
    fn from(value: i64) -> Self {
        Value::Int(value)
    }
}

impl<H: Runtime> From<usize> for Value<H> {
    fn from(value: usize) -> Self {
        Value::Int(value as i64)
    }
}

impl<H: Runtime> From<f64> for Value<H> {
    fn from(value: f64) -> Self {
        Value::float(value)
    }
}

impl<H: Runtime> From<&str> for Value<H> {
    fn from(value: &str) -> Self {
        Value::str(value)
    }
}

impl<H: Runtime> From<String> for Value<H> {
    fn from(value: String) -> Self {
        Value::str(value)
    }
}
