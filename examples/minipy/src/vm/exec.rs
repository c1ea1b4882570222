//! [`Exec`]: a stack of frames. A call from Python code to Python code is a push; only built-in functions that call back
//! start another `Exec`.

use tricycle::Gc;

use super::frame::{Exit, Step};
use super::{Args, R, Raise, Vm};
use crate::code::{NOWHERE, Reg};
use crate::heap::Runtime;
use crate::object::{Function, GenState, Generator, Suspended};
use crate::value::Value;

/// What becomes of a frame's result.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Kind {
    /// It goes to the caller's register.
    Call,
    /// It was `__init__`: the caller gets the instance.
    Init,
    /// It is a generator's.
    Generator,
    /// It is a generator's in a `for` loop, which jumps there when that is finished.
    Loop(u32),
}

/// A frame. Each field is a register or two: what is larger goes through memory on its way here.
struct Frame<H: Runtime> {
    function: Gc<Function<H>, H>,
    pc: usize,
    /// Where its registers begin.
    base: usize,
    /// The caller's register for the result.
    dst: Reg,
    kind: Kind,
    /// The instance or the generator.
    of: Value<H>,
    /// What the resumer of a generator was handling.
    handling: Value<H>,
}

/// How a run ended.
pub enum Outcome<H: Runtime> {
    Returned(Value<H>),
    Yielded(Value<H>),
}

struct Exec<'v, H: Runtime> {
    vm: &'v Vm<H>,
    stack: Vec<Value<H>>,
    frames: Vec<Frame<H>>,
}

impl<H: Runtime> Vm<H> {
    /// Calls a function.
    pub fn run_function(&self, function: &Gc<Function<H>, H>, args: Args<'_, H>) -> R<Value<H>, H> {
        let simple = function.code.simple == Some(args.len() as u16) && args.keywords.is_empty();
        self.with_exec(|exec| {
            if simple {
                exec.reserve(args.len());
                exec.stack[..args.len()].clone_from_slice(args.positional);
            } else {
                let values = exec.vm.bind(function, args)?;
                if function.code.is_generator {
                    return Ok(Outcome::Returned(exec.vm.make_generator(function, values)));
                }
                exec.place(0, values);
            }
            exec.push(function.clone(), 0, NOWHERE, Kind::Call, Value::Unset)?;
            exec.run(None)
        })
        .map(|outcome| match outcome {
            Outcome::Returned(value) | Outcome::Yielded(value) => value,
        })
    }

    /// Goes on with a generator's frame: with a value, or with an exception that is raised where it waits.
    pub(super) fn run_suspended(
        &self,
        generator: &Gc<Generator<H>, H>,
        frame: Box<Suspended<H>>,
        sent: R<Value<H>, H>,
    ) -> R<Outcome<H>, H> {
        self.with_exec(|exec| {
            let raise = exec.resume(generator.clone(), *frame, sent, NOWHERE, None)?;
            exec.run(raise)
        })
    }

    fn with_exec(&self, f: impl FnOnce(&mut Exec<'_, H>) -> R<Outcome<H>, H>) -> R<Outcome<H>, H> {
        self.nested(|| {
            let stack = self.stacks.borrow_mut().pop().unwrap_or_default();
            let depth = self.depth.get();
            let mut exec = Exec { vm: self, stack, frames: Vec::new() };
            let result = f(&mut exec);
            self.depth.set(depth);
            let mut stack = exec.stack;
            for value in &mut stack {
                *value = Value::Unset;
            }
            stack.truncate(1 << 10);
            self.stacks.borrow_mut().push(stack);
            result
        })
    }
}

impl<H: Runtime> Exec<'_, H> {
    fn reserve(&mut self, len: usize) {
        if self.stack.len() < len {
            self.stack.resize(len.max(64).next_power_of_two(), Value::Unset);
        }
    }

    fn place(&mut self, base: usize, values: Vec<Value<H>>) {
        self.reserve(base + values.len());
        for (slot, value) in self.stack[base..].iter_mut().zip(values) {
            *slot = value;
        }
    }

    /// Enters a function whose parameters are in place.
    #[inline(always)]
    fn push(&mut self, function: Gc<Function<H>, H>, base: usize, dst: Reg, kind: Kind, of: Value<H>) -> R<(), H> {
        self.vm.checkpoint()?;
        self.vm.deeper()?;
        let code = &function.code;
        let (parameters, locals) = (code.parameters.registers(), usize::from(code.locals));
        self.reserve(base + usize::from(code.registers));
        for slot in &mut self.stack[base + parameters..base + locals] {
            slot.put(Value::Unset);
        }
        self.frames.push(Frame { function, pc: 0, base, dst, kind, of, handling: Value::Unset });
        Ok(())
    }

    /// Leaves the innermost frame, and empties its registers.
    #[inline(always)]
    fn pop(&mut self) -> Frame<H> {
        let frame = self.frames.pop().expect("a frame is running");
        let len = usize::from(frame.function.code.registers);
        for slot in &mut self.stack[frame.base..frame.base + len] {
            slot.put(Value::Unset);
        }
        self.vm.less_deep();
        frame
    }

    /// Puts a generator's frame on the stack; returns the exception to be raised in it, if any.
    fn resume(
        &mut self,
        generator: Gc<Generator<H>, H>,
        frame: Suspended<H>,
        sent: R<Value<H>, H>,
        dst: Reg,
        exhausted: Option<u32>,
    ) -> R<Option<Raise<H>>, H> {
        if let Err(raise) = self.vm.deeper() {
            generator.state.set(GenState::Finished);
            return Err(raise);
        }
        let base = match self.frames.last() {
            Some(below) => below.base + usize::from(below.function.code.registers),
            None => 0,
        };
        let Suspended { function, pc, registers, target, handling } = frame;
        self.place(base, registers);
        let resumer = match handling {
            Value::Unset => Value::Unset,
            handling => self.vm.handling.replace(handling),
        };
        let mut raise = None;
        match sent {
            Ok(value) => {
                if let Some(target) = target {
                    self.stack[base + usize::from(target)] = value;
                }
            }
            Err(error) => raise = Some(error),
        }
        let kind = exhausted.map_or(Kind::Generator, Kind::Loop);
        self.frames.push(Frame { function, pc, base, dst, kind, of: Value::Generator(generator), handling: resumer });
        Ok(raise)
    }

    /// Runs until the first frame is left.
    fn run(&mut self, mut raise: Option<Raise<H>>) -> R<Outcome<H>, H> {
        loop {
            let Some(Frame { function, pc, base, .. }) = self.frames.last_mut() else {
                unreachable!("the first frame ends the run")
            };
            let base = *base;
            let registers = &mut self.stack[base..base + usize::from(function.code.registers)];
            let mut step = Step { vm: self.vm, function, code: &function.code, regs: registers };
            let caught = match raise.take() {
                Some(raise) => step.raise(raise, pc),
                None => Ok(()),
            };
            let exit = match caught {
                Ok(()) => step.run(pc),
                Err(raise) => Exit::Raise(raise),
            };
            let done = match exit {
                Exit::Enter { function, window, count, dst, init } => {
                    raise = self.enter(function, base + usize::from(window), count.into(), dst, init).err();
                    None
                }
                Exit::Next { generator, frame, dst, target } => {
                    match self.resume(generator, *frame, Ok(Value::None), dst, Some(target)) {
                        Ok(error) => raise = error,
                        Err(error) => raise = Some(error),
                    }
                    None
                }
                Exit::Return(value) => self.leave(value),
                Exit::Yield { value, target, again } => self.suspend(value, target, again),
                Exit::Raise(error) => match self.fail(error) {
                    Ok(error) => {
                        raise = Some(error);
                        None
                    }
                    Err(error) => return Err(error),
                },
            };
            if let Some(outcome) = done {
                return Ok(outcome);
            }
        }
    }

    /// A call whose arguments are in consecutive registers.
    #[inline(always)]
    fn enter(&mut self, function: Gc<Function<H>, H>, base: usize, count: usize, dst: Reg, init: bool) -> R<(), H> {
        let (kind, of) = if init { (Kind::Init, self.stack[base].clone()) } else { (Kind::Call, Value::Unset) };
        if function.code.simple != Some(count as u16) && !self.fill_defaults(&function, base, count) {
            let values = self.vm.bind(&function, Args::of(&self.stack[base..base + count]))?;
            for slot in &mut self.stack[base..base + count] {
                *slot = Value::Unset;
            }
            if function.code.is_generator {
                let generator = self.vm.make_generator(&function, values);
                self.deliver(dst, generator);
                return Ok(());
            }
            self.place(base, values);
        }
        self.push(function, base, dst, kind, of)
    }

    /// The simple case of a call that leaves parameters to their defaults.
    fn fill_defaults(&mut self, function: &Function<H>, base: usize, count: usize) -> bool {
        let Some(wanted) = function.code.simple.map(usize::from) else { return false };
        let Some(first) = (count + function.defaults.len()).checked_sub(wanted).filter(|_| count < wanted) else {
            return false;
        };
        self.reserve(base + wanted);
        let defaults = &function.defaults[first..];
        self.stack[base + count..base + wanted].clone_from_slice(defaults);
        true
    }

    /// Puts a result into a register of the innermost frame.
    #[inline]
    fn deliver(&mut self, dst: Reg, value: Value<H>) {
        if let (Some(frame), true) = (self.frames.last(), dst != NOWHERE) {
            self.stack[frame.base + usize::from(dst)].put(value);
        }
    }

    #[inline(always)]
    fn leave(&mut self, value: Value<H>) -> Option<Outcome<H>> {
        let frame = self.pop();
        let result = match frame.kind {
            Kind::Call => value,
            Kind::Init => frame.of,
            kind @ (Kind::Generator | Kind::Loop(_)) => {
                set_state(&frame.of, GenState::Finished);
                self.restore(frame.handling);
                if let (Some(below), Kind::Loop(target)) = (self.frames.last_mut(), kind) {
                    below.pc = target as usize;
                    return None;
                }
                value
            }
        };
        if self.frames.is_empty() {
            return Some(Outcome::Returned(result));
        }
        self.deliver(frame.dst, result);
        None
    }

    /// A generator yields.
    fn suspend(&mut self, value: Value<H>, target: Reg, again: bool) -> Option<Outcome<H>> {
        let frame = self.frames.pop().expect("a frame is running");
        self.vm.less_deep();
        let len = usize::from(frame.function.code.registers);
        let slots = self.stack[frame.base..frame.base + len].iter_mut();
        let registers = slots.map(|slot| std::mem::replace(slot, Value::Unset)).collect();
        // Only a generator that handles something itself has a view of its own on what is being handled.
        let handling = self.restore(frame.handling);
        let pc = frame.pc - usize::from(again);
        let suspended = Suspended { function: frame.function, pc, registers, target: Some(target), handling };
        set_state(&frame.of, GenState::Suspended(Box::new(suspended)));
        if self.frames.is_empty() {
            return Some(Outcome::Yielded(value));
        }
        self.deliver(frame.dst, value);
        None
    }

    fn restore(&self, handling: Value<H>) -> Value<H> {
        match handling {
            Value::Unset => Value::Unset,
            handling => self.vm.handling.replace(handling),
        }
    }

    /// An exception leaves the innermost frame. It goes on in the one below, if there is one.
    fn fail(&mut self, raise: Raise<H>) -> Result<Raise<H>, Raise<H>> {
        if let Some(frame) = self.frames.last() {
            let slots = &mut self.stack[frame.base..frame.base + usize::from(frame.function.code.locals)];
            let variables: Vec<Value<H>> = slots.iter_mut().map(|slot| std::mem::replace(slot, Value::Unset)).collect();
            if variables.iter().any(|value| value.address() != 0) {
                self.vm.keep_variables(&raise, variables);
            }
        }
        let frame = self.pop();
        let mut raise = raise;
        if let Kind::Generator | Kind::Loop(_) = frame.kind {
            set_state(&frame.of, GenState::Finished);
            self.restore(frame.handling);
            if self.vm.is_a(&raise, "StopIteration") {
                let error = self.vm.error("RuntimeError", "generator raised StopIteration");
                self.vm.set_cause(&error, &raise);
                raise = error;
            }
        }
        if self.frames.is_empty() { Err(raise) } else { Ok(raise) }
    }
}

/// Changes the state of the generator that a frame belongs to.
fn set_state<H: Runtime>(of: &Value<H>, state: GenState<H>) {
    if let Value::Generator(generator) = of {
        generator.state.set(state);
    }
}
