//! [`Program`]: a list of operations, from bytes or from proptest.

use std::fmt;

use proptest::prelude::{Strategy, any};

use super::op::{Op, RECORD, Record};

/// A list of operations. Every byte string is one, so a fuzzer cannot go wrong.
///
/// ```
/// use tricycle_model::Program;
///
/// let program = Program::from_bytes(&[75, 0o10, 0, 0, 0, 0]);
/// assert!(format!("{program:?}").contains("Link { from: 0, to: 1 }"));
/// ```
#[derive(Clone, PartialEq, Eq)]
pub struct Program {
    records: Vec<Record>,
    leaks: bool,
}

impl Program {
    /// Reads a program. An operation takes six bytes; those missing at the end are zero.
    pub fn from_bytes(bytes: &[u8]) -> Program {
        let record = |chunk: &[u8]| {
            let mut record = [0; RECORD];
            record[..chunk.len()].copy_from_slice(chunk);
            record
        };
        Program { records: bytes.chunks(RECORD).map(record).collect(), leaks: true }
    }

    /// The bytes that [`Program::from_bytes`] makes this program of: what to put into a fuzzer's corpus.
    pub fn to_bytes(&self) -> Vec<u8> {
        self.records.concat()
    }

    /// Takes out the operations that leak objects on purpose, for tools that look for leaks themselves.
    #[must_use]
    pub fn without_leaks(self) -> Program {
        Program { leaks: false, ..self }
    }

    /// The operations.
    pub fn ops(&self) -> Vec<Op> {
        let keep = |op: &Op| self.leaks || !matches!(op, Op::Leak { .. });
        self.records.iter().map(|record| Op::decode(*record)).filter(keep).collect()
    }
}

impl fmt::Debug for Program {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Program ")?;
        f.debug_list().entries(self.ops()).finish()?;
        f.write_str(" = 0x")?;
        self.to_bytes().iter().try_for_each(|byte| write!(f, "{byte:02x}"))
    }
}

/// Programs of up to `len` operations. They shrink to fewer and simpler ones.
///
/// ```
/// use proptest::prelude::*;
/// use tricycle::Local;
///
/// proptest! {
///     # #![proptest_config(ProptestConfig::with_cases(8))]
///     // With `#[test]` in a test.
///     fn my_heap_is_sound(program in tricycle_model::programs(40)) {
///         tricycle_model::run::<Local>(&program).unwrap();
///     }
/// }
/// my_heap_is_sound();
/// ```
pub fn programs(len: usize) -> impl Strategy<Value = Program> {
    proptest::collection::vec(any::<Record>(), 0..=len).prop_map(|records| Program { records, leaks: !cfg!(miri) })
}
