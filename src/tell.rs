//! What `tracing` is told, and when nobody is told anything: at the end of a thread.
//!
//! Subscribers keep things in thread-locals, and panic when they are told of something after those are gone. So when ours go,
//! we tell them nothing more, and do not ask whether they listen.
//!
//! Thread-locals are destroyed in the reverse of the order they were made in, as far as the system has one. So this covers what
//! a subscriber has made up to the first event of ours on the thread (`Watch`), and all that is made before the heap is first used
//! there. It does not cover what a subscriber makes later, say at another's event: between the end of that and of ours, a
//! destructor of the user's that collects still has us tell them.

use crate::raw::base::thread_slot::ending;

thread_local! {
    static WATCH: Watch = const { Watch };
}

/// Notices that the thread ends.
struct Watch;

impl Drop for Watch {
    fn drop(&mut self) {
        thread_ends();
    }
}

/// The calling thread ends: `tracing` is told nothing more.
pub(crate) fn thread_ends() {
    ending::begin();
}

/// Whether `tracing` may be told of something.
pub(crate) fn may_be_told() -> bool {
    !ending::has_begun()
}

/// Whether somebody listens to spans and events of a level that says what a collection does. Runs user code.
pub(crate) fn anybody() -> bool {
    may_be_told() && tracing::enabled!(tracing::Level::DEBUG)
}

/// `tracing` has been told something: what it has made of thread-locals by then, the first time, is destroyed after this one,
/// as far as the system has an order there, and that is noticed.
pub(crate) fn watch() {
    if may_be_told() {
        // Without it the thread ends.
        let _ = WATCH.try_with(|_| ());
    }
}

/// A `tracing::debug_span!`, which is entered until it is dropped.
macro_rules! span {
    ($($span:tt)*) => {
        if $crate::tell::may_be_told() { tracing::debug_span!($($span)*) } else { tracing::Span::none() }.entered()
    };
}

/// A `tracing::event!`, with its level first.
macro_rules! event {
    ($level:ident, $($event:tt)*) => {
        if $crate::tell::may_be_told() {
            tracing::event!(tracing::Level::$level, $($event)*);
            $crate::tell::watch();
        }
    };
}

pub(crate) use {event, span};
