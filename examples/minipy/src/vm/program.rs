//! [`Program`]: what all threads of a program share.

use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use tricycle::{Gc, GcCell};

use super::interrupt::{self, INTERRUPTED};
use super::output::Output;
use super::{Args, Types, Vm};
use crate::heap::Runtime;
use crate::name::{Name, names};
use crate::object::{Globals, Handle, Lock, Module, SLICE};
use crate::value::Value;

pub struct Program<H: Runtime> {
    pub types: Types<H>,
    pub builtins: Gc<Module<H>, H>,
    pub globals: Gc<Globals<H>, H>,
    /// What has been imported.
    pub modules: GcCell<Vec<(Name, Value<H>)>, H>,
    /// Held while a module is made.
    pub importing: Lock,
    module_globals: GcCell<Vec<Gc<Globals<H>, H>>, H>,
    pub arguments: Vec<String>,
    pub file: String,
    /// The lines of the program.
    pub(super) source: Mutex<Vec<String>>,
    pub(super) output: Output,
    /// Strings of one ASCII character.
    pub(super) characters: Vec<Value<H>>,
    /// Code to run at the end: `weakref.finalize` and `atexit`.
    pub at_exit: GcCell<Vec<Value<H>>, H>,
    /// The number of the main thread.
    pub main_thread: u64,
    threads: Mutex<Vec<Arc<Handle>>>,
    /// The program is over, and threads that still run are to stop.
    ending: AtomicBool,
}

impl<H: Runtime> Program<H> {
    pub fn new(file: String, arguments: Vec<String>, output: Output) -> Self {
        Program {
            types: Types::new(),
            builtins: Gc::new_in(Module::new(names::BUILTINS), H::default()),
            globals: Globals::create(None),
            modules: GcCell::new(Vec::new()),
            importing: Lock::default(),
            module_globals: GcCell::new(Vec::new()),
            arguments,
            file,
            source: Mutex::default(),
            output,
            characters: (0..128u8).map(|c| Value::str(char::from(c).to_string())).collect(),
            at_exit: GcCell::new(Vec::new()),
            main_thread: crate::modules::thread_number(),
            threads: Mutex::default(),
            ending: AtomicBool::new(false),
        }
    }

    /// Keeps the globals of a module, to take them apart in the end.
    pub fn own_globals(&self, globals: Gc<Globals<H>, H>) {
        self.module_globals.borrow_mut().push(globals);
    }

    pub fn is_ending(&self) -> bool {
        self.ending.load(Ordering::Relaxed)
    }

    /// Remembers a thread until it has gone.
    pub(super) fn add_thread(&self, handle: Arc<Handle>) {
        self.threads.lock().unwrap_or_else(PoisonError::into_inner).push(handle);
    }

    /// The threads that have run all their Python code.
    pub(super) fn take_ended(&self) -> Vec<Arc<Handle>> {
        let mut threads = self.threads.lock().unwrap_or_else(PoisonError::into_inner);
        threads.extract_if(.., |handle| handle.has_ended()).collect()
    }

    fn thread(&self, wanted: impl Fn(&Handle) -> bool) -> Option<Arc<Handle>> {
        let mut threads = self.threads.lock().unwrap_or_else(PoisonError::into_inner);
        let at = threads.iter().position(|handle| wanted(handle))?;
        Some(threads.swap_remove(at))
    }
}

impl<H: Runtime> Vm<H> {
    /// Waits for the threads that are not daemons. Ctrl-C ends the waiting.
    fn wait_for_threads(&self) {
        self.recall.forget();
        while let Some(handle) = self.thread(|handle| !handle.daemon) {
            while !self.outside(|| handle.wait(SLICE)) {
                if INTERRUPTED.swap(false, Ordering::Relaxed) {
                    self.write_error("Exception ignored in: <module 'threading'>\nKeyboardInterrupt\n");
                    self.add_thread(handle);
                    return;
                }
            }
        }
    }

    /// Has the threads stop that are left, and waits for them.
    fn stop_threads(&self) {
        self.ending.store(true, Ordering::Relaxed);
        interrupt::wake_all();
        while let Some(handle) = self.thread(|_| true) {
            self.outside(|| while !handle.wait(Duration::from_secs(1)) {});
        }
    }

    /// Ends the program: threads, exit handlers, global variables, what the collector finds then.
    pub fn shut_down(&self) {
        self.wait_for_threads();
        loop {
            let next = self.at_exit.borrow_mut().pop();
            let Some(function) = next else { break };
            if let Err(raise) = self.call(&function, Args::none()) {
                self.print_exception(&raise);
            }
        }
        self.stop_threads();
        self.recall.forget();
        self.handling.replace(Value::None);
        H::default().set_save_all(false);
        // Data first, so that finalizers still find the classes and functions that they are made of.
        let is_code = |value: &Value<H>| matches!(value, Value::Class(_) | Value::Function(_) | Value::Module(_));
        self.globals.clear(|value| !is_code(value));
        H::default().collect();
        self.recall.forget();
        self.globals.clear(|_| true);
        self.recall.forget();
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
        self.recall.forget();
        H::default().collect();
        self.builtins.clear();
        self.types.clear();
        self.flush();
    }
}
