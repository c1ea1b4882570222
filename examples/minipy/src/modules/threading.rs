//! `threading` and `_thread`.
//!
//! Locks, thread-local attributes and the like work on every heap. A new thread needs a heap that threads share. What can
//! be said in Python is in `threading.py`.

use std::sync::Arc;
use std::time::Instant;

use tricycle::{Gc, GcCell};

use super::thread_number;
use super::time::duration;
use crate::builtins::{functions, methods};
use crate::heap::Runtime;
use crate::name::{Name, names};
use crate::object::{Handle, Lock, Misc, Module};
use crate::value::Value;
use crate::vm::{Args, R, Raise, Vm};

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
                    let deadline = match (blocking, timeout) {
                        (true, -1.0) => None,
                        (true, timeout) => match duration(vm, timeout)? {
                            Some(time) => Some(Instant::now() + time),
                            None => return Err(vm.value_error("timeout value must be positive")),
                        },
                        (false, -1.0) => Some(Instant::now()),
                        (false, _) => {
                            return Err(vm.value_error("can't specify a timeout for a non-blocking call"));
                        }
                    };
                    acquire(vm, args, deadline).map(Value::bool)
                }),
                ("release", release),
                ("locked", |vm, args| Ok(Value::bool(this(vm, args)?.0.is_held()))),
                ("__enter__", |vm, args| acquire(vm, args, None).map(Value::bool)),
                ("__exit__", release),
                ("_is_owned", |vm, args| {
                    let (lock, reentrant) = this(vm, args)?;
                    Ok(Value::bool(if reentrant { lock.is_held_by(thread_number()) } else { lock.is_held() }))
                }),
                // What conditions do with a lock, however often it is held.
                ("_release_save", |vm, args| Ok(Value::from(this(vm, args)?.0.release_all()))),
                ("_acquire_restore", |vm, args| {
                    let times = vm.to_index(&args.exactly::<2>(vm, "_acquire_restore")?[1])?;
                    let (lock, _) = this(vm, args)?;
                    // Not even Ctrl-C may keep the lock from being held again.
                    let mut interrupt = None;
                    while let Err(raise) = vm.acquire(lock, false, None) {
                        interrupt = Some(raise);
                    }
                    lock.hold(times as usize);
                    interrupt.map_or(Ok(Value::None), Err)
                }),
            ],
        );
    }
    methods(
        &types.thread,
        &[("join", |vm, args| {
            let until = match args.get(1).filter(|value| !value.is_none()) {
                // Of a negative time nothing is left.
                Some(value) => {
                    let time = duration(vm, vm.to_float(value)?)?.unwrap_or_default();
                    Some(Instant::now() + time)
                }
                None => None,
            };
            let handle = handle(vm, args)?;
            vm.join_thread(handle, until).map(Value::bool)
        })],
    );
    functions(
        module,
        &[
            ("allocate_lock", |_, _| Ok(lock(false))),
            ("get_ident", |_, _| Ok(Value::Int(thread_number() as i64))),
            ("get_native_id", |_, _| Ok(Value::Int(thread_number() as i64))),
            ("start_new_thread", |vm, args| {
                let (function, rest) = match args.positional {
                    [function, Value::Tuple(rest)] => (function, rest),
                    [_, _] => return Err(vm.type_error("2nd arg must be a tuple")),
                    _ => return Err(vm.type_error("start_new_thread expected 2 arguments")),
                };
                vm.start_thread(function.clone(), rest.items.to_vec(), true)?;
                Ok(Value::None)
            }),
        ],
    );
    let error = vm.builtins.get(Name::of("RuntimeError")).unwrap_or(Value::None);
    module.set(Name::of("error"), error);
    module.set(Name::of("LockType"), Value::Class(types.lock.clone()));
}

pub fn fill<H: Runtime>(vm: &Vm<H>, module: &Gc<Module<H>, H>) {
    // Its methods are those that `_thread` gives to locks.
    let _ = vm.import(Name::of("_thread"));
    functions(
        module,
        &[
            ("Lock", |_, _| Ok(lock(false))),
            ("RLock", |_, _| Ok(lock(true))),
            ("get_ident", |_, _| Ok(Value::Int(thread_number() as i64))),
            ("get_native_id", |_, _| Ok(Value::Int(thread_number() as i64))),
            ("excepthook", |vm, args| {
                let [about] = args.exactly::<1>(vm, "excepthook")?;
                let part = |name: &str| vm.get_attribute(about, Name::of(name));
                report(vm, &part("exc_value")?, &part("thread")?)
            }),
            ("_invoke_excepthook", invoke_hook),
            ("_start", |vm, args| {
                let [function, daemon] = args.exactly::<2>(vm, "_start")?;
                let handle = vm.start_thread(function.clone(), Vec::new(), vm.truth(daemon)?)?;
                Ok(Value::misc(Misc::Thread(handle)))
            }),
        ],
    );
    module.set(Name::of("_main_ident"), Value::from(vm.main_thread as i64));
    module.set(Name::of("local"), Value::Class(vm.types.thread_local.clone()));
    super::python(vm, module, SOURCE);
}

/// What is done about the exception that is being handled, which has ended a thread.
fn invoke_hook<H: Runtime>(vm: &Vm<H>, args: Args<'_, H>) -> R<Value<H>, H> {
    let [thread] = args.exactly::<1>(vm, "_invoke_excepthook")?;
    let exception = vm.handling.borrow().clone();
    let hook = vm.imported(Name::of("threading")).and_then(|module| module.get(Name::of("excepthook")));
    match hook {
        Some(hook) if !matches!(hook, Value::Native(_)) => {
            let about = Module::new(Name::of("ExceptHookArgs"));
            about.set(Name::of("exc_type"), Value::Class(vm.class_of(&exception)));
            about.set(Name::of("exc_traceback"), vm.get_attribute(&exception, names::TRACEBACK)?);
            about.set(Name::of("exc_value"), exception);
            about.set(Name::of("thread"), thread.clone());
            vm.call(&hook, Args::of(&[Value::Module(Gc::new_in(about, H::default()))]))
        }
        _ => report(vm, &exception, thread),
    }
}

/// Prints an exception that has ended a thread.
fn report<H: Runtime>(vm: &Vm<H>, exception: &Value<H>, thread: &Value<H>) -> R<Value<H>, H> {
    if exception.object().is_none() {
        return Ok(Value::None);
    }
    let raise = Raise::from_value(exception.clone());
    if !vm.is_a(&raise, "SystemExit") {
        let name = vm.str(&vm.get_attribute(thread, Name::of("name"))?)?;
        vm.write_error(&format!("Exception in thread {name}:\n{}", vm.traceback_text(&raise)));
    }
    Ok(Value::None)
}

fn lock<H: Runtime>(reentrant: bool) -> Value<H> {
    Value::misc(Misc::Lock { lock: Arc::new(Lock::default()), reentrant })
}

fn this<'a, H: Runtime>(vm: &Vm<H>, args: Args<'a, H>) -> R<(&'a Lock, bool), H> {
    if let Some(Value::Misc(misc)) = args.get(0)
        && let Misc::Lock { lock, reentrant } = &**misc
    {
        return Ok((lock, *reentrant));
    }
    Err(vm.type_error("descriptor requires a 'lock' object"))
}

fn handle<'a, H: Runtime>(vm: &Vm<H>, args: Args<'a, H>) -> R<&'a Handle, H> {
    if let Some(Value::Misc(misc)) = args.get(0)
        && let Misc::Thread(handle) = &**misc
    {
        return Ok(handle);
    }
    Err(vm.type_error("descriptor requires a '_thread_handle' object"))
}

fn acquire<H: Runtime>(vm: &Vm<H>, args: Args<'_, H>, deadline: Option<Instant>) -> R<bool, H> {
    let (lock, reentrant) = this(vm, args)?;
    vm.acquire(lock, reentrant, deadline)
}

fn release<H: Runtime>(vm: &Vm<H>, args: Args<'_, H>) -> R<Value<H>, H> {
    let (lock, reentrant) = this(vm, args)?;
    if lock.release(reentrant.then(thread_number)) {
        return Ok(Value::None);
    }
    let message = if reentrant { "cannot release un-acquired lock" } else { "release unlocked lock" };
    Err(vm.error("RuntimeError", message))
}
