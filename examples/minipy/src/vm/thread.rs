//! Threads that run Python code.

use std::sync::Arc;
use std::time::Instant;

use tricycle::Gc;

use super::program::Program;
use super::{Args, R, Vm};
use crate::heap::Runtime;
use crate::modules::thread_number;
use crate::object::{Handle, Lock, Misc, SLICE};
use crate::value::Value;

/// The stack of a thread, and how deep Rust functions that call Python code may nest on it.
pub const STACK: usize = 256 << 20;
pub const NATIVE_DEPTH: usize = 2_000;

/// A thread that is about to start.
pub struct NewThread<H: Runtime> {
    program: Arc<Program<H>>,
    function: Value<H>,
    args: Vec<Value<H>>,
    handle: Arc<Handle>,
}

impl<H: Runtime> NewThread<H> {
    /// What the new thread does.
    pub fn run(self) {
        let NewThread { program, function, args, handle } = self;
        let _end = End(handle);
        H::default().attach(|| {
            let vm = Vm::enter(program, NATIVE_DEPTH, false);
            match vm.call(&function, Args::of(&args)) {
                Err(raise) if !vm.is_a(&raise, "SystemExit") => {
                    let what = vm.repr(&function).unwrap_or_default();
                    vm.write_error(&format!("Exception ignored in thread started by: {what}\n"));
                    vm.print_exception(&raise);
                }
                _ => {}
            }
            drop((function, args));
            Vm::leave(vm);
        });
    }
}

/// Says that a thread has ended, even if it panics.
struct End(Arc<Handle>);

impl Drop for End {
    fn drop(&mut self) {
        self.0.ends();
    }
}

impl<H: Runtime> Vm<H> {
    /// Starts a thread.
    pub fn start_thread(&self, function: Value<H>, args: Vec<Value<H>>, daemon: bool) -> R<Arc<Handle>, H> {
        if !H::SHARED {
            let message = format!("can't start new thread: the heap '{}' belongs to one thread", H::NAME);
            return Err(self.error("RuntimeError", message));
        }
        let ended = self.take_ended();
        if !ended.is_empty() {
            self.outside(|| ended.iter().all(|handle| handle.wait(SLICE)));
        }
        let handle = Arc::new(Handle::new(daemon));
        let thread = NewThread { program: self.program.clone(), function, args, handle: handle.clone() };
        match H::spawn(thread, STACK) {
            Ok(join) => {
                handle.started(join);
                self.add_thread(handle.clone());
                Ok(handle)
            }
            Err(error) => Err(self.error("RuntimeError", format!("can't start new thread: {error}"))),
        }
    }

    /// Takes a lock; false if that would take longer than until the deadline.
    pub fn acquire(&self, lock: &Lock, reentrant: bool, deadline: Option<Instant>) -> R<bool, H> {
        let me = thread_number();
        if lock.try_acquire(me, reentrant) {
            return Ok(true);
        }
        self.wait_until(deadline, |time| lock.wait(me, reentrant, time))
    }

    /// Waits for a thread to go; false if that would take longer than until the deadline.
    pub fn join_thread(&self, handle: &Handle, deadline: Option<Instant>) -> R<bool, H> {
        self.wait_until(deadline, |time| handle.wait(time))
    }

    fn wait_until(&self, deadline: Option<Instant>, wait: impl Fn(std::time::Duration) -> bool) -> R<bool, H> {
        self.recall.forget();
        loop {
            let left = deadline.map_or(SLICE, |deadline| deadline.saturating_duration_since(Instant::now()));
            if self.outside(|| wait(left.min(SLICE))) {
                return Ok(true);
            }
            if deadline.is_some_and(|deadline| Instant::now() >= deadline) {
                return Ok(false);
            }
            self.check_interrupt()?;
        }
    }

    /// Forgets what this thread has in every `threading.local`.
    pub(super) fn drop_thread_locals(&self) {
        let me = thread_number();
        for local in self.locals.take() {
            if let Some(local) = local.upgrade()
                && let Misc::ThreadLocal(dicts) = &*local
            {
                let mine = {
                    let mut dicts = dicts.borrow_mut();
                    let at = dicts.iter().position(|(thread, _)| *thread == me);
                    at.map(|at| dicts.swap_remove(at))
                };
                drop(mine);
            }
        }
    }

    /// Remembers that this thread has something in a `threading.local`.
    pub fn own_thread_local(&self, local: &Gc<Misc<H>, H>) {
        self.locals.borrow_mut().push(Gc::downgrade(local));
    }
}
