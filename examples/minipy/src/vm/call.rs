//! Calls: what happens to each kind of callee.

use tricycle::Gc;

use super::frame::{Exit, Flow, Step};
use super::{Args, R, Vm};
use crate::code::{Cache, Reg};
use crate::heap::Runtime;
use crate::memory;
use crate::name::{Name, names};
use crate::object::{Class, Dict, Finalizable, Instance, Layout, List, Misc, Object, Recipe, Set, exception};
use crate::value::Value;

/// What was found for a method call.
pub enum Loaded<H: Runtime> {
    /// To be called with the object in front of the arguments.
    Method(Value<H>),
    /// To be called with another object in front, which `super()` stands for.
    MethodOf(Value<H>, Value<H>),
    Value(Value<H>),
}

impl<H: Runtime> Step<'_, H> {
    /// Calls something with the arguments in registers from `window` on. The register in front of them is free.
    pub fn call(&mut self, callee: Value<H>, window: Reg, count: usize, dst: Reg) -> R<Flow<H>, H> {
        let result = match &callee {
            Value::Function(function) => {
                let function = function.clone();
                return Ok(Flow::Leave(Exit::Enter { function, window, count: count as u16, dst, init: false }));
            }
            Value::Native(native) => {
                let result = (native.function)(self.vm, self.args(window, count));
                // It may have taken long. What there is to raise can wait.
                H::default().poll();
                result
            }
            Value::Method(method) => {
                self.regs[usize::from(window) - 1] = method.receiver.clone();
                return self.call(method.function.clone(), window - 1, count + 1, dst);
            }
            Value::Class(class) => match self.vm.recipe(class) {
                recipe if !recipe.plain => self.vm.call(&callee, self.args(window, count)),
                Recipe { init: Value::Function(function), finalizable, .. } => {
                    let instance = self.vm.bare_instance(class, finalizable);
                    self.regs[usize::from(window) - 1] = instance;
                    let (window, count) = (window - 1, count as u16 + 1);
                    return Ok(Flow::Leave(Exit::Enter { function, window, count, dst, init: true }));
                }
                Recipe { init: Value::Unset, finalizable, .. } if count == 0 => {
                    Ok(self.vm.bare_instance(class, finalizable))
                }
                _ => self.vm.call(&callee, self.args(window, count)),
            },
            callee => self.vm.call(callee, self.args(window, count)),
        };
        for slot in &mut self.regs[usize::from(window)..usize::from(window) + count] {
            *slot = Value::Unset;
        }
        drop(callee);
        self.set(dst, result?);
        Ok(Flow::Go)
    }

    /// `object.name(…)`: the object is in `base + 1`.
    #[inline(never)]
    pub fn call_method(&mut self, base: Reg, count: usize, dst: Reg, name: Name, cache: &Cache) -> R<Flow<H>, H> {
        match self.vm.load_method(&self.regs[usize::from(base) + 1], name, cache)? {
            Loaded::Method(function) => self.call(function, base + 1, count + 1, dst),
            Loaded::MethodOf(function, receiver) => {
                self.regs[usize::from(base) + 1] = receiver;
                self.call(function, base + 1, count + 1, dst)
            }
            Loaded::Value(value) => {
                self.regs[usize::from(base) + 1] = Value::Unset;
                self.call(value, base + 2, count, dst)
            }
        }
    }
}

impl<H: Runtime> Vm<H> {
    /// Calls anything.
    pub fn call(&self, callee: &Value<H>, args: Args<'_, H>) -> R<Value<H>, H> {
        match callee {
            Value::Function(function) => self.run_function(function, args),
            Value::Native(native) => self.nested(|| (native.function)(self, args)),
            Value::Method(method) => self.call_with(&method.function, &method.receiver, args),
            Value::Class(class) => self.instantiate(class, args),
            Value::WeakRef(weak) => {
                args.exactly::<0>(self, "weakref")?;
                Ok(Value::or_none(weak.upgrade()))
            }
            Value::Misc(misc) => match &**misc {
                Misc::StaticMethod(function) => self.nested(|| self.call(function, args)),
                _ => Err(self.not_callable(callee)),
            },
            _ => match self.special(callee, names::CALL) {
                Some(function) => self.nested(|| self.call_with(&function, callee, args)),
                None => Err(self.not_callable(callee)),
            },
        }
    }

    /// Calls with one more argument in front.
    pub fn call_with(&self, callee: &Value<H>, first: &Value<H>, args: Args<'_, H>) -> R<Value<H>, H> {
        let mut positional = Vec::with_capacity(args.len() + 1);
        positional.push(first.clone());
        positional.extend_from_slice(args.positional);
        self.call(callee, Args { positional: &positional, keywords: args.keywords })
    }

    fn not_callable(&self, value: &Value<H>) -> super::Raise<H> {
        self.type_error(format!("'{}' object is not callable", self.type_name(value)))
    }

    /// The method of a value's class that an operator or a built-in function calls.
    pub fn special(&self, value: &Value<H>, name: Name) -> Option<Value<H>> {
        match value {
            Value::Instance(instance) => instance.0.class.lookup(name),
            Value::Finalizable(instance) => instance.object.class.lookup(name),
            _ => self.class_of(value).lookup(name),
        }
    }

    /// Calls such a method, if there is one. `None` is as good as none.
    pub fn call_special(&self, value: &Value<H>, name: Name, args: &[Value<H>]) -> Option<R<Value<H>, H>> {
        let function = self.special(value, name).filter(|function| !function.is_none())?;
        Some(match function {
            Value::Misc(_) => match self.bind_attribute(function, Some(value), &self.class_of(value)) {
                Ok(bound) => self.call(&bound, Args::of(args)),
                Err(raise) => Err(raise),
            },
            _ => self.call_with(&function, value, Args::of(args)),
        })
    }

    /// Calls a method by name.
    pub fn call_method(&self, object: &Value<H>, name: Name, args: &[Value<H>]) -> R<Value<H>, H> {
        let method = self.get_attribute(object, name)?;
        self.call(&method, Args::of(args))
    }

    fn instantiate(&self, class: &Gc<Class<H>, H>, args: Args<'_, H>) -> R<Value<H>, H> {
        if let Some(construct) = class.construct() {
            return self.nested(|| construct(self, args));
        }
        if let Some(new @ Value::Misc(_)) = class.lookup(names::NEW) {
            let Misc::StaticMethod(new) = (match &new {
                Value::Misc(misc) => &**misc,
                _ => unreachable!("just matched"),
            }) else {
                return Err(self.type_error("__new__ must be a function"));
            };
            let instance = self.call_with(new, &Value::Class(class.clone()), args)?;
            if !self.class_of(&instance).is_subclass_of(class) {
                return Ok(instance);
            }
            return self.initialise(class, instance, args);
        }
        let instance = self.new_instance(class, args);
        self.initialise(class, instance, args)
    }

    fn initialise(&self, class: &Gc<Class<H>, H>, instance: Value<H>, args: Args<'_, H>) -> R<Value<H>, H> {
        match class.lookup(names::INIT) {
            Some(init) => {
                let result = self.call_with(&init, &instance, args)?;
                if !result.is_none() {
                    let name = self.type_name(&result);
                    return Err(self.type_error(format!("__init__() should return None, not '{name}'")));
                }
            }
            None if class.layout == Layout::Plain
                && class.lookup(names::NEW).is_none()
                && args.len() + args.keywords.len() > 0 =>
            {
                return Err(self.type_error(format!("{}() takes no arguments", class.name)));
            }
            None => {}
        }
        Ok(instance)
    }

    /// An instance whose `__init__` has not run.
    pub fn new_instance(&self, class: &Gc<Class<H>, H>, args: Args<'_, H>) -> Value<H> {
        let heap = H::default();
        let instance = self.bare_instance(class, self.recipe(class).finalizable);
        let Some(object) = instance.object() else { unreachable!("one of the two") };
        match class.layout {
            Layout::Plain | Layout::Builtin => {}
            Layout::Exception => object.set(exception::ARGS, Value::tuple(args.positional)),
            Layout::ListPayload => object.set(0, Value::List(Gc::new_in(List::new(Vec::new()), heap))),
            Layout::DictPayload => object.set(0, Value::dict(Dict::new())),
            Layout::SetPayload => object.set(0, Value::Set(Gc::new_in(Set::new(false), heap))),
        }
        instance
    }

    /// An instance with nothing in it.
    #[inline(always)]
    fn bare_instance(&self, class: &Gc<Class<H>, H>, finalizable: bool) -> Value<H> {
        if finalizable {
            return Value::Finalizable(Finalizable::create(class.clone()));
        }
        Value::Instance(memory::object(Instance(Object::new(class.clone()))))
    }

    /// Looks a method up for a call, without making a bound method of it.
    pub(super) fn load_method(&self, object: &Value<H>, name: Name, cache: &Cache) -> R<Loaded<H>, H> {
        let class = match object {
            Value::Class(class) => return self.load_class_method(object, class, name, cache),
            Value::Misc(misc) => {
                if let Misc::Super { class, receiver } = &**misc
                    && !matches!(receiver, Value::Class(_))
                    && let Some(method @ Value::Function(_)) = class.base.as_ref().and_then(|base| base.lookup(name))
                {
                    return Ok(Loaded::MethodOf(method, receiver.clone()));
                }
                return self.get_attribute(object, name).map(Loaded::Value);
            }
            Value::Module(_) => return self.get_attribute(object, name).map(Loaded::Value),
            _ => self.class_of(object),
        };
        let found = match object.object() {
            Some(_) if class.lookup(names::GETATTRIBUTE).is_some() => None,
            Some(instance) => {
                let hidden = class.key(name).is_some_and(|key| instance.get(key).is_some());
                if hidden { None } else { class.lookup_place(name) }
            }
            None => {
                if let Some(method) = cache.find(class.version()).and_then(|place| self.class_at(&class, place)) {
                    return Ok(Loaded::Method(method));
                }
                // Functions and the like may have attributes of their own.
                if matches!(object, Value::Function(_)) { None } else { class.lookup_place(name) }
            }
        };
        match found {
            Some((place, method @ (Value::Function(_) | Value::Native(_)))) if !matches!(&method, Value::Native(native) if !native.binds) =>
            {
                // A cache may only be filled if no instance can have an attribute of that name.
                if object.object().is_none() || class.key(name).is_none() {
                    cache.fill(place);
                }
                Ok(Loaded::Method(method))
            }
            _ => self.get_attribute(object, name).map(Loaded::Value),
        }
    }

    /// A method that is looked up on a class. The cache may be shared with instances of the class at the same site: what
    /// it holds for a class is right for both, as no instance has an attribute of that name.
    fn load_class_method(&self, object: &Value<H>, class: &Class<H>, name: Name, cache: &Cache) -> R<Loaded<H>, H> {
        let found = match cache.find(class.version()).and_then(|place| self.class_at(class, place)) {
            Some(value) => value,
            None => match class.lookup_place(name) {
                Some((place, value)) => {
                    if class.key(name).is_none() {
                        cache.fill(place);
                    }
                    value
                }
                None => Value::Unset,
            },
        };
        match &found {
            Value::Function(_) => Ok(Loaded::Value(found)),
            Value::Misc(misc) => match &**misc {
                Misc::StaticMethod(function) => Ok(Loaded::Value(function.clone())),
                Misc::ClassMethod(function) => Ok(Loaded::Method(function.clone())),
                _ => self.get_attribute(object, name).map(Loaded::Value),
            },
            _ => self.get_attribute(object, name).map(Loaded::Value),
        }
    }

    /// The method that a call site has called before on instances of this class.
    #[inline(always)]
    pub(super) fn cached_method(&self, object: &Object<H>, cache: &Cache) -> Option<Value<H>> {
        cache.find(object.class.version()).and_then(|place| self.class_at(&object.class, place))
    }
}
