//! The methods of generators.

use tricycle::Gc;

use super::methods;
use crate::heap::Runtime;
use crate::object::Generator;
use crate::value::Value;
use crate::vm::{Args, Outcome, R, Vm};

pub fn install<H: Runtime>(vm: &Vm<H>) {
    methods(
        &vm.types.generator,
        &[
            ("__iter__", |_, args| Ok(args.positional[0].clone())),
            ("__next__", |vm, args| vm.next_or_raise(&args.positional[0])),
            ("send", |vm, args| {
                let [_, value] = args.exactly::<2>(vm, "send")?;
                deliver(vm, this(vm, args)?, Ok(value.clone()))
            }),
            ("throw", |vm, args| {
                // The old signature has the class, and then the value.
                let value = match args.positional {
                    [_, class @ Value::Class(_), value] if !value.is_none() => match value.object() {
                        Some(_) => value.clone(),
                        None => vm.call1(class, value.clone())?,
                    },
                    [_, value, ..] => value.clone(),
                    _ => return Err(vm.type_error("throw expected at least 1 argument, got 0")),
                };
                deliver(vm, this(vm, args)?, Err(vm.thrown(&value)))
            }),
            ("close", |vm, args| vm.close(this(vm, args)?).map(|()| Value::None)),
        ],
    );
}

fn this<'a, H: Runtime>(vm: &Vm<H>, args: Args<'a, H>) -> R<&'a Gc<Generator<H>, H>, H> {
    match args.get(0) {
        Some(Value::Generator(generator)) => Ok(generator),
        _ => Err(vm.type_error("descriptor requires a 'generator' object")),
    }
}

fn deliver<H: Runtime>(vm: &Vm<H>, generator: &Gc<Generator<H>, H>, sent: R<Value<H>, H>) -> R<Value<H>, H> {
    match vm.resume(generator, sent)? {
        Outcome::Yielded(value) => Ok(value),
        Outcome::Returned(value) => Err(vm.stop_iteration(value)),
    }
}
