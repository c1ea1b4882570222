//! [`WeakMap`] and [`WeakSet`]: data about objects, as long as those live.

use std::fmt;
use std::marker::PhantomData;
use std::mem;

use crate::raw::handle::ephemerons::{Ephemeron, MapId, abandon};
use crate::raw::introspect::at_once;
use crate::trace::{Trace, Visitor};
use crate::weak_table::WeakTable;
use crate::{Gc, Heap, Local};

/// Weak handles by the address of their objects: an address means one object as long as there is a weak handle to it.
type Keys<K, H> = WeakTable<usize, K, H>;

/// Notes an object down. True if it was not there.
fn note<K: ?Sized, H: Heap>(keys: &mut Keys<K, H>, key: &Gc<K, H>) -> bool {
    let new = keys.get(&key.address()).is_none();
    if new {
        keys.insert(key.address(), Gc::downgrade(key));
    }
    new
}

/// A map from objects to values. It does not keep the objects alive, and keeps a value no longer than its object.
///
/// Keys are compared by identity, whatever their type. An entry goes with its key: at once, if the key goes by
/// count, and in the collection that finds it, if the key is part of a cycle. All values go with the map.
///
/// The value may lead back to the key. The collector looks at a value as if it were a field of its key, so such an
/// entry goes like any other cycle. (This is called an *ephemeron*. With weak handles in a `HashMap<_, Gc<V>>`,
/// such a key would live for ever.)
///
/// Use it for data that one part of a program keeps about the objects of another: caches, tags, private fields.
///
/// ```
/// use tricycle::{Gc, GcCell, Local, Trace, WeakMap};
///
/// #[derive(Trace)]
/// struct Page { url: String, parent: Option<Gc<Page>> }
/// #[derive(Trace)]
/// struct Layout { of: Gc<Page>, height: u32 }
///
/// let page = Gc::new(Page { url: "/".into(), parent: None });
/// let mut layouts = WeakMap::new();
/// layouts.insert(&page, Gc::new(Layout { of: page.clone(), height: 480 }));
/// assert_eq!(layouts.get(&page).unwrap().height, 480);
///
/// drop(page); // its layout leads to it, so counts do not tell
/// assert_eq!(Local.collect().collected, 2);
/// assert_eq!(layouts.iter().count(), 0);
/// ```
///
/// # Limits
///
/// * The collector does not look at a key that can hold no handles, such as a `Gc<String>`. If the value leads back to such a key, both
///   leak.
/// * Only the key keeps the value. If the value leads to the map, and nothing else does, the map lives as long as the key.
///
/// # Cost
///
/// An operation takes constant time. It looks into a table of the map and into the heap's side table, which has a lock if threads share
/// the heap. ([`WeakMap::get`] looks into the side table only.) Beside its value, an entry takes an entry of each table, and a box of
/// one handle. The memory of dead keys (not their values) is given back when the map next grows to twice its size.
pub struct WeakMap<K: ?Sized + 'static, V: ?Sized + 'static, H: Heap = Local> {
    id: MapId,
    keys: Keys<K, H>,
    values: PhantomData<Gc<V, H>>,
}

impl<K: ?Sized + 'static, V: ?Sized + 'static, H: Heap> WeakMap<K, V, H> {
    /// Makes an empty map.
    pub fn new() -> Self {
        WeakMap { id: MapId::new(), keys: Keys::default(), values: PhantomData }
    }

    /// Returns the value of an object, if it has one in this map.
    pub fn get(&self, key: &Gc<K, H>) -> Option<Gc<V, H>> {
        key.handle().with_ephemeron(self.id, |value| value.get::<Gc<V, H>>().cloned()).flatten()
    }

    /// Returns whether an object has a value in this map.
    pub fn contains_key(&self, key: &Gc<K, H>) -> bool {
        key.handle().with_ephemeron(self.id, |_| ()).is_some()
    }

    /// Gives an object a value. Returns the value that it had.
    ///
    /// ```
    /// use tricycle::{Gc, WeakMap};
    ///
    /// let (key, mut map) = (Gc::new(1), WeakMap::new());
    /// assert!(map.insert(&key, Gc::new("a")).is_none());
    /// assert_eq!(*map.insert(&key, Gc::new("b")).unwrap(), "a");
    /// ```
    pub fn insert(&mut self, key: &Gc<K, H>, value: Gc<V, H>) -> Option<Gc<V, H>> {
        note(&mut self.keys, key);
        key.handle().insert_ephemeron(self.id, Ephemeron::new(value)).and_then(Ephemeron::into_inner)
    }

    /// Returns the value of an object. If it has none, `make` makes one first.
    ///
    /// ```
    /// use tricycle::{Gc, WeakMap};
    ///
    /// let (key, mut map) = (Gc::new(1), WeakMap::new());
    /// for _ in 0..2 {
    ///     assert_eq!(*map.get_or_insert_with(&key, || Gc::new("made once")), "made once");
    /// }
    /// ```
    pub fn get_or_insert_with(&mut self, key: &Gc<K, H>, make: impl FnOnce() -> Gc<V, H>) -> Gc<V, H> {
        if let Some(value) = self.get(key) {
            return value;
        }
        let value = make();
        drop(self.insert(key, value.clone()));
        value
    }

    /// Removes the value of an object, and returns it.
    pub fn remove(&mut self, key: &Gc<K, H>) -> Option<Gc<V, H>> {
        self.keys.remove(&key.address())?.remove_ephemeron(self.id)?.into_inner()
    }

    /// Removes all entries.
    pub fn clear(&mut self) {
        abandon(self.id, mem::take(&mut self.keys).into_handles());
    }

    /// Removes the entries for which `keep` returns false.
    ///
    /// ```
    /// use tricycle::{Gc, WeakMap};
    ///
    /// let keys = [1, 2, 3].map(Gc::new);
    /// let mut map = WeakMap::new();
    /// keys.iter().for_each(|key| drop(map.insert(key, key.clone())));
    /// map.retain(|_, value| **value != 2);
    /// assert!(map.get(&keys[1]).is_none() && map.get(&keys[2]).is_some());
    /// ```
    pub fn retain(&mut self, mut keep: impl FnMut(&Gc<K, H>, &Gc<V, H>) -> bool) {
        let gone: Vec<_> = self.iter().filter(|(key, value)| !keep(key, value)).map(|(key, _)| key).collect();
        for key in gone {
            drop(self.remove(&key));
        }
    }

    /// Returns the entries of the objects that are alive, in no particular order.
    pub fn iter(&self) -> impl Iterator<Item = (Gc<K, H>, Gc<V, H>)> {
        self.keys.alive().filter_map(|(_, key)| self.get(&key).map(|value| (key, value)))
    }

    /// Returns the objects that are alive and have a value in this map, in no particular order.
    pub fn keys(&self) -> impl Iterator<Item = Gc<K, H>> {
        self.iter().map(|(key, _)| key)
    }

    /// Returns the values of the objects that are alive, in no particular order.
    pub fn values(&self) -> impl Iterator<Item = Gc<V, H>> {
        self.iter().map(|(_, value)| value)
    }
}

impl<K: ?Sized + 'static, V: ?Sized + 'static, H: Heap> Drop for WeakMap<K, V, H> {
    fn drop(&mut self) {
        self.clear();
    }
}

impl<K: ?Sized + 'static, V: ?Sized + 'static, H: Heap> Default for WeakMap<K, V, H> {
    fn default() -> Self {
        WeakMap::new()
    }
}

impl<K: ?Sized + fmt::Debug + 'static, V: ?Sized + fmt::Debug + 'static, H: Heap> fmt::Debug for WeakMap<K, V, H> {
    /// Formats the entries of the living. Waits for nobody: writes `WeakMap(<locked>)` if the thread is not attached and would have to
    /// wait to come in.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        // Their `Debug` is user code, and runs when the thread is out again.
        match at_once::<H, Vec<_>>(|| self.iter().collect()) {
            Some(entries) => f.debug_map().entries(entries).finish(),
            None => f.write_str("WeakMap(<locked>)"),
        }
    }
}

impl<'a, K: ?Sized + 'static, V: ?Sized + 'static, H: Heap> Extend<(&'a Gc<K, H>, Gc<V, H>)> for WeakMap<K, V, H> {
    fn extend<I: IntoIterator<Item = (&'a Gc<K, H>, Gc<V, H>)>>(&mut self, entries: I) {
        entries.into_iter().for_each(|(key, value)| drop(self.insert(key, value)));
    }
}

impl<'a, K: ?Sized + 'static, V: ?Sized + 'static, H: Heap> FromIterator<(&'a Gc<K, H>, Gc<V, H>)>
    for WeakMap<K, V, H>
{
    fn from_iter<I: IntoIterator<Item = (&'a Gc<K, H>, Gc<V, H>)>>(entries: I) -> Self {
        let mut map = WeakMap::new();
        map.extend(entries);
        map
    }
}

// SAFETY: clauses 1-3 and 5: a map owns no handle; those to its values are their keys'. 4: its drop lets go of these, as the drop of
// the keys would.
#[expect(unsafe_code, reason = "an implementation of `Trace`")]
unsafe impl<K: ?Sized + 'static, V: ?Sized + 'static, H: Heap> Trace for WeakMap<K, V, H> {
    const CONTAINER: bool = false;

    fn trace(&self, _: &mut impl Visitor) {}
}

/// A set of objects that does not keep them alive.
///
/// Objects are compared by identity. An object that dies leaves the set.
///
/// ```
/// use tricycle::{Gc, WeakSet};
///
/// let (seen, other) = (Gc::new(1), Gc::new(1));
/// let mut set = WeakSet::new();
/// assert!(set.insert(&seen) && !set.insert(&seen));
/// assert!(set.contains(&seen) && !set.contains(&other));
/// drop(seen);
/// assert_eq!(set.iter().count(), 0);
/// ```
///
/// # Cost
///
/// An operation takes constant time. The memory of dead objects (not their values) is given back when the set next grows to twice
/// its size.
pub struct WeakSet<T: ?Sized + 'static, H: Heap = Local> {
    keys: Keys<T, H>,
}

impl<T: ?Sized + 'static, H: Heap> WeakSet<T, H> {
    /// Makes an empty set.
    pub fn new() -> Self {
        WeakSet { keys: Keys::default() }
    }

    /// Adds an object. Returns whether it is new to the set.
    pub fn insert(&mut self, object: &Gc<T, H>) -> bool {
        note(&mut self.keys, object)
    }

    /// Removes an object. Returns whether it was in the set.
    pub fn remove(&mut self, object: &Gc<T, H>) -> bool {
        self.keys.remove(&object.address()).is_some()
    }

    /// Returns whether an object is in the set.
    pub fn contains(&self, object: &Gc<T, H>) -> bool {
        self.keys.get(&object.address()).is_some()
    }

    /// Removes all objects.
    pub fn clear(&mut self) {
        self.keys = Keys::default();
    }

    /// Returns the objects that are alive, in no particular order.
    pub fn iter(&self) -> impl Iterator<Item = Gc<T, H>> {
        self.keys.alive().map(|(_, object)| object)
    }
}

impl<T: ?Sized + 'static, H: Heap> Default for WeakSet<T, H> {
    fn default() -> Self {
        WeakSet::new()
    }
}

impl<T: ?Sized + fmt::Debug + 'static, H: Heap> fmt::Debug for WeakSet<T, H> {
    /// Formats the objects that are alive. Waits for nobody: writes `WeakSet(<locked>)` if the thread is not attached and would have to
    /// wait to come in.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        // As with a map.
        match at_once::<H, Vec<_>>(|| self.iter().collect()) {
            Some(objects) => f.debug_set().entries(objects).finish(),
            None => f.write_str("WeakSet(<locked>)"),
        }
    }
}

impl<'a, T: ?Sized + 'static, H: Heap> Extend<&'a Gc<T, H>> for WeakSet<T, H> {
    fn extend<I: IntoIterator<Item = &'a Gc<T, H>>>(&mut self, objects: I) {
        objects.into_iter().for_each(|object| _ = self.insert(object));
    }
}

impl<'a, T: ?Sized + 'static, H: Heap> FromIterator<&'a Gc<T, H>> for WeakSet<T, H> {
    fn from_iter<I: IntoIterator<Item = &'a Gc<T, H>>>(objects: I) -> Self {
        let mut set = WeakSet::new();
        set.extend(objects);
        set
    }
}

// SAFETY: clauses 1-3 and 5: there is no strong handle; 4: its drop does not look at the objects.
#[expect(unsafe_code, reason = "an implementation of `Trace`")]
unsafe impl<T: ?Sized + 'static, H: Heap> Trace for WeakSet<T, H> {
    const CONTAINER: bool = false;

    fn trace(&self, _: &mut impl Visitor) {}
}
