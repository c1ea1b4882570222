// The links of the README lead to docs.rs; here, to the modules. The first definition counts.
//! [`guide`]: crate::guide
//! [`internals`]: crate::internals
//! [`moving`]: crate::moving
//!
#![doc = include_str!("../README.md")]
#![deny(unsafe_code)]
#![cfg_attr(docsrs, feature(doc_cfg))]
#![cfg_attr(tricycle_nightly, feature(arbitrary_self_types, coerce_unsized, dispatch_from_dyn, unsize))]

// The derive names the crate by its path, also in our own tests and examples.
extern crate self as tricycle;

mod any;
mod attached;
mod by_address;
#[cfg(feature = "serde")]
mod by_value;
mod cell;
mod closure;
mod control;
mod downcast;
mod error;
mod events;
mod fmt;
mod gc;
#[cfg(feature = "serde")]
pub mod graph;
mod guard;
mod heap;
mod heaps;
mod leaf;
pub mod moving;
#[cfg(tricycle_nightly)]
mod nightly;
mod once;
mod slice;
mod stats;
mod tell;
mod trace;
mod weak;
mod weak_map;
mod weak_table;
mod weak_value_map;

#[expect(unsafe_code, reason = "all unsafe code of the crate lives here; see docs/INTERNALS.md")]
mod raw;

#[cfg(feature = "testing")]
pub mod testing;

pub use any::AnyGc;
pub use attached::Attached;
pub use by_address::{Address, ByAddress};
pub use cell::{BorrowError, BorrowMutError, GcCell, GcRef, GcRefMut};
pub use closure::{Call, Closure};
pub use control::{Control, Progress};
pub use downcast::Downcast;
pub use error::AllocError;
pub use events::{CallbackId, CollectionEvent, Phase};
pub use gc::{CloneObject, Gc};
pub use guard::GcMut;
pub use heap::{Atomic, Biased, Heap, Hosts, HostsFn, HostsRef, Local, Locked, Shared};
pub use heaps::{atomic, biased, local, locked};
pub use leaf::Leaf;
pub use once::{GcLazy, GcOnce};
pub use stats::{Collection, Counts, Generation, GenerationStats, Stats, Thresholds};
pub use trace::{DynTrace, DynVisitor, Finalize, Trace, Visitor};
pub use weak::Weak;
pub use weak_map::{WeakMap, WeakSet};
pub use weak_value_map::WeakValueMap;

/// Derives [`Trace`](trait@Trace). See the trait for what it promises, and the crate's guide for the attributes.
#[cfg(feature = "derive")]
pub use tricycle_derive::Trace;

/// What the macros expand to. Not part of the API.
#[doc(hidden)]
pub mod __private {
    pub use crate::closure::{captures_must_be_in_the_brackets, captures_of};
    pub use crate::raw::base::thread_slot;
    pub use crate::raw::handle::coerce::Coercion;
    pub use crate::raw::heap::part::Parts;
    pub use crate::raw::kinds::{
        AnyThread, AtomicCount, BiasedCount, Commons, LatchBorrows, LocalCount, OneThread, PlainBorrows, RawHeap,
        Sharing, Slot, Teardown, TurnBorrows, gates,
    };
    pub use crate::trace::{ByDerive, Recur, UseFinalizeInsteadOfDrop, is_leaf_object, is_trait_object, trace_with};
    // The macros take everything from here: where they are used, `Send` may be another trait, and `std` another crate.
    pub use std;
}

/// The tutorial.
///
/// [`moving`]: crate::moving
///
#[doc = include_str!("../docs/GUIDE.md")]
pub mod guide {}

/// How it works, and the numbered invariants that the `SAFETY` comments cite.
#[doc = include_str!("../docs/INTERNALS.md")]
pub mod internals {}
