//! Callbacks at the start and end of collections: CPython's `gc.callbacks`.

use std::collections::BTreeMap;
use std::ops::Bound::{Excluded, Unbounded};
use std::sync::{Arc, Mutex, TryLockError};
use std::time::Duration;

use crate::raw::base::panic::{Panic, keep_panic};
use crate::raw::base::relaxed::Number;
use crate::raw::base::sync::lock;
use crate::{Collection, Generation};

/// The point in a collection at which a callback is called.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Phase {
    /// The start: nothing has been examined yet.
    Start,
    /// The end: everything is done.
    Stop,
}

/// What a collection tells its callbacks.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct CollectionEvent {
    /// The start or the end.
    pub phase: Phase,
    /// The oldest generation included.
    pub generation: Generation,
    /// Whether this is a part of a collection that goes in steps and began earlier.
    pub in_steps: bool,
    /// See [`Collection`]. Zero at the start.
    pub collected: usize,
    /// See [`Collection`]. Zero at the start.
    pub uncollectable: usize,
    /// See [`Collection`]. Zero at the start.
    pub candidates: usize,
    /// See [`Collection`]. Zero at the start.
    pub duration: Duration,
}

impl CollectionEvent {
    pub(crate) fn start(generation: Generation) -> Self {
        Self::of(Phase::Start, &Collection::none(generation))
    }

    pub(crate) fn stop(collection: &Collection) -> Self {
        Self::of(Phase::Stop, collection)
    }

    /// The same, of a collection that goes in steps.
    pub(crate) fn in_steps(self) -> Self {
        CollectionEvent { in_steps: true, ..self }
    }

    fn of(phase: Phase, collection: &Collection) -> Self {
        let &Collection { generation, collected, uncollectable, candidates, duration } = collection;
        CollectionEvent { phase, generation, in_steps: false, collected, uncollectable, candidates, duration }
    }
}

/// Names a callback, so that it can be removed.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct CallbackId(u64);

type Callback = Arc<Mutex<dyn FnMut(&CollectionEvent)>>;

/// The callbacks of a heap, by number: in the order they were added.
#[derive(Default)]
pub(crate) struct Callbacks {
    list: Mutex<BTreeMap<u64, Callback>>,
    last: Number<u64>,
}

impl Callbacks {
    pub(crate) fn add(&self, callback: impl FnMut(&CollectionEvent) + 'static) -> CallbackId {
        let mut list = lock(&self.list);
        let id = CallbackId(self.last.get() + 1);
        self.last.set(id.0);
        list.insert(id.0, Arc::new(Mutex::new(callback)));
        id
    }

    pub(crate) fn remove(&self, id: CallbackId) -> bool {
        // The callback is dropped without the lock: its captures may have destructors that come back here.
        let removed = lock(&self.list).remove(&id.0);
        removed.is_some()
    }

    pub(crate) fn is_empty(&self) -> bool {
        lock(&self.list).is_empty()
    }

    pub(crate) fn clear(&self) {
        let list = std::mem::take(&mut *lock(&self.list));
        drop(list);
    }

    /// Calls each callback. They may come and go meanwhile: one that is added is called, too, one that is removed is not, and
    /// all others are called once. A callback that is running is not called again.
    pub(crate) fn notify(&self, event: &CollectionEvent, panic: &mut Option<Panic>) {
        let mut last = 0; // they are numbered from one
        let after = |last: u64| {
            let list = lock(&self.list);
            list.range((Excluded(last), Unbounded)).next().map(|(id, callback)| (*id, Arc::clone(callback)))
        };
        while let Some((id, callback)) = after(last) {
            last = id;
            keep_panic(panic, || match callback.try_lock() {
                Ok(mut callback) => callback(event),
                Err(TryLockError::Poisoned(poison)) => poison.into_inner()(event),
                Err(TryLockError::WouldBlock) => {}
            });
            keep_panic(panic, || drop(callback));
        }
    }
}
