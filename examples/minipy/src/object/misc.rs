//! The rarer objects, which share one type so that `Value` stays short.

use std::sync::{Arc, Condvar, Mutex};

use tricycle::{Gc, GcCell, Trace};

use super::{Class, Dict};
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

/// Where an exception has come through.
#[derive(Trace)]
#[trace(bound = "H: Runtime")]
pub struct Traceback<H: Runtime> {
    /// Function and line, innermost first.
    pub entries: Vec<(Name, u32)>,
    /// The variables of the frames that it left: as in CPython, they live as long as the exception does.
    pub variables: Vec<Vec<Value<H>>>,
}

/// A lock: the thread that holds it, and how often.
#[derive(Default, Trace)]
pub struct Lock {
    #[trace(skip)]
    pub holder: Mutex<(u64, usize)>,
    #[trace(skip)]
    pub released: Condvar,
}
