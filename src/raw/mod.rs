//! Every line of `unsafe` in the crate, as a ladder: each rung names only those below it (`ci/layers.sh` sees to that).
//!
//! | rung | |
//! |---|---|
//! | [`kinds`] | the kinds of heaps: which has which parts |
//! | [`users`] | what a heap asks of values, by who uses it |
//! | [`fork`], [`thread_end`] | a fork; the end of a thread |
//! | [`introspect`] | what [`Control`](crate::Control) asks |
//! | [`handle`] | what users hold: owning pointers, weak ones, cells; making an object |
//! | [`collect`] | the collector |
//! | [`attach`] | coming in and going out |
//! | [`object`] | one object: what it is, tracked, visited, destroyed |
//! | [`heap`] | what a heap keeps: the state of a thread, the world, generations, the side table, what threads have in common |
//! | [`memory`] | where objects live: segment, page, pool, entry, header |
//! | [`threads`] | seats, the global lock, stopping the world, inboxes |
//! | [`count`], [`lock`] | the count of each kind of heap; the lock of a cell |
//! | [`base`] | the facade of atomics and locks, the clock, the intrusive list, erased pointers, panics |
//!
//! Any rung from [`memory`] on may be generic over [`Heap`](crate::Heap), which says what its parts are, and from [`heap`] on may
//! name the crate's public types. The rungs below know of neither.
//!
//! `#[cfg_attr(not(debug_assertions), inline(always))]` marks what a hot path consists of. Without optimisation it would only
//! copy the bodies into each type of each user ("Compiling" in `benches/README.md`).
//!
//! `docs/INTERNALS.md` follows an object file by file. Invariants are numbered there; the comments here cite them as `[I1]`.

pub(crate) mod attach;
pub(crate) mod base;
pub(crate) mod collect;
pub(crate) mod count;
pub(crate) mod fork;
pub(crate) mod handle;
pub(crate) mod heap;
pub(crate) mod introspect;
pub(crate) mod kinds;
pub(crate) mod lock;
pub(crate) mod memory;
#[cfg(test)]
mod models;
pub(crate) mod object;
mod thread_end;
pub(crate) mod threads;
pub(crate) mod users;
