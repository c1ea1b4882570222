//! [`WeakValueMap`]: finds objects by a key, and does not keep them alive.

use std::borrow::Borrow;
use std::fmt;
use std::hash::Hash;

use crate::raw::introspect::at_once;
use crate::trace::{Trace, Visitor, visits};
use crate::weak_table::WeakTable;
use crate::{Gc, Heap, Local};

/// A map from keys to objects that does not keep the objects alive. When an object dies, its entry goes.
///
/// It can be a table of interned strings: equal values are one object, as long as a handle to it exists.
///
/// ```
/// use tricycle::{Gc, WeakValueMap};
///
/// let mut names = WeakValueMap::<String, str>::new();
/// let mut intern = |name: &str| names.get_or_insert_with(name.to_owned(), |name| Gc::from(name.as_str()));
///
/// let a = intern("spam");
/// assert!(Gc::ptr_eq(&a, &intern("spam")));
/// drop(a);
/// assert!(names.get("spam").is_none());
/// ```
///
/// # Cost
///
/// That of a [`HashMap`](std::collections::HashMap). The keys of dead objects, and the memory of these objects (not
/// the values), are freed when the map next grows to twice its size.
pub struct WeakValueMap<K, V: ?Sized + 'static, H: Heap = Local> {
    table: WeakTable<K, V, H>,
}

impl<K: Eq + Hash, V: ?Sized + 'static, H: Heap> WeakValueMap<K, V, H> {
    /// Makes an empty map.
    pub fn new() -> Self {
        WeakValueMap { table: WeakTable::default() }
    }

    /// Returns the object of a key, if it is alive.
    pub fn get<Q: Eq + Hash + ?Sized>(&self, key: &Q) -> Option<Gc<V, H>>
    where
        K: Borrow<Q>,
    {
        self.table.get(key)?.upgrade()
    }

    /// Gives a key an object. Returns the object that it had, if that is alive.
    pub fn insert(&mut self, key: K, value: &Gc<V, H>) -> Option<Gc<V, H>> {
        self.table.insert(key, Gc::downgrade(value))?.upgrade()
    }

    /// Returns the object of a key. If there is none that is alive, `make` makes one first.
    pub fn get_or_insert_with(&mut self, key: K, make: impl FnOnce(&K) -> Gc<V, H>) -> Gc<V, H> {
        if let Some(value) = self.get(&key) {
            return value;
        }
        let value = make(&key);
        self.insert(key, &value);
        value
    }

    /// Removes an entry. Returns its object, if that is alive.
    pub fn remove<Q: Eq + Hash + ?Sized>(&mut self, key: &Q) -> Option<Gc<V, H>>
    where
        K: Borrow<Q>,
    {
        self.table.remove(key)?.upgrade()
    }

    /// Removes all entries.
    pub fn clear(&mut self) {
        self.table = WeakTable::default();
    }

    /// Returns the entries of the objects that are alive, in no particular order.
    pub fn iter(&self) -> impl Iterator<Item = (&K, Gc<V, H>)> {
        self.table.alive()
    }
}

impl<K: Eq + Hash, V: ?Sized + 'static, H: Heap> Default for WeakValueMap<K, V, H> {
    fn default() -> Self {
        WeakValueMap::new()
    }
}

impl<K: Eq + Hash + fmt::Debug, V: ?Sized + fmt::Debug + 'static, H: Heap> fmt::Debug for WeakValueMap<K, V, H> {
    /// Formats the entries of the living. Waits for nobody: writes `WeakValueMap(<locked>)` if the thread is not attached and would have
    /// to wait to come in.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        // The `Debug` of objects is user code, and runs when the thread is out again.
        match at_once::<H, Vec<_>>(|| self.iter().collect()) {
            Some(entries) => f.debug_map().entries(entries).finish(),
            None => f.write_str("WeakValueMap(<locked>)"),
        }
    }
}

// SAFETY: clauses 1-3 and 5: each key is visited once, and there are no other strong handles; 4: there is no drop of its own.
#[expect(unsafe_code, reason = "an implementation of `Trace`")]
unsafe impl<K: Trace, V: ?Sized + 'static, H: Heap> Trace for WeakValueMap<K, V, H> {
    const CONTAINER: bool = K::CONTAINER;
    const WEAK: bool = K::WEAK;

    fn trace(&self, visitor: &mut impl Visitor) {
        if visits::<K>() {
            self.table.each_key(|key| key.trace(visitor));
        }
    }
}
