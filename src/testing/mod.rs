//! Helpers for tests of cyclic graphs. Enabled by the feature `testing`.
//!
//! | to test | use |
//! |---|---|
//! | a [`Trace`](trait@crate::Trace) implementation of your own | [`check_trace()`] finds handles that it does not report, and handles that it reports but does not own |
//! | code that works on graphs | [`graph`]: proptest strategies for graphs of all shapes, to build on any heap |

mod check_trace;
pub mod graph;

pub use check_trace::{BrokenTrace, Fault, check_trace, check_trace_in};
