//! The rarer objects, which share one type so that `Value` stays short.

use std::sync::{Arc, Mutex};

use tricycle::{Gc, GcCell, Trace};

use super::{Class, Dict, Handle, Lock};
use crate::heap::Runtime;
use crate::name::Name;
use crate::value::Value;

#[derive(Trace)]
#[trace(bound = "H: Runtime")]
pub enum Misc<H: Runtime> {
    /// `object()`.
    Bare,
    Range {
        start: i64,
        stop: i64,
        step: i64,
    },
    Slice {
        start: Value<H>,
        stop: Value<H>,
        step: Value<H>,
    },
    View {
        dict: Gc<Dict<H>, H>,
        what: View,
    },
    Property {
        get: Value<H>,
        set: Value<H>,
        delete: Value<H>,
        doc: Value<H>,
    },
    StaticMethod(Value<H>),
    ClassMethod(Value<H>),
    /// `super(class, receiver)`.
    Super {
        class: Gc<Class<H>, H>,
        receiver: Value<H>,
    },
    Traceback(GcCell<Traceback<H>, H>),
    /// `threading.Lock` and `RLock`.
    Lock {
        lock: Arc<Lock>,
        reentrant: bool,
    },
    /// A thread that was started.
    Thread(Arc<Handle>),
    /// `threading.local`.
    ThreadLocal(GcCell<Vec<(u64, Gc<Dict<H>, H>)>, H>),
    /// `random.Random`.
    Random(#[trace(skip)] Box<Mutex<rand_mt::Mt>>),
}

/// What a dict view shows.
#[derive(Clone, Copy, PartialEq, Eq, Trace)]
pub enum View {
    Keys,
    Values,
    Items,
}

/// A place that an exception has come through.
#[derive(Clone, Copy, PartialEq, Eq, Trace)]
pub struct Entry {
    /// The built-in module that it is in, if it is not in the program.
    pub module: Option<Name>,
    pub function: Name,
    pub line: u32,
}

/// Where an exception has come through.
#[derive(Trace)]
#[trace(bound = "H: Runtime")]
pub struct Traceback<H: Runtime> {
    /// Innermost first.
    pub entries: Vec<Entry>,
    /// The variables of the frames that it left: as in CPython, they live as long as the exception does.
    pub variables: Vec<Vec<Value<H>>>,
}
