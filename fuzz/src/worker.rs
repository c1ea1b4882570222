//! A thread with a stack as large as that of minipy's main thread. The fuzzer's own is too small for what nests.

use std::sync::mpsc::{Receiver, Sender, channel};

pub(crate) struct Worker {
    inputs: Sender<Vec<u8>>,
    done: Receiver<()>,
}

impl Worker {
    /// Starts it. A panic needs no care: the fuzzer's hook ends the process, on whatever thread it happens.
    pub(crate) fn new(make: fn() -> Box<dyn FnMut(&[u8])>) -> Self {
        let (inputs, received) = channel::<Vec<u8>>();
        let (answers, done) = channel();
        let work = move || {
            let mut job = make();
            for bytes in received {
                job(&bytes);
                if answers.send(()).is_err() {
                    break;
                }
            }
        };
        std::thread::Builder::new().stack_size(1 << 30).spawn(work).expect("there is memory for a stack");
        Worker { inputs, done }
    }

    /// Has it do its job with an input, and waits.
    pub(crate) fn run(&self, bytes: &[u8]) {
        self.inputs.send(bytes.to_vec()).expect("it listens");
        self.done.recv().expect("it answers");
    }
}
