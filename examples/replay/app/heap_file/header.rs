//! The line of JSON at the front of a file.

use std::io::BufRead;

use serde::Deserialize;
use serde_json::value::RawValue;

use super::stream::Stream;
use super::{HeapFileError, Place, Problem};

/// Most bytes that the line may have. The heap of a large program has a few hundred type names.
const LINE_LIMIT: u64 = 4 << 20;

/// What the line says, checked as far as it can be without the arrays.
pub(super) struct Header {
    pub(super) nodes: u32,
    pub(super) edges: u32,
    pub(super) tracked: u32,
    pub(super) types: Vec<String>,
}

/// The fields as they stand in the line, so that an error can point at the byte.
#[derive(Deserialize)]
struct Line<'a> {
    #[serde(borrow)]
    format: Option<&'a RawValue>,
    #[serde(borrow)]
    nodes: Option<&'a RawValue>,
    #[serde(borrow)]
    edges: Option<&'a RawValue>,
    #[serde(borrow)]
    tracked: Option<&'a RawValue>,
    #[serde(borrow)]
    types: Option<&'a RawValue>,
}

impl Header {
    pub(super) fn read(stream: &mut Stream<impl BufRead>) -> Result<Self, HeapFileError> {
        let text = stream.line("header", LINE_LIMIT)?;
        let line: Line<'_> = serde_json::from_slice(&text).map_err(|error| {
            let byte = error.column().saturating_sub(1) as u64;
            HeapFileError { field: "header", place: Place::Data(byte), problem: Problem::Json(error) }
        })?;
        let format = Field::new("format", line.format, &text)?;
        if format.text != r#""pyheap-1""# {
            let mut found: String = format.text.chars().take(40).collect();
            if found.len() < format.text.len() {
                found.push('…');
            }
            return Err(format.error(Problem::WrongFormat { found }));
        }
        let nodes = Field::new("nodes", line.nodes, &text)?.number()?;
        let edges = Field::new("edges", line.edges, &text)?.number()?;
        let field = Field::new("tracked", line.tracked, &text)?;
        let tracked = field.number()?;
        if tracked > nodes {
            return Err(field.error(Problem::MoreTrackedThanNodes { tracked, nodes }));
        }
        let field = Field::new("types", line.types, &text)?;
        let types = serde_json::from_str(field.text).map_err(|error| field.error(Problem::Json(error)))?;
        Ok(Self { nodes, edges, tracked, types })
    }
}

/// One field: its name, its JSON text, and where in the line the text begins.
struct Field<'a> {
    name: &'static str,
    text: &'a str,
    byte: u64,
}

impl<'a> Field<'a> {
    fn new(name: &'static str, value: Option<&'a RawValue>, line: &[u8]) -> Result<Self, HeapFileError> {
        let Some(value) = value else {
            let place = Place::Data(line.len() as u64);
            return Err(HeapFileError { field: name, place, problem: Problem::Missing });
        };
        let text = value.get();
        let byte = (text.as_ptr().addr() - line.as_ptr().addr()) as u64;
        Ok(Self { name, text, byte })
    }

    fn number(&self) -> Result<u32, HeapFileError> {
        let found = || self.text.chars().take(40).collect();
        if !self.text.bytes().all(|digit| digit.is_ascii_digit()) {
            return Err(self.error(Problem::NotANumber { found: found() }));
        }
        self.text.parse().map_err(|_| self.error(Problem::MoreThanU32 { found: found() }))
    }

    fn error(&self, problem: Problem) -> HeapFileError {
        HeapFileError { field: self.name, place: Place::Data(self.byte), problem }
    }
}
