//! A small Lisp. The guide's chapter "A language on tricycle in 200 lines" goes through this file from top to bottom.
//!
//! It has integers, strings, pairs and closures; `define`, `set!`, `lambda`, `if`, `while` and `begin`; and, as functions,
//! weak references, finalizers and the collector.

#![forbid(unsafe_code)]

mod reader;

use std::collections::HashMap;
use std::fmt;
use std::rc::Rc;

use tricycle::{Finalize, Trace, heap};

pub use reader::Expr;

heap! {
    /// Where the objects of the language live.
    pub Lang: Local
}

pub type Gc<T> = tricycle::Gc<T, Lang>;
pub type GcCell<T> = tricycle::GcCell<T, Lang>;
pub type Weak<T> = tricycle::Weak<T, Lang>;
pub type Result<T = Value> = std::result::Result<T, String>;

/// What a variable holds.
#[derive(Clone, Trace)]
pub enum Value {
    Nil,
    Int(i64),
    Str(Gc<str>),
    Pair(Gc<Pair>),
    Closure(Gc<Closure>),
    Guard(Gc<Guard>),
    Weak(Weak<Pair>),
    /// A function of ours, by its name.
    Native(&'static str),
}

#[derive(Trace)]
pub struct Pair {
    car: GcCell<Value>,
    cdr: GcCell<Value>,
}

impl Value {
    /// Everything but `nil` counts as true.
    fn is_true(&self) -> bool {
        !matches!(self, Value::Nil)
    }
}

impl fmt::Display for Value {
    /// A pair may contain itself, so there has to be an end somewhere: the precision says how deep to go.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Value::Nil => f.write_str("nil"),
            Value::Int(value) => write!(f, "{value}"),
            Value::Str(text) => f.write_str(text),
            Value::Pair(pair) => match f.precision().unwrap_or(6) {
                0 => f.write_str("…"),
                depth => write!(f, "({:.*} . {:.*})", depth - 1, pair.car.get(), depth - 1, pair.cdr.get()),
            },
            Value::Closure(_) | Value::Native(_) => f.write_str("a function"),
            Value::Guard(_) => f.write_str("a guard"),
            Value::Weak(_) => f.write_str("a weak reference"),
        }
    }
}

/// The variables of one call, and where to look for others.
#[derive(Trace)]
pub struct Scope {
    variables: GcCell<HashMap<Rc<str>, Value>>,
    outer: Option<Gc<Scope>>,
}

impl Scope {
    /// The scope that has the variable.
    fn find(&self, name: &str) -> Result<&Scope> {
        let mut scope = self;
        while !scope.variables.borrow().contains_key(name) {
            scope = scope.outer.as_deref().ok_or_else(|| format!("{name} is not defined"))?;
        }
        Ok(scope)
    }

    fn get(&self, name: &str) -> Result {
        Ok(self.find(name)?.variables.borrow()[name].clone())
    }

    fn define(&self, name: &Rc<str>, value: Value) {
        let old = self.variables.borrow_mut().insert(name.clone(), value);
        drop(old); // when the variables are no longer borrowed: a finalizer may want them
    }
}

/// A `lambda`, and the scope that it was evaluated in.
#[derive(Trace)]
pub struct Closure {
    code: Rc<[Expr]>,
    scope: Gc<Scope>,
}

/// How deep evaluation may nest, and the stack for it: it is a Rust function that calls itself.
const MAX_DEPTH: usize = 10_000;
pub const STACK: usize = 256 << 20;

fn eval(expr: &Expr, scope: &Gc<Scope>, depth: usize) -> Result {
    let depth = if depth < MAX_DEPTH { depth + 1 } else { return Err("nested too deeply".into()) };
    let list = match expr {
        Expr::Int(value) => return Ok(Value::Int(*value)),
        Expr::Str(text) => return Ok(Value::Str((&**text).into())),
        Expr::Name(name) => return scope.get(name),
        Expr::List(list) => list,
    };
    let form = match list.first() {
        Some(Expr::Name(name)) => &**name,
        Some(_) => "",
        None => return Ok(Value::Nil),
    };
    match (form, &list[1..]) {
        ("define", [Expr::Name(name), value]) => scope.define(name, eval(value, scope, depth)?),
        ("set!", [Expr::Name(name), value]) => {
            let value = eval(value, scope, depth)?;
            scope.find(name)?.define(name, value);
        }
        ("lambda", [Expr::List(_), _, ..]) => {
            let closure = Closure { code: list.clone(), scope: scope.clone() };
            return Ok(Value::Closure(Gc::new_in(closure, Lang)));
        }
        ("if", [test, yes, no]) => {
            let branch = if eval(test, scope, depth)?.is_true() { yes } else { no };
            return eval(branch, scope, depth);
        }
        ("while", [test, body @ ..]) => {
            while eval(test, scope, depth)?.is_true() {
                eval_all(body, scope, depth)?;
            }
        }
        ("begin", body) => return eval_all(body, scope, depth),
        ("define" | "set!" | "lambda" | "if" | "while", _) => return Err(format!("malformed {form}")),
        (_, arguments) => {
            let callee = eval(&list[0], scope, depth)?;
            let arguments: Result<Vec<_>> = arguments.iter().map(|argument| eval(argument, scope, depth)).collect();
            return apply(&callee, &arguments?, depth);
        }
    }
    Ok(Value::Nil)
}

fn eval_all(body: &[Expr], scope: &Gc<Scope>, depth: usize) -> Result {
    body.iter().try_fold(Value::Nil, |_, expr| eval(expr, scope, depth))
}

fn apply(callee: &Value, arguments: &[Value], depth: usize) -> Result {
    let closure = match callee {
        Value::Native(name) => return call(name, arguments),
        Value::Closure(closure) => closure,
        other => return Err(format!("{other} is not a function")),
    };
    let [_, Expr::List(parameters), body @ ..] = &*closure.code else { unreachable!("it is a lambda") };
    if parameters.len() != arguments.len() {
        return Err("wrong number of arguments".into());
    }
    let scope = Scope { variables: GcCell::default(), outer: Some(closure.scope.clone()) };
    let scope = Gc::new_in(scope, Lang);
    for (parameter, value) in parameters.iter().zip(arguments) {
        if let Expr::Name(name) = parameter {
            scope.define(name, value.clone());
        }
    }
    eval_all(body, &scope, depth)
}

/// An object that calls a function of the language when it goes.
#[derive(Trace)]
#[trace(finalize)]
pub struct Guard {
    action: Value,
}

impl Finalize for Guard {
    fn finalize(&self) {
        if let Err(error) = apply(&self.action, &[], 0) {
            eprintln!("error in a finalizer: {error}");
        }
    }
}

const NATIVES: [&str; 15] = [
    "+", "-", "*", "<", "=", "print", "cons", "car", "cdr", "set-car!", "set-cdr!", "weak", "deref", "guard", "collect",
];

fn call(name: &str, arguments: &[Value]) -> Result {
    use Value::{Int, Nil, Pair as PairOf};
    let checked = |result: Option<i64>| result.map(Int).ok_or_else(|| format!("{name}: too large a number"));
    let truth = |truth| Ok(if truth { Int(1) } else { Nil });
    match (name, arguments) {
        ("+", [Int(a), Int(b)]) => checked(a.checked_add(*b)),
        ("-", [Int(a), Int(b)]) => checked(a.checked_sub(*b)),
        ("*", [Int(a), Int(b)]) => checked(a.checked_mul(*b)),
        ("<", [Int(a), Int(b)]) => truth(a < b),
        ("=", [Int(a), Int(b)]) => truth(a == b),
        ("=", [PairOf(a), PairOf(b)]) => truth(Gc::ptr_eq(a, b)),
        ("=", [a, b]) => truth(!a.is_true() && !b.is_true()),
        ("print", [value]) => {
            println!("{value}");
            Ok(Nil)
        }
        ("cons", [car, cdr]) => {
            let pair = Pair { car: GcCell::new(car.clone()), cdr: GcCell::new(cdr.clone()) };
            Ok(PairOf(Gc::new_in(pair, Lang)))
        }
        ("car", [PairOf(pair)]) => Ok(pair.car.get()),
        ("cdr", [PairOf(pair)]) => Ok(pair.cdr.get()),
        ("set-car!", [PairOf(pair), value]) => Ok(pair.car.replace(value.clone())),
        ("set-cdr!", [PairOf(pair), value]) => Ok(pair.cdr.replace(value.clone())),
        ("weak", [PairOf(pair)]) => Ok(Value::Weak(Gc::downgrade(pair))),
        ("deref", [Value::Weak(weak)]) => Ok(weak.upgrade().map_or(Nil, PairOf)),
        ("guard", [Value::Closure(_)]) => Ok(Value::Guard(Gc::new_in(Guard { action: arguments[0].clone() }, Lang))),
        ("collect", []) => Ok(Int(Lang.collect().collected as i64)),
        _ => Err(format!("{name}: wrong arguments")),
    }
}

/// The global variables of a new program.
pub fn globals() -> Gc<Scope> {
    let scope = Gc::new_in(Scope { variables: GcCell::default(), outer: None }, Lang);
    scope.define(&"nil".into(), Value::Nil);
    for name in NATIVES {
        scope.define(&name.into(), Value::Native(name));
    }
    scope
}

/// Runs a program. Its value is that of the last expression.
pub fn run(source: &str, globals: &Gc<Scope>) -> Result {
    eval_all(&reader::parse(source)?, globals, 0)
}
