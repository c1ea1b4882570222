//! Rebuilds the object graph of a real CPython process, object for object, and takes it apart again.
//!
//! ```text
//! cargo run --release --example replay                     the heap that is built in: 46,082 objects
//! cargo run --release --example replay -- django.heap.gz   another one
//! cargo run --release --example replay -- --heap biased --threads 2
//! ```
//!
//! Leaves become untracked objects of their size, containers tracked ones with their edges, and each reference from
//! outside the graph a handle. Then the program collects with everything alive, drops the roots in batches, and compares
//! what is left after each batch with a breadth-first search over the file. In the end nothing may be left.
//!
//! On a heap that threads share, several of them can do it together: each builds a part of the objects, and drops a part of
//! each batch.
//!
//! It does so twice: the first run takes the time, the second keeps a weak handle to every object and compares one by
//! one. `app/objects.rs` says what the objects look like, `app/heap_file/` reads the file.

#![forbid(unsafe_code)]

mod app;

use std::io::{stderr, stdout};
use std::process::ExitCode;

fn main() -> ExitCode {
    match app::run(std::env::args_os(), &mut stdout(), &mut stderr(), app::Bars::for_terminal()) {
        Ok(exit) => exit.into(),
        Err(_) => ExitCode::FAILURE, // nobody is listening any more
    }
}
