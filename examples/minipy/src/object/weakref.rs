//! Weak references.

use tricycle::{Gc, GcCell, Trace, Weak};

use super::{Class, Finalizable, Function, Generator, Instance, Set};
use crate::heap::Runtime;
use crate::memory;
use crate::value::Value;
use crate::vm::Vm;

/// What can be referred to weakly.
#[derive(Trace)]
#[trace(bound = "H: Runtime")]
pub enum Target<H: Runtime> {
    Instance(Weak<Instance<H>, H>),
    Finalizable(Weak<Finalizable<H>, H>),
    Class(Weak<Class<H>, H>),
    Function(Weak<Function<H>, H>),
    Generator(Weak<Generator<H>, H>),
    Set(Weak<Set<H>, H>),
}

impl<H: Runtime> Target<H> {
    pub fn upgrade(&self) -> Option<Value<H>> {
        match self {
            Target::Instance(weak) => weak.upgrade().map(Value::Instance),
            Target::Finalizable(weak) => weak.upgrade().map(Value::Finalizable),
            Target::Class(weak) => weak.upgrade().map(Value::Class),
            Target::Function(weak) => weak.upgrade().map(Value::Function),
            Target::Generator(weak) => weak.upgrade().map(Value::Generator),
            Target::Set(weak) => weak.upgrade().map(Value::Set),
        }
    }
}

#[derive(Trace)]
#[trace(bound = "H: Runtime")]
pub struct WeakRef<H: Runtime> {
    target: Target<H>,
    /// Called when the target goes, if this object is still there.
    callback: GcCell<Value<H>, H>,
    pub hash: GcCell<Option<u64>, H>,
}

impl<H: Runtime> WeakRef<H> {
    /// A weak reference; nothing if objects of this type cannot be referred to.
    pub fn create(target: &Value<H>, callback: Value<H>) -> Option<Gc<Self, H>> {
        /// With a callback, the handle is one that tells this object about the target's end.
        fn weak<T: 'static, H: Runtime>(gc: &Gc<T, H>, watch: bool, me: &Weak<WeakRef<H>, H>) -> Weak<T, H> {
            if watch { H::watch(gc, me.clone()) } else { Gc::downgrade(gc) }
        }
        let watch = !callback.is_none();
        let supported = matches!(
            target,
            Value::Instance(_)
                | Value::Finalizable(_)
                | Value::Class(_)
                | Value::Function(_)
                | Value::Generator(_)
                | Value::Set(_)
        );
        let make = |me: &Weak<WeakRef<H>, H>| {
            let target = match target {
                Value::Instance(gc) => Target::Instance(weak(gc, watch, me)),
                Value::Finalizable(gc) => Target::Finalizable(weak(gc, watch, me)),
                Value::Class(gc) => Target::Class(weak(gc, watch, me)),
                Value::Function(gc) => Target::Function(weak(gc, watch, me)),
                Value::Generator(gc) => Target::Generator(weak(gc, watch, me)),
                Value::Set(gc) => Target::Set(weak(gc, watch, me)),
                _ => unreachable!("checked above"),
            };
            WeakRef { target, callback: GcCell::new(callback.clone()), hash: GcCell::new(None) }
        };
        supported.then(|| memory::cyclic(make))
    }

    pub fn upgrade(&self) -> Option<Value<H>> {
        self.target.upgrade()
    }

    /// The target has gone.
    pub fn expired(this: &Gc<Self, H>) {
        let callback = this.callback.replace(Value::None);
        if let (false, Some(vm)) = (callback.is_none(), Vm::<H>::current()) {
            vm.run_callback(&callback, &Value::WeakRef(this.clone()));
        }
    }
}
