//! Who means which variable by a name: one pass over the tree, before any code is made.
//!
//! Functions, class bodies and generator expressions are *frames* with registers of their own. The other comprehensions
//! are scopes, but their variables are registers of the frame around them.

use std::collections::{HashMap, HashSet};

use indexmap::IndexSet;
use ruff_python_ast::visitor::{self, Visitor};
use ruff_python_ast::{self as ast, Expr, Stmt};
use ruff_text_size::{Ranged, TextRange};

use super::{Lines, SyntaxError};
use crate::name::{Name, names};

#[derive(Clone, Copy, PartialEq, Eq, Hash, Debug)]
pub enum Kind {
    Module,
    Function,
    Class,
    Comprehension,
}

/// A variable: the scope that binds it, and its name.
pub type Variable = (usize, Name);

pub struct Scope {
    pub kind: Kind,
    pub parent: usize,
    pub bound: IndexSet<Name>,
    globals: HashSet<Name>,
    nonlocals: HashSet<Name>,
    used: IndexSet<Name>,
    /// Variables that are deleted somewhere, so that they may be unbound anywhere.
    pub deleted: HashSet<Name>,
    /// Variables of frames further out. Only frames have them.
    pub free: IndexSet<Variable>,
    pub is_generator: bool,
    /// Whether there is a `:=`, which may change a variable in the middle of an expression.
    pub has_walrus: bool,
}

/// What a name stands for.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Meaning {
    Variable(Variable),
    /// In a class body: first the namespace of the class, then what the name means outside of it.
    Namespace,
    Global,
}

pub struct Scopes {
    scopes: Vec<Scope>,
    by_node: HashMap<(TextRange, Kind), usize>,
    /// Variables that frames further in use.
    captured: HashSet<Variable>,
}

impl Scopes {
    pub fn get(&self, scope: usize) -> &Scope {
        &self.scopes[scope]
    }

    pub fn of_node(&self, range: TextRange, kind: Kind) -> usize {
        self.by_node[&(range, kind)]
    }

    pub fn is_captured(&self, variable: Variable) -> bool {
        self.captured.contains(&variable)
    }

    /// The frame whose registers the scope's variables are.
    pub fn frame(&self, mut scope: usize) -> usize {
        while self.scopes[scope].kind == Kind::Comprehension {
            scope = self.scopes[scope].parent;
        }
        scope
    }

    /// The scopes whose variables are registers of a frame.
    pub fn of_frame(&self, frame: usize) -> impl Iterator<Item = usize> {
        (frame..self.scopes.len()).filter(move |&scope| self.frame(scope) == frame)
    }

    pub fn meaning(&self, scope: usize, name: Name) -> Meaning {
        let frame = self.frame(scope);
        let mut at = scope;
        loop {
            let here = &self.scopes[at];
            if here.globals.contains(&name) {
                return Meaning::Global;
            }
            let visible = match here.kind {
                Kind::Module => return Meaning::Global,
                Kind::Class if at == frame => {
                    if here.bound.contains(&name) && !here.nonlocals.contains(&name) {
                        return Meaning::Namespace;
                    }
                    false
                }
                Kind::Class => name == names::CLASS,
                Kind::Function | Kind::Comprehension => here.bound.contains(&name) && !here.nonlocals.contains(&name),
            };
            if visible {
                return Meaning::Variable((at, name));
            }
            at = here.parent;
        }
    }

    /// What a name that a class body binds means while the body has not bound it.
    pub fn outer_meaning(&self, scope: usize, name: Name) -> Meaning {
        self.meaning(self.scopes[self.frame(scope)].parent, name)
    }

    /// Makes a variable known to all frames between its own and the one that uses it.
    fn capture(&mut self, scope: usize, variable: Variable) {
        let home = self.frame(variable.0);
        let mut frame = self.frame(scope);
        while frame != home {
            self.captured.insert(variable);
            self.scopes[frame].free.insert(variable);
            frame = self.frame(self.scopes[frame].parent);
        }
    }

    fn resolve(&mut self) {
        for scope in 0..self.scopes.len() {
            let here = &self.scopes[scope];
            let names: Vec<Name> = here.used.iter().chain(&here.bound).chain(&here.nonlocals).copied().collect();
            for name in names {
                match self.meaning(scope, name) {
                    Meaning::Variable(variable) => self.capture(scope, variable),
                    Meaning::Namespace => {
                        if let Meaning::Variable(variable) = self.outer_meaning(scope, name) {
                            self.capture(scope, variable);
                        }
                    }
                    Meaning::Global => {}
                }
            }
        }
    }
}

struct Analysis<'a> {
    scopes: Scopes,
    scope: usize,
    lines: &'a Lines<'a>,
    error: Option<SyntaxError>,
}

pub fn analyse(body: &[Stmt], lines: &Lines<'_>) -> Result<Scopes, SyntaxError> {
    let scopes = Scopes { scopes: Vec::new(), by_node: HashMap::new(), captured: HashSet::new() };
    let mut analysis = Analysis { scopes, scope: 0, lines, error: None };
    analysis.enter(Kind::Module, TextRange::default());
    analysis.visit_body(body);
    match analysis.error {
        Some(error) => Err(error),
        None => {
            analysis.scopes.resolve();
            Ok(analysis.scopes)
        }
    }
}

impl Analysis<'_> {
    fn here(&mut self) -> &mut Scope {
        &mut self.scopes.scopes[self.scope]
    }

    /// Begins a scope; returns the one around it.
    fn enter(&mut self, kind: Kind, range: TextRange) -> usize {
        let outer = self.scope;
        self.scope = self.scopes.scopes.len();
        self.scopes.by_node.insert((range, kind), self.scope);
        self.scopes.scopes.push(Scope {
            kind,
            parent: outer,
            bound: IndexSet::new(),
            globals: HashSet::new(),
            nonlocals: HashSet::new(),
            used: IndexSet::new(),
            deleted: HashSet::new(),
            free: IndexSet::new(),
            is_generator: false,
            has_walrus: false,
        });
        outer
    }

    fn bind(&mut self, name: &str) {
        self.here().bound.insert(Name::of(name));
    }

    /// The scope that `yield` and `:=` belong to.
    fn frame(&mut self) -> &mut Scope {
        let frame = self.scopes.frame(self.scope);
        &mut self.scopes.scopes[frame]
    }

    fn parameters(&mut self, parameters: &ast::Parameters) {
        let plain = parameters.iter_non_variadic_params().map(|parameter| &parameter.parameter.name);
        let others = parameters.vararg.iter().chain(&parameters.kwarg).map(|parameter| &parameter.name);
        for name in plain.chain(others) {
            if !self.here().bound.insert(Name::of(name)) {
                self.fail(&format!("duplicate argument '{name}' in function definition"), name.range());
            }
        }
    }

    fn defaults(&mut self, parameters: &ast::Parameters) {
        for default in parameters.iter_non_variadic_params().filter_map(|parameter| parameter.default.as_ref()) {
            self.visit_expr(default);
        }
    }

    fn comprehension(&mut self, range: TextRange, kind: Kind, generators: &[ast::Comprehension], parts: &[&Expr]) {
        self.visit_expr(&generators[0].iter);
        let outer = self.enter(kind, range);
        if kind == Kind::Function {
            self.here().bound.insert(Name::of(".0"));
            self.here().is_generator = true;
        }
        for (at, generator) in generators.iter().enumerate() {
            if at > 0 {
                self.visit_expr(&generator.iter);
            }
            self.visit_expr(&generator.target);
            for condition in &generator.ifs {
                self.visit_expr(condition);
            }
        }
        for part in parts {
            self.visit_expr(part);
        }
        self.scope = outer;
    }

    fn fail(&mut self, message: &str, range: TextRange) {
        self.error.get_or_insert_with(|| self.lines.error(message, range));
    }
}

impl<'a> Visitor<'a> for Analysis<'_> {
    fn visit_stmt(&mut self, stmt: &'a Stmt) {
        match stmt {
            Stmt::FunctionDef(def) => {
                for decorator in &def.decorator_list {
                    self.visit_expr(&decorator.expression);
                }
                self.defaults(&def.parameters);
                self.bind(&def.name);
                let outer = self.enter(Kind::Function, def.range);
                self.parameters(&def.parameters);
                self.visit_body(&def.body);
                self.scope = outer;
            }
            Stmt::ClassDef(def) => {
                for decorator in &def.decorator_list {
                    self.visit_expr(&decorator.expression);
                }
                for base in def.bases() {
                    self.visit_expr(base);
                }
                for keyword in def.keywords() {
                    self.visit_expr(&keyword.value);
                }
                self.bind(&def.name);
                let outer = self.enter(Kind::Class, def.range);
                self.visit_body(&def.body);
                self.scope = outer;
            }
            Stmt::Global(global) => {
                for name in &global.names {
                    let name = Name::of(name);
                    self.here().globals.insert(name);
                }
            }
            Stmt::Nonlocal(nonlocal) => {
                for name in &nonlocal.names {
                    let known = Name::of(name);
                    self.here().nonlocals.insert(known);
                    let scope = self.scope;
                    if !matches!(self.scopes.meaning(scope, known), Meaning::Variable(_)) {
                        self.fail(&format!("no binding for nonlocal '{name}' found"), name.range());
                    }
                }
            }
            Stmt::Import(import) => {
                for alias in &import.names {
                    self.bind(alias.asname.as_ref().unwrap_or(&alias.name));
                }
            }
            Stmt::ImportFrom(import) => {
                for alias in &import.names {
                    self.bind(alias.asname.as_ref().unwrap_or(&alias.name));
                }
            }
            Stmt::AnnAssign(assign) => {
                // Annotations are not evaluated.
                self.visit_expr(&assign.target);
                if let Some(value) = &assign.value {
                    self.visit_expr(value);
                }
            }
            _ => visitor::walk_stmt(self, stmt),
        }
    }

    fn visit_except_handler(&mut self, handler: &'a ast::ExceptHandler) {
        let ast::ExceptHandler::ExceptHandler(inner) = handler;
        if let Some(name) = &inner.name {
            self.bind(name);
            let name = Name::of(name);
            self.here().deleted.insert(name);
        }
        visitor::walk_except_handler(self, handler);
    }

    fn visit_expr(&mut self, expr: &'a Expr) {
        match expr {
            Expr::Name(name) => {
                let id = Name::of(&name.id);
                match name.ctx {
                    ast::ExprContext::Load => {
                        self.here().used.insert(id);
                        if id == names::SUPER {
                            self.here().used.insert(names::CLASS);
                        }
                    }
                    ast::ExprContext::Del => {
                        self.here().bound.insert(id);
                        self.here().deleted.insert(id);
                    }
                    _ => {
                        self.here().bound.insert(id);
                    }
                }
            }
            Expr::Named(named) => {
                self.visit_expr(&named.value);
                if let Expr::Name(target) = &*named.target {
                    let name = Name::of(&target.id);
                    self.frame().bound.insert(name);
                    self.frame().has_walrus = true;
                }
            }
            Expr::Lambda(lambda) => {
                if let Some(parameters) = &lambda.parameters {
                    self.defaults(parameters);
                }
                let outer = self.enter(Kind::Function, lambda.range);
                if let Some(parameters) = &lambda.parameters {
                    self.parameters(parameters);
                }
                self.visit_expr(&lambda.body);
                self.scope = outer;
            }
            Expr::ListComp(c) => self.comprehension(c.range, Kind::Comprehension, &c.generators, &[&c.elt]),
            Expr::SetComp(c) => self.comprehension(c.range, Kind::Comprehension, &c.generators, &[&c.elt]),
            Expr::DictComp(c) => {
                let parts: Vec<&Expr> = c.key.iter().chain([&c.value]).map(|part| &**part).collect();
                self.comprehension(c.range, Kind::Comprehension, &c.generators, &parts);
            }
            Expr::Generator(c) => self.comprehension(c.range, Kind::Function, &c.generators, &[&c.elt]),
            Expr::Yield(_) | Expr::YieldFrom(_) => {
                if self.frame().kind != Kind::Function {
                    self.fail("'yield' outside function", expr.range());
                }
                self.frame().is_generator = true;
                visitor::walk_expr(self, expr);
            }
            _ => visitor::walk_expr(self, expr),
        }
    }
}
