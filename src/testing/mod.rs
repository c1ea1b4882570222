//! Helpers for tests of cyclic graphs. Enabled by the feature `testing`.
//!
//! | for | there is |
//! |---|---|
//! | a [`Trace`](trait@crate::Trace) implementation of your own | [`check_trace()`] finds edges that it leaves out and edges that it makes up |
//! | code that works on graphs | [`graph`]: proptest strategies for graphs of all shapes, to build on any heap |

mod check_trace;
pub mod graph;

pub use check_trace::{BrokenTrace, Fault, check_trace, check_trace_in};
