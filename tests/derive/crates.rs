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

#[cfg(feature = "arrayvec")]
#[test]
fn arrayvec() {
    use arrayvec::{ArrayString, ArrayVec};
    assert_eq!(edges(ArrayVec::<_, 4>::from_iter([gc(1), gc(2)])), [1, 2]);
    crate::assert_leaf::<(ArrayVec<u8, 4>, ArrayString<8>)>();
}

#[cfg(feature = "thin-vec")]
#[test]
fn thin_vec() {
    assert_eq!(edges(thin_vec::thin_vec![gc(1), gc(2)]), [1, 2]);
    crate::assert_leaf::<thin_vec::ThinVec<u8>>();
}

#[cfg(feature = "vec1")]
#[test]
fn vec1() {
    assert_eq!(edges(vec1::vec1![gc(1), gc(2)]), [1, 2]);
    crate::assert_leaf::<vec1::Vec1<u8>>();
}

#[cfg(feature = "slotmap")]
#[test]
#[allow(deprecated, reason = "`HopSlotMap` is, from slotmap 1.1 on")]
fn slotmap() {
    use slotmap::{
        DefaultKey, DenseSlotMap, HopSlotMap, Key, KeyData, SecondaryMap, SlotMap, SparseSecondaryMap, new_key_type,
    };
    new_key_type! { struct Entity; }
    let mut slots = SlotMap::new();
    let [a, b] = [slots.insert(gc(1)), slots.insert(gc(2))];
    let mut dense = DenseSlotMap::new();
    dense.insert(gc(3));
    let mut hop = HopSlotMap::<Entity, _>::with_key();
    let keys = [4, 5, 6].map(|n| hop.insert(gc(n)));
    hop.remove(keys[1]);
    let mut second = SecondaryMap::new();
    second.insert(b, gc(7));
    let mut sparse = SparseSecondaryMap::new();
    sparse.insert(b, gc(8));
    let mut hashed =
        SparseSecondaryMap::with_hasher(std::hash::BuildHasherDefault::<std::hash::DefaultHasher>::default());
    hashed.insert(keys[0], gc(9));
    hashed.insert(keys[2], gc(10));
    hashed.remove(keys[0]);
    slots.remove(a);
    assert_eq!(edges((slots, dense, hop)), [2, 3, 4, 6]);
    assert_eq!(edges((second, sparse, hashed)), [7, 8, 10]);
    assert!(!keys[0].is_null());
    crate::assert_leaf::<(SlotMap<DefaultKey, u8>, HopSlotMap<DefaultKey, u8>, SecondaryMap<DefaultKey, u8>, KeyData)>(
    );
    crate::assert_leaf::<SparseSecondaryMap<DefaultKey, u8>>();
}

#[cfg(feature = "enum-map")]
#[test]
fn enum_map() {
    use enum_map::EnumMap;
    assert_eq!(edges(EnumMap::from_fn(|second: bool| gc(if second { 2 } else { 1 }))), [1, 2]);
    crate::assert_leaf::<EnumMap<bool, u8>>();
}

#[cfg(feature = "once_cell")]
#[test]
fn once_cell() {
    use once_cell::{sync, unsync};
    assert_eq!(edges(unsync::OnceCell::with_value(gc(1))), [1]);
    let lazy = unsync::Lazy::<_, fn() -> Gc<u32>>::new(|| gc(2));
    assert!(**lazy == 2);
    assert_eq!(edges(lazy), [2]);
    assert_eq!(edges(unsync::Lazy::<_, fn() -> Gc<u32>>::new(|| gc(2))), []);
    crate::assert_leaf::<(sync::OnceCell<u8>, sync::Lazy<u8>)>();
}

/// Shared structure: of leaves only (`tests/ui/shared_contents.rs`).
#[cfg(feature = "rpds")]
#[test]
fn rpds() {
    use rpds::{HashTrieMap, HashTrieSet, List, ListSync, Queue, RedBlackTreeMap, RedBlackTreeSet, Stack, Vector};
    crate::assert_leaf::<(List<u8>, ListSync<u8>, Queue<u8>, Stack<u8>, Vector<String>)>();
    crate::assert_leaf::<(HashTrieMap<u8, u8>, HashTrieSet<u8>, RedBlackTreeMap<u8, u8>, RedBlackTreeSet<u8>)>();
    assert_eq!(edges((Vector::<u8>::from_iter([1, 2]), gc(1))), [1]);
}

#[cfg(all(
    feature = "bytes",
    feature = "chrono",
    feature = "compact_str",
    feature = "num-bigint",
    feature = "ordered-float",
    feature = "rust_decimal",
    feature = "smol_str",
    feature = "time",
    feature = "uuid"
))]
#[test]
fn leaves() {
    crate::assert_leaf::<(smol_str::SmolStr, compact_str::CompactString, bytes::Bytes, bytes::BytesMut, uuid::Uuid)>();
    crate::assert_leaf::<(chrono::DateTime<chrono::Utc>, chrono::NaiveDate, time::OffsetDateTime, time::Duration)>();
    crate::assert_leaf::<(ordered_float::OrderedFloat<f64>, ordered_float::NotNan<f32>)>();
    crate::assert_leaf::<(num_bigint::BigInt, num_bigint::BigUint, rust_decimal::Decimal)>();
    let map = std::collections::BTreeMap::from([(smol_str::SmolStr::from("a"), gc(1))]);
    assert_eq!(edges(map), [1]);
}
