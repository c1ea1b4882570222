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
}

#[derive(Trace)]
#[trace(bound = "H: Runtime")]
pub struct Tuple<H: Runtime> {
    pub items: Box<[Value<H>]>,
}
