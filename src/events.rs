//! Callbacks at the start and end of collections: CPython's `gc.callbacks`.

use std::cell::{Cell, RefCell};
use std::rc::Rc;
use std::time::Duration;

use crate::raw::destroy::{Panic, keep_panic};
use crate::{Collection, Generation};

/// Which end of a collection a callback is told about.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Phase {
    /// Nothing has been examined yet.
    Start,
    /// Everything is over.
    Stop,
}

/// What a callback is told.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct CollectionEvent {
    /// The start or the end.
    pub phase: Phase,
    /// The oldest generation included.
    pub generation: Generation,
    /// As in [`Collection`]; zero at the start.
    pub collected: usize,
    /// As in [`Collection`]; zero at the start.
    pub uncollectable: usize,
    /// As in [`Collection`]; zero at the start.
    pub candidates: usize,
    /// As in [`Collection`]; zero at the start.
    pub duration: Duration,
}

impl CollectionEvent {
    pub(crate) fn start(generation: Generation) -> Self {
        Self::of(Phase::Start, &Collection::none(generation))
    }

    pub(crate) fn stop(collection: &Collection) -> Self {
        Self::of(Phase::Stop, collection)
    }

    fn of(phase: Phase, collection: &Collection) -> Self {
        let &Collection { generation, collected, uncollectable, candidates, duration } = collection;
        CollectionEvent { phase, generation, collected, uncollectable, candidates, duration }
    }
}

/// Names a callback, so that it can be removed.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct CallbackId(u64);

type Callback = Rc<RefCell<dyn FnMut(&CollectionEvent)>>;

/// The callbacks of a heap, in the order they were added.
#[derive(Default)]
pub(crate) struct Callbacks {
    list: RefCell<Vec<(CallbackId, Callback)>>,
    last: Cell<u64>,
}

impl Callbacks {
    pub(crate) fn add(&self, callback: impl FnMut(&CollectionEvent) + 'static) -> CallbackId {
        let id = CallbackId(self.last.get() + 1);
        self.last.set(id.0);
        self.list.borrow_mut().push((id, Rc::new(RefCell::new(callback))));
        id
    }

    pub(crate) fn remove(&self, id: CallbackId) -> bool {
        let at = self.list.borrow().iter().position(|(other, _)| *other == id);
        // The callback is dropped outside of the borrow: its captures may have destructors that come back here.
        let removed = at.map(|at| self.list.borrow_mut().remove(at));
        removed.is_some()
    }

    pub(crate) fn clear(&self) {
        drop(self.list.take());
    }

    /// Calls each callback. The list may change meanwhile; a callback that is running is not called again.
    pub(crate) fn notify(&self, event: &CollectionEvent, panic: &mut Option<Panic>) {
        let mut at = 0;
        loop {
            let callback = self.list.borrow().get(at).map(|(_, callback)| Rc::clone(callback));
            let Some(callback) = callback else { break };
            keep_panic(panic, || {
                if let Ok(mut callback) = callback.try_borrow_mut() {
                    callback(event);
                }
            });
            keep_panic(panic, || drop(callback));
            at += 1;
        }
    }
}
