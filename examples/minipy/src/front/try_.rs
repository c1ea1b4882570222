//! `try`, `with` and `raise`.

use ruff_python_ast as ast;

use super::compile::{Compiler, Done};
use super::unit::Block;
use crate::code::{NOWHERE, Op, Reg};
use crate::heap::Runtime;
use crate::name::Name;

impl<'a, H: Runtime> Compiler<'a, H> {
    pub fn try_(&mut self, stmt: &'a ast::StmtTry) -> Done {
        if stmt.is_star {
            return self.error("minipy does not know 'except*'", stmt.range);
        }
        if stmt.finalbody.is_empty() {
            return self.perhaps(|c| c.try_except(stmt)).map(drop);
        }
        let (on_exception, end) = (self.unit.label(), self.unit.label());
        let covered = self.unit.begin_cover();
        self.unit.blocks.push(Block::Finally(covered, &stmt.finalbody));
        self.perhaps(|c| if stmt.handlers.is_empty() { c.body(&stmt.body) } else { c.try_except(stmt) })?;
        let Some(Block::Finally(covered, _)) = self.unit.blocks.pop() else { unreachable!("pushed above") };
        let reg = self.unit.temp;
        self.unit.end_cover(covered, on_exception, reg);
        let bound = self.perhaps(|c| c.body(&stmt.finalbody))?;
        self.unit.jump(end);
        self.unit.place(on_exception);
        self.scratch(|c| {
            let reg = c.begin_handler();
            c.in_handler(reg, None, |c| c.perhaps(|c| c.body(&stmt.finalbody)).map(drop))?;
            c.leave_handler(reg, None);
            c.unit.emit(Op::RaiseAgain { reg });
            Ok(())
        })?;
        self.unit.place(end);
        self.unit.bound = bound;
        Ok(())
    }

    fn try_except(&mut self, stmt: &'a ast::StmtTry) -> Done {
        let (on_exception, end) = (self.unit.label(), self.unit.label());
        let covered = self.unit.begin_cover();
        self.unit.blocks.push(Block::Try(covered));
        self.perhaps(|c| c.body(&stmt.body))?;
        let Some(Block::Try(covered)) = self.unit.blocks.pop() else { unreachable!("pushed above") };
        let reg = self.unit.temp;
        self.unit.end_cover(covered, on_exception, reg);
        self.perhaps(|c| c.body(&stmt.orelse))?;
        self.unit.jump(end);
        self.unit.place(on_exception);
        self.scratch(|c| {
            let reg = c.begin_handler();
            for ast::ExceptHandler::ExceptHandler(handler) in &stmt.handlers {
                let next = c.unit.label();
                let name = handler.name.as_deref();
                c.at(handler);
                c.in_handler(reg, name, |c| {
                    if let Some(class) = &handler.type_ {
                        c.scratch(|c| {
                            let class = c.operand(class)?;
                            c.unit.emit(Op::JumpUnlessMatch { exception: reg, class, target: next });
                            Ok(())
                        })?;
                    }
                    if let Some(name) = name {
                        let copy = c.unit.alloc();
                        c.unit.emit(Op::Copy { dst: copy, src: reg });
                        c.store_name(Name::of(name), copy);
                    }
                    c.perhaps(|c| c.body(&handler.body)).map(drop)
                })?;
                c.leave_handler(reg, name);
                c.unit.emit(Op::Clear { reg });
                c.unit.jump(end);
                c.unit.place(next);
            }
            c.leave_handler(reg, None);
            c.unit.emit(Op::RaiseAgain { reg });
            Ok(())
        })?;
        self.unit.place(end);
        Ok(())
    }

    /// The beginning of a handler: the exception is in the register that is returned, the one that was being handled
    /// before in the next.
    fn begin_handler(&mut self) -> Reg {
        let reg = self.unit.alloc();
        self.unit.alloc();
        self.unit.emit(Op::EnterHandler { reg });
        reg
    }

    /// What runs while an exception is handled. Another that comes out of it first ends that.
    fn in_handler(&mut self, reg: Reg, name: Option<&'a str>, f: impl FnOnce(&mut Self) -> Done) -> Done {
        let (on_exception, after) = (self.unit.label(), self.unit.label());
        let covered = self.unit.begin_cover();
        self.unit.blocks.push(Block::Handler(covered, reg, name));
        self.scratch(f)?;
        let Some(Block::Handler(covered, ..)) = self.unit.blocks.pop() else { unreachable!("pushed above") };
        self.unit.jump(after);
        let second = self.unit.temp;
        self.unit.end_cover(covered, on_exception, second);
        self.unit.place(on_exception);
        self.scratch(|c| {
            let second = c.unit.alloc();
            c.leave_handler(reg, name);
            c.unit.emit(Op::RaiseAgain { reg: second });
            Ok(())
        })?;
        self.unit.place(after);
        Ok(())
    }

    pub fn leave_handler(&mut self, reg: Reg, name: Option<&str>) {
        self.unit.emit(Op::LeaveHandler { reg });
        if let Some(name) = name {
            let name = Name::of(name);
            self.scratch(|c| {
                // The body may have deleted the name already.
                let none = c.unit.alloc();
                c.load_none(none);
                c.store_name(name, none);
                c.delete_name(name);
                Ok(())
            })
            .expect("nothing in it fails");
        }
    }

    pub fn raise(&mut self, raise: &'a ast::StmtRaise) -> Done {
        let Some(exception) = &raise.exc else {
            self.unit.emit(Op::RaiseCurrent);
            return Ok(());
        };
        self.scratch(|c| {
            let reg = c.operand(exception)?;
            let cause = match &raise.cause {
                Some(cause) => c.operand(cause)?,
                None => NOWHERE,
            };
            c.at(raise);
            c.unit.emit(Op::Raise { exception: reg, cause });
            Ok(())
        })
    }

    pub fn with(&mut self, with: &'a ast::StmtWith) -> Done {
        if with.is_async {
            return self.error("minipy has no async functions", with.range);
        }
        self.with_items(&with.items, with)
    }

    fn with_items(&mut self, items: &'a [ast::WithItem], with: &'a ast::StmtWith) -> Done {
        let Some((item, rest)) = items.split_first() else { return self.body(&with.body) };
        let (on_exception, end) = (self.unit.label(), self.unit.label());
        self.scratch(|c| {
            let (base, entered) = (c.unit.alloc(), c.unit.alloc());
            c.expr(&item.context_expr, base)?;
            c.unit.emit(Op::EnterWith { base });
            let covered = c.unit.begin_cover();
            c.unit.blocks.push(Block::With(covered, base));
            c.perhaps(|c| {
                match &item.optional_vars {
                    Some(target) => c.store(target, entered)?,
                    None => c.unit.emit(Op::Clear { reg: entered }),
                }
                c.with_items(rest, with)
            })?;
            let Some(Block::With(covered, _)) = c.unit.blocks.pop() else { unreachable!("pushed above") };
            c.unit.end_cover(covered, on_exception, entered);
            c.at(with);
            c.unit.emit(Op::ExitWith { base });
            c.unit.jump(end);
            c.unit.place(on_exception);
            c.unit.emit(Op::ExitWithException { base, target: end });
            Ok(())
        })?;
        self.unit.place(end);
        Ok(())
    }
}
