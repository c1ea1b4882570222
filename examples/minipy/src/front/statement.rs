//! Statements, one by one.

use ruff_python_ast::{self as ast, Expr, Stmt};
use ruff_text_size::Ranged;

use super::compile::{Compiler, Done};
use crate::code::{NOWHERE, Op};
use crate::heap::Runtime;
use crate::name::Name;

impl<'a, H: Runtime> Compiler<'a, H> {
    pub fn body(&mut self, body: &'a [Stmt]) -> Done {
        body.iter().try_for_each(|stmt| self.stmt(stmt))
    }

    fn stmt(&mut self, stmt: &'a Stmt) -> Done {
        self.deeper(stmt.range(), |c| {
            c.at(stmt);
            c.stmt_inner(stmt)
        })
    }

    fn stmt_inner(&mut self, stmt: &'a Stmt) -> Done {
        match stmt {
            Stmt::Expr(stmt) => self.expression_statement(&stmt.value),
            Stmt::Assign(assign) => self.assign(&assign.targets, &assign.value),
            Stmt::AugAssign(assign) => self.augmented(assign),
            Stmt::AnnAssign(assign) => match &assign.value {
                Some(value) => self.assign(std::slice::from_ref(&*assign.target), value),
                None => Ok(()),
            },
            Stmt::If(stmt) => self.if_(stmt),
            Stmt::While(stmt) => self.while_(stmt),
            Stmt::For(stmt) => self.for_(stmt),
            Stmt::Break(stmt) => self.leave_loop(true, stmt.range),
            Stmt::Continue(stmt) => self.leave_loop(false, stmt.range),
            Stmt::Return(stmt) => self.return_(stmt),
            Stmt::Pass(_) | Stmt::Global(_) | Stmt::Nonlocal(_) => Ok(()),
            Stmt::FunctionDef(def) => self.function(def),
            Stmt::ClassDef(def) => self.class(def),
            Stmt::Delete(delete) => delete.targets.iter().try_for_each(|target| self.delete(target)),
            Stmt::Assert(assert) => self.assert(assert),
            Stmt::Raise(raise) => self.raise(raise),
            Stmt::Try(stmt) => self.try_(stmt),
            Stmt::With(with) => self.with(with),
            Stmt::Import(import) => self.import(import),
            Stmt::ImportFrom(import) => self.import_from(import),
            Stmt::Match(stmt) => self.error("minipy does not know 'match'", stmt.range),
            Stmt::TypeAlias(stmt) => self.error("minipy does not know type aliases", stmt.range),
            Stmt::IpyEscapeCommand(stmt) => self.error("minipy does not know this statement", stmt.range),
        }
    }

    fn expression_statement(&mut self, value: &'a Expr) -> Done {
        self.scratch(|c| {
            let display = c.interactive && c.unit.frame == 0;
            match value {
                _ if display => {
                    let src = c.operand(value)?;
                    c.unit.emit(Op::Display { src });
                }
                Expr::StringLiteral(_) | Expr::EllipsisLiteral(_) => {}
                Expr::Call(call) => c.call(call, NOWHERE)?,
                _ => {
                    let reg = c.unit.alloc();
                    c.expr(value, reg)?;
                    c.unit.emit(Op::Clear { reg });
                }
            }
            Ok(())
        })
    }

    fn assert(&mut self, assert: &'a ast::StmtAssert) -> Done {
        let end = self.unit.label();
        self.jump_when(&assert.test, true, end)?;
        self.scratch(|c| {
            let base = c.unit.alloc();
            let number = c.global(Name::of("AssertionError"));
            c.unit.emit(Op::LoadGlobal { dst: base, number });
            let mut count = 0;
            if let Some(message) = &assert.msg {
                let reg = c.unit.alloc();
                c.expr(message, reg)?;
                count = 1;
            }
            c.at(assert);
            c.unit.emit(Op::Call { dst: base, base, count });
            c.unit.emit(Op::Raise { exception: base, cause: NOWHERE });
            Ok(())
        })?;
        self.unit.place(end);
        Ok(())
    }

    fn import(&mut self, import: &'a ast::StmtImport) -> Done {
        for alias in &import.names {
            if alias.name.contains('.') {
                return self.error("minipy has no packages", alias.range);
            }
            self.scratch(|c| {
                let dst = c.unit.alloc();
                c.unit.emit(Op::Import { dst, name: Name::of(&alias.name) });
                c.store_name(Name::of(alias.asname.as_ref().unwrap_or(&alias.name)), dst);
                Ok(())
            })?;
        }
        Ok(())
    }

    fn import_from(&mut self, import: &'a ast::StmtImportFrom) -> Done {
        let Some(module) = import.module.as_ref().filter(|_| import.level == 0) else {
            return self.error("minipy has no packages", import.range);
        };
        if module.as_str() == "__future__" {
            return Ok(());
        }
        self.scratch(|c| {
            let module_reg = c.unit.alloc();
            c.unit.emit(Op::Import { dst: module_reg, name: Name::of(module) });
            for alias in &import.names {
                if alias.name.as_str() == "*" {
                    return c.error("minipy does not know 'import *'", alias.range);
                }
                c.scratch(|c| {
                    let dst = c.unit.alloc();
                    c.unit.emit(Op::ImportFrom { dst, module: module_reg, name: Name::of(&alias.name) });
                    c.store_name(Name::of(alias.asname.as_ref().unwrap_or(&alias.name)), dst);
                    Ok(())
                })?;
            }
            c.unit.emit(Op::Clear { reg: module_reg });
            Ok(())
        })
    }
}
