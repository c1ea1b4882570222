//! Lists and tuples.

use tricycle::{GcCell, Trace};

use crate::heap::Runtime;
use crate::value::Value;

#[derive(Trace)]
#[trace(bound = "H: Runtime")]
pub struct List<H: Runtime> {
    pub items: GcCell<Vec<Value<H>>, H>,
}

impl<H: Runtime> List<H> {
    pub fn new(items: Vec<Value<H>>) -> Self {
        List { items: GcCell::new(items) }
    }

    pub fn len(&self) -> usize {
        self.items.borrow().len()
    }

    pub fn get(&self, index: usize) -> Option<Value<H>> {
        self.items.borrow().get(index).cloned()
    }

    /// Elements from `from` on, but no more than `most`.
    pub fn stretch(&self, from: usize, most: usize) -> Vec<Value<H>> {
        let items = self.items.borrow();
        let rest = items.get(from..).unwrap_or_default();
        rest[..rest.len().min(most)].to_vec()
    }
}

#[derive(Trace)]
#[trace(bound = "H: Runtime")]
pub struct Tuple<H: Runtime> {
    pub items: Box<[Value<H>]>,
}
