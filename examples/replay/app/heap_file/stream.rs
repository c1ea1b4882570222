//! The decompressed stream: knows its position, and gives out a line or an array of `u32`.

use std::io::{self, BufRead, BufReader, ErrorKind, Read};

use flate2::bufread::GzDecoder;

use super::{HeapFileError, Place, Problem};

/// Array elements are read and checked in pieces of this many bytes.
const PIECE: usize = 16 << 10;

/// A gzip stream, read once from front to back.
pub(super) struct Stream<R> {
    data: BufReader<GzDecoder<Counted<R>>>,
    /// How many decompressed bytes have been handed out.
    byte: u64,
}

impl<R: BufRead> Stream<R> {
    pub(super) fn new(compressed: R) -> Self {
        let counted = Counted { inner: compressed, consumed: 0 };
        Self { data: BufReader::new(GzDecoder::new(counted)), byte: 0 }
    }

    /// Reads up to and including the next line feed, at most `limit` bytes.
    pub(super) fn line(&mut self, field: &'static str, limit: u64) -> Result<Vec<u8>, HeapFileError> {
        let mut line = Vec::new();
        let read = self.data.by_ref().take(limit).read_until(b'\n', &mut line);
        read.map_err(|error| self.gzip_error(field, error))?;
        self.byte += line.len() as u64;
        if line.last() == Some(&b'\n') {
            return Ok(line);
        }
        Err(HeapFileError { field, place: Place::Data(self.byte), problem: Problem::NoLine { limit } })
    }

    /// Reads `count` numbers and passes each, with its index, to `check`.
    ///
    /// The result grows with the data: `count` may be a lie.
    pub(super) fn words(
        &mut self,
        field: &'static str,
        count: impl Into<u64>,
        mut check: impl FnMut(u64, u32) -> Result<(), Problem>,
    ) -> Result<Vec<u32>, HeapFileError> {
        let count = count.into();
        let mut words = Vec::new();
        let mut piece = [0; PIECE];
        let mut left = count * 4;
        while left > 0 {
            let want = left.min(PIECE as u64) as usize;
            let got = self.fill(field, &mut piece[..want])?;
            words.reserve(got / 4);
            for word in piece[..got].chunks_exact(4) {
                let value = u32::from_le_bytes(word.try_into().expect("chunks of four"));
                let index = words.len() as u64;
                check(index, value).map_err(|problem| HeapFileError {
                    field,
                    place: Place::Data(self.byte),
                    problem,
                })?;
                self.byte += 4;
                words.push(value);
            }
            if got < want {
                self.byte += got as u64 % 4;
                let missing = left - got as u64;
                return Err(HeapFileError { field, place: Place::Data(self.byte), problem: Problem::Ends { missing } });
            }
            left -= got as u64;
        }
        words.shrink_to_fit();
        Ok(words)
    }

    /// Makes sure that the data ends here, that its checksum is right, and that the file ends with it.
    pub(super) fn finish(mut self, nodes: u32, edges: u32) -> Result<(), HeapFileError> {
        let field = "end";
        if self.fill(field, &mut [0])? != 0 {
            let problem = Problem::GoesOn { nodes, edges };
            return Err(HeapFileError { field, place: Place::Data(self.byte), problem });
        }
        let file = self.data.get_mut().get_mut();
        match file.fill_buf() {
            Ok([]) => Ok(()),
            Ok(_) => Err(HeapFileError { field, place: Place::File(file.consumed), problem: Problem::AfterGzip }),
            Err(error) => Err(HeapFileError { field, place: Place::File(file.consumed), problem: Problem::Io(error) }),
        }
    }

    /// Reads until `buffer` is full or the data ends.
    fn fill(&mut self, field: &'static str, buffer: &mut [u8]) -> Result<usize, HeapFileError> {
        let mut filled = 0;
        while filled < buffer.len() {
            match self.data.read(&mut buffer[filled..]) {
                Ok(0) => break,
                Ok(more) => filled += more,
                Err(error) if error.kind() == ErrorKind::Interrupted => {}
                Err(error) => return Err(self.gzip_error(field, error)),
            }
        }
        Ok(filled)
    }

    /// Tells the ways apart in which a decompressor can fail.
    fn gzip_error(&self, field: &'static str, error: io::Error) -> HeapFileError {
        let decoder = self.data.get_ref();
        let byte = decoder.get_ref().consumed;
        let in_header = decoder.header().is_none();
        let (byte, problem) = match error.kind() {
            ErrorKind::UnexpectedEof => (byte, Problem::CutShort),
            ErrorKind::InvalidInput | ErrorKind::InvalidData if in_header => (0, Problem::NotGzip),
            ErrorKind::InvalidInput | ErrorKind::InvalidData => (byte, Problem::Corrupt(error)),
            _ => (byte, Problem::Io(error)),
        };
        HeapFileError { field: if in_header { "gzip header" } else { field }, place: Place::File(byte), problem }
    }
}

/// A reader that counts what is taken out of it.
struct Counted<R> {
    inner: R,
    consumed: u64,
}

impl<R: BufRead> Read for Counted<R> {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        let read = self.inner.read(buffer)?;
        self.consumed += read as u64;
        Ok(read)
    }
}

impl<R: BufRead> BufRead for Counted<R> {
    fn fill_buf(&mut self) -> io::Result<&[u8]> {
        self.inner.fill_buf()
    }

    fn consume(&mut self, amount: usize) {
        self.consumed += amount as u64;
        self.inner.consume(amount);
    }
}
