//! Lists and tuples.

use tricycle::{GcCell, Trace};

use crate::heap::Runtime;
use crate::memory::{self, NoMemory};
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

    pub fn push(&self, value: Value<H>) -> Result<(), NoMemory> {
        // The value goes when the list is no longer borrowed: that may run code.
        let refused = {
            let mut items = self.items.borrow_mut();
            match memory::reserve(&mut items, 1) {
                Ok(()) => {
                    items.push(value);
                    None
                }
                Err(NoMemory) => Some(value),
            }
        };
        if refused.is_none() { Ok(()) } else { Err(NoMemory) }
    }

    pub fn extend(&self, values: Vec<Value<H>>) -> Result<(), NoMemory> {
        let mut items = self.items.borrow_mut();
        if let Err(none) = memory::reserve(&mut items, values.len()) {
            drop(items);
            return Err(none);
        }
        items.extend(values);
        Ok(())
    }

    /// A copy of all elements.
    pub fn copy(&self) -> Result<Vec<Value<H>>, NoMemory> {
        let items = self.items.borrow();
        memory::gather(items.len(), items.iter().cloned())
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
