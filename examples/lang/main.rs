//! A small Lisp whose objects live on a heap of this crate: see `language`, and the guide.
//!
//! ```text
//! cargo run --example lang -- examples/lang/programs/cycles.lisp
//! cargo run --example lang                                         # a prompt: one expression a line
//! ```

#![forbid(unsafe_code)]
#![allow(unreachable_pub, reason = "a program, not a library")]

mod language;

use std::io::stdin;
use std::process::ExitCode;

use language::{Gc, Lang, Scope};
use tricycle::Generation;

fn main() -> ExitCode {
    match std::thread::Builder::new().stack_size(language::STACK).spawn(run).map(std::thread::JoinHandle::join) {
        Ok(Ok(code)) => code,
        _ => ExitCode::FAILURE, // it has said why
    }
}

fn run() -> ExitCode {
    let globals = language::globals();
    let files: Vec<String> = std::env::args().skip(1).collect();
    let fine = if files.is_empty() { prompt(&globals) } else { files.iter().all(|file| run_file(file, &globals)) };

    drop(globals); // functions refer to the scope that they are variables of: garbage, but not by count
    let last = Lang.collect();
    let stats = Lang.stats();
    let collections: usize = Generation::ALL.iter().map(|generation| stats[*generation].collections as usize).sum();
    eprintln!("{collections} collections, the last of {} objects; alive: {}", last.collected, Lang.live_allocations());
    if fine { ExitCode::SUCCESS } else { ExitCode::FAILURE }
}

fn run_file(file: &str, globals: &Gc<Scope>) -> bool {
    let result = std::fs::read_to_string(file).map_err(|error| error.to_string());
    match result.and_then(|source| language::run(&source, globals)) {
        Ok(_) => true,
        Err(error) => {
            eprintln!("{file}: {error}");
            false
        }
    }
}

fn prompt(globals: &Gc<Scope>) -> bool {
    for line in stdin().lines().map_while(Result::ok) {
        match language::run(&line, globals) {
            Ok(value) => println!("{value}"),
            Err(error) => println!("error: {error}"),
        }
    }
    true
}
