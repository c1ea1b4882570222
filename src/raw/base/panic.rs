//! Panics of user code: the first is kept until it can be passed on.

use std::any::Any;
use std::mem::ManuallyDrop;
use std::panic::{AssertUnwindSafe, catch_unwind, resume_unwind};

/// The payload of a panic.
pub(crate) type Panic = Box<dyn Any + Send>;

/// Runs user code; keeps the first panic for later.
pub(crate) fn keep_panic(first: &mut Option<Panic>, f: impl FnOnce()) {
    if let Err(panic) = catch_unwind(AssertUnwindSafe(f)) {
        keep_first(first, panic);
    }
}

/// Keeps a panic unless there is one. The payload of another is leaked: dropping it would be user code once more.
pub(crate) fn keep_first(first: &mut Option<Panic>, panic: Panic) {
    if first.is_none() {
        *first = Some(panic);
    } else {
        let _ = ManuallyDrop::new(panic);
    }
}

/// Passes a kept panic on, unless the thread is unwinding already.
pub(crate) fn pass_on(panic: Option<Panic>) {
    if let Some(panic) = panic {
        if std::thread::panicking() {
            let _ = ManuallyDrop::new(panic);
        } else {
            resume_unwind(panic);
        }
    }
}
