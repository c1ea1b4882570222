//! What threads that share a heap have in common: who they are, who may run, and what they leave for each other.
//!
//! | module | |
//! |---|---|
//! | [`inbox`] | what threads leave for another one |

pub(crate) mod inbox;
