//! The attributes of built-in objects that are not methods.

use tricycle::Gc;

use super::exceptions;
use crate::heap::Runtime;
use crate::memory;
use crate::name::{Name, names};
use crate::object::{Class, Dict, Function, Layout, Misc};
use crate::value::Value;
use crate::vm::{R, Vm};

fn text<H: Runtime>(name: Name) -> Value<H> {
    Value::str(&*name.text())
}

impl<H: Runtime> Vm<H> {
    /// An attribute that is not in any dict.
    pub fn builtin_attribute(&self, object: &Value<H>, class: &Gc<Class<H>, H>, name: Name) -> R<Option<Value<H>>, H> {
        if name == names::CLASS {
            return Ok(Some(Value::Class(self.class_of(object))));
        }
        if let Value::Class(class) = object {
            return Ok(self.attribute_of_class(class, name));
        }
        match object {
            Value::Function(function) => return self.attribute_of_function(function, name),
            Value::Method(method) => match name {
                names::SELF => return Ok(Some(method.receiver.clone())),
                names::FUNC => return Ok(Some(method.function.clone())),
                name => return self.get_attribute(&method.function, name).map(Some),
            },
            Value::Native(native) if name == names::NAME || name == names::QUALNAME => {
                return Ok(Some(Value::str(native.name)));
            }
            Value::Generator(generator) if name == names::NAME => return Ok(Some(text(generator.name))),
            Value::Module(module) if name == names::DICT => {
                let all: Vec<_> =
                    module.attributes.borrow().iter().map(|(name, value)| (*name, value.clone())).collect();
                return Ok(Some(Value::dict(self.keyword_dict(&all))));
            }
            Value::Misc(misc) => return self.attribute_of_misc(misc, name),
            _ => {}
        }
        if object.object().is_none() {
            return Ok(None);
        }
        if name == names::DICT && class.slots.is_none() {
            return Ok(Some(Value::dict(self.keyword_dict(&self.instance_attributes(object)))));
        }
        if class.layout == Layout::Exception {
            return Ok(exceptions::attribute(self, object, class, name));
        }
        Ok(match name {
            names::DOC | names::MODULE => self.attribute_of_class(class, name),
            _ => None,
        })
    }

    /// The attributes of an instance, in the order that the class got to know them.
    pub fn instance_attributes(&self, value: &Value<H>) -> Vec<(Name, Value<H>)> {
        let Some(object) = value.object() else { return Vec::new() };
        let keys = object.class.keys().into_iter().enumerate();
        let hidden = match object.class.layout {
            Layout::Plain | Layout::Builtin => 0,
            Layout::Exception => crate::object::exception::EXTRA,
            _ => 1,
        };
        keys.skip(hidden).filter_map(|(at, name)| Some((name, object.get(at)?))).collect()
    }

    fn attribute_of_class(&self, class: &Gc<Class<H>, H>, name: Name) -> Option<Value<H>> {
        Some(match name {
            names::NAME => text(class.name),
            names::QUALNAME => text(class.qualname),
            names::MODULE => text(class.module),
            names::BASE => class.base.clone().map_or(Value::None, Value::Class),
            names::BASES => Value::tuple(class.base.iter().cloned().map(Value::Class).collect::<Vec<_>>()),
            names::MRO => {
                let mut classes = vec![Value::Class(class.clone())];
                let mut base = class.base.clone();
                while let Some(class) = base {
                    base = class.base.clone();
                    classes.push(Value::Class(class));
                }
                Value::tuple(classes)
            }
            names::DOC => class.own(names::DOC).unwrap_or(Value::None),
            names::DICT => Value::dict(self.keyword_dict(&class.own_names())),
            _ => return None,
        })
    }

    pub fn function_attributes(&self, function: &Function<H>) -> Gc<Dict<H>, H> {
        if let Some(dict) = function.attributes.get() {
            return dict;
        }
        let dict = memory::object(Dict::new());
        // Making it may have run a finalizer, and that may have been quicker.
        function.attributes.borrow_mut().get_or_insert(dict).clone()
    }

    fn attribute_of_function(&self, function: &Function<H>, name: Name) -> R<Option<Value<H>>, H> {
        if let Some(dict) = function.attributes.get()
            && let Some(value) = self.dict_get_str(&dict, &name.text())?
        {
            return Ok(Some(value));
        }
        Ok(Some(match name {
            names::NAME => text(function.code.name),
            names::QUALNAME => text(function.qualname),
            names::MODULE => text(function.globals.name()),
            names::DOC => function.code.doc.clone(),
            names::DICT => Value::Dict(self.function_attributes(function)),
            name if &*name.text() == "__defaults__" => match function.defaults.as_slice() {
                [] => Value::None,
                defaults => Value::tuple(defaults),
            },
            _ => return Ok(None),
        }))
    }

    fn attribute_of_misc(&self, misc: &Gc<Misc<H>, H>, name: Name) -> R<Option<Value<H>>, H> {
        let found = match (&**misc, &*name.text()) {
            (Misc::Range { start, .. }, "start") => Value::Int(*start),
            (Misc::Range { stop, .. }, "stop") => Value::Int(*stop),
            (Misc::Range { step, .. }, "step") => Value::Int(*step),
            (Misc::Slice { start, .. }, "start") => start.clone(),
            (Misc::Slice { stop, .. }, "stop") => stop.clone(),
            (Misc::Slice { step, .. }, "step") => step.clone(),
            (Misc::Property { get, .. }, "fget") => get.clone(),
            (Misc::Property { set, .. }, "fset") => set.clone(),
            (Misc::Property { delete, .. }, "fdel") => delete.clone(),
            (Misc::Property { doc, .. }, "__doc__") => doc.clone(),
            (Misc::StaticMethod(function) | Misc::ClassMethod(function), "__func__" | "__wrapped__") => {
                function.clone()
            }
            (Misc::ThreadLocal(_), _) => {
                let dict = self.thread_local_dict(misc);
                return self.dict_get_str(&dict, &name.text());
            }
            _ => return Ok(None),
        };
        Ok(Some(found))
    }

    /// This thread's attributes of a `threading.local`.
    pub fn thread_local_dict(&self, misc: &Gc<Misc<H>, H>) -> Gc<Dict<H>, H> {
        let Misc::ThreadLocal(dicts) = &**misc else { unreachable!("the callers looked") };
        let me = crate::modules::thread_number();
        let mine = |dicts: &[(u64, Gc<Dict<H>, H>)]| {
            dicts.iter().find(|(thread, _)| *thread == me).map(|(_, dict)| dict.clone())
        };
        if let Some(dict) = mine(&dicts.borrow()) {
            return dict;
        }
        let dict = memory::object(Dict::new());
        let mut dicts = dicts.borrow_mut();
        // A finalizer may have been quicker.
        if let Some(dict) = mine(&dicts) {
            return dict;
        }
        dicts.push((me, dict.clone()));
        self.own_thread_local(misc);
        dict
    }
}
