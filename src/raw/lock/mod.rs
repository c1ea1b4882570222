//! The lock of a cell on a heap that threads share. It knows threads by their numbers, and nothing of a heap.
//!
//! | module | |
//! |---|---|
//! | [`word`] | the word of the lock, and who may have it |
//! | [`latch`] | … where threads run in parallel |
//! | [`turn_latch`] | … where they take turns |
//! | [`parking`] | where threads wait for it |
//! | [`held`] | what a thread has |

pub(crate) mod held;
pub(crate) mod latch;
pub(crate) mod parking;
pub(crate) mod turn_latch;
mod word;
