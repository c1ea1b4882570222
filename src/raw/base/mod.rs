//! What everything else stands on. Nothing here knows of an object or a heap.
//!
//! | module | |
//! |---|---|
//! | [`sync`] | atomics, locks and fences: those of std, or of whatever tries all interleavings |
//! | [`thread_slot`] | what each thread has of its own, as long as it runs |
//! | [`clock`] | what time it is, also where nobody knows |
//! | [`watch`] | who is waited for, if that takes long |
//! | [`list`] | the intrusive, doubly linked list |
//! | [`erased`] | a pointer whose type has been forgotten |
//! | [`relaxed`] | numbers that several threads may look at |
//! | [`panic`] | panics that are passed on later |

pub(crate) mod clock;
pub(crate) mod erased;
pub(crate) mod list;
pub(crate) mod nesting;
pub(crate) mod panic;
pub(crate) mod relaxed;
pub(crate) mod sync;
pub mod thread_slot;
pub(crate) mod watch;
