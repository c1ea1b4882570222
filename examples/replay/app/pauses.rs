//! Records how long each collection takes.

use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use tricycle::{CallbackId, CollectionEvent, Heap, Phase};

/// Listens to the collections of a heap until it is stopped.
#[derive(Debug)]
pub(crate) struct Recorder<H> {
    heap: H,
    callback: CallbackId,
    pauses: Arc<Mutex<Vec<Duration>>>,
}

impl<H: Heap> Recorder<H> {
    pub(crate) fn start(heap: H) -> Self {
        let pauses = Arc::new(Mutex::new(Vec::new()));
        let record = Arc::clone(&pauses);
        // Boxed, as every heap can keep that.
        let callback: Box<dyn FnMut(&CollectionEvent) + Send> = Box::new(move |event| {
            if event.phase == Phase::Stop {
                record.lock().unwrap_or_else(PoisonError::into_inner).push(event.duration);
            }
        });
        let callback = heap.on_collection(callback);
        Self { heap, callback, pauses }
    }

    /// The pauses since the start, in order.
    pub(crate) fn stop(self) -> Vec<Duration> {
        self.heap.remove_callback(self.callback);
        std::mem::take(&mut *self.pauses.lock().unwrap_or_else(PoisonError::into_inner))
    }
}
