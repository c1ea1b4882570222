//! Iteration.

use tricycle::Gc;

use super::exec::Outcome;
use super::item::range_len;
use super::{Args, R, Vm};
use crate::heap::Runtime;
use crate::memory::{self, NoMemory};
use crate::name::names;
use crate::object::{Dict, Iter, IterState, Misc, Table, View};
use crate::value::Value;

impl<H: Runtime> Vm<H> {
    /// Python's `iter`.
    pub fn iter(&self, value: &Value<H>) -> R<Value<H>, H> {
        let state = match value {
            Value::List(list) => IterState::List { list: list.clone(), at: 0 },
            Value::Tuple(tuple) => IterState::Tuple { tuple: tuple.clone(), at: 0 },
            Value::Str(text) => IterState::Text { text: text.clone(), at: 0 },
            Value::Dict(dict) => return Ok(iter_dict(dict, View::Keys)),
            Value::Set(set) => {
                let set = set.clone();
                return Ok(Iter::create_then(|| IterState::Set { len: set.len(), set, at: 0 }));
            }
            Value::Generator(_) | Value::Iter(_) => return Ok(value.clone()),
            Value::Misc(misc) => match &**misc {
                &Misc::Range { start, stop, step } => IterState::Range { next: start, stop, step },
                Misc::View { dict, what } => return Ok(iter_dict(dict, *what)),
                _ => return Err(self.not_iterable(value)),
            },
            value => {
                if let Some(result) = self.call_special(value, names::ITER, &[]) {
                    let iter = self.nested(|| result)?;
                    let is_iterator = matches!(iter, Value::Generator(_) | Value::Iter(_))
                        || self.special(&iter, names::NEXT).is_some();
                    if !is_iterator {
                        let name = self.type_name(&iter);
                        return Err(self.type_error(format!("iter() returned non-iterator of type '{name}'")));
                    }
                    return Ok(iter);
                }
                if value.object().is_some() && self.special(value, names::GETITEM).is_some() {
                    return Ok(Iter::create(IterState::Sequence { object: value.clone(), at: 0 }));
                }
                let inner = value.unwrap_payload();
                return if inner.is(value) { Err(self.not_iterable(value)) } else { self.iter(&inner) };
            }
        };
        Ok(Iter::create(state))
    }

    fn not_iterable(&self, value: &Value<H>) -> super::Raise<H> {
        self.type_error(format!("'{}' object is not iterable", self.type_name(value)))
    }

    /// The next value of an iterator; nothing if it has no more. A checkpoint: built-in functions that go over something
    /// take each step with this.
    pub fn next(&self, iter: &Value<H>) -> R<Option<Value<H>>, H> {
        self.checkpoint()?;
        self.advance(iter)
    }

    /// As [`Vm::next`], without the checkpoint, for loops that have one.
    pub(super) fn advance(&self, iter: &Value<H>) -> R<Option<Value<H>>, H> {
        match iter {
            Value::Iter(iter) => self.next_builtin(iter),
            Value::Generator(generator) => match self.resume(generator, Ok(Value::None))? {
                Outcome::Yielded(value) => Ok(Some(value)),
                Outcome::Returned(_) => Ok(None),
            },
            iter => match self.call_special(iter, names::NEXT, &[]) {
                Some(Ok(value)) => Ok(Some(value)),
                Some(Err(raise)) if self.is_a(&raise, "StopIteration") => Ok(None),
                Some(Err(raise)) => Err(raise),
                None => Err(self.type_error(format!("'{}' object is not an iterator", self.type_name(iter)))),
            },
        }
    }

    fn next_builtin(&self, iter: &Gc<Iter<H>, H>) -> R<Option<Value<H>>, H> {
        loop {
            match self.try_next(iter)? {
                Ok(value) => return Ok(value),
                Err(busy) => self.wait_for(&busy),
            }
        }
    }

    /// Waits until nobody changes a container any more.
    fn wait_for(&self, container: &Value<H>) {
        match container {
            Value::List(list) => drop(list.items.borrow()),
            Value::Dict(dict) => drop(dict.table.borrow()),
            Value::Set(set) => drop(set.table.borrow()),
            _ => {}
        }
    }

    /// The next value; or the container, if another thread is changing it. While the iterator is borrowed there must be no
    /// waiting, for that may run finalizers, and those may come back to the iterator.
    fn try_next(&self, iter: &Gc<Iter<H>, H>) -> R<Result<Option<Value<H>>, Value<H>>, H> {
        let mut state = iter.state.borrow_mut();
        macro_rules! unless_busy {
            ($what:expr, $cell:expr, $variant:path) => {
                match $cell.try_borrow() {
                    Ok(borrowed) => borrowed,
                    Err(_) => return Ok(Err($variant($what.clone()))),
                }
            };
        }
        let value = match &mut *state {
            IterState::Finished => return Ok(Ok(None)),
            IterState::Range { next, stop, step } => {
                if range_len(*next, *stop, *step) == 0 {
                    return Ok(Ok(None));
                }
                let value = *next;
                *next = next.saturating_add(*step);
                Some(Value::Int(value))
            }
            IterState::List { list, at } => {
                let items = unless_busy!(list, list.items, Value::List);
                *at += 1;
                items.get(*at - 1).cloned()
            }
            IterState::ListReversed { list, left } => {
                let items = unless_busy!(list, list.items, Value::List);
                // The list may have become shorter.
                let at = (*left).min(items.len()).checked_sub(1);
                *left = at.unwrap_or(0);
                at.map(|at| items[at].clone())
            }
            IterState::Tuple { tuple, at } => {
                *at += 1;
                tuple.items.get(*at - 1).cloned()
            }
            IterState::Text { text, at } => match text[*at..].chars().next() {
                Some(c) => {
                    *at += c.len_utf8();
                    // Making an object may run finalizers, which may look at the iterator.
                    drop(state);
                    return Ok(Ok(Some(self.character(c))));
                }
                None => None,
            },
            IterState::Dict { dict, at, len, what } => {
                let table = unless_busy!(dict, dict.table, Value::Dict);
                if table.len() != *len {
                    drop(table);
                    drop(state);
                    return Err(self.error("RuntimeError", "dictionary changed size during iteration"));
                }
                match next_entry(&table, at) {
                    Some((key, _)) if *what == View::Keys as u8 => Some(key.clone()),
                    Some((_, value)) if *what == View::Values as u8 => Some(value.clone()),
                    Some((key, value)) => {
                        let pair = [key.clone(), value.clone()];
                        drop(table);
                        drop(state);
                        return Ok(Ok(Some(Value::tuple(pair))));
                    }
                    None => None,
                }
            }
            IterState::DictReversed { dict, left } => {
                let table = unless_busy!(dict, dict.table, Value::Dict);
                let mut found = None;
                while *left > 0 && found.is_none() {
                    *left -= 1;
                    found = table.at(*left).map(|(key, _)| key.clone());
                }
                found
            }
            IterState::Set { set, at, len } => {
                let table = unless_busy!(set, set.table, Value::Set);
                if table.len() != *len {
                    drop(table);
                    drop(state);
                    return Err(self.error("RuntimeError", "Set changed size during iteration"));
                }
                next_entry(&table, at).map(|(key, _)| key.clone())
            }
            // The others run code, which may come back to this iterator.
            _ => {
                let copy = state.clone();
                drop(state);
                return self.nested(|| self.next_calling(iter, copy)).map(Ok);
            }
        };
        if value.is_none() {
            // What it went over may go now.
            let old = std::mem::replace(&mut *state, IterState::Finished);
            drop(state);
            drop(old);
        }
        Ok(Ok(value))
    }

    fn next_calling(&self, iter: &Gc<Iter<H>, H>, state: IterState<H>) -> R<Option<Value<H>>, H> {
        let finish = |value: Option<Value<H>>| {
            if value.is_none() {
                drop(iter.state.replace(IterState::Finished));
            }
            value
        };
        let value = match state {
            IterState::Sequence { object, at } => {
                iter.state.set(IterState::Sequence { object: object.clone(), at: at + 1 });
                match self.get_item(&object, &Value::Int(at)) {
                    Ok(value) => Some(value),
                    Err(raise) if self.is_a(&raise, "IndexError") || self.is_a(&raise, "StopIteration") => None,
                    Err(raise) => return Err(raise),
                }
            }
            IterState::SequenceReversed { object, left } => {
                if left == 0 {
                    None
                } else {
                    iter.state.set(IterState::SequenceReversed { object: object.clone(), left: left - 1 });
                    Some(self.get_item(&object, &Value::Int(left - 1))?)
                }
            }
            IterState::Calls { function, sentinel } => {
                let value = self.call(&function, Args::none())?;
                if self.equal(&value, &sentinel)? { None } else { Some(value) }
            }
            IterState::Enumerate { inner, at } => {
                let after = at.checked_add(1);
                iter.state.set(IterState::Enumerate { inner: inner.clone(), at: after.unwrap_or(at) });
                match self.next(&inner)? {
                    Some(_) if after.is_none() => return Err(self.overflow()),
                    value => value.map(|value| Value::tuple([Value::Int(at), value])),
                }
            }
            IterState::Zip { inner, strict } => self.next_zip(&inner, strict)?,
            IterState::Map { function, inner } => {
                let mut args = Vec::with_capacity(inner.len());
                for iter in &inner {
                    match self.next(iter)? {
                        Some(value) => args.push(value),
                        None => return Ok(finish(None)),
                    }
                }
                Some(self.call(&function, Args::of(&args))?)
            }
            IterState::Filter { function, inner } => loop {
                let Some(value) = self.next(&inner)? else { break None };
                let keep = match &function {
                    Value::None => self.truth(&value)?,
                    function => self.truth(&self.call1(function, value.clone())?)?,
                };
                if keep {
                    break Some(value);
                }
            },
            _ => unreachable!("the others run no code"),
        };
        Ok(finish(value))
    }

    fn next_zip(&self, inner: &[Value<H>], strict: bool) -> R<Option<Value<H>>, H> {
        let mut items = Vec::with_capacity(inner.len());
        for (at, iter) in inner.iter().enumerate() {
            match self.next(iter)? {
                Some(value) => items.push(value),
                None if strict && at > 0 => {
                    let what = if at == 1 { "argument 1".to_owned() } else { format!("arguments 1-{at}") };
                    return Err(self.value_error(format!("zip() argument {} is shorter than {what}", at + 1)));
                }
                None => {
                    for (later, iter) in inner.iter().enumerate().skip(1).filter(|_| strict) {
                        if self.next(iter)?.is_some() {
                            let what =
                                if later == 1 { "argument 1".to_owned() } else { format!("arguments 1-{later}") };
                            return Err(self.value_error(format!("zip() argument {} is longer than {what}", later + 1)));
                        }
                    }
                    return Ok(None);
                }
            }
        }
        Ok(if items.is_empty() { None } else { Some(Value::tuple(items)) })
    }

    /// All values of an iterable. Of a built-in container, those that it has at one moment: others may change it, but not in
    /// between.
    pub fn collect(&self, value: &Value<H>) -> R<Vec<Value<H>>, H> {
        if let Some(items) = self.collect_at_once(value) {
            return items.map_err(|none| self.no_memory(none));
        }
        let iter = self.iter(value)?;
        let mut items = Vec::new();
        while let Some(item) = self.next(&iter)? {
            memory::reserve(&mut items, 1).map_err(|none| self.no_memory(none))?;
            items.push(item);
        }
        Ok(items)
    }

    fn collect_at_once(&self, value: &Value<H>) -> Option<Result<Vec<Value<H>>, NoMemory>> {
        let view = |dict: &Dict<H>, what: View| {
            let table = dict.table.borrow();
            match what {
                View::Keys => return table.keys(),
                View::Values => return memory::gather(table.len(), table.iter().map(|(_, value)| value.clone())),
                View::Items => {}
            }
            let pairs = table.iter().map(|(key, value)| [key.clone(), value.clone()]);
            let pairs = memory::gather(table.len(), pairs)?;
            drop(table);
            memory::gather(pairs.len(), pairs.into_iter().map(Value::tuple))
        };
        Some(match value {
            Value::List(list) => list.copy(),
            Value::Tuple(tuple) => memory::gather(tuple.items.len(), tuple.items.iter().cloned()),
            Value::Dict(dict) => dict.table.borrow().keys(),
            Value::Set(set) => set.table.borrow().keys(),
            Value::Misc(misc) if let Misc::View { dict, what } = &**misc => view(dict, *what),
            _ => return None,
        })
    }

    /// The numbers of a range.
    pub(super) fn collect_ints(&self, value: &Value<H>) -> Option<(i64, i64, usize)> {
        let Value::Misc(misc) = value else { return None };
        let &Misc::Range { start, stop, step } = &**misc else { return None };
        match range_len(start, stop, step) {
            0 => Some((0, 0, 0)),
            1 => Some((start, 0, 1)),
            len => Some((start, step, len)),
        }
    }
}

/// An iterator over a dict, which is to keep the length that it has when there is one.
fn iter_dict<H: Runtime>(dict: &Gc<Dict<H>, H>, what: View) -> Value<H> {
    let dict = dict.clone();
    Iter::create_then(|| IterState::Dict { len: dict.len(), dict, at: 0, what: what as u8 })
}

fn next_entry<'a, H: Runtime>(table: &'a Table<H>, at: &mut usize) -> Option<(&'a Value<H>, &'a Value<H>)> {
    while *at < table.places() {
        *at += 1;
        if let Some(entry) = table.at(*at - 1) {
            return Some(entry);
        }
    }
    None
}
