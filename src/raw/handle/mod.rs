//! What users hold: the insides of `Gc`, `Weak`, `GcCell` and `GcMut`.
//!
//! | module | |
//! |---|---|
//! | [`create`] | making objects, and taking them apart |
//! | [`strong`], [`weak`] | owning pointers, and those that do not own |
//! | [`merge`] | a handle that only the owner of the count can merge |
//! | [`tables`] | what the collector is told of a type |
//! | [`cell`], [`borrows`] | cells, and who borrows them |
//! | [`exclusive`] | a `&mut` to a value |
//! | [`ephemerons`] | the entries of weak maps, which their keys have |
//! | [`any`] | a handle of which the type has been forgotten |
//! | [`coerce`] | changes of type, and raw pointers |
//! | [`views`] | the same memory as another type |

pub(crate) mod any;
pub(crate) mod borrows;
pub(crate) mod cell;
pub(crate) mod coerce;
pub(crate) mod create;
pub(crate) mod ephemerons;
pub(crate) mod exclusive;
pub(crate) mod merge;
pub(crate) mod strong;
pub(crate) mod tables;
pub(crate) mod views;
pub(crate) mod weak;
