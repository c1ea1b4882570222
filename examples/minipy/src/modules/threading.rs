//! `threading` and `_thread`.
//!
//! Locks, thread-local attributes and the like work on every heap. A new thread needs a heap that threads share.

use std::sync::{Arc, PoisonError};
use std::time::{Duration, Instant};

use tricycle::{Gc, GcCell};

use super::thread_number;
use crate::builtins::{functions, methods};
use crate::heap::Runtime;
use crate::name::Name;
use crate::object::{Lock, Misc, Module};
use crate::value::Value;
use crate::vm::{Args, R, Vm};

const SOURCE: &str = include_str!("threading.py");

pub fn fill_low<H: Runtime>(vm: &Vm<H>, module: &Gc<Module<H>, H>) {
    let types = &vm.types;
    types.thread_local.set_construct(|_, _| Ok(Value::misc(Misc::ThreadLocal(GcCell::new(Vec::new())))));
    for class in [&types.lock, &types.rlock] {
        methods(
            class,
            &[
                ("acquire", |vm, args| {
                    let blocking =
                        args.get_or_keyword(1, Name::of("blocking")).map_or(Ok(true), |value| vm.truth(value))?;
                    let timeout =
                        args.get_or_keyword(2, Name::of("timeout")).map_or(Ok(-1.0), |value| vm.to_float(value))?;
                    acquire(vm, args, blocking, timeout).map(Value::Bool)
                }),
                ("release", |vm, args| release(vm, args)),
                ("locked", |vm, args| {
                    let (lock, _) = this(vm, args)?;
                    let held = lock.holder.lock().unwrap_or_else(PoisonError::into_inner).1 > 0;
                    Ok(Value::Bool(held))
                }),
                ("__enter__", |vm, args| acquire(vm, args, true, -1.0).map(Value::Bool)),
                ("__exit__", |vm, args| release(vm, args)),
            ],
        );
    }
    functions(
        module,
        &[
            ("allocate_lock", |_, _| Ok(lock(false))),
            ("get_ident", |_, _| Ok(Value::Int(thread_number() as i64))),
            ("start_new_thread", |vm, _| {
                if H::SHARED {
                    return Err(vm.error("RuntimeError", "minipy cannot start threads on this heap yet"));
                }
                let message = format!("can't start new thread: the heap '{}' belongs to one thread", H::NAME);
                Err(vm.error("RuntimeError", message))
            }),
        ],
    );
    let error = vm.builtins.get(Name::of("RuntimeError")).unwrap_or(Value::None);
    module.set(Name::of("error"), error);
    module.set(Name::of("LockType"), Value::Class(types.lock.clone()));
}

pub fn fill<H: Runtime>(vm: &Vm<H>, module: &Gc<Module<H>, H>) {
    functions(
        module,
        &[
            ("Lock", |_, _| Ok(lock(false))),
            ("RLock", |_, _| Ok(lock(true))),
            ("get_ident", |_, _| Ok(Value::Int(thread_number() as i64))),
        ],
    );
    let low = vm.import(Name::of("_thread"));
    if let Ok(Value::Module(low)) = low {
        module.set(Name::of("_start_new_thread"), Value::or_none(low.get(Name::of("start_new_thread"))));
    }
    module.set(Name::of("local"), Value::Class(vm.types.thread_local.clone()));
    super::python(vm, module, SOURCE);
}

fn lock<H: Runtime>(reentrant: bool) -> Value<H> {
    Value::misc(Misc::Lock { lock: Arc::new(Lock::default()), reentrant })
}

fn this<H: Runtime>(vm: &Vm<H>, args: Args<'_, H>) -> R<(Arc<Lock>, bool), H> {
    if let Some(Value::Misc(misc)) = args.get(0)
        && let Misc::Lock { lock, reentrant } = &**misc
    {
        return Ok((lock.clone(), *reentrant));
    }
    Err(vm.type_error("descriptor requires a 'lock' object"))
}

fn acquire<H: Runtime>(vm: &Vm<H>, args: Args<'_, H>, blocking: bool, timeout: f64) -> R<bool, H> {
    /// How long to wait at once, for Ctrl-C to be noticed.
    const SLICE: Duration = Duration::from_millis(20);
    let (lock, reentrant) = this(vm, args)?;
    let me = thread_number();
    let deadline = (timeout >= 0.0).then(|| Instant::now() + Duration::from_secs_f64(timeout.min(1e9)));
    let mut holder = lock.holder.lock().unwrap_or_else(PoisonError::into_inner);
    loop {
        if holder.1 == 0 || reentrant && holder.0 == me {
            *holder = (me, holder.1 + 1);
            return Ok(true);
        }
        if !blocking || deadline.is_some_and(|deadline| Instant::now() >= deadline) {
            return Ok(false);
        }
        holder = lock.released.wait_timeout(holder, SLICE).unwrap_or_else(PoisonError::into_inner).0;
        vm.check_interrupt()?;
    }
}

fn release<H: Runtime>(vm: &Vm<H>, args: Args<'_, H>) -> R<Value<H>, H> {
    let (lock, reentrant) = this(vm, args)?;
    let mut holder = lock.holder.lock().unwrap_or_else(PoisonError::into_inner);
    if holder.1 == 0 || reentrant && holder.0 != thread_number() {
        let message = if reentrant { "cannot release un-acquired lock" } else { "release unlocked lock" };
        return Err(vm.error("RuntimeError", message));
    }
    holder.1 -= 1;
    drop(holder);
    lock.released.notify_one();
    Ok(Value::None)
}
