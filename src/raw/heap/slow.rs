//! Waits that take long, and who is waited for: what `tracing` is told of them.

use std::thread;
use std::time::Duration;

use super::slot;
use crate::raw::base::watch::Wait;
use crate::raw::threads::presence::HeapGate;
use crate::{Heap, tell};

/// After what time a wait is reported, if it is.
pub(crate) fn after<H: Heap>() -> Option<Duration> {
    if !H::SHARING.is_shared() {
        return None;
    }
    slot::expect_none::<H>();
    H::commons().gate.watch().after()
}

pub(crate) fn set_after<H: Heap>(time: Option<Duration>) {
    if H::SHARING.is_shared() {
        slot::expect_none::<H>();
        H::commons().gate.watch().set_after(time);
        H::commons().parking.watch.set_after(time);
    }
}

/// Tells of a wait for the threads in these seats.
///
/// A subscriber is user code: it may take locks that threads have which wait for this one, or use the heap, which this thread is about
/// to enter. So a thread of its own tells it, and nobody waits for that.
pub(crate) fn report<H: Heap>(wait: Wait, waited: Duration, seats: &[u32]) {
    if !tell::may_be_told() {
        return;
    }
    let me = name(&thread::current());
    let names: Vec<_> = seats.iter().filter_map(|seat| H::commons().gate.seats().get(*seat)?.part.thread()).collect();
    let others = names.iter().map(name).collect::<Vec<_>>().join(", ");
    let dispatch = tracing::dispatcher::get_default(tracing::Dispatch::clone);
    let heap = std::any::type_name::<H>();
    let tell = move || {
        tracing::dispatcher::with_default(&dispatch, || match wait {
            Wait::Attach => tracing::warn!(heap, ?waited, thread = me, %others, "a thread waits to be attached"),
            Wait::Stop => tracing::warn!(heap, ?waited, thread = me, %others, "a thread waits for others to stop"),
            Wait::Cell => tracing::warn!(heap, ?waited, thread = me, %others, "a thread waits for a cell"),
        });
    };
    // If there can be no thread, nothing is told.
    let _ = thread::Builder::new().name(String::from("tricycle-slow-wait")).spawn(tell);
}

/// What a thread is called.
fn name(thread: &thread::Thread) -> String {
    format!("{} ({:?})", thread.name().unwrap_or("<unnamed>"), thread.id())
}
