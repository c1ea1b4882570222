//! What the main loop does when its short cuts do not apply.

use super::R;
use super::frame::{Exit, Flow, Step};
use crate::code::{BinaryOp, Reg};
use crate::heap::Runtime;
use crate::object::{GenState, Misc};
use crate::value::Value;

impl<H: Runtime> Step<'_, H> {
    #[inline(never)]
    pub(super) fn binary(&mut self, op: BinaryOp, dst: Reg, left: Reg, right: Reg) -> R<(), H> {
        let value = self.vm.binary(op, &self.regs[usize::from(left)], &self.regs[usize::from(right)])?;
        self.clear_temp(right);
        self.clear_temp(left);
        self.set(dst, value);
        Ok(())
    }

    #[inline(never)]
    pub(super) fn inplace(&mut self, op: BinaryOp, dst: Reg, left: Reg, right: Reg) -> R<(), H> {
        let value = self.vm.inplace(op, &self.regs[usize::from(left)], &self.regs[usize::from(right)])?;
        self.clear_temp(right);
        self.set(dst, value);
        Ok(())
    }

    /// Begins a loop. Of a range, its registers hold the next number, the end and the step; of a list or tuple, the thing
    /// itself and an index; otherwise an iterator.
    #[inline(never)]
    pub(super) fn begin_loop(&mut self, iter: Reg) -> R<(), H> {
        let over = self.take(iter);
        let state = match &over {
            Value::List(_) | Value::Tuple(_) => [over, Value::Int(0), Value::Unset],
            Value::Misc(misc) if let &Misc::Range { start, stop, step } = &**misc => {
                [start, stop, step].map(Value::Int)
            }
            over => [self.vm.iter(over)?, Value::Unset, Value::Unset],
        };
        for (slot, value) in self.regs[usize::from(iter)..].iter_mut().zip(state) {
            *slot = value;
        }
        Ok(())
    }

    /// `for`, with an iterator that has no short cut.
    #[inline(never)]
    pub(super) fn for_iter(&mut self, iter: Reg, dst: Reg, target: u32) -> R<Flow<H>, H> {
        let iter = &self.regs[usize::from(iter)];
        if let Value::Generator(generator) = iter {
            return match generator.take() {
                GenState::Suspended(frame) => {
                    Ok(Flow::Leave(Exit::Next { generator: generator.clone(), frame, dst, target }))
                }
                GenState::Running => Err(self.vm.value_error("generator already executing")),
                GenState::Finished => Ok(Flow::Jump(target)),
            };
        }
        match self.vm.advance(iter)? {
            Some(value) => {
                self.set(dst, value);
                Ok(Flow::Go)
            }
            None => Ok(Flow::Jump(target)),
        }
    }
}
