//! Dicts and sets: a [`Table`] in a cell. The operations are in `vm/dict.rs`, for they may run Python code.

use tricycle::{GcCell, Trace};

use super::Table;
use crate::heap::Runtime;

#[derive(Trace)]
#[trace(bound = "H: Runtime")]
pub struct Dict<H: Runtime> {
    pub table: GcCell<Table<H>, H>,
}

impl<H: Runtime> Dict<H> {
    pub fn new() -> Self {
        Dict { table: GcCell::new(Table::new()) }
    }

    pub fn len(&self) -> usize {
        self.table.borrow().len()
    }
}

#[derive(Trace)]
#[trace(bound = "H: Runtime")]
pub struct Set<H: Runtime> {
    pub table: GcCell<Table<H>, H>,
    pub frozen: bool,
}

impl<H: Runtime> Set<H> {
    pub fn new(frozen: bool) -> Self {
        Set { table: GcCell::new(Table::new()), frozen }
    }

    pub fn len(&self) -> usize {
        self.table.borrow().len()
    }
}
