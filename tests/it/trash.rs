//! Death by count, deep and disturbed: CPython's trashcan tests.

use tricycle::{Finalize, Trace};

use super::objects::*;

/// Collects each seventeenth time that one of them is finalized.
#[derive(Trace)]
#[trace(finalize)]
struct Ouch(Log);

impl Finalize for Ouch {
    fn finalize(&self) {
        self.0.add("ouch");
        if self.0.count("ouch").is_multiple_of(17) {
            HEAP.collect();
        }
    }
}

/// Containers of several kinds, one in the other.
#[derive(Trace)]
enum Nest {
    Empty,
    Tuple(Gc<Ouch>, Gc<Nest>),
    List(Vec<Gc<Nest>>, Gc<Ouch>),
    Dict(std::collections::BTreeMap<u32, Gc<Nest>>, Gc<Ouch>),
    Slice(tricycle::Gc<[Gc<Nest>], H>, Gc<Ouch>),
}

fn nest(depth: usize, log: &Log) -> Gc<Nest> {
    let mut inner = gc(Nest::Empty);
    for i in 0..depth {
        let ouch = gc(Ouch(log.clone()));
        inner = gc(match i % 4 {
            0 => Nest::Tuple(ouch, inner),
            1 => Nest::List(vec![inner.clone(), inner], ouch),
            2 => Nest::Dict([(1, inner)].into(), ouch),
            _ => Nest::Slice([inner].into(), ouch),
        });
    }
    inner
}

/// `test_gc.test_trashcan`
#[test]
fn trashcan() {
    crate::support::on_small_stack(|| {
        let _gate = Gate::open();
        let (log, depth) = (Log::new(), if cfg!(miri) { 40 } else { 150 });
        let rounds = if cfg!(miri) { 2 } else { 20 };
        for _ in 0..rounds {
            let kept = nest(depth, &log);
            drop(nest(depth, &log));
            drop(kept);
        }
        assert_eq!(log.count("ouch"), 2 * depth * rounds);
    });
}

/// The same under a threshold that has each allocation collect.
#[test]
fn trashcan_with_collections() {
    let _gate = Gate::open_for(trashcan_with_collections);
    HEAP.set_thresholds((1, 1, 1));
    let log = Log::new();
    let depth = if cfg!(miri) { 10 } else { 100 };
    drop(nest(depth, &log));
    assert_eq!(log.count("ouch"), depth);
}

/// A weak handle next to the opaque shelf that its target is on.
#[derive(Trace)]
struct Before {
    weak: GcCell<Option<Weak<Node>>>,
    shelf: Hidden,
    me: GcCell<Option<Gc<Before>>>,
}

/// The other order: the target dies before the weak handle does.
#[derive(Trace)]
struct After {
    shelf: Hidden,
    weak: GcCell<Option<Weak<Node>>>,
    me: GcCell<Option<Gc<After>>>,
}

/// Something that owns handles and shows them to nobody.
#[derive(Trace)]
struct Hidden(
    #[trace(skip)]
    #[expect(dead_code, reason = "dropped")]
    Shelf<Gc<Node>>,
);

/// `test_gc.test_trash_weakref_clear`: a weak handle that is garbage is not called back, even if its target is hidden
/// from the collector and dies only when the garbage is cleared.
#[test]
fn trash_weakref_clear() {
    let _gate = Gate::open_for(trash_weakref_clear);
    let log = Log::new();
    let target = || {
        let (node, log) = (Node::named("target", &log), log.clone());
        (Gc::downgrade_with(&node, move || log.add("callback")), node)
    };
    let hidden = |node| {
        let shelf = Shelf::new();
        shelf.put(node);
        Hidden(shelf)
    };
    let (weak, node) = target();
    let before = gc(Before { weak: GcCell::new(Some(weak)), shelf: hidden(node), me: GcCell::default() });
    before.me.set(Some(before.clone()));
    drop(before);
    assert_eq!(collect(), 1);
    assert_eq!(log.take(), ["drop target"]);

    let (weak, node) = target();
    let after = gc(After { weak: GcCell::new(Some(weak)), shelf: hidden(node), me: GcCell::default() });
    after.me.set(Some(after.clone()));
    assert!(after.weak.borrow().as_ref().is_some_and(|weak| weak.upgrade().is_some()));
    drop(after);
    assert_eq!(collect(), 1);
    assert_eq!(log.take(), ["drop target"]);
}
