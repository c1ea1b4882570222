//! Random programs: minipy, minipy that collects all the time, and CPython.

#![no_main]

#[path = "../../examples/minipy/tests/random/mod.rs"]
#[allow(dead_code, reason = "what only the other target uses")]
mod random;
#[path = "../src/worker.rs"]
mod worker;

use std::sync::{LazyLock, Mutex};

use random::python::Python;
use worker::Worker;

static WORKER: LazyLock<Mutex<Worker>> = LazyLock::new(|| {
    let make = || -> Box<dyn FnMut(&[u8])> {
        let mut python = Python::start();
        Box::new(move |bytes| random::compare(bytes, python.as_mut()))
    };
    Mutex::new(Worker::new(make))
});

libfuzzer_sys::fuzz_target!(|bytes: &[u8]| WORKER.lock().expect("a panic ends the process").run(bytes));
