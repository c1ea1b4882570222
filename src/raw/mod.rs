//! Every line of `unsafe` in the crate.
//!
//! The modules, in the order of one object's life:
//!
//! | module | an object is … |
//! |---|---|
//! | [`memory`] | given memory, by the pool or the system |
//! | [`count`], [`info`] | described and counted |
//! | [`object`], [`handle`] | created, and owned by handles |
//! | [`lists`] | tracked in a generation |
//! | [`visit`], [`collect`] | examined by the collector |
//! | [`extras`] | watched by weak callbacks |
//! | [`destroy`] | finalized, dropped and freed |
//! | [`heap`], [`state`] | part of a heap, one per thread and kind |
//! | [`share`], [`threads`], [`lock`] | shared with other threads |
//!
//! Invariants are numbered in `docs/INTERNALS.md` ("Invariants"); the comments here cite them as `[I1]`.

pub(crate) mod base;
pub(crate) mod borrows;
pub(crate) mod cell;
pub(crate) mod coerce;
pub(crate) mod collect;
pub(crate) mod count;
pub(crate) mod destroy;
pub(crate) mod exclusive;
pub(crate) mod extras;
pub(crate) mod handle;
pub(crate) mod heap;
pub(crate) mod info;
pub(crate) mod introspect;
pub(crate) mod lists;
pub(crate) mod lock;
pub(crate) mod memory;
#[cfg(test)]
mod models;
pub(crate) mod object;
pub(crate) mod peek;
pub(crate) mod share;
pub(crate) mod state;
pub(crate) mod threads;
pub(crate) mod visit;
pub(crate) mod weak;
