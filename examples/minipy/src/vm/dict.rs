//! Dicts and sets: searches that may run Python code, and what is made of them.

use tricycle::{Gc, GcCell};

use super::{R, Vm};
use crate::code::CompareOp;
use crate::heap::Runtime;
use crate::memory;
use crate::name::{Name, names};
use crate::object::{Dict, Found, Set, Table, mix};
use crate::value::Value;

impl<H: Runtime> Vm<H> {
    /// Looks for a key, and does `then` with what was found before any other thread can change the table: this is what
    /// makes the operations of dicts and sets atomic. While Python code compares keys the table is not borrowed, and the
    /// search begins again.
    fn at_place<T>(
        &self,
        table: &GcCell<Table<H>, H>,
        hash: u64,
        key: &Value<H>,
        then: impl FnOnce(&mut Table<H>, Option<usize>) -> T,
    ) -> R<T, H> {
        let mut answers = Vec::new();
        loop {
            let question = {
                let mut table = table.borrow_mut();
                match table.find(hash, key, &answers) {
                    Found::At(place) => return Ok(then(&mut table, Some(place))),
                    Found::Nowhere => return Ok(then(&mut table, None)),
                    Found::Ask(question) => question,
                }
            };
            let equal = self.equal(&question, key)?;
            answers.push((question, equal));
        }
    }

    /// As [`Vm::at_place`], for those who do not change anything.
    fn look<T>(
        &self,
        table: &GcCell<Table<H>, H>,
        key: &Value<H>,
        then: impl FnOnce(&Table<H>, Option<usize>) -> T,
    ) -> R<T, H> {
        let hash = self.table_hash(key)?;
        let mut answers = Vec::new();
        loop {
            let question = {
                let table = table.borrow();
                match table.find(hash, key, &answers) {
                    Found::At(place) => return Ok(then(&table, Some(place))),
                    Found::Nowhere => return Ok(then(&table, None)),
                    Found::Ask(question) => question,
                }
            };
            let equal = self.equal(&question, key)?;
            answers.push((question, equal));
        }
    }

    fn table_hash(&self, key: &Value<H>) -> R<u64, H> {
        self.hash(key).map(mix)
    }

    pub fn dict_get(&self, dict: &Dict<H>, key: &Value<H>) -> R<Option<Value<H>>, H> {
        self.look(&dict.table, key, |table, place| Some(table.at(place?)?.1.clone()))
    }

    pub fn dict_set(&self, dict: &Dict<H>, key: Value<H>, value: Value<H>) -> R<(), H> {
        let hash = self.table_hash(&key)?;
        let old = self.at_place(&dict.table, hash, &key, |table, place| match place {
            Some(place) => Ok(Some(table.replace(place, value))),
            None => match table.make_room() {
                Ok(()) => {
                    table.insert(hash, key.clone(), value);
                    Ok(None)
                }
                Err(none) => Err((none, value)),
            },
        })?;
        old.map(drop).map_err(|(none, value)| {
            drop(value);
            self.no_memory(none)
        })
    }

    /// The value of a key, which is `default` from now on if there was none.
    pub fn dict_set_default(&self, dict: &Dict<H>, key: &Value<H>, default: Value<H>) -> R<Value<H>, H> {
        let hash = self.table_hash(key)?;
        self.at_place(&dict.table, hash, key, |table, place| match place.and_then(|place| table.at(place)) {
            Some((_, value)) => Ok(value.clone()),
            None => table.make_room().map(|()| {
                table.insert(hash, key.clone(), default.clone());
                default.clone()
            }),
        })?
        .map_err(|none| self.no_memory(none))
    }

    pub fn dict_remove(&self, dict: &Dict<H>, key: &Value<H>) -> R<Option<Value<H>>, H> {
        let hash = self.table_hash(key)?;
        let removed = self.at_place(&dict.table, hash, key, |table, place| place.map(|place| table.remove(place)))?;
        Ok(removed.map(|(_, value)| value))
    }

    /// The value of a key that is a string.
    pub fn dict_get_str(&self, dict: &Dict<H>, key: &str) -> R<Option<Value<H>>, H> {
        self.dict_get(dict, &Value::str(key))
    }

    pub fn dict_copy(&self, dict: &Dict<H>) -> R<Gc<Dict<H>, H>, H> {
        let table = dict.table.borrow().duplicate();
        let table = table.map_err(|none| self.no_memory(none))?;
        Ok(memory::object(Dict { table: GcCell::new(table) }))
    }

    pub fn keyword_dict(&self, keywords: &[(Name, Value<H>)]) -> Dict<H> {
        let dict = Dict::new();
        for (name, value) in keywords {
            self.dict_set(&dict, Value::str(&*name.text()), value.clone()).ok().expect("strings are hashable");
        }
        dict
    }

    /// Adds all entries of another dict, or of something with `keys`, or of pairs.
    pub fn dict_update(&self, dict: &Dict<H>, other: &Value<H>, strict: bool) -> R<(), H> {
        let inner = other.unwrap_payload();
        let pairs: Vec<(Value<H>, Value<H>)> = match &inner {
            Value::Dict(other) => other.table.borrow().iter().map(|(k, v)| (k.clone(), v.clone())).collect(),
            inner => match self.get_attribute(inner, names::KEYS) {
                Ok(keys) => {
                    let keys = self.collect(&self.call(&keys, super::Args::none())?)?;
                    let pair = |key: Value<H>| {
                        self.checkpoint()?;
                        Ok((key.clone(), self.get_item(inner, &key)?))
                    };
                    keys.into_iter().map(pair).collect::<R<_, H>>()?
                }
                Err(raise) if !self.is_a(&raise, "AttributeError") => return Err(raise),
                Err(_) if strict => {
                    let name = self.type_name(inner);
                    return Err(self.type_error(format!("argument after ** must be a mapping, not {name}")));
                }
                Err(_) => {
                    let pair = |(at, item): (usize, Value<H>)| {
                        self.checkpoint()?;
                        let parts = self.collect(&item).map_err(|raise| {
                            if !self.is_a(&raise, "TypeError") {
                                return raise;
                            }
                            self.type_error(format!(
                                "cannot convert dictionary update sequence element #{at} to a sequence"
                            ))
                        })?;
                        let len = parts.len();
                        let [key, value]: [Value<H>; 2] = parts.try_into().map_err(|_| {
                            let what =
                                format!("dictionary update sequence element #{at} has length {len}; 2 is required");
                            self.value_error(what)
                        })?;
                        Ok((key, value))
                    };
                    self.collect(inner)?.into_iter().enumerate().map(pair).collect::<R<_, H>>()?
                }
            },
        };
        for (key, value) in pairs {
            self.checkpoint()?;
            if strict && self.dict_get(dict, &key)?.is_some() {
                let name = key.text().unwrap_or("").to_owned();
                return Err(self.type_error(format!("got multiple values for keyword argument '{name}'")));
            }
            self.dict_set(dict, key, value)?;
        }
        Ok(())
    }

    pub(super) fn equal_dicts(&self, a: &Dict<H>, b: &Dict<H>) -> R<bool, H> {
        if a.len() != b.len() {
            return Ok(false);
        }
        let pairs: Vec<_> = a.table.borrow().iter().map(|(key, value)| (key.clone(), value.clone())).collect();
        for (key, value) in pairs {
            self.checkpoint()?;
            match self.dict_get(b, &key)? {
                Some(other) if self.equal(&value, &other)? => {}
                _ => return Ok(false),
            }
        }
        Ok(true)
    }

    pub fn set_add(&self, set: &Set<H>, key: Value<H>) -> R<(), H> {
        let hash = self.table_hash(&key)?;
        self.at_place(&set.table, hash, &key, |table, place| {
            if place.is_none() {
                table.make_room()?;
                table.insert(hash, key.clone(), Value::Unset);
            }
            Ok(())
        })?
        .map_err(|none| self.no_memory(none))
    }

    pub fn set_contains(&self, set: &Set<H>, key: &Value<H>) -> R<bool, H> {
        self.look(&set.table, key, |_, place| place.is_some())
    }

    pub fn set_remove(&self, set: &Set<H>, key: &Value<H>) -> R<bool, H> {
        let hash = self.table_hash(key)?;
        let removed = self.at_place(&set.table, hash, key, |table, place| place.map(|place| table.remove(place)))?;
        Ok(removed.is_some())
    }

    /// A new set of what an iterable has.
    pub fn to_set(&self, value: &Value<H>, frozen: bool) -> R<Gc<Set<H>, H>, H> {
        let set = memory::object(Set::new(frozen));
        for item in self.collect(value)? {
            self.checkpoint()?;
            self.set_add(&set, item)?;
        }
        Ok(set)
    }

    pub(super) fn compare_sets(&self, op: CompareOp, a: &Set<H>, b: &Set<H>) -> R<bool, H> {
        let within = |a: &Set<H>, b: &Set<H>| -> R<bool, H> {
            if a.len() > b.len() {
                return Ok(false);
            }
            let keys = a.table.borrow().hashed();
            for (_, key) in keys {
                self.checkpoint()?;
                if !self.set_contains(b, &key)? {
                    return Ok(false);
                }
            }
            Ok(true)
        };
        let same_len = a.len() == b.len();
        match op {
            CompareOp::Eq => Ok(same_len && within(a, b)?),
            CompareOp::Ne => Ok(!(same_len && within(a, b)?)),
            CompareOp::Le => within(a, b),
            CompareOp::Lt => Ok(!same_len && within(a, b)?),
            CompareOp::Ge => within(b, a),
            _ => Ok(!same_len && within(b, a)?),
        }
    }
}
