//! The types of other crates.

use tricycle::{Gc, Trace};

use crate::{edges, gc};

fn sorted<T: Trace + 'static>(value: T) -> Vec<u32> {
    let mut edges = edges(value);
    edges.sort_unstable();
    edges
}

#[cfg(feature = "smallvec")]
#[test]
fn smallvec() {
    use smallvec::{SmallVec, smallvec};
    let inline: SmallVec<[Gc<u32>; 2]> = smallvec![gc(1), gc(2)];
    assert_eq!(edges(inline), [1, 2]);
    let spilled: SmallVec<[Gc<u32>; 2]> = smallvec![gc(1), gc(2), gc(3)];
    assert_eq!(edges(spilled), [1, 2, 3]);
    crate::assert_leaf::<SmallVec<[u8; 4]>>();
}

#[cfg(feature = "hashbrown")]
#[test]
fn hashbrown() {
    use hashbrown::{HashMap, HashSet, HashTable};
    assert_eq!(sorted(HashMap::<_, _>::from([(gc(1), gc(2)), (gc(3), gc(4))])), [1, 2, 3, 4]);
    assert_eq!(sorted(HashSet::<_>::from([gc(1), gc(2)])), [1, 2]);
    let mut table = HashTable::new();
    table.insert_unique(1, gc(1), |gc| u64::from(**gc));
    assert_eq!(sorted(table), [1]);
}

#[cfg(feature = "indexmap")]
#[test]
fn indexmap() {
    use indexmap::{IndexMap, IndexSet};
    assert_eq!(edges(IndexMap::from([(gc(4), gc(3)), (gc(2), gc(1))])), [4, 3, 2, 1]);
    assert_eq!(edges(IndexSet::from([gc(2), gc(1)])), [2, 1]);
}

#[cfg(feature = "either")]
#[test]
fn either() {
    use either::Either;
    assert_eq!(edges(Either::<_, u8>::Left(gc(1))), [1]);
    assert_eq!(edges(Either::<u8, _>::Right(gc(2))), [2]);
    crate::assert_leaf::<Either<u8, u16>>();
}

#[cfg(feature = "bumpalo")]
#[test]
#[cfg_attr(miri, ignore = "leaks")]
fn bumpalo() {
    use bumpalo::{Bump, boxed::Box as BumpBox, collections::Vec as BumpVec, vec};
    // What goes into a `Gc` is `'static`: the arena is never freed.
    let bump: &'static Bump = Box::leak(Box::default());
    let list: BumpVec<'static, Gc<u32>> = vec![in bump; gc(1), gc(2)];
    assert_eq!(edges(list), [1, 2]);
    assert_eq!(edges(BumpBox::new_in(gc(3), bump)), [3]);
    crate::assert_leaf::<bumpalo::collections::String<'static>>();
}
