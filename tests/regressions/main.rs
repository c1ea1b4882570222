//! Small programs, most of them of safe code only, that two reviews of the crate broke it with. One test for each bug:
//! what the program did, what went wrong, and what forbids it now.
//!
//! Those that must not compile any more are in `tests/ui`: `gc_is_invariant`, `gc_is_invariant_higher_ranked`,
//! `teardown_is_unsafe`, `dyn_trace_is_sealed`, `drop_ban_not_faked`.

mod allocation;
mod calls;
mod pacing;
mod panics;
mod subscribers;
mod teardown;
mod unborn;
mod weak;

use std::cell::Cell;

use tricycle::{Gc, GcCell, Local, Trace};

/// Runs a program on a heap of its own: that of a new thread, where nothing is collected unless the program says so.
/// Whatever it leaves behind must be gone after a collection.
fn program(program: impl FnOnce() + Send + 'static) {
    let run = || {
        Local.disable();
        program();
        Local.collect();
        assert_eq!(Local.live_objects(), 0, "tracked objects leak");
        assert_eq!(Local.live_allocations(), 0, "memory leaks");
    };
    if let Err(panic) = std::thread::spawn(run).join() {
        std::panic::resume_unwind(panic);
    }
}

/// Whether a value has been dropped. If the value is gone, asking is a use after free, which Miri sees.
#[derive(Trace)]
#[trace(acyclic)]
struct Canary(Cell<bool>);

impl Canary {
    const fn new() -> Self {
        Canary(Cell::new(true))
    }

    #[track_caller]
    fn assert_alive(&self) {
        assert!(self.0.get(), "a live object was dropped");
    }
}

impl Drop for Canary {
    fn drop(&mut self) {
        self.0.set(false);
    }
}

/// The usual garbage: an object that refers to itself.
#[derive(Trace)]
struct Ring {
    name: String,
    canary: Canary,
    next: GcCell<Option<Gc<Ring>>>,
}

impl Ring {
    fn create(name: &str) -> Gc<Ring> {
        let ring = Gc::new(Ring { name: name.to_owned(), canary: Canary::new(), next: GcCell::new(None) });
        ring.next.set(Some(ring.clone()));
        ring
    }

    /// That both the value and what it owns are intact.
    #[track_caller]
    fn assert_intact(&self, name: &str) {
        self.canary.assert_alive();
        assert_eq!(self.name, name);
    }
}
