//! Branches, loops, and the ways out of them.

use ruff_python_ast::{self as ast, Expr};
use ruff_text_size::TextRange;

use super::SyntaxError;
use super::compile::{Compiler, Done};
use super::scope::Kind;
use super::unit::Block;
use crate::code::{Op, Reg};
use crate::heap::Runtime;

impl<'a, H: Runtime> Compiler<'a, H> {
    pub fn if_(&mut self, stmt: &'a ast::StmtIf) -> Done {
        let end = self.unit.label();
        let mut next = self.unit.label();
        self.jump_unless(&stmt.test, next)?;
        // What every branch binds is bound afterwards, if one of the branches is taken for certain.
        let mut bound = self.perhaps(|c| c.body(&stmt.body))?;
        let mut complete = false;
        for clause in &stmt.elif_else_clauses {
            self.unit.jump(end);
            self.unit.place(next);
            next = self.unit.label();
            match &clause.test {
                Some(test) => self.jump_unless(test, next)?,
                None => complete = true,
            }
            let also = self.perhaps(|c| c.body(&clause.body))?;
            bound.retain(|reg| also.contains(reg));
        }
        self.unit.place(next);
        self.unit.place(end);
        if complete {
            self.unit.bound = bound;
        }
        Ok(())
    }

    pub fn while_(&mut self, stmt: &'a ast::StmtWhile) -> Done {
        let (top, otherwise, end) = (self.unit.label(), self.unit.label(), self.unit.label());
        self.unit.place(top);
        self.jump_unless(&stmt.test, otherwise)?;
        self.unit.blocks.push(Block::Loop { on_break: end, on_continue: top });
        self.perhaps(|c| c.body(&stmt.body))?;
        self.unit.blocks.pop();
        self.unit.jump(top);
        self.unit.place(otherwise);
        self.perhaps(|c| c.body(&stmt.orelse))?;
        self.unit.place(end);
        Ok(())
    }

    pub fn for_(&mut self, stmt: &'a ast::StmtFor) -> Done {
        if stmt.is_async {
            return self.error("minipy has no async loops", stmt.range);
        }
        let (top, otherwise, end) = (self.unit.label(), self.unit.label(), self.unit.label());
        self.scratch(|c| {
            let iter = c.begin_loop(&stmt.iter)?;
            c.unit.place(top);
            c.unit.blocks.push(Block::Loop { on_break: end, on_continue: top });
            c.perhaps(|c| {
                c.for_target(&stmt.target, iter, otherwise)?;
                c.body(&stmt.body)
            })?;
            c.unit.blocks.pop();
            c.at(stmt);
            c.unit.jump(top);
            c.unit.place(otherwise);
            // The iterator must not outlive the loop.
            c.unit.emit(Op::Clear { reg: iter });
            c.perhaps(|c| c.body(&stmt.orelse))?;
            c.unit.place(end);
            c.unit.emit(Op::Clear { reg: iter });
            Ok(())
        })
    }

    /// Compiles what a loop goes over; returns the first of the loop's registers.
    pub fn begin_loop(&mut self, over: &'a Expr) -> Result<Reg, SyntaxError> {
        let [iter, ..] = [(); 3].map(|()| self.unit.alloc());
        self.expr(over, iter)?;
        self.unit.emit(Op::Loop { iter });
        Ok(iter)
    }

    /// `break` or `continue`.
    pub fn leave_loop(&mut self, is_break: bool, range: TextRange) -> Done {
        let found = self.unit.blocks.iter().rposition(|block| matches!(block, Block::Loop { .. }));
        let Some(depth) = found else {
            let message = if is_break { "'break' outside loop" } else { "'continue' not properly in loop" };
            return self.error(message, range);
        };
        let Block::Loop { on_break, on_continue } = self.unit.blocks[depth] else { unreachable!("just found") };
        self.unwind(depth + 1, |c| {
            c.unit.jump(if is_break { on_break } else { on_continue });
            Ok(())
        })
    }

    pub fn return_(&mut self, stmt: &'a ast::StmtReturn) -> Done {
        if self.scopes.get(self.unit.frame).kind != Kind::Function {
            return self.error("'return' outside function", stmt.range);
        }
        self.scratch(|c| {
            let Some(value) = &stmt.value else {
                return c.unwind(0, |c| {
                    c.unit.emit(Op::ReturnNone);
                    Ok(())
                });
            };
            let leaves_blocks = c.unit.blocks.iter().any(|block| !matches!(block, Block::Loop { .. }));
            let src = if leaves_blocks {
                // What is done on the way out may change variables.
                let src = c.unit.alloc();
                c.expr(value, src)?;
                src
            } else {
                c.operand(value)?
            };
            c.unwind(0, |c| {
                c.unit.emit(Op::Return { src });
                Ok(())
            })
        })
    }

    /// Does what the blocks above `depth` ask for when control leaves them, innermost first; then `leave`.
    fn unwind(&mut self, depth: usize, leave: impl FnOnce(&mut Self) -> Done) -> Done {
        let mut left = Vec::new();
        while self.unit.blocks.len() > depth {
            let mut block = self.unit.blocks.pop().expect("there are more than `depth`");
            let here = self.unit.here();
            if let Some(covered) = block.covered() {
                covered.ranges.push((covered.start, here));
            }
            match &block {
                Block::Loop { .. } | Block::Try(_) => {}
                Block::Finally(_, body) => {
                    let line = self.unit.line;
                    self.perhaps(|c| c.body(body))?;
                    self.unit.line = line;
                }
                Block::Handler(_, reg, name) => {
                    self.leave_handler(*reg, *name);
                    self.unit.emit(Op::Clear { reg: *reg });
                }
                Block::With(_, base) => self.unit.emit(Op::ExitWith { base: *base }),
            }
            left.push(block);
        }
        leave(self)?;
        let here = self.unit.here();
        for mut block in left.into_iter().rev() {
            if let Some(covered) = block.covered() {
                covered.start = here;
            }
            self.unit.blocks.push(block);
        }
        Ok(())
    }
}
