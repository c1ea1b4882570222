//! The evaluator: one [`Vm`] for each thread that runs Python code, and one [`Program`] for all of them.
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
mod frame;
mod generator;
mod interrupt;
mod item;
mod iterate;
mod number;
mod operator;
mod output;
mod percent;
mod program;
mod rare;
mod recall;
mod repr;
mod search;
mod slow;
mod step;
mod thread;
mod types;

use std::any::Any;
use std::cell::{Cell, RefCell};
use std::ops::Deref;
use std::rc::Rc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, PoisonError};

use tricycle::{Gc, Weak};

pub use arguments::Args;
pub use error::Raise;
pub use exec::Outcome;
pub use interrupt::{interrupt, look_up};
pub use number::{float_repr, parse_float, parse_int};
pub use output::Output;
pub use program::Program;
pub use thread::NewThread;
pub use types::Types;

use crate::front;
use crate::heap::Runtime;
use crate::memory;
use crate::name::{Name, names};
use crate::object::{Function, Globals, Misc};
use crate::value::Value;

/// The result of whatever may raise an exception.
pub type R<T, H> = Result<T, Raise<H>>;

/// How deep Rust functions that call Python code may nest: the stack of `main` is made for it.
const MAX_NATIVE_DEPTH: usize = 8_000;

/// The same for finalizers that run while a thread ends, on whatever stack that has.
const AT_THE_END: usize = 10;

/// `sys.setrecursionlimit`.
pub static RECURSION_LIMIT: AtomicUsize = AtomicUsize::new(1000);

thread_local! {
    /// This thread's `Vm<H>`, for finalizers and callbacks, which are not told.
    static CURRENT: RefCell<Option<Rc<dyn Any>>> = const { RefCell::new(None) };
}

/// The evaluator of one thread.
pub struct Vm<H: Runtime> {
    program: Arc<Program<H>>,
    /// The exception that is being handled.
    pub handling: RefCell<Value<H>>,
    /// What this thread has heard of: see `interrupt`.
    events: Cell<u32>,
    depth: Cell<usize>,
    native_depth: Cell<usize>,
    max_native_depth: usize,
    /// Whether this is the main thread, which Ctrl-C interrupts.
    is_main: bool,
    /// Register stacks that are not in use.
    stacks: RefCell<Vec<Vec<Value<H>>>>,
    /// What is being turned into text right now, so that an object that contains itself does not end it all.
    in_repr: RefCell<Vec<usize>>,
    pub recall: recall::Recall<H>,
    /// The `threading.local`s that this thread has something in.
    locals: RefCell<Vec<Weak<Misc<H>, H>>>,
}

impl<H: Runtime> Deref for Vm<H> {
    type Target = Program<H>;

    #[inline(always)]
    fn deref(&self) -> &Program<H> {
        &self.program
    }
}

impl<H: Runtime> Vm<H> {
    /// Makes a program, and the evaluator of its main thread.
    pub fn start(file: String, arguments: Vec<String>) -> Rc<Self> {
        Self::start_with(file, arguments, Output::default())
    }

    /// The same, with another place for what the program prints.
    pub fn start_with(file: String, arguments: Vec<String>, output: Output) -> Rc<Self> {
        memory::set_aside();
        let program = Arc::new(Program::new(file, arguments, output));
        H::set_program(&program);
        H::on_collection(memory::on_collection);
        if H::SHARED {
            H::on_collection(recall::on_collection);
        }
        let vm = Vm::enter(program, MAX_NATIVE_DEPTH, true);
        crate::builtins::install(&vm);
        vm
    }

    /// Makes the evaluator of this thread.
    fn enter(program: Arc<Program<H>>, max_native_depth: usize, is_main: bool) -> Rc<Self> {
        let vm = Rc::new(Self::new(program, max_native_depth, is_main));
        CURRENT.set(Some(vm.clone()));
        vm
    }

    fn new(program: Arc<Program<H>>, max_native_depth: usize, is_main: bool) -> Self {
        Vm {
            program,
            handling: RefCell::new(Value::None),
            events: Cell::new(0),
            depth: Cell::new(0),
            native_depth: Cell::new(0),
            max_native_depth,
            is_main,
            stacks: RefCell::default(),
            in_repr: RefCell::default(),
            recall: recall::Recall::new(),
            locals: RefCell::default(),
        }
    }

    /// The evaluator of this thread; one for the moment if it has none, because it is about to end.
    pub fn current() -> Option<Rc<Self>> {
        match CURRENT.try_with(|current| current.borrow().clone()).ok().flatten() {
            Some(current) => current.downcast().ok(),
            None => Some(Rc::new(Self::new(H::program()?, AT_THE_END, false))),
        }
    }

    /// Runs a program, or a line of one.
    pub fn run_source(&self, source: &str, interactive: bool) -> Result<R<(), H>, front::SyntaxError> {
        *self.source.lock().unwrap_or_else(PoisonError::into_inner) = source.lines().map(str::to_owned).collect();
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

    /// Lets go of the evaluator, and of all that it holds.
    pub fn leave(vm: Rc<Self>) {
        vm.recall.forget();
        vm.drop_thread_locals();
        CURRENT.set(None);
        drop(vm);
    }

    pub fn write(&self, text: &str) {
        if self.output.add(text) {
            self.outside(|| self.output.write(None));
        }
    }

    pub fn flush(&self) {
        if !self.output.is_empty() {
            self.outside(|| self.output.write(None));
        }
    }

    /// Writes to standard error, after what has been printed so far.
    pub fn write_error(&self, text: &str) {
        self.outside(|| self.output.write(Some(text)));
    }

    pub fn source_line(&self, line: u32) -> Option<String> {
        self.source.lock().unwrap_or_else(PoisonError::into_inner).get(line as usize - 1).cloned()
    }

    /// Runs `f` unless Rust functions are nested too deeply already.
    pub fn nested<T>(&self, f: impl FnOnce() -> R<T, H>) -> R<T, H> {
        let depth = self.native_depth.get();
        if depth >= self.max_native_depth {
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

    /// Text that a program decides the length of.
    pub fn repeated(&self, piece: &str, times: usize) -> R<String, H> {
        memory::repeat(piece, times).map_err(|none| self.no_memory(none))
    }

    pub fn concat(&self, pieces: &[&str]) -> R<String, H> {
        let len = pieces.iter().map(|piece| piece.len()).sum();
        memory::concat(Some(len), pieces.iter().copied()).map_err(|none| self.no_memory(none))
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
