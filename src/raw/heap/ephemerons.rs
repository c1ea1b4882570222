//! The entries of weak maps: values that live as long as their key, as if they were a field of it. An object has those of which it is
//! the key.
//!
//! The collector sees them as edges of the object. So an entry whose value leads back to its key goes with the key: it is what
//! others call an *ephemeron* (Hayes, "Ephemerons: a new finalization mechanism", OOPSLA 1997), stored with the key.

use std::any::Any;
use std::collections::HashMap;
use std::mem;
use std::sync::atomic::{AtomicU64, Ordering};

use crate::raw::base::panic::{Panic, keep_panic};
use crate::trace::{DynTrace, DynVisitor};

/// Which map an entry is of.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub(crate) struct MapId(u64);

impl MapId {
    /// The name of a new map, which no other one had or will have.
    pub(crate) fn new() -> Self {
        static NEXT: AtomicU64 = AtomicU64::new(0);
        MapId(NEXT.fetch_add(1, Ordering::Relaxed))
    }
}

/// The value of an entry: a handle.
trait Value: DynTrace + Any {}
impl<T: DynTrace + Any> Value for T {}

/// The value of an entry, of which the type has been forgotten. Its key has it.
pub(crate) struct Ephemeron(Box<dyn Value>);

// SAFETY: [I19] the value of an entry on a heap that threads share is a handle of that heap, so its object is `Send` and `Sync`,
// and may be dropped anywhere. It is given out only as what it was, by a map that is `Send` and `Sync` only if the handle is.
unsafe impl Send for Ephemeron {}
// SAFETY: as above.
unsafe impl Sync for Ephemeron {}

impl Ephemeron {
    /// Forgets the type of a handle.
    pub(crate) fn new<T: DynTrace + 'static>(handle: T) -> Self {
        Ephemeron(Box::new(handle))
    }

    /// The handle, if it is of this type.
    pub(crate) fn get<T: 'static>(&self) -> Option<&T> {
        let any: &dyn Any = &*self.0;
        any.downcast_ref()
    }

    /// The same, of one that was taken out.
    pub(crate) fn into_inner<T: 'static>(self) -> Option<T> {
        let any: Box<dyn Any> = self.0;
        any.downcast().ok().map(|handle| *handle)
    }

    /// Shows the edge to a visitor.
    pub(crate) fn trace(&self, visitor: &mut DynVisitor<'_>) {
        self.0.dyn_trace(visitor);
    }
}

/// The entries of which one object is the key. As a rule that is one.
#[derive(Default)]
pub(crate) enum Ephemerons {
    #[default]
    None,
    One(MapId, Ephemeron),
    Many(HashMap<MapId, Ephemeron>),
}

impl Ephemerons {
    pub(super) fn is_empty(&self) -> bool {
        matches!(self, Ephemerons::None)
    }

    pub(super) fn insert(&mut self, map: MapId, value: Ephemeron) -> Option<Ephemeron> {
        let before;
        (*self, before) = match mem::take(self) {
            Ephemerons::None => (Ephemerons::One(map, value), None),
            Ephemerons::One(other, old) if other == map => (Ephemerons::One(map, value), Some(old)),
            Ephemerons::One(other, old) => (Ephemerons::Many(HashMap::from([(other, old), (map, value)])), None),
            Ephemerons::Many(mut all) => {
                let old = all.insert(map, value);
                (Ephemerons::Many(all), old)
            }
        };
        before
    }

    pub(super) fn remove(&mut self, map: MapId) -> Option<Ephemeron> {
        match self {
            Ephemerons::One(other, _) if *other == map => match mem::take(self) {
                Ephemerons::One(_, value) => Some(value),
                Ephemerons::None | Ephemerons::Many(_) => None,
            },
            Ephemerons::Many(all) => {
                let value = all.remove(&map);
                if all.is_empty() {
                    *self = Ephemerons::None;
                }
                value
            }
            Ephemerons::One(..) | Ephemerons::None => None,
        }
    }

    pub(super) fn get(&self, map: MapId) -> Option<&Ephemeron> {
        match self {
            Ephemerons::One(other, value) if *other == map => Some(value),
            Ephemerons::Many(all) => all.get(&map),
            Ephemerons::One(..) | Ephemerons::None => None,
        }
    }

    /// Drops all of it, also if the destructor of some panics: a map that is dropped would leak the rest.
    pub(crate) fn end(self, panic: &mut Option<Panic>) {
        match self {
            Ephemerons::None => {}
            Ephemerons::One(_, value) => keep_panic(panic, || drop(value)),
            Ephemerons::Many(all) => all.into_values().for_each(|value| keep_panic(panic, || drop(value))),
        }
    }

    pub(super) fn each(&self, mut look: impl FnMut(&Ephemeron)) {
        match self {
            Ephemerons::None => {}
            Ephemerons::One(_, value) => look(value),
            Ephemerons::Many(all) => all.values().for_each(look),
        }
    }
}
