//! Subscripts, slices, lengths, and unpacking.

use super::{R, Vm};
use crate::heap::Runtime;
use crate::memory;
use crate::name::names;
use crate::object::{List, Misc};
use crate::value::Value;

/// The indices that a slice selects: first, step, how many.
pub struct Selection {
    start: i64,
    stop: i64,
    step: i64,
    len: usize,
}

impl Selection {
    fn indices(&self) -> impl Iterator<Item = usize> {
        (0..self.len as i64).map(|at| (self.start + at * self.step) as usize)
    }
}

/// A slice. Which elements it selects depends on how many there are, and other threads may change that until the list is
/// borrowed.
struct Bounds {
    start: Option<i64>,
    stop: Option<i64>,
    step: i64,
}

impl Bounds {
    fn select(&self, len: usize) -> Selection {
        let (len, step) = (len as i64, self.step);
        let (low, high) = if step > 0 { (0, len) } else { (-1, len - 1) };
        let clamp = |value: i64| if value < 0 { value.saturating_add(len).max(low) } else { value.min(high) };
        let start = self.start.map_or(if step > 0 { 0 } else { len - 1 }, clamp);
        let stop = self.stop.map_or(if step > 0 { len } else { -1 }, clamp);
        Selection { start, stop, step, len: range_len(start, stop, step) }
    }
}

/// An index, counted from the end if negative.
fn position(at: i64, len: usize) -> Option<usize> {
    // A range may have more than 2^63 numbers.
    let at = if at < 0 { i128::from(at) + len as i128 } else { i128::from(at) };
    usize::try_from(at).ok().filter(|at| *at < len)
}

impl<H: Runtime> Vm<H> {
    pub fn len(&self, value: &Value<H>) -> R<usize, H> {
        Ok(match value {
            Value::Str(text) => text.chars_len(),
            Value::List(list) => list.len(),
            Value::Tuple(tuple) => tuple.items.len(),
            Value::Dict(dict) => dict.len(),
            Value::Set(set) => set.len(),
            Value::Misc(misc) => match &**misc {
                Misc::View { dict, .. } => dict.len(),
                Misc::Range { start, stop, step } => range_len(*start, *stop, *step),
                _ => return Err(self.no_len(value)),
            },
            value => match self.call_special(value, names::LEN, &[]) {
                Some(result) => {
                    let result = self.nested(|| result)?;
                    let len = self.to_index(&result)?;
                    usize::try_from(len).map_err(|_| self.value_error("__len__() should return >= 0"))?
                }
                None => return Err(self.no_len(value)),
            },
        })
    }

    fn no_len(&self, value: &Value<H>) -> super::Raise<H> {
        self.type_error(format!("object of type '{}' has no len()", self.type_name(value)))
    }

    /// An index of a sequence.
    fn index_of(&self, index: &Value<H>, what: &str) -> R<i64, H> {
        self.as_index(index).ok_or_else(|| {
            let name = self.type_name(index);
            self.type_error(match what {
                "string" => format!("string indices must be integers, not '{name}'"),
                what => format!("{what} indices must be integers or slices, not {name}"),
            })
        })
    }

    fn out_of_range(&self, what: &str) -> super::Raise<H> {
        self.index_error(&format!("{what} index out of range"))
    }

    fn position(&self, index: &Value<H>, len: usize, what: &str) -> R<usize, H> {
        position(self.index_of(index, what)?, len).ok_or_else(|| self.out_of_range(what))
    }

    fn selection(&self, index: &Value<H>, len: usize) -> R<Option<Selection>, H> {
        Ok(self.bounds(index)?.map(|bounds| bounds.select(len)))
    }

    /// What a slice says.
    fn bounds(&self, index: &Value<H>) -> R<Option<Bounds>, H> {
        let Value::Misc(misc) = index else { return Ok(None) };
        let Misc::Slice { start, stop, step } = &**misc else { return Ok(None) };
        let bound = |value: &Value<H>| match value {
            Value::None => Ok(None),
            value => self
                .as_index(value)
                .map(Some)
                .ok_or_else(|| self.type_error("slice indices must be integers or None or have an __index__ method")),
        };
        let step = bound(step)?.unwrap_or(1);
        if step == 0 {
            return Err(self.value_error("slice step cannot be zero"));
        }
        Ok(Some(Bounds { start: bound(start)?, stop: bound(stop)?, step }))
    }

    /// What `slice.indices` returns.
    pub fn slice_indices(&self, slice: &Value<H>, len: usize) -> R<Value<H>, H> {
        let Some(selection) = self.selection(slice, len)? else { return Ok(Value::None) };
        Ok(Value::tuple(vec![selection.start.into(), selection.stop.into(), selection.step.into()]))
    }

    pub fn get_item(&self, object: &Value<H>, index: &Value<H>) -> R<Value<H>, H> {
        match object {
            Value::List(list) => {
                if let Some(bounds) = self.bounds(index)? {
                    let chosen = {
                        let items = list.items.borrow();
                        let selection = bounds.select(items.len());
                        memory::gather(selection.len, selection.indices().map(|at| items[at].clone()))
                    };
                    return chosen.map(Value::list).map_err(|none| self.no_memory(none));
                }
                let at = self.index_of(index, "list")?;
                let found = {
                    let items = list.items.borrow();
                    position(at, items.len()).map(|at| items[at].clone())
                };
                found.ok_or_else(|| self.out_of_range("list"))
            }
            Value::Tuple(tuple) => {
                let items = &tuple.items;
                if let Some(selection) = self.selection(index, items.len())? {
                    let chosen = memory::gather(selection.len, selection.indices().map(|at| items[at].clone()));
                    return chosen.map(Value::tuple).map_err(|none| self.no_memory(none));
                }
                Ok(items[self.position(index, items.len(), "tuple")?].clone())
            }
            Value::Str(text) => {
                let len = text.chars_len();
                if let Some(selection) = self.selection(index, len)? {
                    return Ok(Value::str(select_chars(text, text.is_bytes(), &selection)));
                }
                let at = self.position(index, len, "string")?;
                let c =
                    if text.is_bytes() { char::from(text.as_bytes()[at]) } else { text.chars().nth(at).unwrap_or(' ') };
                Ok(self.character(c))
            }
            Value::Dict(dict) => match self.dict_get(dict, index)? {
                Some(value) => Ok(value),
                None => Err(self.key_error(index)),
            },
            Value::Misc(misc) if let &Misc::Range { start, stop, step } = &**misc => {
                let len = range_len(start, stop, step);
                if let Some(bounds) = self.bounds(index)? {
                    if i64::try_from(len).is_err() {
                        return Err(self.overflow());
                    }
                    let selection = bounds.select(len);
                    let at = |at| range_at(start, step, at).ok_or_else(|| self.overflow());
                    let stop = at(selection.stop)?;
                    let step = step.checked_mul(selection.step).ok_or_else(|| self.overflow())?;
                    return Ok(Value::misc(Misc::Range { start: at(selection.start)?, stop, step }));
                }
                let at = self.position(index, len, "range object")?;
                let number = i128::from(start) + at as i128 * i128::from(step);
                i64::try_from(number).map(Value::Int).map_err(|_| self.overflow())
            }
            object => {
                if let Some(result) = self.call_special(object, names::GETITEM, std::slice::from_ref(index)) {
                    return self.nested(|| result);
                }
                if let Value::Class(_) = object {
                    // `list[int]` in an annotation.
                    return Ok(object.clone());
                }
                let inner = object.unwrap_payload();
                if inner.is(object) {
                    let name = self.type_name(object);
                    return Err(self.type_error(format!("'{name}' object is not subscriptable")));
                }
                self.get_item(&inner, index)
            }
        }
    }

    pub fn set_item(&self, object: &Value<H>, index: &Value<H>, value: Value<H>) -> R<(), H> {
        match object {
            Value::List(list) => {
                if let Value::Misc(_) = index {
                    return self.set_slice(list, index, &value);
                }
                let at = self.index_of(index, "list")?;
                let old = {
                    let mut items = list.items.borrow_mut();
                    position(at, items.len()).map(|at| std::mem::replace(&mut items[at], value))
                };
                old.map(drop).ok_or_else(|| self.out_of_range("list assignment"))
            }
            Value::Dict(dict) => self.dict_set(dict, index.clone(), value),
            object => {
                if let Some(result) = self.call_special(object, names::SETITEM, &[index.clone(), value.clone()]) {
                    return self.nested(|| result).map(drop);
                }
                let inner = object.unwrap_payload();
                if inner.is(object) {
                    let name = self.type_name(object);
                    return Err(self.type_error(format!("'{name}' object does not support item assignment")));
                }
                self.set_item(&inner, index, value)
            }
        }
    }

    fn set_slice(&self, list: &List<H>, index: &Value<H>, value: &Value<H>) -> R<(), H> {
        let new = self.collect(value)?;
        let Some(bounds) = self.bounds(index)? else { return Ok(()) };
        let old: Result<Vec<Value<H>>, usize> = {
            let mut items = list.items.borrow_mut();
            let selection = bounds.select(items.len());
            if selection.step == 1 {
                let start = selection.start as usize;
                Ok(items.splice(start..start + selection.len, new.iter().cloned()).collect())
            } else if new.len() == selection.len {
                let pairs = selection.indices().zip(&new);
                Ok(pairs.map(|(at, value)| std::mem::replace(&mut items[at], value.clone())).collect())
            } else {
                Err(selection.len)
            }
        };
        old.map(drop).map_err(|len| {
            let size = new.len();
            self.value_error(format!("attempt to assign sequence of size {size} to extended slice of size {len}"))
        })
    }

    pub fn delete_item(&self, object: &Value<H>, index: &Value<H>) -> R<(), H> {
        match object {
            Value::List(list) => {
                if let Some(bounds) = self.bounds(index)? {
                    let mut items = list.items.borrow_mut();
                    let mut chosen: Vec<usize> = bounds.select(items.len()).indices().collect();
                    chosen.sort_unstable();
                    let old: Vec<Value<H>> = chosen.into_iter().rev().map(|at| items.remove(at)).collect();
                    drop(items);
                    drop(old);
                    return Ok(());
                }
                let at = self.index_of(index, "list")?;
                let old = {
                    let mut items = list.items.borrow_mut();
                    position(at, items.len()).map(|at| items.remove(at))
                };
                old.map(drop).ok_or_else(|| self.out_of_range("list assignment"))
            }
            Value::Dict(dict) => match self.dict_remove(dict, index)? {
                Some(_) => Ok(()),
                None => Err(self.key_error(index)),
            },
            object => {
                if let Some(result) = self.call_special(object, names::DELITEM, std::slice::from_ref(index)) {
                    return self.nested(|| result).map(drop);
                }
                let inner = object.unwrap_payload();
                if inner.is(object) {
                    let name = self.type_name(object);
                    return Err(self.type_error(format!("'{name}' object doesn't support item deletion")));
                }
                self.delete_item(&inner, index)
            }
        }
    }

    /// The place of a value in a range. Numbers are found by arithmetic, others by comparing with each, as classes may have
    /// their own ideas of what is equal.
    pub fn range_index(&self, range: &Value<H>, value: &Value<H>) -> R<Option<usize>, H> {
        let Value::Misc(misc) = range else { return Ok(None) };
        let &Misc::Range { start, stop, step } = &**misc else { return Ok(None) };
        let wanted = match value {
            Value::Int(value) => *value,
            Value::Bool(value) => i64::from(value.get()),
            Value::Float(value) => {
                let value = value.get();
                // The bounds are powers of two: nothing is rounded.
                if value.fract() != 0.0 || !(-9.223_372_036_854_776e18..9.223_372_036_854_776e18).contains(&value) {
                    return Ok(None);
                }
                value as i64
            }
            value if value.object().is_none() => return Ok(None),
            value => {
                let iter = self.iter(range)?;
                let mut at = 0;
                while let Some(item) = self.next(&iter)? {
                    if self.equal(&item, value)? {
                        return Ok(Some(at));
                    }
                    at += 1;
                }
                return Ok(None);
            }
        };
        let (offset, step) = (i128::from(wanted) - i128::from(start), i128::from(step));
        let at = if offset % step == 0 { offset / step } else { -1 };
        Ok(usize::try_from(at).ok().filter(|at| *at < range_len(start, stop, step as i64)))
    }

    /// Exactly `count` values.
    pub(super) fn unpack(&self, value: &Value<H>, count: usize) -> R<Vec<Value<H>>, H> {
        let items = match value {
            Value::Tuple(tuple) => tuple.items.to_vec(),
            Value::List(list) => list.items.borrow().clone(),
            value => {
                let iter = self.iter(value).map_err(|raise| self.explain_unpack(raise, value))?;
                let mut items = Vec::with_capacity(count);
                while items.len() <= count
                    && let Some(item) = self.next(&iter)?
                {
                    items.push(item);
                }
                items
            }
        };
        match items.len() {
            len if len < count => {
                Err(self.value_error(format!("not enough values to unpack (expected {count}, got {len})")))
            }
            len if len > count => Err(self.value_error(format!("too many values to unpack (expected {count})"))),
            _ => Ok(items),
        }
    }

    pub(super) fn unpack_star(&self, value: &Value<H>, before: usize, after: usize) -> R<Vec<Value<H>>, H> {
        let mut items = self.collect(value).map_err(|raise| self.explain_unpack(raise, value))?;
        let len = items.len();
        if len < before + after {
            let expected = before + after;
            let message = format!("not enough values to unpack (expected at least {expected}, got {len})");
            return Err(self.value_error(message));
        }
        let last = items.split_off(len - after);
        let middle = items.split_off(before);
        items.push(Value::list(middle));
        items.extend(last);
        Ok(items)
    }

    fn explain_unpack(&self, raise: super::Raise<H>, value: &Value<H>) -> super::Raise<H> {
        if self.is_a(&raise, "TypeError") {
            return self.type_error(format!("cannot unpack non-iterable {} object", self.type_name(value)));
        }
        raise
    }
}

/// The number at a place of a range, if it has 64 bits: of one that lies in the range it has.
fn range_at(start: i64, step: i64, at: i64) -> Option<i64> {
    i64::try_from(i128::from(start) + i128::from(at) * i128::from(step)).ok()
}

/// How many numbers a range has.
pub fn range_len(start: i64, stop: i64, step: i64) -> usize {
    let (start, stop, step) = (i128::from(start), i128::from(stop), i128::from(step));
    let len = if step > 0 { (stop - start + step - 1) / step } else { (start - stop - step - 1) / -step };
    len.max(0) as usize
}

fn select_chars(text: &str, bytes: bool, selection: &Selection) -> String {
    if bytes {
        let text = text.as_bytes();
        return selection.indices().map(|at| char::from(text[at])).collect();
    }
    let chars: Vec<char> = text.chars().collect();
    selection.indices().map(|at| chars[at]).collect()
}
