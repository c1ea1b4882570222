//! What can go wrong.

use std::io;

use super::frame::FrameError;

/// Why a row has no figure.
#[derive(Debug, thiserror::Error)]
pub(crate) enum Problem {
    #[error("{objects} objects are left that nobody has a handle to")]
    Leaked { objects: usize },
    #[error("with a lock held over load and store, the sum is off by {off}")]
    LostUpdates { off: i64 },
    #[error("the echo differs from the message")]
    WrongEcho,
    #[error(transparent)]
    Frame(#[from] FrameError),
    #[error("the loopback interface: {0}")]
    Io(#[from] io::Error),
}
