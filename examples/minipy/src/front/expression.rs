//! Expressions.

use ruff_python_ast::{self as ast, Expr, Number, Operator};
use ruff_text_size::Ranged;

use super::SyntaxError;
use super::compile::{Compiler, Done};
use super::unit::{Label, compare_op};
use crate::code::{BinaryOp, CompareOp, NOWHERE, Op, Reg, UnaryOp};
use crate::heap::Runtime;
use crate::name::Name;
use crate::value::Value;

pub fn binary_op(op: Operator) -> BinaryOp {
    match op {
        Operator::Add => BinaryOp::Add,
        Operator::Sub => BinaryOp::Sub,
        Operator::Mult => BinaryOp::Mul,
        Operator::MatMult => BinaryOp::MatMul,
        Operator::Div => BinaryOp::TrueDiv,
        Operator::Mod => BinaryOp::Mod,
        Operator::Pow => BinaryOp::Pow,
        Operator::LShift => BinaryOp::LShift,
        Operator::RShift => BinaryOp::RShift,
        Operator::BitOr => BinaryOp::Or,
        Operator::BitXor => BinaryOp::Xor,
        Operator::BitAnd => BinaryOp::And,
        Operator::FloorDiv => BinaryOp::FloorDiv,
    }
}

/// The value of a literal that fits into an instruction.
pub fn small_int(expr: &Expr) -> Option<i16> {
    match expr {
        Expr::NumberLiteral(ast::ExprNumberLiteral { value: Number::Int(int), .. }) => {
            int.as_i64().and_then(|value| value.try_into().ok())
        }
        _ => None,
    }
}

impl<'a, H: Runtime> Compiler<'a, H> {
    /// Compiles an expression whose value goes to `dst`. Nothing is written there before the operands have been read,
    /// if `dst` is a variable.
    pub fn expr(&mut self, expr: &'a Expr, dst: Reg) -> Done {
        let line = self.unit.line;
        self.deeper(expr.range(), |c| {
            c.at(expr);
            c.scratch(|c| c.expr_inner(expr, dst))
        })?;
        self.unit.line = line;
        Ok(())
    }

    fn expr_inner(&mut self, expr: &'a Expr, dst: Reg) -> Done {
        match expr {
            Expr::Name(name) => self.load_name(Name::of(&name.id), dst),
            Expr::NumberLiteral(number) => return self.number(number, dst),
            Expr::StringLiteral(string) => self.load_string(string.value.to_str(), dst),
            Expr::BooleanLiteral(literal) => {
                let value = literal.value;
                self.load_constant(if value { "True" } else { "False" }, || Value::bool(value), dst);
            }
            Expr::NoneLiteral(_) => self.load_none(dst),
            Expr::EllipsisLiteral(_) => self.load_constant("...", || Value::Ellipsis, dst),
            Expr::BinOp(binary) => return self.binary(binary, dst),
            Expr::UnaryOp(unary) => return self.unary(unary, dst),
            Expr::BoolOp(_) | Expr::If(_) => return self.branching(expr, dst),
            Expr::Compare(compare) => return self.compare(compare, dst),
            Expr::Attribute(attribute) => {
                let obj = self.operand_at(&attribute.value, dst)?;
                let (cache, name) = (self.unit.cache(), Name::of(&attribute.attr));
                self.unit.emit(Op::GetAttr { dst, obj, cache, name });
            }
            Expr::Subscript(subscript) => {
                let obj = self.operand_at(&subscript.value, dst)?;
                let index = self.operand(&subscript.slice)?;
                self.unit.emit(Op::GetItem { dst, obj, index });
            }
            Expr::Slice(slice) => {
                let base = self.unit.alloc();
                let regs = [base, self.unit.alloc(), self.unit.alloc()];
                for (part, reg) in [&slice.lower, &slice.upper, &slice.step].into_iter().zip(regs) {
                    match part {
                        Some(part) => self.expr(part, reg)?,
                        None => self.load_none(reg),
                    }
                }
                self.unit.emit(Op::BuildSlice { dst, base });
            }
            Expr::Call(call) => return self.call(call, dst),
            Expr::List(list) => {
                if has_star(&list.elts) {
                    return self.sequence_with_star(&list.elts, dst, false);
                }
                let (base, count) = self.consecutive(&list.elts)?;
                self.unit.emit(Op::BuildList { dst, base, count });
            }
            Expr::Tuple(tuple) => {
                if has_star(&tuple.elts) {
                    return self.sequence_with_star(&tuple.elts, dst, true);
                }
                let (base, count) = self.consecutive(&tuple.elts)?;
                self.unit.emit(Op::BuildTuple { dst, base, count });
            }
            Expr::Set(set) => return self.set_display(set, dst),
            Expr::Dict(dict) => return self.dict_display(dict, dst),
            Expr::FString(string) => return self.fstring(string, dst),
            Expr::Lambda(lambda) => return self.lambda(lambda, dst),
            Expr::ListComp(_) | Expr::SetComp(_) | Expr::DictComp(_) | Expr::Generator(_) => {
                return self.comprehension(expr, dst);
            }
            Expr::Named(named) => {
                let Expr::Name(target) = &*named.target else { unreachable!("the parser allows names only") };
                let value = self.unit.alloc();
                self.expr(&named.value, value)?;
                self.unit.emit(Op::Copy { dst, src: value });
                // The name belongs to the frame, also inside of a comprehension.
                let scope = std::mem::replace(&mut self.unit.scope, self.unit.frame);
                self.store_name(Name::of(&target.id), value);
                self.unit.scope = scope;
            }
            Expr::Yield(yielded) => {
                let src = self.unit.alloc();
                match &yielded.value {
                    Some(value) => self.expr(value, src)?,
                    None => self.load_none(src),
                }
                self.unit.emit(Op::Yield { dst, src });
            }
            Expr::YieldFrom(yielded) => {
                let iter = self.unit.alloc();
                self.expr(&yielded.value, iter)?;
                self.unit.emit(Op::GetIter { dst: iter, src: iter });
                let sent = self.unit.alloc();
                self.load_none(sent);
                self.unit.emit(Op::YieldFrom { dst: sent, iter });
                self.unit.emit(Op::Move { dst, src: sent });
            }
            Expr::Starred(_) => return self.error("can't use starred expression here", expr.range()),
            Expr::BytesLiteral(_) => return self.error("minipy has no bytes", expr.range()),
            Expr::Await(_) => return self.error("minipy has no async functions", expr.range()),
            Expr::TString(_) | Expr::IpyEscapeCommand(_) => {
                return self.error("minipy does not know this expression", expr.range());
            }
        }
        Ok(())
    }

    /// Compiles expressions into consecutive registers.
    pub fn consecutive(&mut self, exprs: &'a [Expr]) -> Result<(Reg, u32), SyntaxError> {
        let base = self.unit.temp;
        for expr in exprs {
            let reg = self.unit.alloc();
            self.expr(expr, reg)?;
        }
        Ok((base, exprs.len() as u32))
    }

    fn binary(&mut self, binary: &'a ast::ExprBinOp, dst: Reg) -> Done {
        let left = self.operand_at(&binary.left, dst)?;
        match (binary.op, small_int(&binary.right)) {
            (Operator::Add, Some(value)) => {
                self.unit.emit(Op::AddInt { in_place: false, dst, left, right: i32::from(value) });
            }
            (Operator::Sub, Some(value)) if self.unit.is_temp(left) || value != i16::MIN => {
                self.unit.emit(Op::AddInt { in_place: false, dst, left, right: -i32::from(value) });
            }
            (op, _) => {
                let right = self.operand(&binary.right)?;
                self.unit.emit(Op::Binary { op: binary_op(op), dst, left, right });
            }
        }
        Ok(())
    }

    fn unary(&mut self, unary: &'a ast::ExprUnaryOp, dst: Reg) -> Done {
        if let (ast::UnaryOp::USub, Expr::NumberLiteral(number)) = (unary.op, &*unary.operand) {
            match &number.value {
                Number::Int(int) => {
                    // The most negative number has no positive counterpart.
                    let value = int.as_i64().map(|value| -value);
                    let value = value.or_else(|| (int.as_u64()? == 1 << 63).then_some(i64::MIN));
                    if let Some(value) = value {
                        self.load_int(value, dst);
                        return Ok(());
                    }
                }
                &Number::Float(value) => {
                    self.load_constant(&format!("f{}", (-value).to_bits()), || Value::float(-value), dst);
                    return Ok(());
                }
                Number::Complex { .. } => {}
            }
        }
        let op = match unary.op {
            ast::UnaryOp::USub => UnaryOp::Neg,
            ast::UnaryOp::UAdd => UnaryOp::Pos,
            ast::UnaryOp::Invert => UnaryOp::Invert,
            ast::UnaryOp::Not => UnaryOp::Not,
        };
        let src = self.operand_at(&unary.operand, dst)?;
        self.unit.emit(Op::Unary { op, dst, src });
        Ok(())
    }

    /// `and`, `or`, `if … else`: in a temporary register, for `dst` may be read by what comes later.
    fn branching(&mut self, expr: &'a Expr, dst: Reg) -> Done {
        let value = if self.unit.is_temp(dst) { dst } else { self.unit.alloc() };
        let end = self.unit.label();
        match expr {
            Expr::BoolOp(bool_op) => {
                let when = bool_op.op == ast::BoolOp::Or;
                for (at, operand) in bool_op.values.iter().enumerate() {
                    self.expr(operand, value)?;
                    if at + 1 < bool_op.values.len() {
                        self.unit.emit(Op::JumpIfKeep { when, reg: value, target: end });
                    }
                }
            }
            Expr::If(choice) => {
                let otherwise = self.unit.label();
                self.jump_unless(&choice.test, otherwise)?;
                self.expr(&choice.body, value)?;
                self.unit.jump(end);
                self.unit.place(otherwise);
                self.expr(&choice.orelse, value)?;
            }
            _ => unreachable!("the caller looked"),
        }
        self.unit.place(end);
        if value != dst {
            self.unit.emit(Op::Move { dst, src: value });
        }
        Ok(())
    }

    fn compare(&mut self, compare: &'a ast::ExprCompare, dst: Reg) -> Done {
        if compare.ops.len() == 1 {
            let left = self.operand_at(&compare.left, dst)?;
            let right = self.operand(&compare.comparators[0])?;
            self.unit.emit(Op::Compare { op: compare_op(compare.ops[0]), dst, left, right });
            return Ok(());
        }
        // a < b < c: b is evaluated once, c only if a < b.
        let value = if self.unit.is_temp(dst) { dst } else { self.unit.alloc() };
        let end = self.unit.label();
        let (left, right) = (self.unit.alloc(), self.unit.alloc());
        self.expr(&compare.left, left)?;
        for (at, (op, comparator)) in compare.ops.iter().zip(&compare.comparators).enumerate() {
            self.expr(comparator, right)?;
            let last = at + 1 == compare.ops.len();
            let next = self.unit.alloc();
            if !last {
                self.unit.emit(Op::Copy { dst: next, src: right });
            }
            self.unit.emit(Op::Compare { op: compare_op(*op), dst: value, left, right });
            if !last {
                self.unit.emit(Op::JumpIfKeep { when: false, reg: value, target: end });
                self.unit.emit(Op::Move { dst: left, src: next });
            }
        }
        self.unit.place(end);
        if value != dst {
            self.unit.emit(Op::Move { dst, src: value });
        }
        Ok(())
    }

    /// Compiles a condition: falls through if it holds.
    pub fn jump_unless(&mut self, expr: &'a Expr, target: Label) -> Done {
        self.jump_when(expr, false, target)
    }

    /// Compiles a condition: jumps if its truth is `when`.
    pub fn jump_when(&mut self, expr: &'a Expr, when: bool, target: Label) -> Done {
        self.at(expr);
        match expr {
            Expr::UnaryOp(unary) if unary.op == ast::UnaryOp::Not => self.jump_when(&unary.operand, !when, target),
            Expr::BoolOp(bool_op) => {
                let (last, rest) = bool_op.values.split_last().expect("two operands at least");
                if (bool_op.op == ast::BoolOp::Or) == when {
                    for operand in rest {
                        self.jump_when(operand, when, target)?;
                    }
                    self.jump_when(last, when, target)
                } else {
                    let end = self.unit.label();
                    for operand in rest {
                        self.jump_when(operand, !when, end)?;
                    }
                    self.jump_when(last, when, target)?;
                    self.unit.place(end);
                    Ok(())
                }
            }
            Expr::Compare(compare) if compare.ops.len() == 1 => self.scratch(|c| c.jump_compare(compare, when, target)),
            _ => self.scratch(|c| {
                let reg = c.operand(expr)?;
                c.unit.emit(Op::JumpIf { when, reg, target });
                Ok(())
            }),
        }
    }

    fn jump_compare(&mut self, compare: &'a ast::ExprCompare, when: bool, target: Label) -> Done {
        let (op, right) = (compare_op(compare.ops[0]), &compare.comparators[0]);
        let left = self.operand(&compare.left)?;
        if matches!(right, Expr::NoneLiteral(_)) && matches!(op, CompareOp::Is | CompareOp::IsNot) {
            self.unit.emit(Op::JumpIfNone { when: (op == CompareOp::Is) == when, reg: left, target });
            return Ok(());
        }
        let small = small_int(right).filter(|_| !matches!(op, CompareOp::In | CompareOp::NotIn));
        let right = match small {
            Some(_) => NOWHERE,
            None => self.operand(right)?,
        };
        // The instruction jumps unless it holds; the other way round takes a jump around a jump.
        let emit = |c: &mut Self, target| match small {
            Some(right) => c.unit.emit(Op::JumpUnlessInt { op, left, right, target }),
            None => c.unit.emit(Op::JumpUnless { op, left, right, target }),
        };
        if when {
            let end = self.unit.label();
            emit(self, end);
            self.unit.jump(target);
            self.unit.place(end);
        } else {
            emit(self, target);
        }
        Ok(())
    }
}

pub fn has_star(exprs: &[Expr]) -> bool {
    exprs.iter().any(Expr::is_starred_expr)
}
