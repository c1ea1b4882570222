//! A [`Difference`] between the heap and the oracle.

use std::fmt;

/// Where the heap and the oracle part.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Difference {
    /// What was the last thing to happen.
    pub(crate) after: String,
    pub(crate) what: What,
}

/// How they part.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum What {
    /// The edges of an object that was just built are not those of the file.
    Edges { node: u32, type_name: String },
    /// An object is gone though the oracle reaches it.
    Freed { node: u32, type_name: String },
    /// An object is there though the oracle does not reach it.
    Alive { node: u32, type_name: String },
    /// The heap's own count is wrong.
    Count { what: &'static str, found: usize, expected: usize },
}

impl fmt::Display for Difference {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "after {}: ", self.after)?;
        match &self.what {
            What::Edges { node, type_name } => {
                write!(f, "the edges of node {node} ({type_name}) are not those of the file")
            }
            What::Freed { node, type_name } => write!(f, "node {node} ({type_name}) was freed, but is reachable"),
            What::Alive { node, type_name } => write!(f, "node {node} ({type_name}) is alive, but is not reachable"),
            What::Count { what, found, expected } => write!(f, "{found} {what} are alive instead of {expected}"),
        }
    }
}
