//! Making classes.

use tricycle::Gc;

use crate::heap::Runtime;
use crate::name::{Name, names};
use crate::object::{Class, Function, Layout, Module};
use crate::value::Value;
use crate::vm::{Args, R, Vm};

impl<H: Runtime> Vm<H> {
    /// Runs the body of a `class` statement, and makes a class of what it defined.
    pub fn make_class(
        &self,
        name: Name,
        body: &Gc<Function<H>, H>,
        bases: &[Value<H>],
        keywords: &Value<H>,
    ) -> R<Value<H>, H> {
        let base = match bases {
            [] => self.types.object.clone(),
            [Value::Class(base)] => base.clone(),
            [_] => return Err(self.type_error("bases must be types")),
            _ => return Err(self.type_error("minipy has single inheritance only")),
        };
        let namespace = Gc::new_in(Module::new(name), H::default());
        let module = body.globals.variable(names::NAME, || None).load();
        namespace.set(names::MODULE, if module.is_unset() { Value::str(&*body.globals.name().text()) } else { module });
        namespace.set(names::QUALNAME, Value::str(&*body.code.qualname.text()));
        if !body.code.doc.is_none() {
            namespace.set(names::DOC, body.code.doc.clone());
        }
        let variable = self.run_function(body, Args::of(&[Value::Module(namespace.clone())]))?;
        let qualname = namespace.remove(names::QUALNAME);
        let qualname = qualname.and_then(|qualname| qualname.text().map(Name::of)).unwrap_or(name);
        let own = std::mem::take(&mut *namespace.attributes.borrow_mut());
        let class = self.new_class(name, qualname, base, own)?;
        if let Value::Variable(variable) = variable {
            variable.value.set(Value::Class(class.clone()));
        }
        self.announce_class(&class, keywords)?;
        Ok(Value::Class(class))
    }

    pub fn new_class(
        &self,
        name: Name,
        qualname: Name,
        base: Gc<Class<H>, H>,
        mut own: indexmap::IndexMap<Name, Value<H>, rustc_hash::FxBuildHasher>,
    ) -> R<Gc<Class<H>, H>, H> {
        let types = &self.types;
        let layout = match base.layout {
            Layout::Builtin => match &base {
                base if Gc::ptr_eq(base, &types.object) => Layout::Plain,
                base if Gc::ptr_eq(base, &types.list) => Layout::ListPayload,
                base if Gc::ptr_eq(base, &types.dict) => Layout::DictPayload,
                base if Gc::ptr_eq(base, &types.set) => Layout::SetPayload,
                base => {
                    return Err(self.type_error(format!("minipy cannot subclass '{}'", base.name)));
                }
            },
            layout => layout,
        };
        let slots = self.slots(&base, layout, &own)?;
        if own.contains_key(&names::EQ) && !own.contains_key(&names::HASH) {
            own.insert(names::HASH, Value::None);
        }
        if let Some(new @ Value::Function(_)) = own.get(&names::NEW) {
            let new = Value::misc(crate::object::Misc::StaticMethod(new.clone()));
            own.insert(names::NEW, new);
        }
        for name in [names::INIT_SUBCLASS, Name::of("__class_getitem__")] {
            if let Some(function @ Value::Function(_)) = own.get(&name) {
                let method = Value::misc(crate::object::Misc::ClassMethod(function.clone()));
                own.insert(name, method);
            }
        }
        Ok(Class::create(name, qualname, Some(base), layout, own, slots))
    }

    /// The attributes that instances may have, if the class and all its bases say so.
    fn slots(
        &self,
        base: &Gc<Class<H>, H>,
        layout: Layout,
        own: &indexmap::IndexMap<Name, Value<H>, rustc_hash::FxBuildHasher>,
    ) -> R<Option<Vec<Name>>, H> {
        let Some(declared) = own.get(&names::SLOTS) else { return Ok(None) };
        let mut slots = match &base.slots {
            Some(slots) => slots.clone(),
            None if base.layout == Layout::Builtin && layout == Layout::Plain => Vec::new(),
            None => return Ok(None),
        };
        let names = match declared {
            Value::Str(one) => vec![Name::of(one)],
            several => {
                let items = self.collect(several)?;
                items.iter().filter_map(|item| item.text().map(Name::of)).collect()
            }
        };
        if names.contains(&names::DICT) {
            return Ok(None);
        }
        slots.extend(names);
        Ok(Some(slots))
    }

    /// Tells descriptors their name, and the base about its new subclass.
    fn announce_class(&self, class: &Gc<Class<H>, H>, keywords: &Value<H>) -> R<(), H> {
        for (name, value) in class.own_names() {
            if value.object().is_some() && self.special(&value, names::SET_NAME).is_some() {
                self.call_method(&value, names::SET_NAME, &[Value::Class(class.clone()), Value::str(&*name.text())])?;
            }
        }
        let mut pairs = Vec::new();
        if let Value::Dict(dict) = keywords {
            for (key, value) in dict.table.borrow().iter() {
                pairs.push((Name::of(key.text().unwrap_or("")), value.clone()));
            }
        }
        let hook = class.base.as_ref().and_then(|base| base.lookup(names::INIT_SUBCLASS));
        match hook {
            Some(hook) => {
                let bound = self.bind_attribute(hook, None, class)?;
                self.call(&bound, Args { positional: &[], keywords: &pairs })?;
            }
            None if pairs.is_empty() => {}
            None => {
                let message = format!("{}.__init_subclass__() takes no keyword arguments", class.name);
                return Err(self.type_error(message));
            }
        }
        Ok(())
    }

    /// A module that has been imported.
    pub fn imported(&self, name: Name) -> Option<Gc<Module<H>, H>> {
        match self.modules.try_borrow().ok()?.iter().find(|(known, _)| *known == name)? {
            (_, Value::Module(module)) => Some(module.clone()),
            _ => None,
        }
    }

    /// Python's `import`.
    pub fn import(&self, name: Name) -> R<Value<H>, H> {
        if let Some((_, module)) = self.modules.borrow().iter().find(|(known, _)| *known == name) {
            return Ok(module.clone());
        }
        // One thread at a time makes modules; another may have been quicker.
        self.acquire(&self.importing, true, None)?;
        let module = match self.imported(name) {
            Some(module) => Some(module),
            None => crate::modules::load(self, name).inspect(|module| {
                self.modules.borrow_mut().push((name, Value::Module(module.clone())));
            }),
        };
        self.importing.release(None);
        match module {
            Some(module) => Ok(Value::Module(module)),
            None => Err(self.error("ModuleNotFoundError", format!("No module named '{name}'"))),
        }
    }
}
