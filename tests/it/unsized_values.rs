//! Slices, strings, trait objects; values of every size and alignment.

use std::any::Any;

use tricycle::{Finalize, Trace, unsize};

use super::objects::*;
use crate::support::{injected, set_fuse, tick};

type Slice<T> = tricycle::Gc<[T], H>;

/// Slices of containers, leaves and nothing, from all that they are made from.
#[test]
fn slices() {
    let _gate = Gate::open_for(slices);
    let log = Log::new();
    let slice: Slice<Canary> = ["a", "b"].map(|name| Canary::new(name, &log)).into();
    assert!(slice.len() == 2 && slice[1].name == "b" && !Gc::is_tracked(&slice));
    drop(slice);
    assert_eq!(log.take(), ["drop a", "drop b"]);
    assert_eq!(*Slice::from(vec![1_u8, 2, 3]), [1, 2, 3]);
    assert_eq!(*Slice::from(&[1_u64, 2][..]), [1, 2]);
    assert_eq!(*(0..4_u16).collect::<Slice<_>>(), [0, 1, 2, 3]);
    assert_eq!(*Slice::from(vec![1_i8].into_boxed_slice()), [1]);
    assert!(Slice::<u32>::default().is_empty() && Slice::<Gc<u8>>::default().is_empty());
    assert_eq!(Slice::from([(); 1000]).len(), 1000);
    let text = tricycle::Gc::<str, H>::from("größer".to_owned());
    assert_eq!((&*text, text.chars().count()), ("größer", 6));
    assert_eq!(tricycle::Gc::<str, H>::default().len(), 0);
}

/// Slices are part of cycles, at every length that makes a difference.
#[test]
fn cycles_of_slices() {
    #[derive(Trace)]
    struct Part(GcCell<Option<Slice<Part>>>, Canary);
    let _gate = Gate::open_for(cycles_of_slices);
    for len in [1, 2, 3, 7, 60, 100, 200, if cfg!(miri) { 300 } else { 5000 }] {
        let log = Log::new();
        let slice: Slice<Part> = (0..len).map(|_| Part(GcCell::default(), Canary::new("part", &log))).collect();
        assert!(Gc::is_tracked(&slice));
        slice[len - 1].0.set(Some(slice.clone()));
        slice[0].0.set(Some(slice.clone()));
        let weak = Gc::downgrade(&slice);
        assert_eq!(collect(), 0);
        drop(slice);
        assert_eq!(weak.upgrade().unwrap().len(), len);
        assert_eq!(collect(), 1);
        assert!(weak.upgrade().is_none());
        assert_eq!(log.count("drop"), len);
    }
}

/// The finalizer of a trait object, its drop, and its part in a cycle.
#[test]
fn trait_objects() {
    trait Thing: Storable {
        fn next(&self) -> &GcCell<Option<Gc<dyn Thing>>>;
    }
    #[derive(Trace)]
    #[trace(finalize)]
    struct Big([u64; 20], GcCell<Option<Gc<dyn Thing>>>, Canary, Log);
    impl Thing for Big {
        fn next(&self) -> &GcCell<Option<Gc<dyn Thing>>> {
            &self.1
        }
    }
    impl Finalize for Big {
        fn finalize(&self) {
            self.3.add(format!("finalize {}", self.0[19]));
        }
    }
    let _gate = Gate::open_for(trait_objects);
    let log = Log::new();
    let big = |n| gc(Big([n; 20], GcCell::default(), Canary::new("big", &log), log.clone()));
    let concrete = big(2);
    let [a, b]: [Gc<dyn Thing>; 2] = [unsize!(big(1) => dyn Thing), unsize!(concrete.clone() => dyn Thing)];
    assert_eq!(Gc::as_ptr(&b).addr(), Gc::as_ptr(&concrete).addr());
    assert_eq!(size_of_val(&*a), size_of::<Big>());
    a.next().set(Some(b.clone()));
    b.next().set(Some(a.clone()));
    drop((a, b, concrete));
    assert_eq!(collect(), 2);
    assert_eq!(log.sorted(), ["drop big", "drop big", "finalize 1", "finalize 2"]);
    drop(unsize!(big(3) => dyn Thing));
    assert_eq!(log.take(), ["finalize 3", "drop big"]);
}

/// A trait object of a leaf goes back to memory as what it was, and arrays become slices.
#[test]
fn unsized_leaves() {
    let _gate = Gate::open_for(unsized_leaves);
    let any: Gc<dyn Any> = unsize!(gc([7_u64; 9]) => dyn Any);
    assert_eq!(any.downcast_ref::<[u64; 9]>().unwrap()[8], 7);
    let weak = Gc::downgrade(&any);
    drop(any);
    assert!(weak.upgrade().is_none());
    drop(unsize!(gc(5_u8) => dyn Any));
    let slice: Slice<Gc<u8>> = unsize!(gc([gc(1_u8), gc(2)]) => [Gc<u8>]);
    assert_eq!(*slice[1], 2);
    assert!(Gc::is_tracked(&slice));
    let raw = tricycle::Gc::into_raw(slice);
    // SAFETY: just made by `into_raw`.
    let slice = unsafe { Slice::from_raw(raw) };
    assert_eq!(slice.len(), 2);
}

/// The clone of an element panics: see `panics::in_making_a_slice`. Here the iterator does, and a heap is collected while
/// a slice is half made.
#[test]
fn half_made() {
    #[derive(Trace)]
    struct Element(GcCell<Option<Gc<Node>>>, Canary);
    impl Clone for Element {
        fn clone(&self) -> Self {
            tick("clone");
            drop(Node::ring(2, &Log::new()));
            HEAP.collect();
            Element(self.0.clone(), Canary::new("clone", &LOG.with(Log::clone)))
        }
    }
    thread_local! { static LOG: Log = Log::new(); }
    let _gate = Gate::open_for(half_made);
    let elements = [(); 3].map(|()| Element(GcCell::new(Some(Node::new())), Canary::new("", &Log::new())));
    for n in 1..5 {
        set_fuse(n);
        let made = injected(|| Slice::from(&elements[..]));
        set_fuse(0);
        assert_eq!(made.is_ok(), n == 4);
        drop(made);
        assert_eq!(LOG.with(Log::take).len(), n - 1);
    }
}

/// Alignments up to a page, sizes from nothing to large, in and out of cycles.
#[test]
fn alignments() {
    macro_rules! check {
        ($($align:literal)+) => {$({
            #[derive(Trace)]
            #[repr(align($align))]
            struct Aligned<const N: usize>([u8; N], GcCell<Option<Gc<Aligned<N>>>>, Canary);
            #[derive(Trace)]
            #[trace(acyclic)]
            #[repr(align($align))]
            struct Leaf([u8; 3]);
            fn cycle<const N: usize>() {
                let log = Log::new();
                let new = || gc(Aligned([9; N], GcCell::default(), Canary::new("aligned", &log)));
                let [a, b] = [new(), new()];
                assert_eq!(Gc::as_ptr(&a).addr() % $align, 0);
                assert_eq!(Gc::as_ptr(&b).addr() % $align, 0);
                a.1.set(Some(b.clone()));
                b.1.set(Some(a.clone()));
                assert!(a.0.iter().chain(&b.0).all(|byte| *byte == 9));
                drop((a, b));
                assert_eq!(collect(), 2);
                assert_eq!(log.count("drop"), 2);
                let unique = new();
                let weak = Gc::downgrade(&unique);
                drop(unique);
                assert!(weak.upgrade().is_none());
            }
            cycle::<0>();
            cycle::<1>();
            cycle::<100>();
            cycle::<5000>();
            let leaf = gc(Leaf([1, 2, 3]));
            assert_eq!((Gc::as_ptr(&leaf).addr() % $align, leaf.0), (0, [1, 2, 3]));
            let slice: Slice<Leaf> = (0..5).map(|i| Leaf([i; 3])).collect();
            assert_eq!((slice.as_ptr().addr() % $align, slice[4].0), (0, [4; 3]));
        })+};
    }
    let _gate = Gate::open_for(alignments);
    check!(1 2 4 8 16 32 64 128 4096);
}

/// Values at the border between the pool and allocations of their own.
#[test]
fn sizes() {
    #[derive(Trace)]
    struct Sized<const N: usize>(GcCell<Option<Gc<Sized<N>>>>, [u8; N]);
    fn cycle<const N: usize>() {
        let new = || gc(Sized(GcCell::default(), [N as u8; N]));
        let objects = [new(), new(), new()];
        (0..3).for_each(|i| objects[i].0.set(Some(objects[(i + 1) % 3].clone())));
        assert!(objects.iter().all(|object| object.1 == [N as u8; N]));
        drop(objects);
        assert_eq!(collect(), 3);
        assert_eq!(*gc([N as u8; N]), [N as u8; N]);
    }
    let _gate = Gate::open_for(sizes);
    cycle::<0>();
    cycle::<470>();
    cycle::<480>();
    cycle::<496>();
    cycle::<4079>();
    cycle::<4080>();
    cycle::<4081>();
    cycle::<4096>();
    cycle::<4097>();
    cycle::<20_000>();
    let nothing = gc(());
    let other = gc(());
    assert!(!Gc::ptr_eq(&nothing, &other));
}
