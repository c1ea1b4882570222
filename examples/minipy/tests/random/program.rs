//! Programs: classes, functions and generators, and statements that use them.
//!
//! They end, since each round of a loop and each call takes a step, of which there are few. They know nothing of what
//! implementations may do differently: addresses, the order in which a cycle's objects are finalized, when the collector
//! runs by itself.

use arbitrary::Unstructured;

use super::expression::{Function, TYPES, Type, Writer};

/// Begins a line of output that depends on objects going at once, so that the collector has nothing to find.
pub const TIMELY: char = '~';

const BEGIN: &str = "\
import gc, math, weakref

class OutOfSteps(BaseException):
    pass

class Manager:
    def __init__(self, name): self.name = name
    def __enter__(self): print('enter', self.name); return self.name
    def __exit__(self, kind, value, trace): print('exit', kind and kind.__name__); return kind is ValueError

steps = 0
def step():
    global steps
    steps += 1
    if steps > 100: raise OutOfSteps

def clip(n):
    return n if -1000000 < n < 1000000 else n % 1000

gone = []
watched = []
def look(when):
    if when == 'after': gc.collect()
    print('~' if when == 'now' else '=', sorted(gone), [reference() is None for reference in watched])
";

struct Program<'a> {
    writer: Writer<'a>,
    text: String,
    indent: usize,
    /// How many statements there may still be.
    left: usize,
    in_loop: bool,
    /// What a function returns.
    result: Option<Type>,
    in_generator: bool,
}

/// The program that these bytes stand for.
pub fn generate(bytes: &[u8]) -> String {
    let random = Unstructured::new(bytes);
    let writer = Writer { random, variables: vec![], functions: vec![], generators: vec![], classes: 1, names: 0 };
    let mut program =
        Program { writer, text: BEGIN.into(), indent: 0, left: 60, in_loop: false, result: None, in_generator: false };
    program.classes();
    for _ in 0..program.writer.below(4) {
        program.function();
    }
    for (of, value) in TYPES.into_iter().zip(["3", "2.5", "'ab'", "[4, 1]", "{'a': 2}", "C0(1, C0(2))"]) {
        let name = program.writer.fresh("v");
        program.line(&format!("{name} = {value}"));
        program.writer.variables.push((name, of));
    }
    while program.left > 0 && !program.writer.random.is_empty() {
        program.top_level();
        if program.writer.one_in(5) {
            let when = program.writer.pick(&["now", "after"]);
            program.line(&format!("look('{when}')"));
        }
    }
    program.line("look('after')");
    let names: Vec<String> = program.writer.variables.iter().map(|(name, _)| name.clone()).collect();
    for name in names {
        program.line(&format!("try: print({name})\nexcept NameError: pass"));
    }
    program.text
}

impl Program<'_> {
    fn line(&mut self, line: &str) {
        self.text.extend(std::iter::repeat_n("    ", self.indent));
        self.text.push_str(line);
        self.text.push('\n');
    }

    /// What is bound in a block may not be bound after it. Now and then that is forgotten.
    fn block(&mut self, head: &str, body: impl FnOnce(&mut Self)) {
        self.line(head);
        self.indent += 1;
        let known = self.writer.variables.len();
        body(self);
        if !self.writer.one_in(8) {
            self.writer.variables.truncate(known);
        }
        self.indent -= 1;
    }

    fn statements(&mut self, depth: usize) {
        let (before, most) = (self.text.len(), 1 + self.writer.below(3));
        for _ in 0..most {
            self.statement(depth);
        }
        if self.text.len() == before {
            self.line("pass");
        }
    }

    /// A statement whose exceptions do not end the program, most of the time.
    fn top_level(&mut self) {
        if self.writer.one_in(12) {
            return self.statement(3);
        }
        self.line("try:");
        self.indent += 1;
        self.line("steps = 0");
        self.statement(3);
        self.indent -= 1;
        self.line("except (Exception, OutOfSteps) as error: print(type(error).__name__)");
    }

    fn classes(&mut self) {
        let count = 1 + self.writer.below(3);
        for number in 0..count {
            let base = (number > 0 && self.writer.one_in(2)).then(|| self.writer.below(number));
            let head = base.map_or(format!("class C{number}:"), |base| format!("class C{number}(C{base}):"));
            self.line(&head);
            self.indent += 1;
            if base.is_none() && self.writer.one_in(4) {
                self.line("__slots__ = ('value', 'next', 'items', '__weakref__')");
            }
            self.line("kind = 'C' + '0'");
            self.line("def __init__(self, value=0, next=None):");
            match base {
                Some(_) => self.line("    super().__init__(value, next); self.value = clip(self.value + 1)"),
                None => self.line("    self.value = clip(value); self.next = next; self.items = []"),
            }
            if base.is_none() {
                self.line("def total(self): return clip(self.value + (self.next.value if self.next else 0))");
                self.line("def twice(self): return clip(2 * self.value)");
                self.line("def count(self): return len(self.items)");
                self.line("def __repr__(self): return f'<{type(self).__name__} {self.value}>'");
            } else if self.writer.one_in(2) {
                self.line("def total(self): step(); return clip(super().total() * 3)");
            }
            for (method, odds) in [
                ("def __del__(self): gone.append(self.value)", 2),
                ("def __eq__(self, other): return isinstance(other, C0) and self.value == other.value", 4),
                ("def __lt__(self, other): return self.value < other.value", 4),
                ("def __len__(self): return self.value % 4", 4),
                ("def __getitem__(self, at): return self.items[at]", 4),
                ("def __call__(self, n=1): return clip(self.value * n)", 4),
                ("def __getattr__(self, name): return name.upper()", 6),
                ("def __add__(self, n): return type(self)(clip(self.value + 1), n if isinstance(n, C0) else None)", 4),
            ] {
                if self.writer.one_in(odds) {
                    self.line(method);
                }
            }
            if self.writer.one_in(4) {
                self.line("@property");
                self.line("def half(self): return self.value // 2");
            }
            self.indent -= 1;
            self.writer.classes = number + 1;
        }
    }

    /// A function or generator of its own names.
    fn function(&mut self) {
        let outside = std::mem::take(&mut self.writer.variables);
        let is_generator = self.writer.one_in(3);
        let (name, result) = (self.writer.fresh("f"), self.writer.some_type());
        let count = if is_generator { 1 } else { self.writer.below(4) };
        let parameters: Vec<Type> =
            (0..count).map(|_| if is_generator { Type::Int } else { self.writer.some_type() }).collect();
        let defaults = if is_generator { 0 } else { self.writer.below(count + 1) };
        let mut list = Vec::new();
        for (at, parameter) in parameters.iter().enumerate() {
            let default = (at >= count - defaults).then(|| self.writer.expression(*parameter, 0));
            list.push(default.map_or(format!("p{at}"), |default| format!("p{at}={default}")));
        }
        for (at, parameter) in parameters.iter().enumerate() {
            self.writer.variables.push((format!("p{at}"), *parameter));
        }
        let function = Function { name: name.clone(), parameters, defaults, result };
        if self.writer.one_in(3) && !is_generator {
            self.writer.functions.push(function.clone()); // it may call itself
        }
        let (in_loop, outer_result) = (std::mem::take(&mut self.in_loop), self.result.take());
        self.result = (!is_generator).then_some(result);
        self.in_generator = is_generator;
        self.block(&format!("def {name}({}):", list.join(", ")), |program| {
            program.line("step()");
            if is_generator {
                program.line("yield p0");
            }
            program.statements(2);
            if is_generator {
                program.block("for i in range(p0 % 5):", |program| {
                    program.line("step()");
                    program.writer.variables.push(("i".into(), Type::Int));
                    let value = program.writer.expression(Type::Int, 2);
                    program.line(&format!("yield clip({value})"));
                });
            } else {
                let value = program.writer.expression(result, 2);
                program.line(&format!("return {value}"));
            }
        });
        (self.in_loop, self.result, self.in_generator) = (in_loop, outer_result, false);
        self.writer.variables = outside;
        self.writer.functions.retain(|known| known.name != name);
        if is_generator {
            self.writer.generators.push(name);
        } else {
            self.writer.functions.push(function);
        }
    }

    /// A loop, whose body takes a step each time.
    fn loop_(&mut self, head: &str, variables: &[(&str, Type)], depth: usize) {
        let outer = std::mem::replace(&mut self.in_loop, true);
        self.block(head, |program| {
            program.line("step()");
            program.writer.variables.extend(variables.iter().map(|(name, of)| ((*name).to_owned(), *of)));
            program.statements(depth);
        });
        self.in_loop = outer;
        if self.writer.one_in(6) {
            self.block("else:", |program| program.statements(depth));
        }
    }

    fn assign(&mut self, of: Type) {
        let mut value = self.writer.expression(of, 3);
        if of == Type::Int {
            value = format!("clip({value})");
        }
        let old = self.writer.variable(of);
        let name = match old {
            Some(name) if self.writer.below(2) == 0 => name,
            _ => self.writer.fresh("v"),
        };
        self.line(&format!("{name} = {value}"));
        if !self.writer.variables.iter().any(|(known, _)| *known == name) {
            self.writer.variables.push((name, of));
        }
    }

    fn statement(&mut self, depth: usize) {
        if self.left == 0 {
            return;
        }
        self.left -= 1;
        let choices = if depth == 0 { 12 } else { 22 };
        let inner = depth.saturating_sub(1);
        match self.writer.below(choices) {
            0..=2 => {
                let of = self.writer.some_type();
                self.assign(of);
            }
            3 => {
                let (one, two) = (self.writer.some_type(), self.writer.some_type());
                let (one, two) = (self.writer.expression(one, 3), self.writer.expression(two, 2));
                self.line(&format!("print({one}, {two})"));
            }
            4 => self.change_list(),
            5 => self.change_dict(),
            6 => self.change_object(),
            7 => {
                if let Some(name) = self.writer.variable(Type::Object) {
                    self.line(&format!("if {name} is not None: watched.append(weakref.ref({name}))"));
                }
            }
            8 => {
                if let Some(name) = self.writer.variable(Type::Int) {
                    let op = self.writer.pick(&["+", "-", "|", "^", "%", "//"]);
                    let value = self.writer.expression(Type::Int, 2);
                    self.line(&format!("{name} {op}= clip({value})"));
                    self.line(&format!("{name} = clip({name})"));
                }
            }
            9 => match (self.in_loop, self.result) {
                (true, _) => {
                    let (test, word) = (self.writer.test(2), self.writer.pick(&["break", "continue"]));
                    self.line(&format!("if {test}: {word}"));
                }
                (false, Some(result)) => {
                    let (test, value) = (self.writer.test(2), self.writer.expression(result, 2));
                    self.line(&format!("if {test}: return {value}"));
                }
                (false, None) if self.in_generator => {
                    let value = self.writer.expression(Type::Int, 2);
                    self.line(&format!("yield clip({value})"));
                }
                (false, None) => {}
            },
            10 => {
                let (test, error) = (self.writer.test(2), self.writer.pick(&["ValueError('v')", "KeyError(1)", "C0"]));
                self.line(&format!("if {test}: raise {error}"));
            }
            11 => {
                if self.indent <= 1
                    && self.result.is_none()
                    && !self.in_loop
                    && let Some(at) = self.writer.variables.len().checked_sub(1)
                {
                    let (name, _) = self.writer.variables.remove(at);
                    self.line(&format!("del {name}"));
                }
            }
            12 => {
                let test = self.writer.test(3);
                self.block(&format!("if {test}:"), |program| program.statements(inner));
                if self.writer.one_in(3) {
                    let test = self.writer.test(2);
                    self.block(&format!("elif {test}:"), |program| program.statements(inner));
                }
                if self.writer.one_in(2) {
                    self.block("else:", |program| program.statements(inner));
                }
            }
            13 => {
                let name = self.writer.fresh("i");
                let list = self.writer.expression(Type::List, 2);
                self.loop_(&format!("for {name} in list({list}):"), &[(&name, Type::Int)], inner);
            }
            14 => {
                let (key, value) = (self.writer.fresh("k"), self.writer.fresh("i"));
                let dict = self.writer.expression(Type::Dict, 2);
                let variables = [(&*key, Type::Str), (&*value, Type::Int)];
                self.loop_(&format!("for {key}, {value} in list(({dict}).items()):"), &variables, inner);
            }
            15 => {
                let name = self.writer.fresh("i");
                let text = self.writer.expression(Type::Str, 2);
                let character = self.writer.fresh("s");
                let variables = [(&*name, Type::Int), (&*character, Type::Str)];
                self.loop_(&format!("for {name}, {character} in enumerate({text}):"), &variables, inner);
            }
            16 => {
                let test = self.writer.test(3);
                self.loop_(&format!("while {test}:"), &[], inner);
            }
            17 | 18 => self.try_(inner),
            19 => {
                let (name, text) = (self.writer.fresh("w"), self.writer.expression(Type::Int, 2));
                self.block(&format!("with Manager({text}) as {name}:"), |program| {
                    program.writer.variables.push((name, Type::Int));
                    program.statements(inner);
                });
            }
            20 => {
                if let Some(generator) = self.writer.generators.last().cloned() {
                    let (name, start) = (self.writer.fresh("i"), self.writer.expression(Type::Int, 2));
                    self.loop_(&format!("for {name} in {generator}({start}):"), &[(&name, Type::Int)], inner);
                }
            }
            _ => self.closure(),
        }
    }

    fn change_list(&mut self) {
        let Some(name) = self.writer.variable(Type::List) else { return };
        let (value, at) = (self.writer.expression(Type::Int, 2), self.writer.expression(Type::Int, 1));
        let change = match self.writer.below(9) {
            0 | 1 => format!("{name}.append(clip({value}))"),
            2 => format!("{name}.pop()"),
            3 => format!("{name}[{at}] = clip({value})"),
            4 => format!("{name}.insert({at}, clip({value}))"),
            5 => format!("{name}.remove({value})"),
            6 => format!("del {name}[{at}:]"),
            7 => format!("{name}.{}()", self.writer.pick(&["sort", "reverse", "clear"])),
            _ => format!("{name}[1:2] = [clip({value}), 0]"),
        };
        self.line(&change);
    }

    fn change_dict(&mut self) {
        let Some(name) = self.writer.variable(Type::Dict) else { return };
        let (key, value) = (self.writer.expression(Type::Str, 2), self.writer.expression(Type::Int, 2));
        let change = match self.writer.below(5) {
            0 | 1 => format!("{name}[{key}] = clip({value})"),
            2 => format!("del {name}[{key}]"),
            3 => format!("print({name}.pop({key}, None))"),
            _ => format!("{name}.setdefault({key}, clip({value}))"),
        };
        self.line(&change);
    }

    fn change_object(&mut self) {
        let Some(name) = self.writer.variable(Type::Object) else { return };
        let change = match self.writer.below(5) {
            0 | 1 => format!("{name}.next = {}", self.writer.expression(Type::Object, 2)),
            2 => format!("{name}.value = clip({})", self.writer.expression(Type::Int, 2)),
            3 => format!("{name}.items.append({})", self.writer.variable(Type::Object).unwrap_or_default()),
            _ => format!("{name}.next = {name}"),
        };
        self.line(&change);
    }

    fn try_(&mut self, depth: usize) {
        self.block("try:", |program| program.statements(depth));
        let has_except = self.writer.below(4) > 0;
        if has_except {
            let what = self.writer.pick(&[
                "Exception",
                "ZeroDivisionError",
                "(KeyError, IndexError)",
                "ValueError",
                "AttributeError",
                "TypeError",
                "LookupError",
            ]);
            self.block(&format!("except {what} as error:"), |program| {
                program.line("print(type(error).__name__)");
                program.statements(depth);
                if program.writer.one_in(8) {
                    program.line("raise");
                }
            });
            if self.writer.one_in(3) {
                self.block("else:", |program| program.statements(depth));
            }
        }
        if !has_except || self.writer.one_in(3) {
            // `continue`, `break` and `return` in there would swallow that the steps have been used up.
            let (in_loop, result) = (std::mem::take(&mut self.in_loop), self.result.take());
            let in_generator = std::mem::take(&mut self.in_generator);
            self.block("finally:", |program| program.statements(depth));
            (self.in_loop, self.result, self.in_generator) = (in_loop, result, in_generator);
        }
    }

    /// A function that changes a variable of the one around it, and is a cycle with it.
    fn closure(&mut self) {
        let (outer, inner, start) =
            (self.writer.fresh("f"), self.writer.fresh("f"), self.writer.expression(Type::Int, 2));
        let inside = vec![("c".to_owned(), Type::Int), ("n".to_owned(), Type::Int)];
        let outside = std::mem::replace(&mut self.writer.variables, inside);
        let value = self.writer.expression(Type::Int, 2);
        self.writer.variables = outside;
        for line in [
            format!("def {outer}(c):"),
            format!("    def {inner}(n):"),
            "        nonlocal c".into(),
            "        step()".into(),
            format!("        c = clip({value})"),
            format!("        return c if n < 1 else {inner}(n // 2 - 1)"),
            format!("    return {inner}"),
        ] {
            self.line(&line);
        }
        let name = self.writer.fresh("v");
        self.line(&format!("{name} = {outer}(clip({start}))(clip({start}) % 50)"));
        self.writer.variables.push((name, Type::Int));
    }
}
