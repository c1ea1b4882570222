//! Threads that use the same objects at the same time, on a heap with biased counts.

use std::thread;

use tricycle::{Biased, Gc, GcCell, Trace};

#[derive(Trace)]
struct Node {
    value: u64,
    links: GcCell<Vec<Gc<Node, Biased>>, Biased>,
}

type Registry = Gc<GcCell<Vec<Gc<Node, Biased>>, Biased>, Biased>;

fn work(thread: u64, registry: &Registry) {
    for i in 0..100 {
        let node = Gc::new_in(Node { value: thread * 100 + i, links: GcCell::default() }, Biased);
        node.links.borrow_mut().push(node.clone()); // a cycle
        if i % 10 == 0 {
            registry.borrow_mut().push(node); // a `GcCell` is the object's lock
        }
    }
}

fn main() {
    let registry: Registry = Gc::new_in(GcCell::default(), Biased);
    thread::scope(|scope| {
        for thread in 0..4 {
            let registry = registry.clone();
            scope.spawn(move || Biased.attach(|| work(thread, &registry)));
        }
    });
    Biased.collect(); // cycles that are in no registry
    let sum: u64 = registry.borrow().iter().map(|node| node.value).sum();
    assert_eq!(sum, (0..400).step_by(10).sum());
    assert_eq!(Biased.live_allocations(), 1 + 40);
}
