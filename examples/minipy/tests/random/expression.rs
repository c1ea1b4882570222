//! Expressions of a type, as text. Their values stay small, so that nothing overflows and nothing takes long.

use arbitrary::Unstructured;

#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Type {
    Int,
    Float,
    Str,
    /// Of integers.
    List,
    /// From strings to integers.
    Dict,
    /// An instance of one of the classes, or `None`.
    Object,
}

pub const TYPES: [Type; 6] = [Type::Int, Type::Float, Type::Str, Type::List, Type::Dict, Type::Object];

/// A function that can be called.
#[derive(Clone)]
pub struct Function {
    pub name: String,
    pub parameters: Vec<Type>,
    /// How many of the last parameters have defaults.
    pub defaults: usize,
    pub result: Type,
}

/// What is known where an expression stands.
pub struct Writer<'a> {
    pub random: Unstructured<'a>,
    /// The variables that are bound.
    pub variables: Vec<(String, Type)>,
    pub functions: Vec<Function>,
    pub generators: Vec<String>,
    pub classes: usize,
    /// How many names have been made up.
    pub names: usize,
}

impl Writer<'_> {
    /// A number below `n`; zero when the bytes are used up.
    pub fn below(&mut self, n: usize) -> usize {
        self.random.int_in_range(0..=n - 1).unwrap_or(0)
    }

    pub fn one_in(&mut self, n: usize) -> bool {
        self.below(n) == 1
    }

    pub fn pick<'t>(&mut self, from: &[&'t str]) -> &'t str {
        from[self.below(from.len())]
    }

    pub fn some_type(&mut self) -> Type {
        TYPES[self.below(TYPES.len())]
    }

    pub fn fresh(&mut self, prefix: &str) -> String {
        self.names += 1;
        format!("{prefix}{}", self.names)
    }

    pub fn variable(&mut self, of: Type) -> Option<String> {
        let known: Vec<String> =
            self.variables.iter().filter(|(_, known)| *known == of).map(|(name, _)| name.clone()).collect();
        if known.is_empty() { None } else { Some(known[self.below(known.len())].clone()) }
    }

    fn leaf(&mut self, of: Type) -> String {
        if let (Some(name), true) = (self.variable(of), self.below(4) > 0) {
            return name;
        }
        match of {
            Type::Int => ["0", "1", "2", "-3", "7", "10", "255", "-1000"][self.below(8)].into(),
            Type::Float => ["0.5", "1.0", "-2.25", "3e8", "1e-5", "0.1"][self.below(6)].into(),
            Type::Str => ["''", "'a'", "'b c'", "'Tree'", "\"it's\"", "'1'"][self.below(6)].into(),
            Type::List => ["[]", "[1]", "[3, 1, 2]", "[5, 5]"][self.below(4)].into(),
            Type::Dict => ["{}", "{'a': 1}", "{'x': 1, 'y': 2}"][self.below(3)].into(),
            Type::Object => "None".into(),
        }
    }

    pub fn expression(&mut self, of: Type, depth: usize) -> String {
        if depth == 0 || self.below(5) == 0 {
            return self.leaf(of);
        }
        let depth = depth - 1;
        if self.one_in(8)
            && let Some(call) = self.call(of, depth)
        {
            return call;
        }
        if self.one_in(10) {
            let (yes, test, no) = (self.expression(of, depth), self.test(depth), self.expression(of, depth));
            return format!("({yes} if {test} else {no})");
        }
        match of {
            Type::Int => self.int(depth),
            Type::Float => self.float(depth),
            Type::Str => self.string(depth),
            Type::List => self.list(depth),
            Type::Dict => self.dict(depth),
            Type::Object => self.object(depth),
        }
    }

    fn call(&mut self, of: Type, depth: usize) -> Option<String> {
        let fitting: Vec<Function> = self.functions.iter().filter(|function| function.result == of).cloned().collect();
        if fitting.is_empty() {
            return None;
        }
        let function = &fitting[self.below(fitting.len())];
        let given = function.parameters.len() - self.below(function.defaults + 1);
        let mut arguments = Vec::new();
        for (at, parameter) in function.parameters[..given].iter().enumerate() {
            let value = self.expression(*parameter, depth);
            let by_name = at + 1 == given && self.one_in(4);
            arguments.push(if by_name { format!("p{at}={value}") } else { value });
        }
        Some(format!("{}({})", function.name, arguments.join(", ")))
    }

    fn int(&mut self, d: usize) -> String {
        match self.below(18) {
            0 | 1 => {
                let op = self.pick(&["+", "-", "&", "|", "^", "//", "%"]);
                format!("({} {op} {})", self.expression(Type::Int, d), self.expression(Type::Int, d))
            }
            2 => format!("({} * {} % 1009)", self.expression(Type::Int, d), self.expression(Type::Int, d)),
            3 => format!("({} % 10) ** ({} % 5)", self.expression(Type::Int, d), self.expression(Type::Int, d)),
            4 => {
                let op = self.pick(&["<<", ">>"]);
                format!("(clip({}) {op} ({} & 7))", self.expression(Type::Int, d), self.expression(Type::Int, d))
            }
            5 => format!("{}({})", self.pick(&["-", "~", "abs"]), self.expression(Type::Int, d)),
            6 => {
                let of = [Type::Str, Type::List, Type::Dict][self.below(3)];
                format!("len({})", self.expression(of, d))
            }
            7 => format!("({})[{}]", self.expression(Type::List, d), self.expression(Type::Int, d)),
            8 => format!("{}({})", self.pick(&["sum", "min", "max"]), self.expression(Type::List, d)),
            9 => {
                let (dict, key) = (self.expression(Type::Dict, d), self.expression(Type::Str, d));
                if self.one_in(2) { format!("({dict})[{key}]") } else { format!("({dict}).get({key}, 4)") }
            }
            10 => format!("({}).value", self.expression(Type::Object, d)),
            11 => {
                let method = self.pick(&["total", "twice", "count"]);
                format!("({}).{method}()", self.expression(Type::Object, d))
            }
            12 => format!("int(({}) % 1000)", self.expression(Type::Float, d)),
            13 => format!("int({})", self.expression(Type::Str, d)),
            14 => {
                let method = self.pick(&["index", "count"]);
                format!("({}).{method}({})", self.expression(Type::List, d), self.expression(Type::Int, d))
            }
            15 => {
                let method = self.pick(&["find", "count", "rfind"]);
                format!("({}).{method}({})", self.expression(Type::Str, d), self.expression(Type::Str, d))
            }
            16 => format!("(lambda n, m=2: clip(n + m))({})", self.expression(Type::Int, d)),
            _ => format!("int({})", self.test(d)),
        }
    }

    fn float(&mut self, d: usize) -> String {
        match self.below(7) {
            0 => {
                let op = self.pick(&["+", "-", "*", "/", "//", "%"]);
                format!("({} {op} {})", self.expression(Type::Float, d), self.expression(Type::Float, d))
            }
            1 => format!("({} / {})", self.expression(Type::Int, d), self.expression(Type::Int, d)),
            2 => format!("round({}, {})", self.expression(Type::Float, d), self.below(4)),
            3 => format!("float({})", self.expression(Type::Int, d)),
            4 => format!("math.sqrt({})", self.expression(Type::Float, d)),
            5 => format!("abs({})", self.expression(Type::Float, d)),
            _ => format!("({} * {})", self.expression(Type::Int, d), self.expression(Type::Float, d)),
        }
    }

    fn string(&mut self, d: usize) -> String {
        match self.below(16) {
            0 => format!("({} + {})[:12]", self.expression(Type::Str, d), self.expression(Type::Str, d)),
            1 => format!("({} * ({} % 4))[:12]", self.expression(Type::Str, d), self.expression(Type::Int, d)),
            2 => format!("({})[{}]", self.expression(Type::Str, d), self.slice(d)),
            3 => {
                let method = self.pick(&["upper", "lower", "strip", "title", "capitalize", "swapcase"]);
                format!("({}).{method}()", self.expression(Type::Str, d))
            }
            4 => {
                let of = [Type::Int, Type::Float, Type::List, Type::Dict, Type::Object][self.below(5)];
                format!("{}({})[:40]", self.pick(&["str", "repr"]), self.expression(of, d))
            }
            5 => {
                let spec = self.pick(&["", ":5", ":<6", ":>6", ":^7", ":05d", ":x", ":+d", ":,", "!r", ":08b"]);
                let (text, value) = (self.pick(&["", "n=", "{{}} "]), self.variable(Type::Int));
                format!("f'{text}{{{}{spec}}}'", value.unwrap_or_else(|| "7".into()))
            }
            6 => {
                let spec = self.pick(&["%d-%s", "%5d|%-6s|", "%03d%r", "%x %s"]);
                format!("('{spec}' % ({}, {}))[:20]", self.expression(Type::Int, d), self.expression(Type::Str, d))
            }
            7 => format!("','.join(map(str, {}))", self.expression(Type::List, d)),
            8 => {
                let (text, old) = (self.expression(Type::Str, d), self.expression(Type::Str, d));
                format!("({text}).replace({old}, {})[:20]", self.expression(Type::Str, d))
            }
            9 => format!("'|'.join(({}).split())", self.expression(Type::Str, d)),
            10 => {
                let spec = self.pick(&["{:>5}|{:<4}", "{0}{1}{0}", "{1!r} {0}"]);
                format!("'{spec}'.format({}, {})[:20]", self.expression(Type::Int, d), self.expression(Type::Str, d))
            }
            11 => {
                let of = self.some_type();
                format!("type({}).__name__", self.expression(of, d))
            }
            12 => format!("'%.3f' % ({})", self.expression(Type::Float, d)),
            13 => format!("f'{{{}:.2e}}'", self.variable(Type::Float).unwrap_or_else(|| "1.5".into())),
            14 => format!("chr(97 + {} % 26)", self.expression(Type::Int, d)),
            _ => format!("''.join(sorted({}))", self.expression(Type::Str, d)),
        }
    }

    fn slice(&mut self, d: usize) -> String {
        match self.below(5) {
            0 => format!("{}:", self.expression(Type::Int, d)),
            1 => format!(":{}", self.expression(Type::Int, d)),
            2 => "::-1".into(),
            3 => format!("{}:{}", self.expression(Type::Int, d), self.expression(Type::Int, d)),
            _ => format!("::{}", self.expression(Type::Int, d)),
        }
    }

    fn list(&mut self, d: usize) -> String {
        match self.below(14) {
            0 => format!("[{}, clip({})]", self.expression(Type::Int, d), self.expression(Type::Int, d)),
            1 => format!("({} + {})[:12]", self.expression(Type::List, d), self.expression(Type::List, d)),
            2 => format!("({})[{}]", self.expression(Type::List, d), self.slice(d)),
            3 => {
                format!("sorted({}{})", self.expression(Type::List, d), self.pick(&["", ", reverse=True", ", key=abs"]))
            }
            4 => {
                let name = self.fresh("i");
                let iterable = self.expression(Type::List, d);
                self.variables.push((name.clone(), Type::Int));
                let (value, test) = (self.expression(Type::Int, d), self.test(d));
                self.variables.retain(|(known, _)| *known != name);
                let test = if self.one_in(2) { format!(" if {test}") } else { String::new() };
                format!("[clip({value}) for {name} in {iterable}{test}]")
            }
            5 => format!("list(range({} % 7))", self.expression(Type::Int, d)),
            6 if !self.generators.is_empty() => {
                let number = self.below(self.generators.len());
                let generator = self.generators[number].clone();
                format!("list({generator}({}))[:12]", self.expression(Type::Int, d))
            }
            7 => format!("list(map(lambda n: clip(n * 2), {}))", self.expression(Type::List, d)),
            8 => format!("list(filter(None, {}))", self.expression(Type::List, d)),
            9 => format!("sorted(set({}))", self.expression(Type::List, d)),
            10 => format!("list(({}).values())", self.expression(Type::Dict, d)),
            11 => format!(
                "[a - b for a, b in zip({}, {})]",
                self.expression(Type::List, d),
                self.expression(Type::List, d)
            ),
            12 => format!("list(({}).items)", self.expression(Type::Object, d)),
            _ => format!("list(reversed({}))", self.expression(Type::List, d)),
        }
    }

    fn dict(&mut self, d: usize) -> String {
        match self.below(5) {
            0 => format!("{{{}: {}}}", self.expression(Type::Str, d), self.expression(Type::Int, d)),
            1 => format!("{{str(n): n for n in {}}}", self.expression(Type::List, d)),
            2 => format!("dict(zip({}, {}))", self.expression(Type::Str, d), self.expression(Type::List, d)),
            3 => format!("{{**{}, 'k': {}}}", self.expression(Type::Dict, d), self.expression(Type::Int, d)),
            _ => format!("dict(a={}, b=2)", self.expression(Type::Int, d)),
        }
    }

    fn object(&mut self, d: usize) -> String {
        match self.below(4) {
            0 | 1 => {
                let class = self.below(self.classes);
                format!("C{class}({}, {})", self.expression(Type::Int, d), self.expression(Type::Object, d))
            }
            2 => format!("({}).next", self.expression(Type::Object, d)),
            _ => format!("({} or {})", self.expression(Type::Object, d), self.expression(Type::Object, d)),
        }
    }

    /// Something to ask.
    pub fn test(&mut self, depth: usize) -> String {
        let d = depth.saturating_sub(1);
        match self.below(10) {
            0 => ["True", "False"][self.below(2)].into(),
            1 | 2 => {
                let of = [Type::Int, Type::Float, Type::Str, Type::List][self.below(4)];
                let op = self.pick(&["<", "<=", "==", "!=", ">", ">="]);
                format!("{} {op} {}", self.expression(of, d), self.expression(of, d))
            }
            3 => format!("{} in {}", self.expression(Type::Int, d), self.expression(Type::List, d)),
            4 => format!("{} not in {}", self.expression(Type::Str, d), self.expression(Type::Dict, d)),
            5 => format!("({}) is None", self.expression(Type::Object, d)),
            6 => {
                let op = self.pick(&["and", "or"]);
                if depth == 0 { "True".into() } else { format!("({} {op} {})", self.test(d), self.test(d)) }
            }
            7 => {
                let of = self.some_type();
                format!("isinstance({}, {})", self.expression(of, d), self.pick(&["int", "str", "C0", "(list, dict)"]))
            }
            8 => format!("0 <= {} < {}", self.expression(Type::Int, d), self.expression(Type::Int, d)),
            _ => {
                let of = self.some_type();
                format!("not ({})", self.expression(of, d))
            }
        }
    }
}
