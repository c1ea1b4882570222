//! The front end of minipy: parser, analysis and compiler on any text.

#![no_main]

#[path = "../../examples/minipy/tests/random/mod.rs"]
#[allow(dead_code, reason = "what only the other target uses")]
mod random;
#[path = "../src/worker.rs"]
mod worker;

use std::sync::{LazyLock, Mutex};

use worker::Worker;

/// An evaluator remembers the names of global variables; from time to time a new one takes over.
const PROGRAMS: usize = 1000;

static WORKER: LazyLock<Mutex<Worker>> = LazyLock::new(|| {
    let make = || -> Box<dyn FnMut(&[u8])> {
        let (mut vm, mut programs) = (random::front::vm(), 0);
        Box::new(move |bytes| {
            programs += 1;
            if programs % PROGRAMS == 0 {
                vm = random::front::vm();
            }
            random::front::compile(&vm, &String::from_utf8_lossy(bytes));
        })
    };
    Mutex::new(Worker::new(make))
});

libfuzzer_sys::fuzz_target!(|bytes: &[u8]| WORKER.lock().expect("a panic ends the process").run(bytes));
