//! A hash table that keeps the order of insertion, as CPython's dict does: entries in a vector, and an index into it.
//!
//! Comparing two keys may be Python code, which must not run while the table is borrowed. So a search compares what it can
//! by itself, and asks about the keys that it cannot decide about; see `vm/dict.rs`.

use hashbrown::HashTable;
use tricycle::Trace;

use crate::heap::Runtime;
use crate::memory::{self, NoMemory};
use crate::value::Value;

/// Up to this many entries are searched one by one.
const SMALL: usize = 8;

#[derive(Trace)]
#[trace(bound = "H: Runtime")]
pub struct Entry<H: Runtime> {
    pub hash: u64,
    /// Unset if the entry was deleted.
    pub key: Value<H>,
    pub value: Value<H>,
}

#[derive(Trace)]
#[trace(bound = "H: Runtime")]
pub struct Table<H: Runtime> {
    entries: Vec<Entry<H>>,
    /// Empty while the table is small.
    #[trace(skip)]
    index: HashTable<u32>,
    live: usize,
}

/// The outcome of a search.
pub enum Found<H: Runtime> {
    At(usize),
    Nowhere,
    /// Only Python code can say whether this key, which has the right hash, is the one.
    Ask(Value<H>),
}

/// The hash of a key as the index needs it: well mixed.
pub fn mix(hash: u64) -> u64 {
    let product = u128::from(hash ^ 0x9E37_79B9_7F4A_7C15) * 0xA076_1D64_78BD_642F;
    (product >> 64) as u64 ^ product as u64
}

/// Whether two values are equal, if that can be told without running Python code.
pub fn equal_quickly<H: Runtime>(a: &Value<H>, b: &Value<H>) -> Option<bool> {
    match (a, b) {
        (Value::Str(a), Value::Str(b)) => Some(tricycle::Gc::ptr_eq(a, b) || ***a == ***b),
        (Value::Int(a), Value::Int(b)) => Some(a == b),
        _ if a.is(b) => Some(true),
        (
            Value::Str(_) | Value::None,
            Value::Int(_) | Value::Float(_) | Value::Bool(_) | Value::Str(_) | Value::None,
        )
        | (Value::Int(_), Value::Str(_) | Value::None) => Some(false),
        (Value::Float(a), Value::Float(b)) => Some(a.get() == b.get()),
        _ => None,
    }
}

impl<H: Runtime> Table<H> {
    pub fn new() -> Self {
        Table { entries: Vec::new(), index: HashTable::new(), live: 0 }
    }

    pub fn len(&self) -> usize {
        self.live
    }

    /// The number of places, deleted entries included.
    pub fn places(&self) -> usize {
        self.entries.len()
    }

    /// The entry at a place, unless it was deleted.
    pub fn at(&self, place: usize) -> Option<(&Value<H>, &Value<H>)> {
        self.entries.get(place).filter(|entry| !entry.key.is_unset()).map(|entry| (&entry.key, &entry.value))
    }

    pub fn hash_at(&self, place: usize) -> u64 {
        self.entries[place].hash
    }

    pub fn iter(&self) -> impl DoubleEndedIterator<Item = (&Value<H>, &Value<H>)> {
        self.entries.iter().filter(|entry| !entry.key.is_unset()).map(|entry| (&entry.key, &entry.value))
    }

    /// Searches for a key. `answers` has the keys that Python code has compared with it so far.
    pub fn find(&self, hash: u64, key: &Value<H>, answers: &[(Value<H>, bool)]) -> Found<H> {
        let mut question = None;
        let mut matches = |place: usize| {
            let entry = &self.entries[place];
            if entry.hash != hash || entry.key.is_unset() {
                return false;
            }
            let answer = || answers.iter().find(|(known, _)| known.is(&entry.key)).map(|(_, equal)| *equal);
            equal_quickly(&entry.key, key).or_else(answer).unwrap_or_else(|| {
                question.get_or_insert_with(|| entry.key.clone());
                false
            })
        };
        let place = if self.index.is_empty() {
            (0..self.entries.len()).find(|&place| matches(place))
        } else {
            self.index.find(hash, |&place| matches(place as usize)).map(|&place| place as usize)
        };
        match (place, question) {
            (Some(place), _) => Found::At(place),
            (None, None) => Found::Nowhere,
            (None, Some(key)) => Found::Ask(key),
        }
    }

    /// Puts another value at a place; returns the old one.
    pub fn replace(&mut self, place: usize, value: Value<H>) -> Value<H> {
        std::mem::replace(&mut self.entries[place].value, value)
    }

    /// Makes room for another entry.
    pub fn make_room(&mut self) -> Result<(), NoMemory> {
        if self.entries.len() > SMALL && self.live < self.entries.len() / 2 {
            self.compact();
        }
        memory::reserve(&mut self.entries, 1)?;
        if self.index.capacity() > self.index.len() || self.entries.len() < SMALL {
            return Ok(());
        }
        let more = if self.index.is_empty() { self.entries.len() + 1 } else { 1 };
        let entries = &self.entries;
        let room = self.index.try_reserve(more, |&place| entries[place as usize].hash);
        room.map_err(|_| NoMemory)?;
        memory::spend(self.index.capacity() * size_of::<u32>());
        Ok(())
    }

    /// Adds an entry whose key is known not to be there. There is room.
    pub fn insert(&mut self, hash: u64, key: Value<H>, value: Value<H>) {
        let place = self.entries.len();
        self.entries.push(Entry { hash, key, value });
        self.live += 1;
        if !self.index.is_empty() {
            let entries = &self.entries;
            self.index.insert_unique(hash, place as u32, |&place| entries[place as usize].hash);
        } else if place >= SMALL {
            self.build_index();
        }
    }

    /// Removes the entry at a place.
    pub fn remove(&mut self, place: usize) -> (Value<H>, Value<H>) {
        let entry = &mut self.entries[place];
        let key = std::mem::replace(&mut entry.key, Value::Unset);
        let value = std::mem::replace(&mut entry.value, Value::Unset);
        if let Ok(found) = self.index.find_entry(entry.hash, |&other| other as usize == place) {
            found.remove();
        }
        self.live -= 1;
        while self.entries.last().is_some_and(|entry| entry.key.is_unset()) {
            self.entries.pop();
        }
        (key, value)
    }

    /// The place of the first entry.
    pub fn first(&self) -> Option<usize> {
        self.entries.iter().position(|entry| !entry.key.is_unset())
    }

    /// The place of the last entry.
    pub fn last(&self) -> Option<usize> {
        self.entries.len().checked_sub(1)
    }

    fn compact(&mut self) {
        self.entries.retain(|entry| !entry.key.is_unset());
        self.index.clear();
        if self.entries.len() > SMALL {
            self.build_index();
        }
    }

    fn build_index(&mut self) {
        let entries = &self.entries;
        for (place, entry) in entries.iter().enumerate() {
            if !entry.key.is_unset() {
                self.index.insert_unique(entry.hash, place as u32, |&place| entries[place as usize].hash);
            }
        }
    }

    /// A copy; of the keys only for a set, whose values are unset.
    pub fn duplicate(&self) -> Result<Self, NoMemory> {
        let mut copy = Table::new();
        for entry in self.entries.iter().filter(|entry| !entry.key.is_unset()) {
            copy.make_room()?;
            copy.insert(entry.hash, entry.key.clone(), entry.value.clone());
        }
        Ok(copy)
    }

    /// The keys.
    pub fn keys(&self) -> Result<Vec<Value<H>>, NoMemory> {
        memory::gather(self.live, self.iter().map(|(key, _)| key.clone()))
    }

    /// Everything with its hash, for set operations.
    pub fn hashed(&self) -> Vec<(u64, Value<H>)> {
        let entries = self.entries.iter().filter(|entry| !entry.key.is_unset());
        entries.map(|entry| (entry.hash, entry.key.clone())).collect()
    }
}
