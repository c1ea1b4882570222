//! `#[trace(unsafe_with = …)]`: functions that trace fields of foreign types.

use tricycle::{Trace, Visitor};

use super::objects::*;

/// Of another crate.
struct Ring<T>(Vec<T>);

fn trace_ring<T: Trace>(ring: &Ring<T>, visitor: &mut impl Visitor) {
    ring.0.iter().for_each(|item| item.trace(visitor));
}

mod functions {
    use tricycle::Visitor;

    use super::Gc;

    pub(super) fn second(pair: &super::Pair, visitor: &mut impl Visitor) {
        visitor.field("second", &pair.1);
    }

    /// Of a field without a size.
    pub(super) fn first(items: &[super::Leaf], visitor: &mut impl Visitor) {
        visitor.field("first", &items[0].0);
    }

    /// Leaves everything out.
    pub(super) fn none(_: &fn() -> Gc<u32>, _: &mut impl Visitor) {}
}

struct Pair(Gc<u32>, Gc<u32>);
struct Leaf(Gc<u32>);

/// Does not implement `Trace`.
struct Foreign;

#[derive(Trace)]
struct With<T> {
    // SAFETY: visits handles of the field, each once.
    #[trace(unsafe_with = trace_ring)]
    ring: Ring<T>,
    plain: Gc<u32>,
    // SAFETY: visits handles of the field, each once.
    #[trace(unsafe_with = functions::second)]
    pair: Pair,
    // SAFETY: visits handles of the field, each once.
    #[trace(unsafe_with = functions::none)]
    function: fn() -> Gc<u32>,
}

#[derive(Trace)]
enum Variants<T> {
    // SAFETY: visits handles of the field, each once.
    Ring(#[trace(unsafe_with = trace_ring::<T>)] Ring<T>, #[trace(skip)] Foreign),
    Plain(Gc<u32>),
    Nothing,
}

#[derive(Trace)]
struct WithoutSize {
    own: Gc<u32>,
    // SAFETY: visits handles of the field, each once.
    #[trace(unsafe_with = functions::first)]
    items: [Leaf],
}

#[derive(Trace)]
#[trace(container = false)]
// SAFETY: visits handles of the field, each once.
struct NotLookedInto(#[trace(unsafe_with = trace_ring)] Ring<Gc<u32>>);

/// The numbers of the handles that the collector finds in `value`.
fn edges<T: Trace>(value: T) -> Vec<u32>
where
    H: tricycle::Hosts<T>,
{
    let edges = HEAP.referents(&gc(value));
    edges.iter().map(|edge| **edge.downcast_ref::<u32>().unwrap()).collect()
}

/// What the functions find, and no more.
#[test]
fn what_is_found() {
    let _gate = Gate::open_for(what_is_found);
    let with = With::<Gc<u32>> { ring: Ring(vec![gc(1), gc(2)]), plain: gc(3), pair: Pair(gc(4), gc(5)), function: || gc(6) };
    assert_eq!((*with.pair.0, *(with.function)()), (4, 6));
    assert_eq!(edges(with), [1, 2, 3, 5]);
    let sized: Option<&WithoutSize> = None;
    assert!(sized.is_none_or(|this| this.own == this.items[0].0));
    const { assert!(WithoutSize::CONTAINER) };
    const { assert!(With::<u8>::CONTAINER && With::<u8>::WEAK) };
    let ring = Variants::<Gc<u32>>::Ring(Ring(vec![gc(1)]), Foreign);
    assert!(matches!(ring, Variants::Ring(_, Foreign)));
    assert_eq!(edges(ring), [1]);
    assert_eq!(edges(Variants::<u8>::Plain(gc(2))), [2]);
    assert!(edges(Variants::<u8>::Nothing).is_empty());
    const { assert!(!NotLookedInto::CONTAINER && !NotLookedInto::WEAK) };
    assert!(edges(NotLookedInto(Ring(vec![gc(1)]))).is_empty());
}

#[derive(Trace)]
struct Node {
    // SAFETY: visits handles of the field, each once.
    #[trace(unsafe_with = trace_cells)]
    edges: Ring<GcCell<Option<Gc<Node>>>>,
    canary: Canary,
}

fn trace_cells(cells: &Ring<GcCell<Option<Gc<Node>>>>, visitor: &mut impl Visitor) {
    cells.0.iter().for_each(|cell| cell.trace(visitor));
}

/// Cycles through them are found.
#[test]
fn cycles() {
    let _gate = Gate::open_for(cycles);
    let log = Log::new();
    let new = || {
        let edges = Ring((0..3).map(|_| GcCell::default()).collect());
        gc(Node { edges, canary: Canary::new("foreign", &log) })
    };
    let (a, b) = (new(), new());
    a.edges.0[1].set(Some(b.clone()));
    b.edges.0[0].set(Some(a.clone()));
    b.edges.0[2].set(Some(a.clone()));
    assert_eq!(a.canary.name, "foreign");
    drop(b);
    assert_eq!(collect(), 0);
    drop(a);
    assert_eq!((collect(), log.count("drop")), (2, 2));
}
