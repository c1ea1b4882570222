//! Where objects lie.
#![forbid(unsafe_code)]

use tricycle::{Gc, GcCell, Generation, Local, Trace};

use crate::program;

/// The size of a page of the pool.
const PAGE: usize = 64 * 1024;

/// More elements than the pool takes in one slice.
const LONG: usize = if cfg!(miri) { 5 } else { 100 };

/// A handle in a thousand bytes.
#[derive(Clone, Trace)]
struct Wide(Gc<u8>, [u64; 124]);

fn long(leaf: &Gc<u8>) -> Gc<[Wide]> {
    (0..LONG).map(|_| Wide(leaf.clone(), [7; 124])).collect()
}

/// A long slice of handles has an allocation of its own. Its length, which stands in front of the header, was written
/// over the neighbours on the list of such objects. There is room for it now.
#[test]
fn large_slices() {
    program(|| {
        let leaf = Gc::new(1u8);
        let (a, b) = (long(&leaf), long(&leaf));
        drop(a.clone());
        assert_eq!((a.len(), Gc::strong_count(&leaf)), (LONG, 2 * LONG + 1));
        Local.collect();
        assert_eq!(Local.objects(None).len(), 2);
        drop(a);
        Local.collect();
        assert_eq!((*b[LONG - 1].0, b[LONG - 1].1), (1, [7; 124]));
        drop(b);
        assert_eq!(Gc::strong_count(&leaf), 1);
    });
}

#[repr(align(64))]
#[derive(Clone, Trace)]
struct Aligned(Gc<u8>);

/// Long slices, over-aligned ones and large leaves side by side. Where pointers have four bytes, what stands in front of
/// them was written with an alignment of 16 to an address with 8. It asks for 8 now.
#[test]
fn large_and_aligned() {
    program(|| {
        let leaf = Gc::new(1u8);
        let long = long(&leaf);
        let slice: Gc<[Aligned]> = (0..3).map(|_| Aligned(leaf.clone())).collect();
        let single = Gc::new(Aligned(leaf.clone()));
        let empty: Gc<[Gc<u8>; 0]> = Gc::new([]);
        let large = Gc::new([7u8; 5000]);
        drop((long.clone(), slice.clone(), single.clone(), empty.clone(), large.clone()));
        assert!([Gc::as_ptr(&single).addr(), slice.as_ptr().addr()].iter().all(|address| address % 64 == 0));
        Local.collect_generation(Generation::Young);
        Local.collect();
        assert_eq!((long.len(), slice.len(), Gc::strong_count(&leaf)), (LONG, 3, LONG + 5));
        assert_eq!((*large, *slice[2].0, *single.0), ([7; 5000], 1, 1));
        drop((long, slice, single, empty, large));
        assert_eq!(Gc::strong_count(&leaf), 1);
    });
}

/// Enough empty values for several pages; Miri would need minutes for one, so there only the address arithmetic is seen.
const EMPTY: usize = if cfg!(miri) { 50 } else { 20_000 };

/// That no value seems to lie on the page behind its own.
fn assert_inside<T>(values: &[Gc<T>]) {
    if cfg!(not(gc_system_alloc)) {
        assert!(values.iter().all(|value| Gc::as_ptr(value).addr() % PAGE != 0));
    }
}

/// The address of an empty value in a page's last slot was that of the next page, which was then taken for its own:
/// freeing it wrote there. The last bytes of a page are left free now.
#[test]
fn empty_leaves_at_a_page_end() {
    program(|| {
        let leaves: Vec<Gc<()>> = (0..EMPTY).map(|_| Gc::new(())).collect();
        assert_inside(&leaves);
        let again = leaves.iter().skip(EMPTY / 2).cloned().collect::<Vec<_>>();
        drop(leaves);
        drop(again);
    });
}

#[derive(Trace)]
struct Holder {
    leaves: GcCell<Vec<Gc<[Gc<u8>; 0]>>>,
    me: GcCell<Option<Gc<Holder>>>,
}

/// The same for empty values of a type that can hold handles: their entries, too, were looked up on the next page. And full
/// objects are as far apart as entries, whatever their size.
#[test]
fn empty_containers_at_a_page_end() {
    program(|| {
        let make = |count| (0..count).map(|_| Gc::new([])).collect::<Vec<Gc<[Gc<u8>; 0]>>>();
        let holder = Gc::new(Holder { leaves: GcCell::new(make(EMPTY)), me: GcCell::new(None) });
        holder.me.set(Some(holder.clone()));
        assert_inside(&holder.leaves.borrow());
        drop(holder.leaves.borrow()[0].clone()); // a suspicion
        for _ in 0..if cfg!(miri) { 1 } else { 20 } {
            drop(holder.clone());
            assert_eq!(Local.collect().collected, 0);
            Local.unfreeze();
        }
        drop(make(EMPTY / 2));
        drop(holder.leaves.borrow_mut().split_off(10));
        Local.collect_generation(Generation::Young);
        drop(holder);
        assert_eq!(Local.collect().collected, 11);
    });
}
