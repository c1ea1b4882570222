//! The story of the global lock, told by measurement: what several threads gain over one, heap by heap.
//!
//! ```text
//! cargo run --release --example workers
//! cargo run --release --example workers -- --heap locked,biased --workload cpu --threads 4
//! ```
//!
//! | workload | a request |
//! |---|---|
//! | cpu | builds, links into cycles and drops a graph of 200 objects, and reads a configuration that all threads share |
//! | io | waits for 2 ms, detached |
//! | mixed | waits for 2 ms, and then does 60 requests of the first kind |
//! | tcp | an echo server on the loopback interface, one connection per thread; messages are objects of the heap |
//! | race | two threads that add and subtract a million times, with and without a lock held over load and store |
//!
//! On a `Local` heap each thread has a heap and a configuration of its own. With the global lock (`Locked`) threads that
//! wait do not keep others from working, but two never work at the same time; on `Atomic` and `Biased` heaps they do.
//! The race is there to show that neither counts nor the global lock make two operations one.

#![forbid(unsafe_code)]

mod app;

use std::io::{stderr, stdout};
use std::process::ExitCode;

fn main() -> ExitCode {
    match app::run(std::env::args_os(), &mut stdout(), &mut stderr()) {
        Ok(exit) => exit.into(),
        Err(_) => ExitCode::FAILURE, // nobody is listening any more
    }
}
