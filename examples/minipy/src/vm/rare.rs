//! The instructions that are not in the main loop.

use tricycle::GcCell;

use super::frame::{Exit, Flow, Step};
use super::{Args, R, Raise};
use crate::code::{Capture, NOWHERE, Op, Reg};
use crate::heap::Runtime;
use crate::memory;
use crate::name::Name;
use crate::object::{Dict, Function, Misc, Set, Variable};
use crate::value::Value;

impl<H: Runtime> Step<'_, H> {
    #[inline(never)]
    pub fn rare(&mut self, op: Op) -> R<Flow<H>, H> {
        match op {
            Op::DeleteLocal { reg, name } => {
                let old = std::mem::replace(&mut self.regs[usize::from(reg)], Value::Unset);
                self.deleted(old, name)?;
            }
            Op::MakeVariable { reg } => {
                let value = std::mem::replace(&mut self.regs[usize::from(reg)], Value::Unset);
                let variable = memory::object(Variable { value: GcCell::new(value) });
                self.set(reg, Value::Variable(variable));
            }
            Op::StoreVariable { reg, src } => {
                let value = self.take(src);
                self.variable(reg).value.set(value);
            }
            Op::DeleteVariable { reg, name } => {
                let old = self.variable(reg).value.replace(Value::Unset);
                self.deleted(old, name)?;
            }
            Op::StoreFree { index, src } => {
                let value = self.take(src);
                self.function.closure[usize::from(index)].value.set(value);
            }
            Op::DeleteFree { index, name } => {
                let old = self.function.closure[usize::from(index)].value.replace(Value::Unset);
                self.deleted(old, name)?;
            }
            Op::DeleteGlobal { number } => {
                let variable = &self.code.globals[number as usize];
                let old = variable.store(Value::Unset);
                if old.is_unset() {
                    return Err(self.vm.not_defined(variable.name));
                }
                self.vm.forget_rebound(&old);
            }
            Op::LoadName { dst, number, free } => {
                let variable = &self.code.globals[number as usize];
                let name = variable.name;
                let mut value = self.namespace(|module| module.get(name)).unwrap_or(Value::Unset);
                if value.is_unset() && free != NOWHERE {
                    value = self.function.closure[usize::from(free)].value.get();
                }
                if value.is_unset() {
                    value = variable.load();
                }
                if value.is_unset() {
                    return Err(self.vm.not_defined(name));
                }
                self.set(dst, value);
            }
            Op::StoreName { name, src } => {
                let value = self.take(src);
                self.namespace(|module| module.set(name, value));
            }
            Op::DeleteName { name } => {
                if self.namespace(|module| module.remove(name)).is_none() {
                    return Err(self.vm.not_defined(name));
                }
            }
            Op::DelAttr { obj, name } => {
                self.vm.delete_attribute(&self.regs[usize::from(obj)], name)?;
                self.clear_temp(obj);
            }
            Op::DelItem { obj, index } => {
                self.vm.delete_item(&self.regs[usize::from(obj)], &self.regs[usize::from(index)])?;
                self.clear_temp(index);
                self.clear_temp(obj);
            }
            Op::CallKeywords { dst, base, count, names } => {
                let names = &self.code.keyword_lists[names as usize];
                let callee = self.take(base);
                let start = usize::from(base) + 1;
                let keywords: Vec<(Name, Value<H>)> = names
                    .iter()
                    .zip(&mut self.regs[start + usize::from(count)..])
                    .map(|(&name, slot)| (name, std::mem::replace(slot, Value::Unset)))
                    .collect();
                let positional: Vec<Value<H>> = self.take_many(base + 1, count.into());
                let value = self.vm.call(&callee, Args { positional: &positional, keywords: &keywords })?;
                drop((positional, keywords, callee));
                self.set(dst, value);
            }
            Op::CallSpread { dst, base } => {
                let callee = self.take(base);
                let Value::List(list) = self.take(base + 1) else { unreachable!("the compiler makes a list") };
                let mut keywords: Vec<(Name, Value<H>)> = Vec::new();
                if let Value::Dict(dict) = self.take(base + 2) {
                    let pair = |(key, value): (&Value<H>, &Value<H>)| Some((key.text().map(Name::of)?, value.clone()));
                    let named: Option<Vec<_>> = dict.table.borrow().iter().map(pair).collect();
                    keywords = named.ok_or_else(|| self.vm.type_error("keywords must be strings"))?;
                }
                let positional = std::mem::take(&mut *list.items.borrow_mut());
                let value = self.vm.call(&callee, Args { positional: &positional, keywords: &keywords })?;
                drop((positional, keywords, callee));
                self.set(dst, value);
            }
            Op::YieldFrom { dst, iter } => return self.yield_from(dst, iter),
            Op::GetIter { dst, src } => {
                let value = self.vm.iter(&self.regs[usize::from(src)])?;
                self.clear_temp(src);
                self.set(dst, value);
            }
            Op::BuildList { dst, base, count } => {
                let items = self.take_many(base, count as usize);
                self.set(dst, Value::list(items));
            }
            Op::BuildTuple { dst, base, count } => {
                let items = self.take_many(base, count as usize);
                self.set(dst, Value::tuple(items));
            }
            Op::BuildSet { dst, base, count } => {
                let items = self.take_many(base, count as usize);
                let set = memory::object(Set::new(false));
                for item in items {
                    self.vm.set_add(&set, item)?;
                }
                self.set(dst, Value::Set(set));
            }
            Op::BuildDict { dst } => self.set(dst, Value::dict(Dict::new())),
            Op::ListExtend { list, src } => {
                let value = self.take(src);
                let items = self.vm.collect(&value).map_err(|raise| self.vm.explain_star(raise, &value))?;
                if let Value::List(list) = &self.regs[usize::from(list)] {
                    list.extend(items).map_err(|none| self.vm.no_memory(none))?;
                }
            }
            Op::ListToTuple { reg } => {
                if let Value::List(list) = self.take(reg) {
                    let items = std::mem::take(&mut *list.items.borrow_mut());
                    self.set(reg, Value::tuple(items));
                }
            }
            Op::SetAdd { set, src } => {
                let value = self.take(src);
                if let Value::Set(set) = &self.regs[usize::from(set)] {
                    self.vm.set_add(set, value)?;
                }
            }
            Op::SetUpdate { set, src } => {
                let values = self.vm.collect(&self.take(src))?;
                if let Value::Set(set) = &self.regs[usize::from(set)] {
                    let add = |value| self.vm.checkpoint().and_then(|()| self.vm.set_add(set, value));
                    values.into_iter().try_for_each(add)?;
                }
            }
            Op::DictSet { dict, base } => {
                let (key, value) = (self.take(base), self.take(base + 1));
                if let Value::Dict(dict) = &self.regs[usize::from(dict)] {
                    self.vm.dict_set(dict, key, value)?;
                }
            }
            Op::DictUpdate { strict, dict, src } => {
                let other = self.take(src);
                if let Value::Dict(dict) = &self.regs[usize::from(dict)] {
                    self.vm.dict_update(dict, &other, strict)?;
                }
            }
            Op::Unpack { base, src, count } => {
                let value = self.take(src);
                let items = self.vm.unpack(&value, count as usize)?;
                for (slot, item) in self.regs[usize::from(base)..].iter_mut().zip(items) {
                    *slot = item;
                }
            }
            Op::UnpackStar { base, src, before, after } => {
                let value = self.take(src);
                let items = self.vm.unpack_star(&value, before.into(), after.into())?;
                for (slot, item) in self.regs[usize::from(base)..].iter_mut().zip(items) {
                    *slot = item;
                }
            }
            Op::BuildSlice { dst, base } => {
                let [start, stop, step] = [0, 1, 2].map(|at| self.take(base + at));
                self.set(dst, Value::misc(Misc::Slice { start, stop, step }));
            }
            Op::BuildString { dst, base, count } => {
                let parts = self.take_many(base, count as usize);
                let len = parts.iter().filter_map(Value::text).map(str::len).sum();
                let text = crate::memory::concat(Some(len), parts.iter().filter_map(Value::text));
                self.set(dst, Value::str(text.map_err(|none| self.vm.no_memory(none))?));
            }
            Op::Format { conversion, dst, src, spec } => {
                let mut value = self.take(src);
                match conversion {
                    b'r' => value = Value::str(self.vm.repr(&value)?),
                    b'a' => value = Value::str(self.vm.ascii(&value)?),
                    b's' => value = Value::str(self.vm.str(&value)?),
                    _ => {}
                }
                let spec = if spec == NOWHERE { Value::str("") } else { self.take(spec) };
                let text = self.vm.format(&value, spec.text().unwrap_or(""))?;
                self.set(dst, Value::str(text));
            }
            Op::MakeFunction { dst, base, code } => self.make_function(dst, base, code),
            Op::MakeClass { dst, base, count, name } => {
                let Value::Function(body) = self.take(base) else { unreachable!("the compiler makes a function") };
                let bases = self.take_many(base + 1, count.into());
                let keywords = self.take(base + 1 + count);
                let class = self.vm.make_class(name, &body, &bases, &keywords)?;
                self.set(dst, class);
            }
            Op::Import { dst, name } => {
                let module = self.vm.import(name)?;
                self.set(dst, module);
            }
            Op::ImportFrom { dst, module, name } => {
                let module = &self.regs[usize::from(module)];
                let Ok(value) = self.vm.get_attribute(module, name) else {
                    let Value::Module(module) = module else { unreachable!("the compiler imports it first") };
                    let message = format!("cannot import name '{name}' from '{}' (unknown location)", module.name);
                    return Err(self.vm.error("ImportError", message));
                };
                self.set(dst, value);
            }
            Op::Raise { exception, cause } => {
                let exception = self.take(exception);
                let cause = if cause == NOWHERE { None } else { Some(self.take(cause)) };
                return Err(self.vm.make_raise(&exception, cause.as_ref()));
            }
            Op::EnterHandler { reg } => {
                let exception = self.regs[usize::from(reg)].clone();
                let before = self.vm.handling.replace(exception);
                self.set(reg + 1, before);
            }
            Op::LeaveHandler { reg } => {
                let before = std::mem::replace(&mut self.regs[usize::from(reg) + 1], Value::Unset);
                drop(self.vm.handling.replace(before));
            }
            Op::JumpUnlessMatch { exception, class, target } => {
                let class = self.take(class);
                if !self.vm.matches(&self.regs[usize::from(exception)], &class)? {
                    return Ok(Flow::Jump(target));
                }
            }
            Op::EnterWith { base } => self.enter_with(base)?,
            Op::ExitWith { base } => {
                let exit = self.take(base);
                self.vm.call(&exit, Args::of(&[Value::None, Value::None, Value::None]))?;
            }
            Op::ExitWithException { base, target } => return self.exit_with_exception(base, target),
            Op::Display { src } => {
                let value = self.take(src);
                if !value.is_none() {
                    let text = self.vm.repr(&value)?;
                    self.vm.write(&format!("{text}\n"));
                }
            }
            op => unreachable!("{op:?} is in the main loop"),
        }
        Ok(Flow::Go)
    }

    fn deleted(&self, old: Value<H>, name: Name) -> R<(), H> {
        if old.is_unset() { Err(self.vm.unbound(name)) } else { Ok(()) }
    }

    fn variable(&self, reg: Reg) -> &Variable<H> {
        match &self.regs[usize::from(reg)] {
            Value::Variable(variable) => variable,
            _ => unreachable!("the compiler makes a variable first"),
        }
    }

    /// The namespace of the class whose body this is.
    fn namespace<T>(&self, f: impl FnOnce(&crate::object::Module<H>) -> T) -> T {
        match &self.regs[0] {
            Value::Module(module) => f(module),
            _ => unreachable!("`make_class` puts a namespace there"),
        }
    }

    fn take_many(&mut self, base: Reg, count: usize) -> Vec<Value<H>> {
        if count == 0 {
            return Vec::new();
        }
        let slots = self.regs[usize::from(base)..usize::from(base) + count].iter_mut();
        slots.map(|slot| std::mem::replace(slot, Value::Unset)).collect()
    }

    fn make_function(&mut self, dst: Reg, base: Reg, code: u32) {
        let code = self.code.codes[code as usize].clone();
        let (mut defaults, mut keyword_defaults) = (Vec::new(), Vec::new());
        if base != NOWHERE {
            if let Value::Tuple(tuple) = self.take(base) {
                defaults = tuple.items.to_vec();
            }
            if let Value::Dict(dict) = self.take(base + 1) {
                let table = dict.table.borrow();
                let pairs = table.iter().map(|(key, value)| (Name::of(key.text().unwrap_or("")), value.clone()));
                keyword_defaults = pairs.collect();
            }
        }
        let capture = |capture: &Capture| match *capture {
            Capture::Register(reg) => match &self.regs[usize::from(reg)] {
                Value::Variable(variable) => variable.clone(),
                _ => unreachable!("captured variables are shared ones"),
            },
            Capture::Free(index) => self.function.closure[usize::from(index)].clone(),
        };
        let closure = code.captures.iter().map(capture).collect();
        memory::spend(size_of_val(&*defaults) + code.captures.len() * size_of::<usize>());
        let function = Function {
            qualname: code.qualname,
            code,
            globals: self.function.globals.clone(),
            defaults,
            keyword_defaults,
            closure,
            attributes: GcCell::new(None),
        };
        self.set(dst, Value::Function(memory::object(function)));
    }

    fn enter_with(&mut self, base: Reg) -> R<(), H> {
        use crate::name::names;
        let manager = self.take(base);
        let name = self.vm.type_name(&manager);
        let missing = |what: &str| {
            let message = format!("'{name}' object does not support the context manager protocol{what}");
            self.vm.type_error(message)
        };
        let class = self.vm.class_of(&manager);
        let Some(exit) = self.vm.special(&manager, names::EXIT) else {
            let what = if class.lookup(names::ENTER).is_some() { " (missed __exit__ method)" } else { "" };
            return Err(missing(what));
        };
        let exit = self.vm.bind_attribute(exit, Some(&manager), &class)?;
        let entered = self.vm.call_special(&manager, names::ENTER, &[]).ok_or_else(|| missing(""))??;
        self.set(base, exit);
        self.set(base + 1, entered);
        Ok(())
    }

    fn exit_with_exception(&mut self, base: Reg, target: u32) -> R<Flow<H>, H> {
        let exit = self.take(base);
        let exception = self.take(base + 1);
        let vm = self.vm;
        let before = vm.handling.replace(exception.clone());
        let class = Value::Class(vm.class_of(&exception));
        let raise = Raise::from_value(exception.clone());
        let traceback = vm.traceback_of(&raise);
        let result = vm.call(&exit, Args::of(&[class, exception, traceback])).and_then(|value| vm.truth(&value));
        drop(vm.handling.replace(before));
        if result? {
            return Ok(Flow::Jump(target));
        }
        Ok(Flow::RaiseAgain(raise))
    }

    fn yield_from(&mut self, dst: Reg, iter: Reg) -> R<Flow<H>, H> {
        let sent = self.take(dst);
        match self.vm.send(&self.regs[usize::from(iter)], sent)? {
            super::exec::Outcome::Yielded(value) => Ok(Flow::Leave(Exit::Yield { value, target: dst, again: true })),
            super::exec::Outcome::Returned(value) => {
                self.set(iter, Value::Unset);
                self.set(dst, value);
                Ok(Flow::Go)
            }
        }
    }
}
