//! The evaluator: one [`Vm`] for each thread that runs Python code.
//!
//! Its own values are on the Rust stack and in plain vectors. They are roots simply because they are counted.

mod arguments;
mod arithmetic;
mod attribute;
mod call;
mod compare;
mod dict;
mod error;
mod exec;
mod format;
mod generator;
mod item;
mod iterate;
mod number;
mod operator;
mod percent;
mod rare;
mod repr;
mod step;
mod types;

use std::any::Any;
use std::cell::{Cell, RefCell};
use std::io::{self, BufWriter, Write};
use std::rc::Rc;
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};

use tricycle::Gc;

pub use arguments::Args;
pub use error::Raise;
pub use exec::Outcome;
pub use number::{float_repr, parse_float, parse_int};
pub use types::Types;

use crate::front;
use crate::heap::Runtime;
use crate::name::{Name, names};
use crate::object::{Function, Globals, Module};
use crate::value::Value;

/// The result of whatever may raise an exception.
pub type R<T, H> = Result<T, Raise<H>>;

/// How deep Rust functions that call Python code may nest: the stack of `main` is made for it.
const MAX_NATIVE_DEPTH: usize = 8_000;

/// Set by Ctrl-C, looked at whenever a loop goes round.
pub static INTERRUPTED: AtomicBool = AtomicBool::new(false);

/// `sys.setrecursionlimit`.
pub static RECURSION_LIMIT: AtomicUsize = AtomicUsize::new(1000);

thread_local! {
    /// This thread's `Vm<H>`, for finalizers and callbacks, which are not told.
    static CURRENT: RefCell<Option<Rc<dyn Any>>> = const { RefCell::new(None) };
}

pub struct Vm<H: Runtime> {
    pub types: Types<H>,
    pub builtins: Gc<Module<H>, H>,
    pub globals: Gc<Globals<H>, H>,
    /// What has been imported.
    pub modules: RefCell<Vec<(Name, Value<H>)>>,
    /// The exception that is being handled.
    pub handling: RefCell<Value<H>>,
    module_globals: RefCell<Vec<Gc<Globals<H>, H>>>,
    pub arguments: Vec<String>,
    pub file: String,
    source: RefCell<Vec<String>>,
    out: RefCell<BufWriter<Box<dyn Write>>>,
    errors: RefCell<Box<dyn Write>>,
    depth: Cell<usize>,
    native_depth: Cell<usize>,
    /// Register stacks that are not in use.
    stacks: RefCell<Vec<Vec<Value<H>>>>,
    /// Strings of one ASCII character.
    characters: Vec<Value<H>>,
    /// What is being turned into text right now, so that an object that contains itself does not end it all.
    in_repr: RefCell<Vec<usize>>,
    /// Code to run at the end: `weakref.finalize` and `atexit`.
    pub at_exit: RefCell<Vec<Value<H>>>,
}

impl<H: Runtime> Vm<H> {
    /// Makes the evaluator of this thread.
    pub fn start(file: String, arguments: Vec<String>) -> Rc<Self> {
        Self::start_with(file, arguments, Box::new(io::stdout()), Box::new(io::stderr()))
    }

    /// Makes the evaluator of this thread, with other places for what the program prints, and what is said about it.
    pub fn start_with(file: String, arguments: Vec<String>, out: Box<dyn Write>, errors: Box<dyn Write>) -> Rc<Self> {
        let types = Types::new();
        let builtins = Gc::new_in(Module::new(names::BUILTINS), H::default());
        let vm = Rc::new(Vm {
            types,
            builtins,
            globals: Gc::new_in(Globals::new(), H::default()),
            modules: RefCell::default(),
            module_globals: RefCell::default(),
            handling: RefCell::new(Value::None),
            arguments,
            file,
            source: RefCell::default(),
            out: RefCell::new(BufWriter::new(out)),
            errors: RefCell::new(errors),
            depth: Cell::new(0),
            native_depth: Cell::new(0),
            stacks: RefCell::default(),
            characters: (0..128u8).map(|c| Value::str(char::from(c).to_string())).collect(),
            in_repr: RefCell::default(),
            at_exit: RefCell::default(),
        });
        crate::builtins::install(&vm);
        CURRENT.set(Some(vm.clone()));
        vm
    }

    /// The evaluator of this thread.
    pub fn current() -> Option<Rc<Self>> {
        let current = CURRENT.try_with(|current| current.borrow().clone()).ok().flatten()?;
        current.downcast().ok()
    }

    /// Runs a program, or a line of one.
    pub fn run_source(&self, source: &str, interactive: bool) -> Result<R<(), H>, front::SyntaxError> {
        *self.source.borrow_mut() = source.lines().map(str::to_owned).collect();
        self.run_in(&self.globals, source, interactive)
    }

    /// Runs the Python part of a built-in module.
    pub fn run_module(&self, globals: &Gc<Globals<H>, H>, source: &str) {
        match self.run_in(globals, source, false) {
            Ok(Ok(())) => {}
            Ok(Err(raise)) => self.print_exception(&raise),
            Err(error) => unreachable!("a built-in module is not Python: {error}"),
        }
    }

    /// Keeps the globals of a module, to take them apart in the end.
    pub fn own_globals(&self, globals: Gc<Globals<H>, H>) {
        self.module_globals.borrow_mut().push(globals);
    }

    fn run_in(
        &self,
        globals: &Gc<Globals<H>, H>,
        source: &str,
        interactive: bool,
    ) -> Result<R<(), H>, front::SyntaxError> {
        let code = front::compile(self, globals, source, interactive)?;
        let function = Function {
            qualname: code.qualname,
            code,
            globals: globals.clone(),
            defaults: Vec::new(),
            keyword_defaults: Vec::new(),
            closure: Vec::new(),
            attributes: tricycle::GcCell::new(None),
        };
        let function = Gc::new_in(function, H::default());
        Ok(self.run_function(&function, Args::none()).map(drop))
    }

    /// Ends the program: exit handlers, global variables, what the collector finds then.
    pub fn shut_down(&self) {
        loop {
            let next = self.at_exit.borrow_mut().pop();
            let Some(function) = next else { break };
            if let Err(raise) = self.call(&function, Args::none()) {
                self.print_exception(&raise);
            }
        }
        self.handling.replace(Value::None);
        H::default().set_save_all(false);
        // Data first, so that finalizers still find the classes and functions that they are made of.
        let is_code = |value: &Value<H>| matches!(value, Value::Class(_) | Value::Function(_) | Value::Module(_));
        self.globals.clear(|value| !is_code(value));
        H::default().collect();
        self.globals.clear(|_| true);
        H::default().collect();
        drop(H::default().take_garbage());
        let modules = self.modules.take();
        for (_, module) in &modules {
            if let Value::Module(module) = module {
                module.clear();
            }
        }
        drop(modules);
        for globals in self.module_globals.take() {
            globals.clear(|_| true);
        }
        H::default().collect();
        self.builtins.clear();
        self.types.clear();
        self.flush();
    }

    /// Lets go of the evaluator, and of all that it holds.
    pub fn end(vm: Rc<Self>) {
        CURRENT.set(None);
        drop(vm);
        H::default().collect();
    }

    pub fn write(&self, text: &str) {
        // A reader that has gone is no reason to die.
        let _ = self.out.borrow_mut().write_all(text.as_bytes());
    }

    pub fn flush(&self) {
        let _ = self.out.borrow_mut().flush();
    }

    /// Writes to standard error, after what has been printed so far.
    pub fn write_error(&self, text: &str) {
        self.flush();
        let _ = self.errors.borrow_mut().write_all(text.as_bytes());
    }

    pub fn source_line(&self, line: u32) -> Option<String> {
        self.source.borrow().get(line as usize - 1).cloned()
    }

    /// Runs `f` unless Rust functions are nested too deeply already.
    fn nested<T>(&self, f: impl FnOnce() -> R<T, H>) -> R<T, H> {
        let depth = self.native_depth.get();
        if depth >= MAX_NATIVE_DEPTH {
            return Err(self.recursion_error());
        }
        self.native_depth.set(depth + 1);
        let result = f();
        self.native_depth.set(depth);
        result
    }

    /// Counts a frame of Python code.
    fn deeper(&self) -> R<(), H> {
        let depth = self.depth.get();
        if depth >= RECURSION_LIMIT.load(Ordering::Relaxed) {
            return Err(self.recursion_error());
        }
        self.depth.set(depth + 1);
        Ok(())
    }

    fn less_deep(&self) {
        self.depth.set(self.depth.get() - 1);
    }

    #[cold]
    fn recursion_error(&self) -> Raise<H> {
        self.error("RecursionError", "maximum recursion depth exceeded")
    }

    /// A string of one character.
    pub fn character(&self, c: char) -> Value<H> {
        match self.characters.get(c as usize) {
            Some(value) => value.clone(),
            None => Value::str(c.to_string()),
        }
    }

    /// Runs `__del__`.
    pub fn finalize(&self, object: &Value<H>) {
        let class = self.class_of(object);
        if let Some(function) = class.lookup(names::DEL) {
            self.unraisable(self.call(&function, Args::of(std::slice::from_ref(object))), &function);
        }
    }

    /// Runs the callback of a weak reference.
    pub fn run_callback(&self, callback: &Value<H>, argument: &Value<H>) {
        self.unraisable(self.call(callback, Args::of(std::slice::from_ref(argument))), callback);
    }

    /// Reports an exception that nobody can catch.
    pub fn unraisable(&self, result: R<Value<H>, H>, from: &Value<H>) {
        if let Err(raise) = result {
            let what = self.repr(from).unwrap_or_else(|_| "?".into());
            self.write_error(&format!("Exception ignored in: {what}\n"));
            self.print_exception(&raise);
        }
    }

    pub fn type_name(&self, value: &Value<H>) -> Name {
        self.class_of(value).name
    }
}
