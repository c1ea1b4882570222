//! What tests of cyclic graphs need. Enabled by the feature `testing`.
//!
//! | for | there is |
//! |---|---|
//! | a [`Trace`](trait@crate::Trace) implementation of your own | [`check_trace()`] finds edges that it leaves out and edges that it makes up |
//! | code that works on graphs | [`graph`]: proptest strategies for graphs of all shapes, to build on any heap |
//! | a heap, or a change of the collector | [`model`]: programs of allocations, links, finalizers and collections, run next to an oracle |
//! | a fuzzer | [`fuzz`]: the same, from bytes |

mod check_trace;
pub mod fuzz;
pub mod graph;
pub mod model;

pub use check_trace::{BrokenTrace, Fault, check_trace, check_trace_in};
