//! [`Compiler`]: what all parts of the compiler share — names, registers, temporary values.

use std::collections::HashSet;

use indexmap::IndexSet;
use ruff_python_ast::{Expr, Stmt};
use ruff_text_size::{Ranged, TextRange};
use tricycle::Gc;

use super::scope::{Kind, Meaning, Scopes, Variable};
use super::unit::Unit;
use super::{Lines, SyntaxError};
use crate::code::{Capture, Code, NOWHERE, Op, Reg};
use crate::heap::Runtime;
use crate::name::{Name, names};
use crate::object::Globals;
use crate::value::Value;
use crate::vm::Vm;

/// How deep expressions and statements may nest.
const MAX_DEPTH: usize = 1000;

pub struct Compiler<'a, H: Runtime> {
    vm: &'a Vm<H>,
    globals: &'a Gc<Globals<H>, H>,
    pub scopes: &'a Scopes,
    lines: &'a Lines<'a>,
    outer: Vec<Unit<'a, H>>,
    pub unit: Unit<'a, H>,
    depth: usize,
    pub interactive: bool,
}

pub type Done = Result<(), SyntaxError>;

/// Where a variable is kept.
#[derive(Clone, Copy)]
pub enum Place {
    Register(Reg),
    /// A shared variable, in a register or among those of the closure.
    Shared(Reg),
    Free(u16),
    Global(u32),
    Namespace,
}

pub fn program<'a, H: Runtime>(
    vm: &'a Vm<H>,
    globals: &'a Gc<Globals<H>, H>,
    scopes: &'a Scopes,
    lines: &'a Lines<'a>,
    body: &'a [Stmt],
    interactive: bool,
) -> Result<Gc<Code<H>, H>, SyntaxError> {
    let name = Name::of("<module>");
    let unit = Unit::new(0, name, name);
    let mut compiler = Compiler { vm, globals, scopes, lines, outer: Vec::new(), unit, depth: 0, interactive };
    compiler.begin_frame(&[]);
    compiler.body(body)?;
    let unit = compiler.unit;
    if unit.too_large {
        return Err(lines.error("too large", TextRange::default()));
    }
    Ok(Gc::new_in(unit.finish(false, Vec::new()), H::default()))
}

impl<'a, H: Runtime> Compiler<'a, H> {
    /// Gives registers to the variables of the frame, parameters first.
    pub fn begin_frame(&mut self, parameters: &[Name]) {
        let frame = self.unit.frame;
        let mut variables: IndexSet<Variable> = parameters.iter().map(|&name| (frame, name)).collect();
        let scope = self.scopes.get(frame);
        if scope.kind == Kind::Class {
            // The namespace, and `__class__` for the methods.
            variables.extend([(frame, names::DICT), (frame, names::CLASS)]);
        }
        for scope in self.scopes.of_frame(frame) {
            for &name in &self.scopes.get(scope).bound {
                let variable = (scope, name);
                let own = match self.scopes.get(scope).kind {
                    Kind::Function | Kind::Comprehension => {
                        self.scopes.meaning(scope, name) == Meaning::Variable(variable)
                    }
                    Kind::Module | Kind::Class => false,
                };
                if own {
                    variables.insert(variable);
                }
            }
        }
        let unit = &mut self.unit;
        unit.has_walrus = scope.has_walrus;
        unit.reserve_locals(variables.len());
        for (reg, &variable) in variables.iter().enumerate() {
            let reg = reg as Reg;
            unit.registers.insert(variable, reg);
            if reg < parameters.len() as Reg {
                unit.bound.insert(reg);
            }
            if self.scopes.get(variable.0).deleted.contains(&variable.1) {
                unit.never_bound.insert(reg);
                unit.bound.remove(&reg);
            }
        }
        for (reg, &variable) in variables.iter().enumerate() {
            if variable.0 == frame && self.scopes.is_captured(variable) {
                unit.emit(Op::MakeVariable { reg: reg as Reg });
            }
        }
    }

    /// Compiles a frame further in.
    pub fn inner(
        &mut self,
        range: TextRange,
        kind: Kind,
        name: Name,
        qualname: Name,
        make: impl FnOnce(&mut Self) -> Done,
    ) -> Result<Gc<Code<H>, H>, SyntaxError> {
        let frame = self.scopes.of_node(range, kind);
        let mut unit = Unit::new(frame, name, qualname);
        unit.line = self.unit.line;
        self.outer.push(std::mem::replace(&mut self.unit, unit));
        let made = make(self);
        let outer = self.outer.pop().expect("it was just pushed");
        let unit = std::mem::replace(&mut self.unit, outer);
        made?;
        let scope = self.scopes.get(frame);
        if unit.too_large || scope.free.len() >= usize::from(NOWHERE) {
            return self.error("too large", range);
        }
        let captures = scope.free.iter().map(|&variable| self.capture(variable)).collect();
        Ok(Gc::new_in(unit.finish(scope.is_generator, captures), H::default()))
    }

    /// Where this frame has a variable that an inner one captures.
    fn capture(&self, variable: Variable) -> Capture {
        match self.unit.registers.get(&variable) {
            Some(&reg) => Capture::Register(reg),
            None => Capture::Free(self.free_index(variable)),
        }
    }

    fn free_index(&self, variable: Variable) -> u16 {
        let free = &self.scopes.get(self.unit.frame).free;
        free.get_index_of(&variable).expect("the analysis captured it") as u16
    }

    pub fn error<T>(&self, message: impl Into<String>, range: TextRange) -> Result<T, SyntaxError> {
        Err(self.lines.error(message, range))
    }

    /// Sets the line of the instructions to come.
    pub fn at(&mut self, node: &impl Ranged) {
        self.unit.line = self.lines.line(node.range().start().to_u32());
    }

    /// Guards against source so deeply nested that the compiler would run out of stack.
    pub fn deeper(&mut self, range: TextRange, f: impl FnOnce(&mut Self) -> Done) -> Done {
        if self.depth >= MAX_DEPTH {
            return self.error("too deeply nested", range);
        }
        if self.unit.too_large {
            return self.error("too large", range);
        }
        self.depth += 1;
        let done = f(self);
        self.depth -= 1;
        done
    }

    pub fn qualname(&self, name: &str) -> Name {
        let frame = self.scopes.get(self.unit.frame);
        match frame.kind {
            Kind::Module => Name::of(name),
            Kind::Class => Name::of(&format!("{}.{name}", self.unit.qualname)),
            _ => Name::of(&format!("{}.<locals>.{name}", self.unit.qualname)),
        }
    }

    pub fn place_of(&mut self, name: Name) -> Place {
        match self.scopes.meaning(self.unit.scope, name) {
            Meaning::Variable(variable) => self.variable(variable),
            Meaning::Namespace => Place::Namespace,
            Meaning::Global => Place::Global(self.global(name)),
        }
    }

    fn variable(&self, variable: Variable) -> Place {
        match self.unit.registers.get(&variable) {
            Some(&reg) if self.scopes.is_captured(variable) => Place::Shared(reg),
            Some(&reg) => Place::Register(reg),
            None => Place::Free(self.free_index(variable)),
        }
    }

    pub fn global(&mut self, name: Name) -> u32 {
        let variable = self.globals.variable(name, || self.vm.builtins.get(name));
        let globals = &mut self.unit.globals;
        let known = globals.iter().position(|known| Gc::ptr_eq(known, &variable));
        known.unwrap_or_else(|| {
            globals.push(variable);
            globals.len() - 1
        }) as u32
    }

    pub fn load_name(&mut self, name: Name, dst: Reg) {
        match self.place_of(name) {
            Place::Register(reg) => {
                self.check_bound(reg, name);
                self.unit.emit(Op::Copy { dst, src: reg });
            }
            Place::Shared(reg) => self.unit.emit(Op::LoadVariable { dst, reg, name }),
            Place::Free(index) => self.unit.emit(Op::LoadFree { dst, index, name }),
            Place::Global(number) => self.unit.emit(Op::LoadGlobal { dst, number }),
            Place::Namespace => {
                let free = match self.scopes.outer_meaning(self.unit.scope, name) {
                    Meaning::Variable(variable) => self.free_index(variable),
                    _ => NOWHERE,
                };
                let number = self.global(name);
                self.unit.emit(Op::LoadName { dst, number, free });
            }
        }
    }

    pub fn check_bound(&mut self, reg: Reg, name: Name) {
        if !self.unit.bound.contains(&reg) {
            self.unit.emit(Op::CheckLocal { reg, name });
            self.mark_bound(reg);
        }
    }

    pub fn mark_bound(&mut self, reg: Reg) {
        if !self.unit.never_bound.contains(&reg) && !self.unit.has_walrus {
            self.unit.bound.insert(reg);
        }
    }

    /// Stores what is in a register, and empties that if it is temporary.
    pub fn store_name(&mut self, name: Name, src: Reg) {
        match self.place_of(name) {
            Place::Register(dst) => {
                let op = if self.unit.is_temp(src) { Op::Move { dst, src } } else { Op::Copy { dst, src } };
                if dst != src {
                    self.unit.emit(op);
                }
                self.mark_bound(dst);
            }
            Place::Shared(reg) => self.unit.emit(Op::StoreVariable { reg, src }),
            Place::Free(index) => self.unit.emit(Op::StoreFree { index, src }),
            Place::Global(number) => self.unit.emit(Op::StoreGlobal { number, src }),
            Place::Namespace => self.unit.emit(Op::StoreName { name, src }),
        }
    }

    pub fn delete_name(&mut self, name: Name) {
        match self.place_of(name) {
            Place::Register(reg) => self.unit.emit(Op::DeleteLocal { reg, name }),
            Place::Shared(reg) => self.unit.emit(Op::DeleteVariable { reg, name }),
            Place::Free(index) => self.unit.emit(Op::DeleteFree { index, name }),
            Place::Global(number) => self.unit.emit(Op::DeleteGlobal { number }),
            Place::Namespace => self.unit.emit(Op::DeleteName { name }),
        }
    }

    /// The register of a variable that is not shared and can be used where it is.
    pub fn plain_register(&mut self, expr: &Expr) -> Option<Reg> {
        let Expr::Name(name) = expr else { return None };
        match self.place_of(Name::of(&name.id)) {
            Place::Register(reg) => Some(reg),
            _ => None,
        }
    }

    /// A register with the value of an expression: that of the variable, if it is one, or `hint` if that is temporary.
    pub fn operand_at(&mut self, expr: &'a Expr, hint: Reg) -> Result<Reg, SyntaxError> {
        if let (Some(reg), Expr::Name(name), false) = (self.plain_register(expr), expr, self.unit.has_walrus) {
            self.check_bound(reg, Name::of(&name.id));
            return Ok(reg);
        }
        let reg = if hint != NOWHERE && self.unit.is_temp(hint) { hint } else { self.unit.alloc() };
        self.expr(expr, reg)?;
        Ok(reg)
    }

    pub fn operand(&mut self, expr: &'a Expr) -> Result<Reg, SyntaxError> {
        self.operand_at(expr, NOWHERE)
    }

    /// Compiles with temporary registers that are free again afterwards.
    pub fn scratch<T>(&mut self, f: impl FnOnce(&mut Self) -> Result<T, SyntaxError>) -> Result<T, SyntaxError> {
        let temp = self.unit.temp;
        let result = f(self);
        self.unit.temp = temp;
        result
    }

    /// Compiles something that may or may not run: what it binds is not bound for certain.
    pub fn perhaps(&mut self, f: impl FnOnce(&mut Self) -> Done) -> Result<HashSet<Reg>, SyntaxError> {
        let before = self.unit.bound.clone();
        f(self)?;
        Ok(std::mem::replace(&mut self.unit.bound, before))
    }

    pub fn load_none(&mut self, dst: Reg) {
        self.load_constant("None", || Value::None, dst);
    }

    /// Loads a constant; the same key means the same constant.
    pub fn load_constant(&mut self, key: &str, make: impl FnOnce() -> Value<H>, dst: Reg) {
        let index = match self.unit.small.get(key) {
            Some(&index) => index,
            None => {
                let index = self.unit.constant(make());
                self.unit.small.insert(key.to_owned(), index);
                index
            }
        };
        self.unit.emit(Op::Const { dst, index });
    }
}
