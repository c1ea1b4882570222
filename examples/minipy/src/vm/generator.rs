//! Generators: making them, and going on with them.

use tricycle::{Gc, GcCell};

use super::exec::Outcome;
use super::{Args, R, Raise, Vm};
use crate::code::Op;
use crate::heap::Runtime;
use crate::memory;
use crate::name::names;
use crate::object::{Function, GenState, Generator, exception};
use crate::value::Value;

impl<H: Runtime> Vm<H> {
    pub(super) fn make_generator(&self, function: &Gc<Function<H>, H>, mut registers: Vec<Value<H>>) -> Value<H> {
        registers.resize(usize::from(function.code.registers), Value::Unset);
        memory::spend(size_of_val(&*registers) + size_of::<crate::object::Suspended<H>>());
        let suspended = crate::object::Suspended {
            function: function.clone(),
            pc: 0,
            registers,
            target: None,
            handling: Value::None,
        };
        let state = GcCell::new(GenState::Suspended(Box::new(suspended)));
        Value::Generator(memory::object(Generator { state, name: function.code.name }))
    }

    /// Goes on with a generator, with what is sent in or with an exception.
    pub fn resume(&self, generator: &Gc<Generator<H>, H>, sent: R<Value<H>, H>) -> R<Outcome<H>, H> {
        match generator.take() {
            GenState::Suspended(mut frame) => {
                if frame.target.is_none() {
                    match sent {
                        Ok(Value::None) => {}
                        Ok(_) => {
                            generator.state.set(GenState::Suspended(frame));
                            return Err(self.type_error("can't send non-None value to a just-started generator"));
                        }
                        Err(raise) => {
                            generator.state.set(GenState::Finished);
                            return Err(raise);
                        }
                    }
                    return self.run_suspended(generator, frame, Ok(Value::None));
                }
                let waits_for = match frame.function.code.ops.get(frame.pc) {
                    Some(&Op::YieldFrom { iter, .. }) => Some(iter),
                    _ => None,
                };
                let (Some(iter), Err(raise)) = (waits_for, &sent) else {
                    return self.run_suspended(generator, frame, sent);
                };
                // The exception is for the inner generator first.
                let inner = frame.registers[usize::from(iter)].clone();
                let result = self.throw_into(&inner, raise);
                match result {
                    Ok(Some(Outcome::Yielded(value))) => {
                        generator.state.set(GenState::Suspended(frame));
                        Ok(Outcome::Yielded(value))
                    }
                    Ok(Some(Outcome::Returned(value))) => {
                        frame.pc += 1;
                        frame.registers[usize::from(iter)] = Value::Unset;
                        self.run_suspended(generator, frame, Ok(value))
                    }
                    Ok(None) => {
                        frame.pc += 1;
                        self.run_suspended(generator, frame, sent)
                    }
                    Err(raise) => {
                        frame.pc += 1;
                        self.run_suspended(generator, frame, Err(raise))
                    }
                }
            }
            GenState::Running => Err(self.value_error("generator already executing")),
            GenState::Finished => match sent {
                Ok(_) => Ok(Outcome::Returned(Value::None)),
                Err(raise) => Err(raise),
            },
        }
    }

    /// Throws an exception into what `yield from` waits for; nothing if that cannot be done.
    fn throw_into(&self, iter: &Value<H>, raise: &Raise<H>) -> R<Option<Outcome<H>>, H> {
        let closing = self.is_a(raise, "GeneratorExit");
        if let Value::Generator(generator) = iter {
            if closing {
                self.close(generator)?;
                return Ok(None);
            }
            return self.resume(generator, Err(Raise::from_value(raise.value()))).map(Some);
        }
        if closing {
            if let Ok(close) = self.get_attribute(iter, names::CLOSE) {
                self.call(&close, Args::none())?;
            }
            return Ok(None);
        }
        match self.get_attribute(iter, names::THROW) {
            Ok(throw) => match self.call(&throw, Args::of(&[raise.value()])) {
                Ok(value) => Ok(Some(Outcome::Yielded(value))),
                Err(raise) if self.is_a(&raise, "StopIteration") => {
                    Ok(Some(Outcome::Returned(self.stop_value(&raise))))
                }
                Err(raise) => Err(raise),
            },
            Err(_) => Ok(None),
        }
    }

    /// The value of a `StopIteration`.
    pub fn stop_value(&self, raise: &Raise<H>) -> Value<H> {
        raise.args().into_iter().next().unwrap_or(Value::None)
    }

    /// Sends a value into any iterator.
    pub(super) fn send(&self, iter: &Value<H>, value: Value<H>) -> R<Outcome<H>, H> {
        match (iter, &value) {
            (Value::Generator(generator), _) => self.resume(generator, Ok(value)),
            (iter, Value::None) => {
                if iter.object().is_none() {
                    return Ok(self.next(iter)?.map_or(Outcome::Returned(Value::None), Outcome::Yielded));
                }
                match self.call_method(iter, names::NEXT, &[]) {
                    Ok(value) => Ok(Outcome::Yielded(value)),
                    Err(raise) if self.is_a(&raise, "StopIteration") => Ok(Outcome::Returned(self.stop_value(&raise))),
                    Err(raise) => Err(raise),
                }
            }
            (iter, _) => self.call_method(iter, names::SEND, &[value]).map(Outcome::Yielded),
        }
    }

    pub fn close(&self, generator: &Gc<Generator<H>, H>) -> R<(), H> {
        let unstarted = match &*generator.state.borrow() {
            GenState::Suspended(frame) => frame.target.is_none(),
            GenState::Finished => return Ok(()),
            GenState::Running => false,
        };
        if unstarted {
            generator.state.set(GenState::Finished);
            return Ok(());
        }
        let exit = self.error_with("GeneratorExit", &[]);
        match self.resume(generator, Err(exit)) {
            Ok(Outcome::Yielded(_)) => Err(self.error("RuntimeError", "generator ignored GeneratorExit")),
            Ok(Outcome::Returned(_)) => Ok(()),
            Err(raise) if self.is_a(&raise, "GeneratorExit") || self.is_a(&raise, "StopIteration") => Ok(()),
            Err(raise) => Err(raise),
        }
    }

    /// Closes a generator that nobody has a handle to any more.
    pub fn close_forgotten(&self, generator: &Gc<Generator<H>, H>) {
        // Whatever is being handled has nothing to do with it.
        let handling = self.handling.replace(Value::None);
        let result = self.close(generator).map(|()| Value::None);
        drop(self.handling.replace(handling));
        self.unraisable(result, &Value::Generator(generator.clone()));
    }

    /// The `StopIteration` that a generator's `return` becomes.
    pub fn stop_iteration(&self, value: Value<H>) -> Raise<H> {
        let args: &[Value<H>] = if value.is_none() { &[] } else { std::slice::from_ref(&value) };
        let raise = self.error_with("StopIteration", args);
        raise.value().object().expect("it is an instance").set(exception::CONTEXT, Value::None);
        raise
    }
}
