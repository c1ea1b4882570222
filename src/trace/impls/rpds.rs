//! [`rpds`](https://docs.rs/rpds): persistent collections.
//!
//! Two of them may share any part of what they contain, as two `Rc`s do: an element would be visited by each, and an edge that is
//! reported twice can free a live object. So their elements have to be leaves.

#![expect(unsafe_code, reason = "`Trace` is an unsafe trait")]

use std::hash::{BuildHasher, Hash};

use archery::SharedPointerKind;
use rpds::{HashTrieMap, HashTrieSet, List, Queue, RedBlackTreeMap, RedBlackTreeSet, Stack, Vector};

use crate::Trace;

/// `Trace` for a collection that may only contain leaves: `[generics] Type: (Part, …)`.
macro_rules! shared {
    ($([$($generics:tt)*] $ty:ty: $contents:ty;)+) => {$(
        of_leaves! {
            [P: SharedPointerKind + 'static, $($generics)*] $ty: $contents,
                "this type contains a collection of `rpds` with something that holds a `Gc` or a `Weak`. Such collections share \
                what they contain, so the collector cannot tell how many of their owners are garbage. Use a collection that \
                owns its contents, or mark the field `#[trace(skip)]`: then cycles through it leak"
        }
    )+};
}

shared! {
    [T: Trace] List<T, P>: T;
    [T: Trace] Queue<T, P>: T;
    [T: Trace] Stack<T, P>: T;
    [T: Trace] Vector<T, P>: T;
    [T: Trace + Ord] RedBlackTreeSet<T, P>: T;
    [K: Trace + Ord, V: Trace] RedBlackTreeMap<K, V, P>: (K, V);
    [T: Trace + Eq + Hash, S: BuildHasher + Clone + 'static] HashTrieSet<T, P, S>: T;
    [K: Trace + Eq + Hash, V: Trace, S: BuildHasher + Clone + 'static] HashTrieMap<K, V, P, S>: (K, V);
}
