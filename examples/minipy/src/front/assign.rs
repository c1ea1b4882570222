//! Assignments, `del`, and the targets of loops.

use ruff_python_ast::{self as ast, Expr, Operator};
use ruff_text_size::Ranged;

use super::compile::{Compiler, Done, Place};
use super::expression::{binary_op, small_int};
use super::unit::Label;
use crate::code::{Op, Reg};
use crate::heap::Runtime;
use crate::name::Name;

impl<'a, H: Runtime> Compiler<'a, H> {
    pub fn assign(&mut self, targets: &'a [Expr], value: &'a Expr) -> Done {
        if let [target] = targets
            && let Some(reg) = self.plain_register(target)
        {
            self.expr(value, reg)?;
            self.mark_bound(reg);
            return Ok(());
        }
        if let ([Expr::Tuple(targets)], Expr::Tuple(values)) = (targets, value)
            && targets.elts.len() == values.elts.len()
            && !targets.elts.iter().chain(&values.elts).any(Expr::is_starred_expr)
        {
            // a, b = b, a needs no tuple.
            return self.scratch(|c| {
                let (base, _) = c.consecutive(&values.elts)?;
                targets.elts.iter().zip(base..).try_for_each(|(target, reg)| c.store(target, reg))
            });
        }
        self.scratch(|c| {
            let value = c.operand(value)?;
            let Some((last, rest)) = targets.split_last() else { return Ok(()) };
            for target in rest {
                c.scratch(|c| {
                    let copy = c.unit.alloc();
                    c.unit.emit(Op::Copy { dst: copy, src: value });
                    c.store(target, copy)
                })?;
            }
            c.store(last, value)
        })
    }

    /// Assigns what is in a register, and empties that if it is temporary.
    pub fn store(&mut self, target: &'a Expr, src: Reg) -> Done {
        self.scratch(|c| match target {
            Expr::Name(name) => {
                c.store_name(Name::of(&name.id), src);
                Ok(())
            }
            Expr::Attribute(attribute) => {
                let obj = c.operand(&attribute.value)?;
                let (cache, name) = (c.unit.cache(), Name::of(&attribute.attr));
                c.unit.emit(Op::SetAttr { obj, src, cache, name });
                Ok(())
            }
            Expr::Subscript(subscript) => {
                let obj = c.operand(&subscript.value)?;
                let index = c.operand(&subscript.slice)?;
                c.unit.emit(Op::SetItem { obj, index, src });
                Ok(())
            }
            Expr::Tuple(tuple) => c.unpack(&tuple.elts, src),
            Expr::List(list) => c.unpack(&list.elts, src),
            Expr::Starred(starred) => c.error("starred assignment target must be in a list or tuple", starred.range),
            _ => c.error("cannot assign to this expression", target.range()),
        })
    }

    fn unpack(&mut self, targets: &'a [Expr], src: Reg) -> Done {
        let base = self.unit.temp;
        for _ in targets {
            self.unit.alloc();
        }
        let mut stars = targets.iter().enumerate().filter(|(_, target)| target.is_starred_expr()).map(|(at, _)| at);
        match (stars.next(), stars.next()) {
            (None, _) => self.unit.emit(Op::Unpack { base, src, count: targets.len() as u32 }),
            (Some(star), None) => {
                let (before, after) = (star as u16, (targets.len() - star - 1) as u16);
                self.unit.emit(Op::UnpackStar { base, src, before, after });
            }
            (_, Some(second)) => {
                return self.error("multiple starred expressions in assignment", targets[second].range());
            }
        }
        for (target, reg) in targets.iter().zip(base..) {
            match target {
                Expr::Starred(starred) => self.store(&starred.value, reg)?,
                target => self.store(target, reg)?,
            }
        }
        Ok(())
    }

    /// The next element of a loop goes to its target; jumps to `end` if there is none.
    pub fn for_target(&mut self, target: &'a Expr, iter: Reg, end: Label) -> Done {
        self.at(target);
        if let Some(dst) = self.plain_register(target) {
            self.unit.emit(Op::ForIter { iter, dst, target: end });
            self.mark_bound(dst);
            return Ok(());
        }
        self.scratch(|c| {
            let value = c.unit.alloc();
            c.unit.emit(Op::ForIter { iter, dst: value, target: end });
            c.store(target, value)
        })
    }

    pub fn augmented(&mut self, assign: &'a ast::StmtAugAssign) -> Done {
        let op = binary_op(assign.op);
        self.scratch(|c| match &*assign.target {
            Expr::Name(name) => {
                let name = Name::of(&name.id);
                if let Place::Register(reg) = c.place_of(name) {
                    c.check_bound(reg, name);
                    return c.inplace(assign, reg, reg);
                }
                let value = c.unit.alloc();
                c.load_name(name, value);
                c.inplace(assign, value, value)?;
                c.store_name(name, value);
                Ok(())
            }
            Expr::Attribute(attribute) => {
                let obj = c.operand(&attribute.value)?;
                let copy = c.copy_if_temp(obj);
                let value = c.unit.alloc();
                let (cache, name) = (c.unit.cache(), Name::of(&attribute.attr));
                c.unit.emit(Op::GetAttr { dst: value, obj: copy, cache, name });
                c.inplace(assign, value, value)?;
                let cache = c.unit.cache();
                c.unit.emit(Op::SetAttr { obj, src: value, cache, name });
                Ok(())
            }
            Expr::Subscript(subscript) => {
                let obj = c.operand(&subscript.value)?;
                let index = c.operand(&subscript.slice)?;
                let (obj_copy, index_copy) = (c.copy_if_temp(obj), c.copy_if_temp(index));
                let value = c.unit.alloc();
                c.unit.emit(Op::GetItem { dst: value, obj: obj_copy, index: index_copy });
                let right = c.operand(&assign.value)?;
                c.unit.emit(Op::Inplace { op, dst: value, left: value, right });
                c.unit.emit(Op::SetItem { obj, index, src: value });
                Ok(())
            }
            target => c.error("illegal expression for augmented assignment", target.range()),
        })
    }

    fn inplace(&mut self, assign: &'a ast::StmtAugAssign, dst: Reg, left: Reg) -> Done {
        match (assign.op, small_int(&assign.value)) {
            (Operator::Add, Some(value)) => {
                self.unit.emit(Op::AddInt { in_place: true, dst, left, right: i32::from(value) });
            }
            (Operator::Sub, Some(value)) => {
                self.unit.emit(Op::AddInt { in_place: true, dst, left, right: -i32::from(value) });
            }
            _ => {
                let right = self.operand(&assign.value)?;
                self.unit.emit(Op::Inplace { op: binary_op(assign.op), dst, left, right });
            }
        }
        Ok(())
    }

    /// A copy of a temporary value that an instruction is going to take, if it is needed once more.
    fn copy_if_temp(&mut self, reg: Reg) -> Reg {
        if !self.unit.is_temp(reg) {
            return reg;
        }
        let copy = self.unit.alloc();
        self.unit.emit(Op::Copy { dst: copy, src: reg });
        copy
    }

    pub fn delete(&mut self, target: &'a Expr) -> Done {
        self.scratch(|c| match target {
            Expr::Name(name) => {
                c.delete_name(Name::of(&name.id));
                Ok(())
            }
            Expr::Attribute(attribute) => {
                let obj = c.operand(&attribute.value)?;
                c.unit.emit(Op::DelAttr { obj, name: Name::of(&attribute.attr) });
                Ok(())
            }
            Expr::Subscript(subscript) => {
                let obj = c.operand(&subscript.value)?;
                let index = c.operand(&subscript.slice)?;
                c.unit.emit(Op::DelItem { obj, index });
                Ok(())
            }
            Expr::Tuple(tuple) => tuple.elts.iter().try_for_each(|target| c.delete(target)),
            Expr::List(list) => list.elts.iter().try_for_each(|target| c.delete(target)),
            _ => c.error("cannot delete this expression", target.range()),
        })
    }
}
