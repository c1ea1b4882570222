//! Calls, and displays whose parts are spread.

use ruff_python_ast::{self as ast, Expr};

use super::compile::{Compiler, Done};
use super::expression::has_star;
use crate::code::{Op, Reg};
use crate::heap::Runtime;
use crate::name::{Name, names};

/// More arguments than this are passed as a list.
const MAX_ARGUMENTS: usize = 200;

impl<'a, H: Runtime> Compiler<'a, H> {
    /// A call. The result is dropped if `dst` is [`NOWHERE`](crate::code::NOWHERE).
    pub fn call(&mut self, call: &'a ast::ExprCall, dst: Reg) -> Done {
        let arguments = &call.arguments;
        let spread = has_star(&arguments.args)
            || arguments.keywords.iter().any(|keyword| keyword.arg.is_none())
            || arguments.len() > MAX_ARGUMENTS;
        if let (Expr::Attribute(attribute), false, true) = (&*call.func, spread, arguments.keywords.is_empty()) {
            return self.method_call(call, attribute, dst);
        }
        let base = self.unit.alloc();
        self.expr(&call.func, base)?;
        if spread {
            return self.spread_call(arguments, base, dst);
        }
        let is_super = matches!(&*call.func, Expr::Name(name) if name.id.as_str() == "super");
        if is_super && arguments.is_empty() && self.super_arguments() {
            self.unit.emit(Op::Call { dst, base, count: 2 });
            return Ok(());
        }
        self.consecutive(&arguments.args)?;
        let count = arguments.args.len() as u16;
        if arguments.keywords.is_empty() {
            self.at(call);
            self.unit.emit(Op::Call { dst, base, count });
            return Ok(());
        }
        let mut names = Vec::new();
        for keyword in &arguments.keywords {
            let reg = self.unit.alloc();
            self.expr(&keyword.value, reg)?;
            names.extend(keyword.arg.as_ref().map(|name| Name::of(name)));
        }
        let index = self.unit.keyword_lists.len() as u32;
        self.unit.keyword_lists.push(names);
        self.at(call);
        self.unit.emit(Op::CallKeywords { dst, base, count, names: index });
        Ok(())
    }

    fn method_call(&mut self, call: &'a ast::ExprCall, attribute: &'a ast::ExprAttribute, dst: Reg) -> Done {
        let base = self.unit.alloc();
        let obj = self.unit.alloc();
        self.expr(&attribute.value, obj)?;
        self.consecutive(&call.arguments.args)?;
        let (cache, name) = (self.unit.cache(), Name::of(&attribute.attr));
        let count = call.arguments.args.len() as u8;
        // A call that spans lines is on the line of the attribute.
        self.at(call);
        self.unit.emit(Op::CallMethod { count, dst, base, cache, name });
        Ok(())
    }

    /// `super()` means `super(__class__, self)`. Whether it does here.
    fn super_arguments(&mut self) -> bool {
        let Some(&first) = self.unit.parameters.names.first() else { return false };
        let place = self.place_of(names::CLASS);
        if matches!(place, super::compile::Place::Global(_)) {
            return false;
        }
        let (class, me) = (self.unit.alloc(), self.unit.alloc());
        self.load_name(names::CLASS, class);
        self.load_name(first, me);
        true
    }

    /// The callee is in `base`; positional arguments come in a list, keyword arguments in a dict.
    fn spread_call(&mut self, arguments: &'a ast::Arguments, base: Reg, dst: Reg) -> Done {
        let (list, keywords) = (self.unit.alloc(), self.unit.alloc());
        self.spread_list(&arguments.args, list)?;
        if arguments.keywords.is_empty() {
            self.unit.emit(Op::Clear { reg: keywords });
        } else {
            self.keyword_dict(&arguments.keywords, keywords)?;
        }
        self.unit.emit(Op::CallSpread { dst, base });
        Ok(())
    }

    pub fn keyword_dict(&mut self, keywords: &'a [ast::Keyword], dict: Reg) -> Done {
        self.unit.emit(Op::BuildDict { dst: dict });
        for keyword in keywords {
            self.scratch(|c| {
                let base = c.unit.alloc();
                match &keyword.arg {
                    Some(name) => {
                        let value = c.unit.alloc();
                        c.load_string(name, base);
                        c.expr(&keyword.value, value)?;
                        c.unit.emit(Op::DictSet { dict, base });
                    }
                    None => {
                        c.expr(&keyword.value, base)?;
                        c.unit.emit(Op::DictUpdate { strict: true, dict, src: base });
                    }
                }
                Ok(())
            })?;
        }
        Ok(())
    }

    /// A list of expressions, some of which may have a star, in a temporary register.
    fn spread_list(&mut self, exprs: &'a [Expr], list: Reg) -> Done {
        self.unit.emit(Op::BuildList { dst: list, base: list, count: 0 });
        for expr in exprs {
            self.scratch(|c| {
                let src = c.unit.alloc();
                if let Expr::Starred(starred) = expr {
                    c.expr(&starred.value, src)?;
                    c.unit.emit(Op::ListExtend { list, src });
                } else {
                    c.expr(expr, src)?;
                    c.unit.emit(Op::ListAppend { list, src });
                }
                Ok(())
            })?;
        }
        Ok(())
    }

    pub fn sequence_with_star(&mut self, exprs: &'a [Expr], dst: Reg, tuple: bool) -> Done {
        let list = self.unit.alloc();
        self.spread_list(exprs, list)?;
        if tuple {
            self.unit.emit(Op::ListToTuple { reg: list });
        }
        self.unit.emit(Op::Move { dst, src: list });
        Ok(())
    }

    pub fn set_display(&mut self, set: &'a ast::ExprSet, dst: Reg) -> Done {
        if !has_star(&set.elts) {
            let (base, count) = self.consecutive(&set.elts)?;
            self.unit.emit(Op::BuildSet { dst, base, count });
            return Ok(());
        }
        let result = self.unit.alloc();
        self.unit.emit(Op::BuildSet { dst: result, base: result, count: 0 });
        for expr in &set.elts {
            self.scratch(|c| {
                let src = c.unit.alloc();
                if let Expr::Starred(starred) = expr {
                    c.expr(&starred.value, src)?;
                    c.unit.emit(Op::SetUpdate { set: result, src });
                } else {
                    c.expr(expr, src)?;
                    c.unit.emit(Op::SetAdd { set: result, src });
                }
                Ok(())
            })?;
        }
        self.unit.emit(Op::Move { dst, src: result });
        Ok(())
    }

    pub fn dict_display(&mut self, dict: &'a ast::ExprDict, dst: Reg) -> Done {
        let result = self.unit.alloc();
        self.unit.emit(Op::BuildDict { dst: result });
        for item in &dict.items {
            self.scratch(|c| {
                let base = c.unit.alloc();
                match &item.key {
                    Some(key) => {
                        let value = c.unit.alloc();
                        c.expr(key, base)?;
                        c.expr(&item.value, value)?;
                        c.unit.emit(Op::DictSet { dict: result, base });
                    }
                    None => {
                        c.expr(&item.value, base)?;
                        c.unit.emit(Op::DictUpdate { strict: false, dict: result, src: base });
                    }
                }
                Ok(())
            })?;
        }
        self.unit.emit(Op::Move { dst, src: result });
        Ok(())
    }
}
