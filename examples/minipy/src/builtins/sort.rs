//! Sorting: a stable merge sort, for comparisons may fail.

use crate::heap::Runtime;
use crate::value::Value;
use crate::vm::{R, Vm};

/// A list of which sorting takes longer than going out and coming in.
const LONG: usize = 10_000;

impl<H: Runtime> Vm<H> {
    /// What `sorted` returns.
    pub fn sort(
        &self,
        items: Vec<Value<H>>,
        key: Option<&Value<H>>,
        reverse: Option<&Value<H>>,
    ) -> R<Vec<Value<H>>, H> {
        let reverse = reverse.map_or(Ok(false), |reverse| self.truth(reverse))?;
        let mut keyed: Vec<(Value<H>, Value<H>)> = match key.filter(|key| !key.is_none()) {
            None => items.into_iter().map(|item| (item, Value::Unset)).collect(),
            Some(key) => {
                let keyed = |item: Value<H>| {
                    self.checkpoint()?;
                    Ok((self.call1(key, item.clone())?, item))
                };
                items.into_iter().map(keyed).collect::<R<_, H>>()?
            }
        };
        // Equal elements keep their order, also if the whole is reversed.
        if reverse {
            keyed.reverse();
        }
        if keyed.iter().all(|(key, _)| matches!(key, Value::Int(_))) {
            self.aside(keyed.len(), || {
                keyed.sort_by_key(|(key, _)| if let Value::Int(key) = key { *key } else { 0 });
            });
        } else if keyed.iter().all(|(key, _)| matches!(key, Value::Str(_))) {
            self.aside(keyed.len(), || keyed.sort_by(|(a, _), (b, _)| a.text().cmp(&b.text())));
        } else {
            keyed = self.merge_sort(keyed)?;
        }
        if reverse {
            keyed.reverse();
        }
        Ok(keyed.into_iter().map(|(key, item)| if item.is_unset() { key } else { item }).collect())
    }

    /// Sorts without asking Python code. If that takes long, others need not wait for it: it looks at numbers and text, and
    /// moves handles of its own.
    fn aside(&self, len: usize, sort: impl FnOnce()) {
        if len < LONG { sort() } else { self.outside(sort) }
    }

    fn merge_sort(&self, mut items: Vec<(Value<H>, Value<H>)>) -> R<Vec<(Value<H>, Value<H>)>, H> {
        if items.len() < 2 {
            return Ok(items);
        }
        let right = items.split_off(items.len() / 2);
        let (left, right) = (self.merge_sort(items)?, self.merge_sort(right)?);
        let mut merged = Vec::with_capacity(left.len() + right.len());
        let (mut left, mut right) = (left.into_iter().peekable(), right.into_iter().peekable());
        while let (Some((a, _)), Some((b, _))) = (left.peek(), right.peek()) {
            self.checkpoint()?;
            let next = if self.less(b, a)? { right.next() } else { left.next() };
            merged.extend(next);
        }
        merged.extend(left);
        merged.extend(right);
        Ok(merged)
    }
}
