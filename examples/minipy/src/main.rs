//! The command line of minipy.

#![forbid(unsafe_code)]

use std::path::PathBuf;
use std::process::ExitCode;

use clap::{Parser, ValueEnum};
use tricycle::{Atomic, Biased, Generation, Local, Locked};

use minipy::heap::Runtime;
use minipy::vm::{self, Vm};
use minipy::{prompt, run_program, timeline};

/// A small Python on tricycle.
#[derive(Parser)]
struct Arguments {
    /// The heap that objects live on.
    #[arg(long, value_enum, default_value_t = HeapKind::Local)]
    heap: HeapKind,
    /// Collect at nearly every allocation.
    #[arg(long)]
    gc_stress: bool,
    /// Print what the collector did, and what is left at the end.
    #[arg(long)]
    stats: bool,
    /// Write a timeline of the collections for Chrome's trace viewer.
    #[arg(long, value_name = "OUT.JSON")]
    trace: Option<PathBuf>,
    /// The program; without it, a prompt.
    file: Option<PathBuf>,
    /// Its arguments.
    #[arg(trailing_var_arg = true, allow_hyphen_values = true)]
    args: Vec<String>,
}

#[derive(Clone, Copy, ValueEnum)]
enum HeapKind {
    /// Of one thread.
    Local,
    /// With a global lock: one thread at a time.
    Locked,
    /// Free threading, atomic counts.
    Atomic,
    /// Free threading, counts that are plain for the thread that made the object.
    Biased,
}

fn main() -> ExitCode {
    let arguments = Arguments::parse();
    // Built-in functions that call back nest on the stack, as deep as `vm` allows.
    let thread = std::thread::Builder::new().name("main".into()).stack_size(1 << 30);
    let run = move || match arguments.heap {
        HeapKind::Local => run::<Local>(&arguments),
        HeapKind::Locked => run::<Locked>(&arguments),
        HeapKind::Atomic => run::<Atomic>(&arguments),
        HeapKind::Biased => run::<Biased>(&arguments),
    };
    match thread.spawn(run).map(std::thread::JoinHandle::join) {
        Ok(Ok(code)) => ExitCode::from(code),
        Ok(Err(_)) => ExitCode::from(101),
        Err(error) => {
            eprintln!("minipy: no memory for a stack of 1 GiB: {error}");
            ExitCode::from(1)
        }
    }
}

fn run<H: Runtime>(arguments: &Arguments) -> u8 {
    let _ = ctrlc::set_handler(vm::interrupt);
    // Until the end: what blocks goes out for as long as that takes.
    H::default().attach(|| run_attached::<H>(arguments))
}

fn run_attached<H: Runtime>(arguments: &Arguments) -> u8 {
    let heap = H::default();
    if arguments.trace.is_some() {
        H::on_collection(timeline::record);
    }
    if arguments.gc_stress {
        heap.set_thresholds((1, 0, 0));
    }
    let file = arguments.file.as_ref().map_or_else(|| "<stdin>".into(), |file| file.display().to_string());
    let mut argv = vec![file.clone()];
    argv.extend(arguments.args.iter().cloned());
    let vm = Vm::<H>::start(file.clone(), argv);
    let code = match &arguments.file {
        Some(path) => match std::fs::read_to_string(path) {
            Ok(source) => run_program(&vm, &source),
            Err(error) => {
                eprintln!("minipy: can't open file '{file}': {error}");
                2
            }
        },
        None => prompt::run(&vm),
    };
    vm.shut_down();
    Vm::leave(vm);
    heap.collect();
    if arguments.stats {
        print_stats::<H>();
    }
    if let Some(path) = &arguments.trace
        && let Err(error) = timeline::write(path)
    {
        eprintln!("minipy: {}: {error}", path.display());
        return 2;
    }
    code
}

fn print_stats<H: Runtime>() {
    let heap = H::default();
    let stats = heap.stats();
    for generation in Generation::ALL {
        let of = stats[generation];
        eprintln!(
            "{generation:?}: {} collections, {} collected, {} candidates, {:?}",
            of.collections, of.collected, of.candidates, of.duration
        );
    }
    eprintln!("alive at exit: {} objects, {} of them tracked", heap.live_allocations(), heap.live_objects());
}
