//! What the main loop does when its short cuts do not apply.

use super::R;
use super::frame::{Exit, Flow, Step};
use crate::code::{BinaryOp, Reg};
use crate::heap::Runtime;
use crate::object::GenState;
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
        match self.vm.next(iter)? {
            Some(value) => {
                self.set(dst, value);
                Ok(Flow::Go)
            }
            None => Ok(Flow::Jump(target)),
        }
    }
}
