//! What lives on the heaps: a configuration, and the graph that a request builds.

use tricycle::{Atomic, Biased, Gc, GcCell, Heap, Hosts, Local, Locked, Trace};

use super::echo::{Connection, Message};

/// Objects in the graph of a request.
pub(crate) const SESSION: usize = 200;

/// What all requests read.
#[derive(Trace)]
pub(crate) struct Config {
    limits: Vec<u64>,
}

impl Config {
    fn new() -> Self {
        Config { limits: (0..64).map(|i| i * i).collect() }
    }

    /// The limit of the `index`th item.
    fn limit(&self, index: usize) -> u64 {
        self.limits[index % self.limits.len()]
    }
}

/// A handle to a configuration on heap `H`.
pub(crate) type ConfigOn<H> = Gc<Config, H>;

/// One object of a session: it leads to the next one, and the first one to the last.
#[derive(Trace)]
#[trace(bound = "")] // a heap is no part of the value: it need not be `Trace`
pub(crate) struct Item<H: Heap> {
    limit: u64,
    /// The first item knows the configuration, the others the first item.
    config: Option<ConfigOn<H>>,
    first: Option<Gc<Item<H>, H>>,
    next: GcCell<Option<Gc<Item<H>, H>>, H>,
}

/// Builds a session of [`SESSION`] objects, each of which leads to all others, goes through it, and drops it.
pub(crate) fn request<H: WorkHeap>(config: &ConfigOn<H>, heap: H) -> u64 {
    let new = |item| Gc::new_in(item, heap);
    let first = new(Item { limit: 0, config: Some(config.clone()), first: None, next: GcCell::default() });
    let mut last = first.clone();
    for index in 1..SESSION {
        let limit = config.limit(index);
        let item = new(Item { limit, config: None, first: Some(first.clone()), next: GcCell::default() });
        last.next.set(Some(item.clone()));
        last = item;
    }
    last.next.set(Some(first.clone()));

    let mut sum = 0;
    let mut item = first.clone();
    loop {
        let config = item.first.as_ref().unwrap_or(&item).config.as_ref().expect("the first item has it");
        sum += config.limit(item.limit as usize);
        let next = item.next.get().expect("a ring");
        if Gc::ptr_eq(&next, &first) {
            return sum;
        }
        item = next;
    }
}

/// A heap that all of this can live on.
pub(crate) trait WorkHeap:
    Heap + Hosts<Config> + Hosts<Item<Self>> + Hosts<Message<Self>> + Hosts<Connection<Self>>
{
    /// Threads see each other's objects.
    const SHARED: bool;

    /// What hands a configuration to each thread that asks: the same one, if threads share the heap.
    fn configuration(self) -> impl Fn() -> ConfigOn<Self> + Sync;
}

impl WorkHeap for Local {
    const SHARED: bool = false;

    fn configuration(self) -> impl Fn() -> ConfigOn<Self> + Sync {
        || Gc::new(Config::new())
    }
}

macro_rules! shared {
    ($($heap:ty),*) => {$(
        impl WorkHeap for $heap {
            const SHARED: bool = true;

            fn configuration(self) -> impl Fn() -> ConfigOn<Self> + Sync {
                let config = Gc::new_in(Config::new(), self);
                move || config.clone()
            }
        }
    )*};
}
shared!(Locked, Atomic, Biased);
