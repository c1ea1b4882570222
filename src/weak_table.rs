//! A table of weak handles: what weak maps and sets consist of.

use std::borrow::Borrow;
use std::collections::HashMap;
use std::hash::Hash;

use crate::{Gc, Heap, Weak};

/// Entries of the dead are looked for when there are twice as many entries as there were alive the last time, but no fewer than
/// this. So an entry more takes constant time on average, and there are no more entries than these, or than twice as many as were
/// alive at one time.
const FEW: usize = 32;

/// Weak handles, each found by a key.
pub(crate) struct WeakTable<K, T: ?Sized, H: Heap> {
    entries: HashMap<K, Weak<T, H>>,
    /// How many there may be before those of the dead are looked for.
    most: usize,
}

impl<K, T: ?Sized, H: Heap> Default for WeakTable<K, T, H> {
    fn default() -> Self {
        WeakTable { entries: HashMap::new(), most: FEW }
    }
}

impl<K, T: ?Sized, H: Heap> WeakTable<K, T, H> {
    /// Calls `f` with the keys, those of the dead included.
    pub(crate) fn each_key(&self, f: impl FnMut(&K)) {
        self.entries.keys().for_each(f);
    }
}

impl<K: Eq + Hash, T: ?Sized, H: Heap> WeakTable<K, T, H> {
    /// Adds an entry. Returns the handle that the key had.
    pub(crate) fn insert(&mut self, key: K, weak: Weak<T, H>) -> Option<Weak<T, H>> {
        if self.entries.len() >= self.most {
            self.forget_the_dead();
        }
        self.entries.insert(key, weak)
    }

    pub(crate) fn get<Q: Eq + Hash + ?Sized>(&self, key: &Q) -> Option<&Weak<T, H>>
    where
        K: Borrow<Q>,
    {
        self.entries.get(key)
    }

    pub(crate) fn remove<Q: Eq + Hash + ?Sized>(&mut self, key: &Q) -> Option<Weak<T, H>>
    where
        K: Borrow<Q>,
    {
        self.entries.remove(key)
    }

    /// The entries of the living.
    pub(crate) fn alive(&self) -> impl Iterator<Item = (&K, Gc<T, H>)> {
        self.entries.iter().filter_map(|(key, weak)| Some((key, weak.upgrade()?)))
    }

    /// The handles, those to the dead included.
    pub(crate) fn into_handles(self) -> impl ExactSizeIterator<Item = Weak<T, H>> {
        self.entries.into_values()
    }

    fn forget_the_dead(&mut self) {
        self.entries.retain(|_, weak| weak.strong_count() > 0);
        self.most = FEW.max(self.entries.len().saturating_mul(2));
        if self.entries.capacity() > self.most.saturating_mul(4) {
            self.entries.shrink_to(self.most);
        }
    }
}
