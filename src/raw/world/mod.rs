//! What threads that share a heap have in common: who they are, who may run, and what they leave for each other.
//!
//! | module | |
//! |---|---|
//! | [`seat`] | what is kept for each thread, and what a thread is called |
//! | [`thread`] | coming in, staying out, and the end of a thread |
//! | [`stop`] | heaps that threads use in parallel: stopping all but one |
//! | [`gil`] | heaps that threads use in turns: the global lock |
//! | [`claim`] | the lock of a cell: its word, and who may have it |
//! | [`latch`] | … where threads run in parallel |
//! | [`turn_latch`] | … where they take turns |
//! | [`parking`] | where threads wait for such a lock |
//! | [`examiners`] | threads that examine their own objects while the others go on |
//! | [`inbox`] | what threads leave for another one |
//! | [`remote`] | memory that threads give back to another one's pool |
//! | [`tenancy`] | … whose thread has ended |

mod claim;
pub(crate) mod examiners;
pub(crate) mod gil;
pub(crate) mod inbox;
pub(crate) mod latch;
pub(crate) mod parking;
pub(crate) mod remote;
pub(crate) mod seat;
pub(crate) mod stop;
pub(crate) mod tenancy;
pub(crate) mod thread;
pub(crate) mod turn_latch;
