//! What weak maps attach to an object: values that live as long as it does, as if they were a field of it.
//!
//! The collector sees them as edges of the object. So an entry whose value leads back to its key goes with the key: it is what
//! others call an *ephemeron* (Hayes, "Ephemerons: a new finalization mechanism", OOPSLA 1997), stored with the key.

use std::any::Any;
use std::collections::HashMap;
use std::mem;
use std::sync::atomic::{AtomicU64, Ordering};

use crate::raw::base::panic::{Panic, keep_panic};
use crate::trace::{DynTrace, DynVisitor};

/// Which map attached something.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub(crate) struct MapId(u64);

impl MapId {
    /// The name of a new map, which no other one had or will have.
    pub(crate) fn new() -> Self {
        static NEXT: AtomicU64 = AtomicU64::new(0);
        MapId(NEXT.fetch_add(1, Ordering::Relaxed))
    }
}

/// Something that is attached: a handle.
trait Attachment: DynTrace + Any {}
impl<T: DynTrace + Any> Attachment for T {}

/// A handle that is attached to an object, of which the type has been forgotten.
pub(crate) struct Attached(Box<dyn Attachment>);

// SAFETY: [I19] what is attached on a heap that threads share is a handle of that heap, so its object is `Send` and `Sync`,
// and may be dropped anywhere. It is given out only as what it was, by a map that is `Send` and `Sync` only if the handle is.
unsafe impl Send for Attached {}
// SAFETY: as above.
unsafe impl Sync for Attached {}

impl Attached {
    /// Forgets the type of a handle.
    pub(crate) fn new<T: DynTrace + 'static>(handle: T) -> Self {
        Attached(Box::new(handle))
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

/// What is attached to one object. As a rule that is one thing, for one map.
#[derive(Default)]
pub(crate) enum Attachments {
    #[default]
    None,
    One(MapId, Attached),
    Many(HashMap<MapId, Attached>),
}

impl Attachments {
    pub(super) fn is_empty(&self) -> bool {
        matches!(self, Attachments::None)
    }

    pub(super) fn insert(&mut self, map: MapId, value: Attached) -> Option<Attached> {
        let before;
        (*self, before) = match mem::take(self) {
            Attachments::None => (Attachments::One(map, value), None),
            Attachments::One(other, old) if other == map => (Attachments::One(map, value), Some(old)),
            Attachments::One(other, old) => (Attachments::Many(HashMap::from([(other, old), (map, value)])), None),
            Attachments::Many(mut all) => {
                let old = all.insert(map, value);
                (Attachments::Many(all), old)
            }
        };
        before
    }

    pub(super) fn remove(&mut self, map: MapId) -> Option<Attached> {
        match self {
            Attachments::One(other, _) if *other == map => match mem::take(self) {
                Attachments::One(_, value) => Some(value),
                Attachments::None | Attachments::Many(_) => None,
            },
            Attachments::Many(all) => {
                let value = all.remove(&map);
                if all.is_empty() {
                    *self = Attachments::None;
                }
                value
            }
            Attachments::One(..) | Attachments::None => None,
        }
    }

    pub(super) fn get(&self, map: MapId) -> Option<&Attached> {
        match self {
            Attachments::One(other, value) if *other == map => Some(value),
            Attachments::Many(all) => all.get(&map),
            Attachments::One(..) | Attachments::None => None,
        }
    }

    /// Drops all of it, also if the destructor of some panics: a map that is dropped would leak the rest.
    pub(crate) fn end(self, panic: &mut Option<Panic>) {
        match self {
            Attachments::None => {}
            Attachments::One(_, value) => keep_panic(panic, || drop(value)),
            Attachments::Many(all) => all.into_values().for_each(|value| keep_panic(panic, || drop(value))),
        }
    }

    pub(super) fn each(&self, mut look: impl FnMut(&Attached)) {
        match self {
            Attachments::None => {}
            Attachments::One(_, value) => look(value),
            Attachments::Many(all) => all.values().for_each(look),
        }
    }
}
