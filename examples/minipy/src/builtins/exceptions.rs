//! The hierarchy of exceptions.

use tricycle::Gc;

use super::methods;
use crate::heap::Runtime;
use crate::name::{Name, names};
use crate::object::{Class, Layout, exception};
use crate::value::Value;
use crate::vm::Vm;

/// Each with its base.
const CLASSES: &[(&str, &str)] = &[
    ("BaseException", "object"),
    ("SystemExit", "BaseException"),
    ("KeyboardInterrupt", "BaseException"),
    ("GeneratorExit", "BaseException"),
    ("Exception", "BaseException"),
    ("StopIteration", "Exception"),
    ("ArithmeticError", "Exception"),
    ("FloatingPointError", "ArithmeticError"),
    ("OverflowError", "ArithmeticError"),
    ("ZeroDivisionError", "ArithmeticError"),
    ("AssertionError", "Exception"),
    ("AttributeError", "Exception"),
    ("BufferError", "Exception"),
    ("EOFError", "Exception"),
    ("ImportError", "Exception"),
    ("ModuleNotFoundError", "ImportError"),
    ("LookupError", "Exception"),
    ("IndexError", "LookupError"),
    ("KeyError", "LookupError"),
    ("MemoryError", "Exception"),
    ("NameError", "Exception"),
    ("UnboundLocalError", "NameError"),
    ("OSError", "Exception"),
    ("FileNotFoundError", "OSError"),
    ("TimeoutError", "OSError"),
    ("ReferenceError", "Exception"),
    ("RuntimeError", "Exception"),
    ("NotImplementedError", "RuntimeError"),
    ("RecursionError", "RuntimeError"),
    ("SyntaxError", "Exception"),
    ("TypeError", "Exception"),
    ("ValueError", "Exception"),
    ("UnicodeError", "ValueError"),
    ("Warning", "Exception"),
    ("UserWarning", "Warning"),
    ("DeprecationWarning", "Warning"),
];

pub fn install<H: Runtime>(vm: &Vm<H>) {
    for &(name, base) in CLASSES {
        let Some(Value::Class(base)) = vm.builtins.get(Name::of(base)) else { unreachable!("bases come first") };
        let name = Name::of(name);
        let class = Class::create(name, name, Some(base), Layout::Exception, Default::default(), None);
        vm.builtins.set(name, Value::Class(class));
    }
    let io_error = vm.builtins.get(Name::of("OSError")).unwrap_or(Value::None);
    vm.builtins.set(Name::of("IOError"), io_error);
    let Some(Value::Class(base)) = vm.builtins.get(Name::of("BaseException")) else { unreachable!("just made") };
    methods(
        &base,
        &[
            ("__init__", |vm, args| {
                if let Some(object) = args.get(0).and_then(Value::object) {
                    args.no_keywords(vm, &object.class.name.text())?;
                    object.set(exception::ARGS, Value::tuple(args.rest().positional));
                }
                Ok(Value::None)
            }),
            ("__str__", |vm, args| vm.exception_text(&args.positional[0]).map(Value::str)),
            ("__repr__", |vm, args| {
                let value = &args.positional[0];
                let args = match value.object().and_then(|object| object.get(exception::ARGS)) {
                    Some(Value::Tuple(args)) => args.items.to_vec(),
                    _ => Vec::new(),
                };
                let parts: Vec<String> = args.iter().map(|arg| vm.repr(arg)).collect::<Result<_, _>>()?;
                Ok(Value::str(format!("{}({})", vm.type_name(value), parts.join(", "))))
            }),
            ("with_traceback", |_, args| {
                let [value, traceback] = args.positional else { return Ok(Value::None) };
                if let Some(object) = value.object() {
                    object.set(exception::TRACEBACK, traceback.clone());
                }
                Ok(value.clone())
            }),
            ("add_note", |_, _| Ok(Value::None)),
        ],
    );
}

/// The attributes that exceptions have without being told.
pub fn attribute<H: Runtime>(vm: &Vm<H>, value: &Value<H>, class: &Gc<Class<H>, H>, name: Name) -> Option<Value<H>> {
    let object = value.object()?;
    match name {
        names::CAUSE | names::CONTEXT | names::TRACEBACK => Some(Value::None),
        names::SUPPRESS_CONTEXT => Some(Value::bool(false)),
        names::VALUE | names::CODE => {
            let wanted = if name == names::VALUE { "StopIteration" } else { "SystemExit" };
            let Some(Value::Class(wanted)) = vm.builtins.get(Name::of(wanted)) else { return None };
            if !class.is_subclass_of(&wanted) {
                return None;
            }
            match object.get(exception::ARGS) {
                Some(Value::Tuple(args)) => Some(args.items.first().cloned().unwrap_or(Value::None)),
                _ => Some(Value::None),
            }
        }
        _ => None,
    }
}
