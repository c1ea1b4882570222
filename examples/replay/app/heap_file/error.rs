//! [`HeapFileError`]: which field of a file is damaged, at which byte, and how.

use std::fmt;
use std::io;

/// What is wrong with a file, and where. Displays as one line.
#[derive(Debug, thiserror::Error)]
#[error("{field}, {place}: {problem}")]
pub(crate) struct HeapFileError {
    /// The part of the file that was being read, by its name in the format.
    pub(crate) field: &'static str,
    pub(crate) place: Place,
    pub(crate) problem: Problem,
}

/// A byte of the file, or of what is in it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Place {
    /// Of the file itself, which is compressed.
    File(u64),
    /// Of the decompressed data.
    Data(u64),
}

impl fmt::Display for Place {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::File(byte) => write!(f, "byte {byte} of the file"),
            Self::Data(byte) => write!(f, "byte {byte}"),
        }
    }
}

/// The kinds of damage.
#[derive(Debug, thiserror::Error)]
pub(crate) enum Problem {
    #[error("this is not a gzip file")]
    NotGzip,
    #[error("the gzip stream is cut short")]
    CutShort,
    #[error("the gzip stream is damaged ({0})")]
    Corrupt(io::Error),
    #[error("the file cannot be read ({0})")]
    Io(io::Error),
    #[error("there is something after the gzip stream")]
    AfterGzip,
    #[error("no line of JSON within {limit} bytes")]
    NoLine { limit: u64 },
    #[error("not the JSON that was expected ({0})")]
    Json(serde_json::Error),
    #[error("missing")]
    Missing,
    #[error("{found} instead of \"pyheap-1\"")]
    WrongFormat { found: String },
    #[error("{found} is not a whole number")]
    NotANumber { found: String },
    #[error("{found} is more than u32 can hold")]
    MoreThanU32 { found: String },
    #[error("{tracked} are tracked out of {nodes}")]
    MoreTrackedThanNodes { tracked: u32, nodes: u32 },
    #[error("the data ends, {missing} bytes too early for this field: cut short, or `nodes` or `edges` is wrong")]
    Ends { missing: u64 },
    #[error("the data goes on after {nodes} nodes and {edges} edges")]
    GoesOn { nodes: u32, edges: u32 },
    #[error("element {index} is {value}, which is not below {below}")]
    OutOfRange { index: u64, value: u32, below: u64 },
    #[error("element {index} is {value} instead of {expected}")]
    WrongOffset { index: u64, value: u32, expected: u32 },
    #[error("element {index} is {value}, less than the {before} before it")]
    Descending { index: u64, value: u32, before: u32 },
    #[error("the objects have more than {limit} bytes together")]
    TooManyBytes { limit: u64 },
}
