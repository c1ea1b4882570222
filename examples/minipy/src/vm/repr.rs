//! `repr` and `str`.

use std::fmt::Write;

use super::{Args, R, Vm, float_repr};
use crate::heap::Runtime;
use crate::memory::NoMemory;
use crate::name::names;
use crate::object::{IterState, Layout, Misc, View};
use crate::scalar::Truth;
use crate::value::Value;

impl<H: Runtime> Vm<H> {
    pub fn str(&self, value: &Value<H>) -> R<String, H> {
        match value {
            Value::Str(text) => return Ok(text.to_string()),
            Value::Int(value) => return Ok(value.to_string()),
            Value::Instance(_) | Value::Finalizable(_) => {}
            value => return self.repr(value),
        }
        if let Some(method) = self.special(value, names::STR) {
            return self.text_of_call(&method, value, "__str__");
        }
        self.repr(value)
    }

    fn text_of_call(&self, method: &Value<H>, value: &Value<H>, name: &str) -> R<String, H> {
        match self.nested(|| self.call(method, Args::of(std::slice::from_ref(value))))? {
            Value::Str(text) => Ok(text.to_string()),
            other => {
                let other = self.type_name(&other);
                Err(self.type_error(format!("{name} returned non-string (type {other})")))
            }
        }
    }

    /// The text of an exception's arguments.
    pub fn exception_text(&self, value: &Value<H>) -> R<String, H> {
        let raise = super::Raise::from_value(value.clone());
        match raise.args().as_slice() {
            [] => Ok(String::new()),
            [one] if self.is_a(&raise, "KeyError") => self.repr(one),
            [one] => self.str(one),
            args => self.repr(&Value::tuple(args)),
        }
    }

    pub fn ascii(&self, value: &Value<H>) -> R<String, H> {
        let mut text = String::new();
        for c in self.repr(value)?.chars() {
            match c as u32 {
                0..128 => text.push(c),
                code @ 128..256 => _ = write!(text, "\\x{code:02x}"),
                code @ 256..65536 => _ = write!(text, "\\u{code:04x}"),
                code => _ = write!(text, "\\U{code:08x}"),
            }
        }
        Ok(text)
    }

    pub fn repr(&self, value: &Value<H>) -> R<String, H> {
        Ok(match value {
            Value::Unset => "<unset>".into(),
            Value::None => "None".into(),
            Value::NotImplemented => "NotImplemented".into(),
            Value::Ellipsis => "Ellipsis".into(),
            Value::Bool(Truth::True) => "True".into(),
            Value::Bool(Truth::False) => "False".into(),
            Value::Int(value) => value.to_string(),
            Value::Float(value) => float_repr(value.get()),
            Value::Str(text) => quote(text),
            Value::List(_) | Value::Tuple(_) | Value::Dict(_) | Value::Set(_) => return self.repr_container(value),
            Value::Class(class) => match class.module {
                names::BUILTINS => format!("<class '{}'>", class.qualname),
                module => format!("<class '{module}.{}'>", class.qualname),
            },
            Value::Function(function) => format!("<function {} at {:#x}>", function.qualname, value.address()),
            Value::Native(native) if native.binds => format!("<method '{}'>", native.name),
            Value::Native(native) => format!("<built-in function {}>", native.name),
            Value::Method(method) => match &method.function {
                Value::Function(function) => {
                    format!("<bound method {} of {}>", function.qualname, self.repr(&method.receiver)?)
                }
                _ => format!("<built-in method at {:#x}>", value.address()),
            },
            Value::Generator(generator) => format!("<generator object {} at {:#x}>", generator.name, value.address()),
            Value::Module(module) => format!("<module '{}' (built-in)>", module.name),
            Value::WeakRef(weak) => match weak.upgrade() {
                None => format!("<weakref at {:#x}; dead>", value.address()),
                Some(target) => {
                    let name = self.type_name(&target);
                    format!("<weakref at {:#x}; to '{name}' at {:#x}>", value.address(), target.address())
                }
            },
            Value::Misc(misc) => return self.repr_misc(value, misc),
            Value::Iter(iter) => {
                let name = match &*iter.state.borrow() {
                    IterState::List { .. } => crate::name::Name::of("list_iterator"),
                    IterState::Range { .. } => crate::name::Name::of("range_iterator"),
                    _ => self.type_name(value),
                };
                return Ok(format!("<{name} object at {:#x}>", value.address()));
            }
            value => {
                if value.object().is_some() {
                    return self.repr_instance(value);
                }
                self.default_repr(value)
            }
        })
    }

    pub fn default_repr(&self, value: &Value<H>) -> String {
        let class = self.class_of(value);
        match class.module {
            names::BUILTINS => format!("<{} object at {:#x}>", class.qualname, value.address()),
            module => format!("<{module}.{} object at {:#x}>", class.qualname, value.address()),
        }
    }

    fn repr_instance(&self, value: &Value<H>) -> R<String, H> {
        if let Some(method) = self.special(value, names::REPR) {
            return self.text_of_call(&method, value, "__repr__");
        }
        let class = self.class_of(value);
        if class.layout.has_payload() {
            let text = self.repr(&value.unwrap_payload())?;
            return Ok(if class.layout == Layout::SetPayload { format!("{}({text})", class.name) } else { text });
        }
        Ok(self.default_repr(value))
    }

    /// The representation of something that may contain itself.
    fn repr_container(&self, value: &Value<H>) -> R<String, H> {
        let address = value.address();
        if self.in_repr.borrow().contains(&address) {
            return Ok(match value {
                Value::List(_) => "[...]",
                Value::Tuple(_) => "(...)",
                _ => "{...}",
            }
            .into());
        }
        self.in_repr.borrow_mut().push(address);
        let result = self.nested(|| self.repr_parts(value));
        self.in_repr.borrow_mut().pop();
        result
    }

    fn repr_parts(&self, value: &Value<H>) -> R<String, H> {
        let join = |items: &[Value<H>]| -> R<String, H> { self.joined(items.iter().map(|item| self.repr(item))) };
        Ok(match value {
            Value::List(_) => format!("[{}]", join(&self.collect(value)?)?),
            Value::Tuple(tuple) if tuple.items.len() == 1 => format!("({},)", self.repr(&tuple.items[0])?),
            Value::Tuple(tuple) => format!("({})", join(&tuple.items)?),
            Value::Set(set) => {
                let keys: Vec<Value<H>> = set.table.borrow().hashed().into_iter().map(|(_, key)| key).collect();
                match (set.frozen, keys.is_empty()) {
                    (false, true) => "set()".into(),
                    (false, false) => format!("{{{}}}", join(&keys)?),
                    (true, true) => "frozenset()".into(),
                    (true, false) => format!("frozenset({{{}}})", join(&keys)?),
                }
            }
            Value::Dict(dict) => {
                let pairs: Vec<_> = dict.table.borrow().iter().map(|(k, v)| (k.clone(), v.clone())).collect();
                let pair = |(key, value): &(_, _)| Ok(format!("{}: {}", self.repr(key)?, self.repr(value)?));
                format!("{{{}}}", self.joined(pairs.iter().map(pair))?)
            }
            _ => unreachable!("the caller looked"),
        })
    }

    /// With commas in between. There may be many.
    fn joined(&self, parts: impl Iterator<Item = R<String, H>>) -> R<String, H> {
        let mut all = String::new();
        for part in parts {
            self.checkpoint()?;
            let part = part?;
            let separator = if all.is_empty() { "" } else { ", " };
            all.try_reserve(part.len() + separator.len()).map_err(|_| self.no_memory(NoMemory))?;
            all.push_str(separator);
            all.push_str(&part);
        }
        Ok(all)
    }

    fn repr_misc(&self, value: &Value<H>, misc: &Misc<H>) -> R<String, H> {
        Ok(match misc {
            Misc::Range { start, stop, step: 1 } => format!("range({start}, {stop})"),
            Misc::Range { start, stop, step } => format!("range({start}, {stop}, {step})"),
            Misc::Slice { start, stop, step } => {
                format!("slice({}, {}, {})", self.repr(start)?, self.repr(stop)?, self.repr(step)?)
            }
            Misc::View { what, .. } => {
                let name = match what {
                    View::Keys => "dict_keys",
                    View::Values => "dict_values",
                    View::Items => "dict_items",
                };
                format!("{name}({})", self.repr(&Value::list(self.collect(value)?))?)
            }
            Misc::Super { class, .. } => format!("<super: <class '{}'>>", class.name),
            _ => format!("<{} object at {:#x}>", self.type_name(value), value.address()),
        })
    }
}

/// A string in quotes, as Python writes it.
fn quote(text: &str) -> String {
    let quote = if text.contains('\'') && !text.contains('"') { '"' } else { '\'' };
    let mut result = String::with_capacity(text.len() + 2);
    result.push(quote);
    for c in text.chars() {
        match c {
            '\n' => result.push_str("\\n"),
            '\r' => result.push_str("\\r"),
            '\t' => result.push_str("\\t"),
            '\\' => result.push_str("\\\\"),
            c if c == quote => {
                result.push('\\');
                result.push(c);
            }
            c if (c as u32) < 32 || (127..160).contains(&(c as u32)) => _ = write!(result, "\\x{:02x}", c as u32),
            c => result.push(c),
        }
    }
    result.push(quote);
    result
}
