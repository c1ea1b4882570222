//! A `Trace` implementation that panics while the collector looks for weak handles that garbage owns (after the weak
//! handles with callbacks were taken out, before any finalizer) left the garbage list filled. The next collection freed
//! what was on it, alive or not.

use tricycle::{Trace, Visitor};

use super::objects::*;
use crate::support::{injected, set_fuse, tick};

/// Panics when the fuse says so.
struct Mine;

// SAFETY: nothing is visited; it may panic.
unsafe impl Trace for Mine {
    const CONTAINER: bool = true;
    const WEAK: bool = true;

    fn trace(&self, _: &mut impl Visitor) {
        tick("trace");
    }
}

#[derive(Trace)]
struct Bomb {
    me: GcCell<Option<Gc<Bomb>>>,
    mine: Mine,
    canary: Canary,
}

#[test]
fn garbage_survives_a_panicking_trace() {
    let _gate = Gate::open_for(garbage_survives_a_panicking_trace);
    let log = Log::new();
    let bomb = gc(Bomb { me: GcCell::default(), mine: Mine, canary: Canary::new("bomb", &log) });
    bomb.me.set(Some(bomb.clone()));
    let weak = Gc::downgrade(&bomb);
    let callback = log.clone();
    let watching = Gc::downgrade_with(&bomb, move || callback.add("callback"));
    drop(bomb);
    let _ = &watching;

    // Once for counting edges; then there is nothing reachable to follow; then for the weak handles.
    set_fuse(2);
    let result = injected(collect);
    set_fuse(0);
    assert_eq!(result, Err("trace"));
    let alive = weak.upgrade();
    // Some garbage, so that there is something to clear.
    drop(Node::ring(2, &Log::new()));
    collect();
    if let Some(bomb) = alive {
        assert_eq!(log.count("drop"), 0, "the bomb is alive");
        assert_eq!(bomb.canary.name, "bomb");
        bomb.me.take();
    }
    collect();
    assert_eq!(log.count("drop"), 1);
}
