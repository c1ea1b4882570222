//! Exceptions: making, raising, catching and printing them.

use std::collections::HashSet;
use std::fmt::Write;

use tricycle::{Gc, GcCell};

use super::{Args, R, Vm};
use crate::heap::Runtime;
use crate::memory::{self, NoMemory};
use crate::name::{Name, names};
use crate::object::{Class, Entry, Instance, Layout, Misc, Traceback, exception};
use crate::scalar::Truth;
use crate::value::Value;

/// An exception on its way.
pub struct Raise<H: Runtime>(Gc<Instance<H>, H>);

impl<H: Runtime> Raise<H> {
    pub fn into_value(self) -> Value<H> {
        Value::Instance(self.0)
    }

    pub fn value(&self) -> Value<H> {
        Value::Instance(self.0.clone())
    }

    /// The exception that a handler has in a register.
    pub fn from_value(value: Value<H>) -> Self {
        match value {
            Value::Instance(instance) => Raise(instance),
            _ => unreachable!("what is raised is an exception"),
        }
    }

    pub fn class(&self) -> &Gc<Class<H>, H> {
        &self.0.0.class
    }

    pub fn attribute(&self, index: usize) -> Option<Value<H>> {
        self.0.0.get(index)
    }

    /// The arguments the exception was made with.
    pub fn args(&self) -> Vec<Value<H>> {
        match self.attribute(exception::ARGS) {
            Some(Value::Tuple(args)) => args.items.to_vec(),
            _ => Vec::new(),
        }
    }
}

impl<H: Runtime> Vm<H> {
    /// A built-in exception.
    #[cold]
    pub fn error(&self, class: &str, message: impl Into<String>) -> Raise<H> {
        self.error_with(class, &[Value::str(message.into())])
    }

    #[cold]
    pub fn error_with(&self, class: &str, args: &[Value<H>]) -> Raise<H> {
        let Some(Value::Class(class)) = self.builtins.get(Name::of(class)) else {
            unreachable!("{class} is a built-in exception")
        };
        let raise = Raise::from_value(self.new_instance(&class, Args::of(args)));
        self.add_context(&raise);
        raise
    }

    /// `MemoryError`. It takes memory itself, and there is some now.
    #[cold]
    pub fn no_memory(&self, _: NoMemory) -> Raise<H> {
        memory::give_back();
        self.error_with("MemoryError", &[])
    }

    pub fn type_error(&self, message: impl Into<String>) -> Raise<H> {
        self.error("TypeError", message)
    }

    pub fn value_error(&self, message: impl Into<String>) -> Raise<H> {
        self.error("ValueError", message)
    }

    pub fn index_error(&self, message: &str) -> Raise<H> {
        self.error("IndexError", message)
    }

    pub fn key_error(&self, key: &Value<H>) -> Raise<H> {
        self.error_with("KeyError", std::slice::from_ref(key))
    }

    pub fn attribute_error(&self, object: &Value<H>, name: Name) -> Raise<H> {
        let message = match object {
            Value::Class(class) => format!("type object '{}' has no attribute '{name}'", class.name),
            Value::Module(module) => format!("module '{}' has no attribute '{name}'", module.name),
            _ => format!("'{}' object has no attribute '{name}'", self.type_name(object)),
        };
        self.error("AttributeError", message)
    }

    #[cold]
    pub fn overflow(&self) -> Raise<H> {
        self.error("OverflowError", "minipy has 64-bit integers")
    }

    pub fn unbound(&self, name: Name) -> Raise<H> {
        let message = format!("cannot access local variable '{name}' where it is not associated with a value");
        self.error("UnboundLocalError", message)
    }

    pub fn unbound_free(&self, name: Name) -> Raise<H> {
        let message =
            format!("cannot access free variable '{name}' where it is not associated with a value in enclosing scope");
        self.error("NameError", message)
    }

    pub fn not_defined(&self, name: Name) -> Raise<H> {
        self.error("NameError", format!("name '{name}' is not defined"))
    }

    pub fn is_exception_class(&self, class: &Class<H>) -> bool {
        class.layout == Layout::Exception
    }

    /// Whether an exception is of a built-in class.
    pub fn is_a(&self, raise: &Raise<H>, class: &str) -> bool {
        match self.builtins.get(Name::of(class)) {
            Some(Value::Class(class)) => raise.class().is_subclass_of(&class),
            _ => false,
        }
    }

    /// `raise exception from cause`.
    pub(super) fn make_raise(&self, value: &Value<H>, cause: Option<&Value<H>>) -> Raise<H> {
        let raise = match self.to_exception(value) {
            Ok(raise) => raise,
            Err(raise) => return raise,
        };
        if let Some(cause) = cause {
            let object = &raise.0.0;
            match cause {
                Value::None => object.set(exception::CAUSE, Value::None),
                cause => match self.to_exception(cause) {
                    Ok(cause) => object.set(exception::CAUSE, cause.into_value()),
                    Err(_) => return self.type_error("exception causes must derive from BaseException"),
                },
            }
            object.set(exception::SUPPRESS, Value::bool(true));
        }
        self.add_context(&raise);
        raise
    }

    fn to_exception(&self, value: &Value<H>) -> Result<Raise<H>, Raise<H>> {
        let value = match value {
            Value::Class(class) if self.is_exception_class(class) => self.call(value, Args::none())?,
            value => value.clone(),
        };
        match value {
            Value::Instance(instance) if self.is_exception_class(&instance.0.class) => Ok(Raise(instance)),
            _ => Err(self.type_error("exceptions must derive from BaseException")),
        }
    }

    /// An exception that was passed to `throw`: a class, or an instance.
    pub fn thrown(&self, value: &Value<H>) -> Raise<H> {
        self.to_exception(value).unwrap_or_else(|raise| raise)
    }

    /// Remembers what was being handled when the exception was raised.
    fn add_context(&self, raise: &Raise<H>) {
        let Ok(handling) = self.handling.try_borrow() else { return };
        let Value::Instance(current) = &*handling else { return };
        if Gc::ptr_eq(current, &raise.0) {
            return;
        }
        let current = Value::Instance(current.clone());
        drop(handling);
        // If the new exception is in the old one's chain already, the chain must not become a circle.
        // A program may have made a circle of its own: after Floyd, half as fast comes another who is met then.
        let (mut link, mut slow) = (current.clone(), current.clone());
        let context = |of: &Value<H>| of.object().and_then(|object| object.get(exception::CONTEXT));
        let mut steps = 0;
        while let Some(next) = context(&link) {
            if next.is(&raise.value()) {
                if let Some(object) = link.object() {
                    object.set(exception::CONTEXT, Value::None);
                }
                break;
            }
            link = next;
            if link.is(&slow) {
                break;
            }
            steps += 1;
            if steps % 2 == 0 {
                slow = context(&slow).unwrap_or(Value::None);
            }
        }
        raise.0.0.set(exception::CONTEXT, current);
    }

    pub fn set_cause(&self, raise: &Raise<H>, cause: &Raise<H>) {
        raise.0.0.set(exception::CAUSE, cause.value());
        raise.0.0.set(exception::CONTEXT, cause.value());
        raise.0.0.set(exception::SUPPRESS, Value::bool(true));
    }

    pub(super) fn raise_current(&self) -> (Raise<H>, bool) {
        if let Value::Instance(current) = &*self.handling.borrow() {
            return (Raise(current.clone()), true);
        }
        (self.error("RuntimeError", "No active exception to reraise"), false)
    }

    /// Whether `except class` catches an exception.
    pub(super) fn matches(&self, value: &Value<H>, class: &Value<H>) -> R<bool, H> {
        match class {
            Value::Class(class) if self.is_exception_class(class) => Ok(self.is_instance(value, class)),
            Value::Tuple(classes) => {
                for class in &classes.items {
                    if self.nested(|| self.matches(value, class))? {
                        return Ok(true);
                    }
                }
                Ok(false)
            }
            _ => Err(self.type_error("catching classes that do not inherit from BaseException is not allowed")),
        }
    }

    pub(super) fn add_traceback(&self, raise: &Raise<H>, entry: Entry) {
        let object = &raise.0.0;
        let traceback = match object.get(exception::TRACEBACK) {
            Some(Value::Misc(misc)) => misc,
            _ => {
                let misc = Gc::new_in(
                    Misc::Traceback(GcCell::new(Traceback { entries: Vec::new(), variables: Vec::new() })),
                    H::default(),
                );
                object.set(exception::TRACEBACK, Value::Misc(misc.clone()));
                misc
            }
        };
        if let Misc::Traceback(traceback) = &*traceback {
            traceback.borrow_mut().entries.push(entry);
        }
    }

    /// Keeps the variables of a frame that an exception has left.
    pub(super) fn keep_variables(&self, raise: &Raise<H>, variables: Vec<Value<H>>) {
        if let Some(Value::Misc(misc)) = raise.attribute(exception::TRACEBACK)
            && let Misc::Traceback(traceback) = &*misc
        {
            traceback.borrow_mut().variables.push(variables);
        }
    }

    pub(super) fn traceback_of(&self, raise: &Raise<H>) -> Value<H> {
        Value::or_none(raise.attribute(exception::TRACEBACK))
    }

    /// The last line of a traceback.
    pub fn exception_line(&self, raise: &Raise<H>) -> String {
        let class = raise.class();
        let module = if class.module == names::BUILTINS || class.module == names::MAIN {
            String::new()
        } else {
            format!("{}.", class.module)
        };
        match self.str(&raise.value()) {
            Ok(text) if text.is_empty() => format!("{module}{}", class.qualname),
            Ok(text) => format!("{module}{}: {text}", class.qualname),
            Err(_) => format!("{module}{}: <exception str() failed>", class.qualname),
        }
    }

    /// The whole traceback, with the exceptions that led to this one.
    pub fn traceback_text(&self, raise: &Raise<H>) -> String {
        let mut text = String::new();
        let mut chain = vec![(raise.value(), "")];
        let mut seen = HashSet::from([raise.value().address()]);
        loop {
            let (value, _) = chain.last().expect("it begins with the exception");
            let Some(object) = value.object() else { break };
            let cause = object.get(exception::CAUSE).filter(|cause| !cause.is_none());
            let suppressed = matches!(object.get(exception::SUPPRESS), Some(Value::Bool(Truth::True)));
            let context = object.get(exception::CONTEXT).filter(|context| !context.is_none() && !suppressed);
            let next = match (cause, context) {
                (Some(cause), _) => {
                    (cause, "\nThe above exception was the direct cause of the following exception:\n\n")
                }
                (None, Some(context)) => {
                    (context, "\nDuring handling of the above exception, another exception occurred:\n\n")
                }
                (None, None) => break,
            };
            if !seen.insert(next.0.address()) {
                break;
            }
            chain.push(next);
        }
        for (value, link) in chain.into_iter().rev() {
            let raise = Raise::from_value(value);
            if let Value::Misc(misc) = self.traceback_of(&raise)
                && let Misc::Traceback(traceback) = &*misc
            {
                text.push_str("Traceback (most recent call last):\n");
                self.write_entries(&mut text, &traceback.borrow().entries);
            }
            text.push_str(&self.exception_line(&raise));
            text.push('\n');
            text.push_str(link);
        }
        text
    }

    fn write_entries(&self, text: &mut String, entries: &[Entry]) {
        let mut repeated = 0;
        let mut last = None;
        for entry in entries.iter().rev() {
            let &Entry { module, function, line } = entry;
            repeated = if last == Some(entry) { repeated + 1 } else { 0 };
            last = Some(entry);
            if repeated < 3 {
                if let Some(module) = module {
                    let _ = writeln!(text, "  File \"<built-in {module}>\", line {line}, in {function}");
                } else {
                    let _ = writeln!(text, "  File \"{}\", line {line}, in {function}", self.file);
                    if let Some(source) = self.source_line(line) {
                        let _ = writeln!(text, "    {}", source.trim());
                    }
                }
            } else if repeated == 3 {
                let times = entries.iter().filter(|other| *other == entry).count() - 3;
                let plural = if times == 1 { "" } else { "s" };
                let _ = writeln!(text, "  [Previous line repeated {times} more time{plural}]");
            }
        }
    }

    pub fn print_exception(&self, raise: &Raise<H>) {
        let text = self.traceback_text(raise);
        self.write_error(&text);
    }

    /// A better message for `f(*x)` where `x` is not iterable.
    pub(super) fn explain_star(&self, raise: Raise<H>, value: &Value<H>) -> Raise<H> {
        if self.is_a(&raise, "TypeError") && self.iter(value).is_err() {
            let name = self.type_name(value);
            return self.type_error(format!("Value after * must be an iterable, not {name}"));
        }
        raise
    }
}
