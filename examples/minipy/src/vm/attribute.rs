//! Attributes: looking them up, setting and deleting them.

use tricycle::Gc;

use super::{Args, R, Vm};
use crate::code::Cache;
use crate::heap::Runtime;
use crate::memory;
use crate::name::{Name, names};
use crate::object::{Class, Layout, Method, Misc, Object, Place};
use crate::value::Value;

/// Caches hold the number of a slot, or with this bit that of a class attribute.
const IN_CLASS: u32 = 1 << 31;

impl<H: Runtime> Vm<H> {
    /// The value of an attribute that a site has read before on instances of this class.
    #[inline(always)]
    pub(super) fn cached_slot(&self, object: &Object<H>, cache: &Cache) -> Option<Value<H>> {
        match cache.find(object.class.version()) {
            Some(Place { number, .. }) if number & IN_CLASS == 0 => object.get(number as usize),
            _ => None,
        }
    }

    /// Sets an attribute that a site has set before on instances of this class; returns the old value.
    #[inline(always)]
    pub(super) fn cached_set(&self, object: &Object<H>, cache: &Cache, value: Value<H>) -> Result<Value<H>, Value<H>> {
        match cache.find(object.class.version()) {
            Some(place) => Ok(object.replace(place.number as usize, value)),
            None => Err(value),
        }
    }

    #[inline(never)]
    pub(super) fn get_attribute_cached(&self, object: &Value<H>, name: Name, cache: &Cache) -> R<Value<H>, H> {
        let class = match object {
            Value::Class(class) => class,
            object => match object.object() {
                Some(instance) => &instance.class,
                None => return self.get_attribute(object, name),
            },
        };
        // Whatever is put into the cache holds for this version: what is looked up now may change it.
        let version = class.version();
        if let Some(place) = cache.find(version).filter(|place| place.number & IN_CLASS != 0)
            && let Some(value) = self.class_at(class, Place { number: place.number & !IN_CLASS, ..place })
        {
            return Ok(value);
        }
        let Some(instance) = object.object() else {
            let value = self.get_attribute(object, name)?;
            if let (Some((place, found)), None) = (class.lookup_place(name), class.key(name))
                && found.is(&value)
                && self.is_plain(&found)
            {
                cache.fill(Place { number: IN_CLASS | place.number, ..place });
            }
            return Ok(value);
        };
        if class.lookup(names::GETATTRIBUTE).is_none() {
            let in_class = class.lookup_place(name);
            let key = class.key(name);
            let plain = !in_class.as_ref().is_some_and(|(_, value)| self.is_data_descriptor(value));
            if let (Some(key), true) = (key, plain)
                && let Some(value) = instance.get(key)
            {
                cache.fill(Place { version, number: key as u32 });
                return Ok(value);
            }
            // An attribute of the class that is not bound to the instance, and that no instance hides.
            if let (None, Some((place, value))) = (key, &in_class)
                && self.is_plain(value)
            {
                cache.fill(Place { number: IN_CLASS | place.number, ..*place });
            }
        }
        self.get_attribute(object, name)
    }

    /// Whether an attribute of a class is the same whatever it is looked up on.
    fn is_plain(&self, value: &Value<H>) -> bool {
        match value {
            Value::Int(_) | Value::Float(_) | Value::Str(_) | Value::None | Value::Bool(_) | Value::List(_) => true,
            Value::Tuple(_) | Value::Dict(_) | Value::Set(_) | Value::Class(_) => true,
            Value::Instance(instance) => instance.0.class.lookup(names::GET).is_none(),
            _ => false,
        }
    }

    #[inline(never)]
    pub(super) fn set_attribute_cached(
        &self,
        object: &Value<H>,
        name: Name,
        value: Value<H>,
        cache: &Cache,
    ) -> R<(), H> {
        self.set_attribute(object, name, value)?;
        let Some(instance) = object.object() else { return Ok(()) };
        let class = &instance.class;
        let version = class.version();
        let hooked = class.lookup(names::SETATTR).is_some() || self.attribute_is_hidden(class, name);
        if let (Some(key), false) = (class.key(name), hooked) {
            cache.fill(Place { version, number: key as u32 });
        }
        Ok(())
    }

    fn attribute_is_hidden(&self, class: &Class<H>, name: Name) -> bool {
        class.lookup(name).is_some_and(|value| self.is_data_descriptor(&value))
    }

    /// Whether an attribute of a class goes before one of the instance.
    fn is_data_descriptor(&self, value: &Value<H>) -> bool {
        match value {
            Value::Misc(misc) => matches!(**misc, Misc::Property { .. }),
            Value::Instance(instance) => instance.0.class.lookup(names::SET).is_some(),
            _ => false,
        }
    }

    /// Python's `object.name`.
    pub fn get_attribute(&self, object: &Value<H>, name: Name) -> R<Value<H>, H> {
        if object.object().is_some()
            && let Some(hook) = self.special(object, names::GETATTRIBUTE)
        {
            let result = self.nested(|| self.call(&hook, Args::of(&[object.clone(), Value::str(&*name.text())])));
            return self.or_getattr(result, object, name);
        }
        let result = self.plain_attribute(object, name);
        self.or_getattr(result, object, name)
    }

    /// `__getattr__` is asked when all else has failed.
    fn or_getattr(&self, result: R<Value<H>, H>, object: &Value<H>, name: Name) -> R<Value<H>, H> {
        let raise = match result {
            Err(raise) if object.object().is_some() && self.is_a(&raise, "AttributeError") => raise,
            result => return result,
        };
        match self.special(object, names::GETATTR) {
            Some(hook) => self.nested(|| self.call(&hook, Args::of(&[object.clone(), Value::str(&*name.text())]))),
            None => Err(raise),
        }
    }

    /// What `object.__getattribute__` does.
    pub fn plain_attribute(&self, object: &Value<H>, name: Name) -> R<Value<H>, H> {
        match self.find_attribute(object, name)? {
            Some(value) => Ok(value),
            None => Err(self.attribute_error(object, name)),
        }
    }

    fn find_attribute(&self, object: &Value<H>, name: Name) -> R<Option<Value<H>>, H> {
        match object {
            Value::Class(class) => return self.class_attribute(class, name),
            Value::Module(module) => {
                let own = module.get(name);
                return Ok(own.or_else(|| (name == names::NAME).then(|| Value::str(&*module.name.text()))));
            }
            Value::Misc(misc) => {
                if let Misc::Super { class, receiver } = &**misc {
                    return self.super_attribute(class, receiver, name);
                }
            }
            _ => {}
        }
        let class = self.class_of(object);
        let in_class = class.lookup(name);
        if let Some(value) = &in_class
            && self.is_data_descriptor(value)
        {
            return self.bind_attribute(value.clone(), Some(object), &class).map(Some);
        }
        if let Some(instance) = object.object()
            && let Some(value) = class.key(name).and_then(|key| instance.get(key))
        {
            return Ok(Some(value));
        }
        if let Some(value) = self.builtin_attribute(object, &class, name)? {
            return Ok(Some(value));
        }
        let found = in_class.or_else(|| self.object_method(name));
        found.map(|value| self.bind_attribute(value, Some(object), &class)).transpose()
    }

    /// An attribute of a class, looked up on the class itself.
    fn class_attribute(&self, class: &Gc<Class<H>, H>, name: Name) -> R<Option<Value<H>>, H> {
        if let Some(value) = self.builtin_attribute(&Value::Class(class.clone()), class, name)? {
            return Ok(Some(value));
        }
        match class.lookup(name) {
            Some(value) => self.bind_attribute(value, None, class).map(Some),
            None => match self.types.type_.lookup(name) {
                Some(value) => {
                    self.bind_attribute(value, Some(&Value::Class(class.clone())), &self.types.type_).map(Some)
                }
                None => Ok(self.object_method(name)),
            },
        }
    }

    fn super_attribute(&self, class: &Gc<Class<H>, H>, receiver: &Value<H>, name: Name) -> R<Option<Value<H>>, H> {
        let Some(base) = &class.base else { return Ok(None) };
        let Some(value) = base.lookup(name).or_else(|| self.object_method(name)) else { return Ok(None) };
        match receiver {
            // In a class method, `super()` is bound to the class.
            Value::Class(receiver) => match &value {
                Value::Misc(misc) if matches!(**misc, Misc::ClassMethod(_)) => {
                    self.bind_attribute(value, None, receiver).map(Some)
                }
                Value::Misc(_) => self.bind_attribute(value, None, receiver).map(Some),
                _ => Ok(Some(value)),
            },
            receiver => self.bind_attribute(value, Some(receiver), &self.class_of(receiver)).map(Some),
        }
    }

    /// Makes of an attribute of a class what the lookup on an instance (or on the class, without one) returns.
    pub fn bind_attribute(
        &self,
        value: Value<H>,
        object: Option<&Value<H>>,
        class: &Gc<Class<H>, H>,
    ) -> R<Value<H>, H> {
        let method =
            |receiver: Value<H>, function: Value<H>| Value::Method(memory::object(Method { receiver, function }));
        match &value {
            Value::Function(_) => Ok(match object {
                Some(object) => method(object.clone(), value),
                None => value,
            }),
            Value::Native(native) => Ok(match object {
                Some(object) if native.binds => method(object.clone(), value),
                _ => value,
            }),
            Value::Misc(misc) => match (&**misc, object) {
                (Misc::Property { get, .. }, Some(object)) => {
                    if get.is_none() {
                        let name = class.name;
                        let message = format!("property of '{name}' object has no getter");
                        return Err(self.error("AttributeError", message));
                    }
                    self.nested(|| self.call(get, Args::of(std::slice::from_ref(object))))
                }
                (Misc::StaticMethod(function), _) => Ok(function.clone()),
                (Misc::ClassMethod(function), _) => Ok(method(Value::Class(class.clone()), function.clone())),
                _ => Ok(value),
            },
            Value::Instance(descriptor) => match descriptor.0.class.lookup(names::GET) {
                Some(get) => {
                    let object = object.cloned().unwrap_or(Value::None);
                    self.nested(|| self.call(&get, Args::of(&[value.clone(), object, Value::Class(class.clone())])))
                }
                None => Ok(value),
            },
            _ => Ok(value),
        }
    }

    /// Python's `object.name = value`.
    pub fn set_attribute(&self, object: &Value<H>, name: Name, value: Value<H>) -> R<(), H> {
        if object.object().is_some()
            && let Some(hook) = self.special(object, names::SETATTR)
        {
            let args = [object.clone(), Value::str(&*name.text()), value];
            return self.nested(|| self.call(&hook, Args::of(&args))).map(drop);
        }
        self.plain_set_attribute(object, name, value)
    }

    /// What `object.__setattr__` does.
    pub fn plain_set_attribute(&self, object: &Value<H>, name: Name, value: Value<H>) -> R<(), H> {
        match object {
            Value::Class(class) => {
                if class.layout == Layout::Builtin {
                    let message = format!("cannot set '{name}' attribute of immutable type '{}'", class.name);
                    return Err(self.type_error(message));
                }
                class.set(name, value);
                self.recall.forget();
                return Ok(());
            }
            Value::Module(module) => {
                module.set(name, value);
                return Ok(());
            }
            Value::Function(function) => {
                let dict = self.function_attributes(function);
                return self.dict_set(&dict, Value::str(&*name.text()), value);
            }
            _ => {}
        }
        if let Value::Misc(misc) = object
            && let Misc::ThreadLocal(_) = &**misc
        {
            let dict = self.thread_local_dict(misc);
            return self.dict_set(&dict, Value::str(&*name.text()), value);
        }
        let Some(instance) = object.object() else {
            let message = match self.class_of(object).lookup(name) {
                Some(_) => format!("'{}' object attribute '{name}' is read-only", self.type_name(object)),
                None => format!("'{}' object has no attribute '{name}'", self.type_name(object)),
            };
            return Err(self.error("AttributeError", message));
        };
        let class = &instance.class;
        if let Some(descriptor) = class.lookup(name) {
            match &descriptor {
                Value::Misc(misc) => {
                    if let Misc::Property { set, .. } = &**misc {
                        if set.is_none() {
                            let message = format!("property '{name}' of '{}' object has no setter", class.name);
                            return Err(self.error("AttributeError", message));
                        }
                        return self.nested(|| self.call(set, Args::of(&[object.clone(), value]))).map(drop);
                    }
                }
                Value::Instance(inner) => {
                    if let Some(set) = inner.0.class.lookup(names::SET) {
                        let args = [descriptor.clone(), object.clone(), value];
                        return self.nested(|| self.call(&set, Args::of(&args))).map(drop);
                    }
                }
                _ => {}
            }
        }
        if let Some(slots) = &class.slots
            && !slots.contains(&name)
        {
            let message = match class.lookup(name) {
                Some(_) => format!("'{}' object attribute '{name}' is read-only", class.name),
                None => format!("'{}' object has no attribute '{name}'", class.name),
            };
            return Err(self.error("AttributeError", message));
        }
        instance.set(class.make_key(name), value);
        Ok(())
    }

    pub fn delete_attribute(&self, object: &Value<H>, name: Name) -> R<(), H> {
        if object.object().is_some()
            && let Some(hook) = self.special(object, names::DELATTR)
        {
            let args = [object.clone(), Value::str(&*name.text())];
            return self.nested(|| self.call(&hook, Args::of(&args))).map(drop);
        }
        self.plain_delete_attribute(object, name)
    }

    /// What `object.__delattr__` does.
    pub fn plain_delete_attribute(&self, object: &Value<H>, name: Name) -> R<(), H> {
        let there = match object {
            Value::Class(class) => {
                self.recall.forget();
                class.set(name, Value::Unset)
            }
            Value::Module(module) => module.remove(name).is_some(),
            _ => match object.object() {
                Some(instance) => {
                    if let Some(Value::Misc(misc)) = instance.class.lookup(name)
                        && let Misc::Property { delete, .. } = &*misc
                    {
                        if delete.is_none() {
                            let message =
                                format!("property '{name}' of '{}' object has no deleter", instance.class.name);
                            return Err(self.error("AttributeError", message));
                        }
                        return self.nested(|| self.call(delete, Args::of(std::slice::from_ref(object)))).map(drop);
                    }
                    let old = instance.class.key(name).map(|key| instance.replace(key, Value::Unset));
                    old.is_some_and(|old| !old.is_unset())
                }
                None => false,
            },
        };
        if there { Ok(()) } else { Err(self.attribute_error(object, name)) }
    }
}
