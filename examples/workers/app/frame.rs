//! Messages on a stream: a length of four bytes, the highest first, and as many bytes.

use std::io::{self, ErrorKind, Read, Write};

/// No message is longer. A length is believed only after it was compared with this.
pub(crate) const LONGEST: u32 = 1 << 20;

/// A stream on which no message can be found.
#[derive(Debug, thiserror::Error)]
pub(crate) enum FrameError {
    #[error("a message of {0} bytes is announced; {LONGEST} are allowed")]
    TooLong(u32),
    #[error("the stream ends within a message")]
    CutShort,
    #[error("the stream: {0}")]
    Stream(#[from] io::Error),
}

/// The next message; `None` at the end of the stream.
pub(crate) fn read(stream: &mut impl Read) -> Result<Option<Vec<u8>>, FrameError> {
    let mut length = [0; 4];
    // The stream may end before the first byte, but not after it.
    loop {
        match stream.read(&mut length[..1]) {
            Ok(0) => return Ok(None),
            Ok(_) => break,
            Err(error) if error.kind() == ErrorKind::Interrupted => {}
            Err(error) => return Err(error.into()),
        }
    }
    fill(stream, &mut length[1..])?;
    let length = u32::from_be_bytes(length);
    if length > LONGEST {
        return Err(FrameError::TooLong(length));
    }
    let mut message = vec![0; length as usize];
    fill(stream, &mut message)?;
    Ok(Some(message))
}

fn fill(stream: &mut impl Read, buffer: &mut [u8]) -> Result<(), FrameError> {
    stream.read_exact(buffer).map_err(|error| match error.kind() {
        ErrorKind::UnexpectedEof => FrameError::CutShort,
        _ => FrameError::Stream(error),
    })
}

/// Sends a message.
pub(crate) fn write(stream: &mut impl Write, message: &[u8]) -> Result<(), FrameError> {
    let length = u32::try_from(message.len()).unwrap_or(u32::MAX);
    if length > LONGEST {
        return Err(FrameError::TooLong(length));
    }
    stream.write_all(&length.to_be_bytes())?;
    stream.write_all(message)?;
    Ok(stream.flush()?)
}
