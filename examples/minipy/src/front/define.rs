//! Definitions: functions, lambdas, classes.

use ruff_python_ast::{self as ast, Expr, Stmt};
use ruff_text_size::{Ranged, TextRange};

use super::compile::{Compiler, Done};
use super::scope::Kind;
use crate::code::{NOWHERE, Op, Parameters, Reg};
use crate::heap::Runtime;
use crate::name::{Name, names};
use crate::value::Value;

impl<'a, H: Runtime> Compiler<'a, H> {
    pub fn function(&mut self, def: &'a ast::StmtFunctionDef) -> Done {
        if def.is_async {
            return self.error("minipy has no async functions", def.range);
        }
        self.scratch(|c| {
            let first = c.unit.temp;
            c.decorators(&def.decorator_list)?;
            let dst = c.unit.alloc();
            c.make_function(&def.name, def.range, &def.parameters, dst, |c| {
                c.docstring(&def.body);
                c.body(&def.body)
            })?;
            c.decorate(&def.decorator_list, first);
            c.store_name(Name::of(&def.name), first);
            Ok(())
        })
    }

    fn decorators(&mut self, decorators: &'a [ast::Decorator]) -> Done {
        for decorator in decorators {
            let reg = self.unit.alloc();
            self.expr(&decorator.expression, reg)?;
        }
        Ok(())
    }

    /// Calls the decorators, in registers from `first` on, with what follows them; innermost first.
    fn decorate(&mut self, decorators: &[ast::Decorator], first: Reg) {
        for base in (first..first + decorators.len() as Reg).rev() {
            self.unit.emit(Op::Call { dst: base, base, count: 1 });
        }
    }

    pub fn lambda(&mut self, lambda: &'a ast::ExprLambda, dst: Reg) -> Done {
        let body = |c: &mut Self| {
            let value = c.unit.alloc();
            c.expr(&lambda.body, value)?;
            c.unit.emit(Op::Return { src: value });
            Ok(())
        };
        match &lambda.parameters {
            Some(parameters) => self.make_function("<lambda>", lambda.range, parameters, dst, body),
            None => self.make_plain_function("<lambda>", lambda.range, dst, body),
        }
    }

    fn make_plain_function(
        &mut self,
        name: &str,
        range: TextRange,
        dst: Reg,
        body: impl FnOnce(&mut Self) -> Done,
    ) -> Done {
        let qualname = self.qualname(name);
        let code = self.inner(range, Kind::Function, Name::of(name), qualname, |c| {
            c.begin_frame(&[]);
            body(c)
        })?;
        let index = self.unit.codes.len() as u32;
        self.unit.codes.push(code);
        self.unit.emit(Op::MakeFunction { dst, base: NOWHERE, code: index });
        Ok(())
    }

    fn make_function(
        &mut self,
        name: &str,
        range: TextRange,
        parameters: &'a ast::Parameters,
        dst: Reg,
        body: impl FnOnce(&mut Self) -> Done,
    ) -> Done {
        self.scratch(|c| {
            let base = c.defaults(parameters)?;
            let (info, registers) = describe(parameters);
            let qualname = match c.scopes.meaning(c.unit.scope, Name::of(name)) {
                super::scope::Meaning::Global => Name::of(name),
                _ => c.qualname(name),
            };
            let code = c.inner(range, Kind::Function, Name::of(name), qualname, |c| {
                c.unit.parameters = info;
                c.begin_frame(&registers);
                body(c)
            })?;
            let index = c.unit.codes.len() as u32;
            c.unit.codes.push(code);
            c.unit.emit(Op::MakeFunction { dst, base, code: index });
            Ok(())
        })
    }

    /// Default values: a tuple, and a dict for keyword-only parameters, in two registers.
    fn defaults(&mut self, parameters: &'a ast::Parameters) -> Result<Reg, super::SyntaxError> {
        let positional = || parameters.posonlyargs.iter().chain(&parameters.args);
        if positional().chain(&parameters.kwonlyargs).all(|parameter| parameter.default.is_none()) {
            return Ok(NOWHERE);
        }
        let (base, dict) = (self.unit.alloc(), self.unit.alloc());
        self.scratch(|c| {
            let first = c.unit.temp;
            let mut count = 0;
            for default in positional().filter_map(|parameter| parameter.default.as_ref()) {
                let reg = c.unit.alloc();
                c.expr(default, reg)?;
                count += 1;
            }
            c.unit.emit(Op::BuildTuple { dst: base, base: first, count });
            Ok(())
        })?;
        self.unit.emit(Op::BuildDict { dst: dict });
        for parameter in &parameters.kwonlyargs {
            let Some(default) = &parameter.default else { continue };
            self.scratch(|c| {
                let (key, value) = (c.unit.alloc(), c.unit.alloc());
                c.load_string(&parameter.parameter.name, key);
                c.expr(default, value)?;
                c.unit.emit(Op::DictSet { dict, base: key });
                Ok(())
            })?;
        }
        Ok(base)
    }

    /// Keeps the string that a body begins with.
    fn docstring(&mut self, body: &'a [Stmt]) {
        if let Some(Stmt::Expr(stmt)) = body.first()
            && let Expr::StringLiteral(string) = &*stmt.value
        {
            self.unit.doc = Value::str(string.value.to_str());
        }
    }

    pub fn class(&mut self, def: &'a ast::StmtClassDef) -> Done {
        self.scratch(|c| {
            let first = c.unit.temp;
            c.decorators(&def.decorator_list)?;
            let base = c.unit.alloc();
            let name = Name::of(&def.name);
            let qualname = c.qualname(&def.name);
            let code = c.inner(def.range, Kind::Class, name, qualname, |c| {
                // The namespace that the names go to.
                c.unit.parameters = Parameters { names: vec![names::DICT], positional: 1, ..Parameters::default() };
                c.begin_frame(&[]);
                c.docstring(&def.body);
                c.body(&def.body)?;
                // The methods' `__class__`, if there is one, for the class to be put into.
                let variable = (c.unit.frame, names::CLASS);
                if c.scopes.is_captured(variable) {
                    let src = c.unit.registers[&variable];
                    c.unit.emit(Op::Return { src });
                }
                Ok(())
            })?;
            let index = c.unit.codes.len() as u32;
            c.unit.codes.push(code);
            c.unit.emit(Op::MakeFunction { dst: base, base: NOWHERE, code: index });
            if let Some(star) = def.bases().iter().find(|base| base.is_starred_expr()) {
                return c.error("minipy does not spread base classes", star.range());
            }
            let (_, count) = c.consecutive(def.bases())?;
            let keywords = c.unit.alloc();
            if def.keywords().is_empty() {
                c.unit.emit(Op::Clear { reg: keywords });
            } else {
                c.keyword_dict(def.keywords(), keywords)?;
            }
            c.unit.emit(Op::MakeClass { dst: base, base, count: count as u16, name });
            c.decorate(&def.decorator_list, first);
            c.store_name(name, first);
            Ok(())
        })
    }
}

/// The parameters as a call sees them, and in the order of their registers.
fn describe(parameters: &ast::Parameters) -> (Parameters, Vec<Name>) {
    let name = |parameter: &ast::ParameterWithDefault| Name::of(&parameter.parameter.name);
    let names: Vec<Name> = parameters.iter_non_variadic_params().map(name).collect();
    let mut registers = names.clone();
    for parameter in parameters.vararg.iter().chain(&parameters.kwarg) {
        registers.push(Name::of(&parameter.name));
    }
    let info = Parameters {
        names,
        positional_only: parameters.posonlyargs.len(),
        positional: parameters.posonlyargs.len() + parameters.args.len(),
        star: parameters.vararg.is_some(),
        double_star: parameters.kwarg.is_some(),
    };
    (info, registers)
}
