//! Tests of the pool by way of objects: on which page they are, and that their tables are found there.

mod aligned;
mod pools;

use std::collections::HashSet;
use std::ptr::NonNull;

use super::page::Page;
use crate::{Gc, GcCell, Trace, heap};

heap! { Own: Local }

/// A type for each `N`, all of the same size.
#[derive(Trace)]
struct Item<const N: usize>(GcCell<Option<Gc<Item<N>, Own>>, Own>, usize, [u64; 12]);

/// A little smaller, and of another class.
#[derive(Trace)]
struct Small(GcCell<Option<Gc<Small, Own>>, Own>, [u64; 8]);

fn item<const N: usize>(n: usize) -> Gc<Item<N>, Own> {
    let item = Gc::new_in(Item(GcCell::new(None), n, [1; 12]), Own);
    item.0.set(Some(item.clone()));
    item
}

fn value<T>(gc: &Gc<T, Own>) -> NonNull<u8> {
    gc.handle().object().value()
}

fn page<T>(gc: &Gc<T, Own>) -> NonNull<Page> {
    // SAFETY: the object is in the pool.
    unsafe { Page::of(value(gc)) }
}

/// Whether the object's table is that of its type.
fn is_known<T: Trace + 'static>(gc: &Gc<T, Own>) -> bool {
    // A table may be there more than once.
    // SAFETY: the object is full and allocated.
    unsafe { gc.handle().object().table().handle(gc.handle().object(), None) }.type_name() == std::any::type_name::<T>()
}

/// More objects than two pages have room for.
const MANY: usize = if cfg!(miri) { 1000 } else { 3000 };

fn nothing_left() {
    Own.collect();
    Own.trim();
    assert_eq!(Own.live_allocations(), 0);
    assert_eq!(Own.allocated_bytes(), 0);
}

#[test]
fn rare_types_share_a_page() {
    std::thread::spawn(|| {
        let (a, b, c) = (item::<1>(1), item::<2>(2), item::<3>(3));
        assert_eq!((page(&a), page(&a)), (page(&b), page(&c)));
        assert!(is_known(&a) && is_known(&b) && is_known(&c));
        // With some tens of objects a type has a page of its own, and its first ones stay where they are.
        let more: Vec<_> = (0..100).map(item::<1>).collect();
        assert_ne!(page(more.last().unwrap()), page(&a));
        assert!(more.iter().all(is_known) && is_known(&a));
        assert!(Own.collect().collected == 0);
        drop((a, b, c, more));
        assert_eq!(Own.collect().collected, 103);
        nothing_left();
    })
    .join()
    .unwrap();
}

#[test]
fn holes_are_for_other_types() {
    std::thread::spawn(|| {
        let mut first: Vec<_> = (0..MANY).map(item::<1>).collect();
        let before = Own.allocated_bytes();
        let mut n = 0;
        first.retain(|item| {
            item.0.set(None);
            n += 1;
            n % 8 == 0
        });
        // As many as have room in the holes, of types of the same size and a smaller one.
        let others: Vec<_> = (0..MANY / 4).map(item::<2>).collect();
        let small: Vec<_> = (0..MANY / 4).map(|_| Gc::new_in(Small(GcCell::new(None), [1; 8]), Own)).collect();
        let holes: HashSet<_> = first.iter().map(page).collect();
        assert!(others.iter().any(|other| holes.contains(&page(other))));
        assert!(small.iter().any(|small| holes.contains(&page(small))));
        assert!(first.iter().all(is_known) && others.iter().all(is_known) && small.iter().all(is_known));
        assert_eq!(Own.allocated_bytes(), before);
        assert_eq!(first.iter().map(|item| item.1 % 8).sum::<usize>(), 7 * first.len());
        assert_eq!(Own.collect().collected, 0);
        drop((first, small));
        assert!(others.iter().enumerate().all(|(n, other)| other.1 == n && is_known(other)));
        drop(others);
        assert_eq!(Own.collect().collected, MANY / 4);
        nothing_left();
    })
    .join()
    .unwrap();
}

/// Slices of any length live in pages of their class; their tables say what they are, wherever that is.
#[test]
fn slices_in_holes() {
    std::thread::spawn(|| {
        type Slots = Gc<[GcCell<Option<Gc<Small, Own>>, Own>], Own>;
        let slice = |len| -> Slots { (0..len).map(|_| GcCell::new(None)).collect() };
        let mut slices: Vec<_> = (0..MANY).map(|n| slice(3 + n % 2)).collect();
        let mut n = 0;
        slices.retain(|_| {
            n += 1;
            n % 16 < 2
        });
        slices.extend((0..MANY / 2).map(|_| slice(3)));
        for slice in &slices {
            slice[0].set(Some(Gc::new_in(Small(GcCell::new(None), [1; 8]), Own)));
        }
        assert_eq!(Own.collect().collected, 0);
        assert_eq!(Own.live_objects(), 2 * slices.len());
        drop(slices);
        nothing_left();
    })
    .join()
    .unwrap();
}

#[test]
fn a_page_without_objects_is_given_back() {
    std::thread::spawn(|| {
        let items: Vec<_> = (0..100).map(item::<1>).collect();
        drop(items);
        assert_eq!(Own.collect().collected, 100);
        assert_eq!(Own.allocated_bytes(), 0);
        drop(item::<1>(0));
        nothing_left();
    })
    .join()
    .unwrap();
}

/// Leaves of one class are on one page, though their values begin at different places of their slots: whoever releases one
/// without knowing what it was finds its slot all the same.
#[test]
fn leaves_of_different_alignment() {
    #[derive(Trace)]
    #[repr(align(16))]
    struct Wide(u64, u64);
    std::thread::spawn(|| {
        let narrow = Gc::new_in([1_u64; 3], Own);
        let wide = |n| Gc::new_in(Wide(n, !n), Own);
        let all: Vec<_> = (0..10).map(wide).collect();
        assert_eq!(page(&narrow), page(&all[0]));
        let weak: Vec<_> = all.iter().map(Gc::downgrade).collect();
        drop(all);
        drop(weak);
        let all: Vec<_> = (0..20).map(wide).collect();
        for (n, wide) in all.iter().enumerate() {
            assert!(value(wide).cast::<Wide>().is_aligned());
            assert_eq!((wide.0, wide.1), (n as u64, !(n as u64)));
        }
        assert_eq!(*narrow, [1; 3]);
        drop((narrow, all));
        nothing_left();
    })
    .join()
    .unwrap();
}
