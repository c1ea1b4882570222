//! Comprehensions: loops in the frame around them. A generator expression is a frame of its own.

use ruff_python_ast::{self as ast, Expr};
use ruff_text_size::Ranged;

use super::compile::{Compiler, Done};
use super::scope::Kind;
use crate::code::{NOWHERE, Op, Parameters, Reg};
use crate::heap::Runtime;
use crate::name::Name;

/// What is done with each element.
#[derive(Clone, Copy)]
enum Sink<'a> {
    List(Reg, &'a Expr),
    Set(Reg, &'a Expr),
    Dict(Reg, &'a Expr, &'a Expr),
    Yield(&'a Expr),
}

impl<'a, H: Runtime> Compiler<'a, H> {
    pub fn comprehension(&mut self, expr: &'a Expr, dst: Reg) -> Done {
        if let Expr::Generator(generator) = expr {
            return self.generator_expression(generator, dst);
        }
        let result = self.unit.alloc();
        let (generators, sink) = match expr {
            Expr::ListComp(c) => {
                self.unit.emit(Op::BuildList { dst: result, base: result, count: 0 });
                (&c.generators, Sink::List(result, &c.elt))
            }
            Expr::SetComp(c) => {
                self.unit.emit(Op::BuildSet { dst: result, base: result, count: 0 });
                (&c.generators, Sink::Set(result, &c.elt))
            }
            Expr::DictComp(c) => {
                let Some(key) = &c.key else {
                    return self.error("dict unpacking cannot be used in dict comprehension", c.range);
                };
                self.unit.emit(Op::BuildDict { dst: result });
                (&c.generators, Sink::Dict(result, key, &c.value))
            }
            _ => unreachable!("the caller looked"),
        };
        let iter = self.begin_loop(&generators[0].iter)?;
        let scope = self.scopes.of_node(expr.range(), Kind::Comprehension);
        let outer = std::mem::replace(&mut self.unit.scope, scope);
        for &name in &self.scopes.get(scope).bound {
            if self.scopes.is_captured((scope, name)) {
                let reg = self.unit.registers[&(scope, name)];
                self.unit.emit(Op::Clear { reg });
                self.unit.emit(Op::MakeVariable { reg });
            }
        }
        self.perhaps(|c| c.loops(generators, iter, sink))?;
        // What the last round left in the variables must not live longer than the comprehension.
        for &name in &self.scopes.get(scope).bound {
            if let Some(&reg) = self.unit.registers.get(&(scope, name)) {
                self.unit.emit(Op::Clear { reg });
            }
        }
        self.unit.scope = outer;
        self.unit.emit(Op::Move { dst, src: result });
        Ok(())
    }

    /// One loop inside the other; the outermost has its iterator already.
    fn loops(&mut self, generators: &'a [ast::Comprehension], iter: Reg, sink: Sink<'a>) -> Done {
        let (generator, inner) = generators.split_first().expect("the caller looked");
        if generator.is_async {
            return self.error("minipy has no async comprehensions", generator.range);
        }
        let (top, next, end) = (self.unit.label(), self.unit.label(), self.unit.label());
        self.unit.place(top);
        self.scratch(|c| {
            c.for_target(&generator.target, iter, end)?;
            for condition in &generator.ifs {
                c.jump_unless(condition, next)?;
            }
            if inner.is_empty() {
                c.sink(sink)?;
            } else {
                let iter = c.begin_loop(&inner[0].iter)?;
                c.loops(inner, iter, sink)?;
            }
            // Only `Op::Jump` is a checkpoint: conditions must not go back to the top themselves.
            c.unit.place(next);
            c.unit.jump(top);
            Ok(())
        })?;
        self.unit.place(end);
        Ok(())
    }

    fn sink(&mut self, sink: Sink<'a>) -> Done {
        self.scratch(|c| {
            match sink {
                Sink::List(list, element) => {
                    let src = c.operand(element)?;
                    c.unit.emit(Op::ListAppend { list, src });
                }
                Sink::Set(set, element) => {
                    let src = c.operand(element)?;
                    c.unit.emit(Op::SetAdd { set, src });
                }
                Sink::Dict(dict, key, value) => {
                    let (base, second) = (c.unit.alloc(), c.unit.alloc());
                    c.expr(key, base)?;
                    c.expr(value, second)?;
                    c.unit.emit(Op::DictSet { dict, base });
                }
                Sink::Yield(element) => {
                    let src = c.unit.alloc();
                    c.expr(element, src)?;
                    c.unit.emit(Op::Yield { dst: src, src });
                    c.unit.emit(Op::Clear { reg: src });
                }
            }
            Ok(())
        })
    }

    fn generator_expression(&mut self, generator: &'a ast::ExprGenerator, dst: Reg) -> Done {
        let name = Name::of("<genexpr>");
        let qualname = self.qualname("<genexpr>");
        let code = self.inner(generator.range, Kind::Function, name, qualname, |c| {
            let parameter = Name::of(".0");
            c.unit.parameters = Parameters { names: vec![parameter], positional: 1, ..Parameters::default() };
            c.begin_frame(&[parameter]);
            c.loops(&generator.generators, 0, Sink::Yield(&generator.elt))
        })?;
        let index = self.unit.codes.len() as u32;
        self.unit.codes.push(code);
        let base = self.unit.alloc();
        self.unit.emit(Op::MakeFunction { dst: base, base: NOWHERE, code: index });
        let iter = self.unit.alloc();
        self.expr(&generator.generators[0].iter, iter)?;
        self.unit.emit(Op::GetIter { dst: iter, src: iter });
        self.unit.emit(Op::Call { dst, base, count: 1 });
        Ok(())
    }
}
