//! The classes of built-in values.

use tricycle::Gc;

use super::Vm;
use crate::heap::Runtime;
use crate::name::Name;
use crate::object::{Class, Layout, Misc, View};
use crate::value::Value;

/// Declares [`Types`], with the base and the Python name of each class.
macro_rules! types {
    ($($field:ident: $name:literal $(< $base:ident)?,)+) => {
        /// The class of every kind of value.
        pub struct Types<H: Runtime> {
            pub object: Gc<Class<H>, H>,
            $(pub $field: Gc<Class<H>, H>,)+
        }

        impl<H: Runtime> Types<H> {
            pub fn new() -> Self {
                let create = |name: &str, base: Option<&Gc<Class<H>, H>>| {
                    let name = Name::of(name);
                    Class::create(name, name, base.cloned(), Layout::Builtin, Default::default(), None)
                };
                let object = create("object", None);
                $(let $field = create($name, Some([$(&$base,)? &object][0]));)+
                Types { object, $($field,)+ }
            }

            /// All of them.
            pub fn all(&self) -> Vec<&Gc<Class<H>, H>> {
                vec![&self.object, $(&self.$field,)+]
            }
        }
    };
}

types! {
    type_: "type", int: "int", bool: "bool" < int, float: "float", str: "str", none: "NoneType", list: "list",
    tuple: "tuple", dict: "dict", set: "set", frozenset: "frozenset", function: "function", method: "method",
    native: "builtin_function_or_method", generator: "generator", module: "module", iterator: "iterator",
    range: "range", slice: "slice", keys: "dict_keys", values: "dict_values", items: "dict_items",
    property: "property", static_method: "staticmethod", class_method: "classmethod", super_: "super",
    not_implemented: "NotImplementedType", ellipsis: "ellipsis", weakref: "weakref", traceback: "traceback",
    cell: "cell", thread: "_thread_handle", lock: "lock", rlock: "RLock", thread_local: "_local", random: "Random", enumerate: "enumerate",
    zip: "zip", map: "map", filter: "filter", reversed: "reversed", base_exception: "BaseException",
}

impl<H: Runtime> Types<H> {
    /// Takes all classes apart, so that nothing is left at the end.
    pub fn clear(&self) {
        for class in self.all() {
            class.clear();
        }
    }
}

impl<H: Runtime> Vm<H> {
    pub fn class_of(&self, value: &Value<H>) -> Gc<Class<H>, H> {
        let types = &self.types;
        let class = match value {
            Value::Instance(instance) => &instance.0.class,
            Value::Finalizable(instance) => &instance.object.class,
            Value::None | Value::Unset => &types.none,
            Value::NotImplemented => &types.not_implemented,
            Value::Ellipsis => &types.ellipsis,
            Value::Bool(_) => &types.bool,
            Value::Int(_) => &types.int,
            Value::Float(_) => &types.float,
            Value::Str(_) => &types.str,
            Value::List(_) => &types.list,
            Value::Tuple(_) => &types.tuple,
            Value::Dict(_) => &types.dict,
            Value::Set(set) if set.frozen => &types.frozenset,
            Value::Set(_) => &types.set,
            Value::Class(_) => &types.type_,
            Value::Function(_) => &types.function,
            Value::Method(_) => &types.method,
            Value::Native(_) => &types.native,
            Value::Generator(_) => &types.generator,
            Value::Iter(iter) => return self.iterator_class(iter),
            Value::Module(_) => &types.module,
            Value::Variable(_) => &types.cell,
            Value::WeakRef(_) => &types.weakref,
            Value::Misc(misc) => match &**misc {
                Misc::Bare => &types.object,
                Misc::Range { .. } => &types.range,
                Misc::Slice { .. } => &types.slice,
                Misc::View { what: View::Keys, .. } => &types.keys,
                Misc::View { what: View::Values, .. } => &types.values,
                Misc::View { what: View::Items, .. } => &types.items,
                Misc::Property { .. } => &types.property,
                Misc::StaticMethod(_) => &types.static_method,
                Misc::ClassMethod(_) => &types.class_method,
                Misc::Super { .. } => &types.super_,
                Misc::Traceback(_) => &types.traceback,
                Misc::Lock { reentrant: false, .. } => &types.lock,
                Misc::Lock { .. } => &types.rlock,
                Misc::Thread(_) => &types.thread,
                Misc::ThreadLocal(_) => &types.thread_local,
                Misc::Random(_) => &types.random,
            },
        };
        class.clone()
    }

    fn iterator_class(&self, iter: &crate::object::Iter<H>) -> Gc<Class<H>, H> {
        use crate::object::IterState;
        let types = &self.types;
        match &*iter.state.borrow() {
            IterState::Enumerate { .. } => &types.enumerate,
            IterState::Zip { .. } => &types.zip,
            IterState::Map { .. } => &types.map,
            IterState::Filter { .. } => &types.filter,
            IterState::ListReversed { .. } | IterState::SequenceReversed { .. } => &types.reversed,
            _ => &types.iterator,
        }
        .clone()
    }

    /// Python's `isinstance`, with a class.
    pub fn is_instance(&self, value: &Value<H>, class: &Gc<Class<H>, H>) -> bool {
        self.class_of(value).is_subclass_of(class)
    }
}
