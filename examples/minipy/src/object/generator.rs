//! Generators: frames that wait.

use tricycle::{Finalize, Gc, GcCell, Trace};

use super::Function;
use crate::heap::Runtime;
use crate::value::Value;
use crate::vm::Vm;

/// A frame that is not on any stack.
#[derive(Trace)]
#[trace(bound = "H: Runtime")]
pub struct Suspended<H: Runtime> {
    pub function: Gc<Function<H>, H>,
    /// The next instruction.
    pub pc: usize,
    /// Local variables and temporary values.
    pub registers: Vec<Value<H>>,
    /// Where the value that is sent in goes; nothing before the start.
    pub target: Option<u16>,
    /// The exception that is being handled in the generator.
    pub handling: Value<H>,
}

#[derive(Trace)]
#[trace(bound = "H: Runtime")]
pub enum GenState<H: Runtime> {
    Suspended(Box<Suspended<H>>),
    Running,
    Finished,
}

#[derive(Trace)]
#[trace(finalize, bound = "H: Runtime")]
pub struct Generator<H: Runtime> {
    pub state: GcCell<GenState<H>, H>,
    pub name: crate::name::Name,
}

impl<H: Runtime> Generator<H> {
    /// The waiting frame; the generator counts as running from now on.
    pub fn take(&self) -> GenState<H> {
        let mut state = self.state.borrow_mut();
        let next = if matches!(*state, GenState::Finished) { GenState::Finished } else { GenState::Running };
        std::mem::replace(&mut *state, next)
    }
}

impl<H: Runtime> Finalize for Generator<H> {
    /// A generator that waits inside `try` or `with` gets to run its `finally`, as if it had been closed.
    fn finalize(&self) {
        let waits_inside = match &*self.state.borrow() {
            GenState::Suspended(frame) => frame.target.is_some() && frame.function.code.handler(frame.pc - 1).is_some(),
            _ => false,
        };
        if waits_inside && let Some(vm) = Vm::<H>::current() {
            // The closing needs a handle, and there is none to a dying object: another object takes the frame over.
            let state = self.state.replace(GenState::Finished);
            let heir = Generator { state: GcCell::new(state), name: self.name };
            vm.close_forgotten(&Gc::new_in(heir, H::default()));
        }
    }
}
