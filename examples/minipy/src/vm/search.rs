//! Searches in lists and comparisons of them: element by element, of the list as it is then, as CPython does. A copy of all of it
//! would take long, and nobody could interrupt that.

use super::{R, Vm};
use crate::code::CompareOp;
use crate::heap::Runtime;
use crate::object::{List, equal_quickly};
use crate::value::Value;

/// So many elements are looked at before others get a chance.
const STRETCH: usize = 256;

impl<H: Runtime> Vm<H> {
    /// Looks for a value among the elements from `from` on and before `to`. `found` is told the place of each, and the element
    /// there; it says whether to go on.
    pub fn search(
        &self,
        list: &List<H>,
        value: &Value<H>,
        from: usize,
        to: usize,
        mut found: impl FnMut(usize, &Value<H>) -> bool,
    ) -> R<(), H> {
        let mut at = from;
        loop {
            self.checkpoint()?;
            // What needs no Python code is compared where it is.
            let question = {
                let items = list.items.borrow();
                let end = items.len().min(to);
                let stretch = end.min(at.saturating_add(STRETCH));
                loop {
                    if at >= end {
                        return Ok(());
                    }
                    if at == stretch {
                        break None;
                    }
                    let item = &items[at];
                    match equal_quickly(item, value) {
                        Some(false) => {}
                        Some(true) if !found(at, item) => return Ok(()),
                        Some(true) => {}
                        None => break Some(item.clone()),
                    }
                    at += 1;
                }
            };
            if let Some(item) = question {
                if self.equal(&item, value)? && !found(at, &item) {
                    return Ok(());
                }
                at += 1;
            }
        }
    }

    pub(super) fn compare_lists(&self, op: CompareOp, a: &List<H>, b: &List<H>) -> R<bool, H> {
        if matches!(op, CompareOp::Eq | CompareOp::Ne) && a.len() != b.len() {
            return Ok(op == CompareOp::Ne);
        }
        let mut at = 0;
        loop {
            let (left, right) = (a.stretch(at, STRETCH), b.stretch(at, STRETCH));
            let common = left.len().min(right.len());
            if common == 0 {
                return Ok(op.holds(Some(a.len().cmp(&b.len()))));
            }
            if let Some(result) = self.compare_items(op, &left, &right)? {
                return Ok(result);
            }
            at += common;
        }
    }

    pub(super) fn compare_sequences(&self, op: CompareOp, a: &[Value<H>], b: &[Value<H>]) -> R<bool, H> {
        if matches!(op, CompareOp::Eq | CompareOp::Ne) && a.len() != b.len() {
            return Ok(op == CompareOp::Ne);
        }
        let result = self.compare_items(op, a, b)?;
        Ok(result.unwrap_or_else(|| op.holds(Some(a.len().cmp(&b.len())))))
    }

    /// The first two elements that differ decide.
    fn compare_items(&self, op: CompareOp, a: &[Value<H>], b: &[Value<H>]) -> R<Option<bool>, H> {
        for (a, b) in a.iter().zip(b) {
            self.checkpoint()?;
            if !self.equal(a, b)? {
                return Ok(Some(match op {
                    CompareOp::Eq => false,
                    CompareOp::Ne => true,
                    op => self.compare(op, a, b).and_then(|value| self.truth(&value))?,
                }));
            }
        }
        Ok(None)
    }
}
