//! [`Step`]: a frame while it runs; and the ways to leave it.

use tricycle::Gc;

use super::{Args, Raise, Vm};
use crate::code::{Code, NOWHERE, Reg};
use crate::heap::Runtime;
use crate::object::{Entry, Function, Generator, Suspended};
use crate::value::Value;

/// Why the loop ends.
pub enum Exit<H: Runtime> {
    /// Go on in this function. Its arguments are in registers from `window` on.
    Enter {
        function: Gc<Function<H>, H>,
        window: Reg,
        count: u16,
        dst: Reg,
        /// It is `__init__`, and the result is to be the first argument.
        init: bool,
    },
    /// Go on in this generator; a `for` loop wants its next value.
    Next {
        generator: Gc<Generator<H>, H>,
        frame: Box<Suspended<H>>,
        dst: Reg,
        target: u32,
    },
    Return(Value<H>),
    /// `again`: the instruction is to be run once more when the generator goes on.
    Yield {
        value: Value<H>,
        target: Reg,
        again: bool,
    },
    Raise(Raise<H>),
}

/// A frame while it runs.
pub struct Step<'a, H: Runtime> {
    pub vm: &'a Vm<H>,
    pub function: &'a Function<H>,
    pub code: &'a Code<H>,
    pub regs: &'a mut [Value<H>],
}

/// What an instruction outside of the main loop asks for.
pub enum Flow<H: Runtime> {
    Go,
    Jump(u32),
    Leave(Exit<H>),
    /// The exception goes on; its traceback is complete.
    RaiseAgain(Raise<H>),
}

impl<H: Runtime> Step<'_, H> {
    /// Raises an exception in this frame, at the instruction before `pc`. It goes on if nothing catches it here.
    #[cold]
    #[inline(never)]
    pub fn raise(&mut self, raise: Raise<H>, pc: &mut usize) -> Result<(), Raise<H>> {
        self.vm.add_traceback(&raise, self.entry(*pc));
        self.catch(raise, pc)
    }

    /// The place of the instruction before `pc`.
    fn entry(&self, pc: usize) -> Entry {
        let line = self.code.line(pc.saturating_sub(1));
        Entry { module: self.function.globals.module, function: self.code.name, line }
    }

    /// Goes to the handler around the instruction before `pc`.
    #[inline(never)]
    fn catch(&mut self, raise: Raise<H>, pc: &mut usize) -> Result<(), Raise<H>> {
        let Some(handler) = self.code.handler(pc.saturating_sub(1)) else { return Err(raise) };
        for slot in &mut self.regs[usize::from(handler.reg)..] {
            *slot = Value::Unset;
        }
        self.regs[usize::from(handler.reg)] = raise.into_value();
        *pc = handler.target as usize;
        Ok(())
    }

    /// Runs the frame until it is left. Part of its only caller: frames come and go too often for a call.
    #[inline(always)]
    pub fn run(mut self, pc: &mut usize) -> Exit<H> {
        loop {
            let (raise, again) = match self.run_to_exit(pc) {
                Ok(exit) => return exit,
                Err(failed) => failed,
            };
            let raised = if again { self.catch(raise, pc) } else { self.raise(raise, pc) };
            if let Err(raise) = raised {
                return Exit::Raise(raise);
            }
        }
    }

    /// The value of a register: taken out if it is temporary, copied if it is a variable's.
    #[inline(always)]
    pub fn take(&mut self, reg: Reg) -> Value<H> {
        let slot = &mut self.regs[usize::from(reg)];
        if reg >= self.code.locals { std::mem::replace(slot, Value::Unset) } else { slot.clone() }
    }

    #[inline(always)]
    pub fn clear_temp(&mut self, reg: Reg) {
        if reg >= self.code.locals {
            self.regs[usize::from(reg)].put(Value::Unset);
        }
    }

    pub fn set(&mut self, dst: Reg, value: Value<H>) {
        if dst != NOWHERE {
            self.regs[usize::from(dst)] = value;
        }
    }

    /// The arguments in consecutive registers.
    pub fn args(&self, window: Reg, count: usize) -> Args<'_, H> {
        Args::of(&self.regs[usize::from(window)..usize::from(window) + count])
    }
}
