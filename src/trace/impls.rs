//! [`Trace`](super::Trace) for the types of the standard library and of a few other crates: one file for each family.
//!
//! Three macros say it all: [`leaves!`](leaves) for what owns no handles, [`owners!`](owners) for what owns what it
//! contains, and [`of_leaves!`](of_leaves) for what would hide what it contains: `opaque.rs` has the reasons.

/// `Trace` for types that never own a handle: `Type, …` or, with generics, `[generics] Type, …`.
macro_rules! leaves {
    (@$noticed:expr; $([$($generics:tt)*] $ty:ty),+ $(,)?) => {$(
        // SAFETY: clauses 1 to 3: nothing is visited. 4: there is nothing to look at. 5: nothing is visited.
        #[diagnostic::do_not_recommend]
        unsafe impl<$($generics)*> crate::Trace for $ty {
            const CONTAINER: bool = false;
            const ONLY_HANDLES: bool = !$noticed;
            #[cfg_attr(not(debug_assertions), inline(always))]
            fn trace(&self, _: &mut impl crate::Visitor) {}
        }
    )+};
    ($([$($generics:tt)*] $ty:ty),+ $(,)?) => {
        leaves! { @std::mem::needs_drop::<Self>(); $([$($generics)*] $ty),+ }
    };
    // Nobody notices when a value of such a type is dropped.
    (unnoticed: $($ty:ty),+ $(,)?) => {
        leaves! { @false; $([] $ty),+ }
    };
    ($($(#[$meta:meta])* $ty:ty),+ $(,)?) => {
        $($(#[$meta])* const _: () = { leaves! { [] $ty } };)+
    };
}

/// `Trace` for types that own what they contain: `[generics] Type: [Part, …] |this, visitor| body;`.
///
/// The body has to visit each part that the value owns once, in an order that depends on the value alone, and must not run
/// foreign code. It is not entered if no part can hold a handle.
macro_rules! owners {
    ($([$($generics:tt)*] $ty:ty: [$($part:ty),+] |$this:ident, $visitor:ident| $body:expr;)+) => {$(
        // SAFETY: 1: the value owns its parts, and each is visited once. 2: always in the order of the container. 3: but for
        // the `trace` of the parts, no foreign code runs. 4: the `Drop` of the container drops its parts, and does not look
        // at them. 5: the part that visits a handle has a true `CONTAINER`.
        unsafe impl<$($generics)*> crate::Trace for $ty {
            const CONTAINER: bool = false $(| <$part as crate::Trace>::CONTAINER)+;
            const WEAK: bool = false $(| <$part as crate::Trace>::WEAK)+;
            #[inline]
            fn trace(&self, $visitor: &mut impl crate::Visitor) {
                if crate::trace::visits::<Self>() {
                    let $this = self;
                    $body
                }
            }
        }
    )+};
}

/// As [`owners!`](owners), for types that can be dropped in parts, and where nothing else is noticed of that but what becomes of what
/// they own: `[generics] Type: [Part, …] large |this, parts| division, |this, visitor| body;`, where `large` says whether the value
/// itself may be large when it has many handles.
macro_rules! divisible {
    ($([$($generics:tt)*] $ty:ty: [$($part:ty),+] $large:literal
        |$whole:ident, $parts:ident| $division:expr, |$this:ident, $visitor:ident| $body:expr;)+) => {$(
        // SAFETY: as in `owners!`.
        unsafe impl<$($generics)*> crate::Trace for $ty {
            const CONTAINER: bool = false $(| <$part as crate::Trace>::CONTAINER)+;
            const WEAK: bool = false $(| <$part as crate::Trace>::WEAK)+;
            const ONLY_HANDLES: bool = true $(& <$part as crate::Trace>::ONLY_HANDLES)+;
            const DIVISIBLE: bool =
                $large & Self::CONTAINER & Self::ONLY_HANDLES $(| <$part as crate::Trace>::DIVISIBLE)+;
            #[inline]
            fn trace(&self, $visitor: &mut impl crate::Visitor) {
                if crate::trace::visits::<Self>() {
                    let $this = self;
                    $body
                }
            }
            fn divide(&mut self, $parts: &mut crate::raw::heap::part::Parts) {
                if Self::DIVISIBLE {
                    let $whole = self;
                    $division
                }
            }
        }
    )+};
}

/// `Trace` for a type that may only contain leaves: `[generics] Type: Contents, advice`.
macro_rules! of_leaves {
    ([$($generics:tt)*] $ty:ty: $contents:ty, $advice:literal) => {
        // SAFETY: clauses 1 to 3: nothing is visited. 4: no handles are reported. 5: nothing is visited.
        unsafe impl<$($generics)*> crate::Trace for $ty {
            const CONTAINER: bool = {
                crate::trace::impls::opaque::refuse_handles::<$contents>($advice);
                false
            };
            #[inline]
            fn trace(&self, _: &mut impl crate::Visitor) {
                // The constants of the derive do not see a type's mentions of itself; the code does.
                const { assert!(!Self::CONTAINER) }
            }
        }
    };
}

mod cell;
mod collection;
mod fn_pointer;
mod leaf;
mod opaque;
mod tuple;
mod wrapper;

#[cfg(feature = "arrayvec")]
mod arrayvec;
#[cfg(feature = "bumpalo")]
mod bumpalo;
#[cfg(feature = "bytes")]
mod bytes;
#[cfg(feature = "chrono")]
mod chrono;
#[cfg(feature = "compact_str")]
mod compact_str;
#[cfg(feature = "either")]
mod either;
#[cfg(feature = "enum-map")]
mod enum_map;
#[cfg(feature = "hashbrown")]
mod hashbrown;
#[cfg(feature = "indexmap")]
mod indexmap;
#[cfg(feature = "num-bigint")]
mod num_bigint;
#[cfg(feature = "once_cell")]
mod once_cell;
#[cfg(feature = "ordered-float")]
mod ordered_float;
#[cfg(feature = "rpds")]
mod rpds;
#[cfg(feature = "rust_decimal")]
mod rust_decimal;
#[cfg(feature = "slotmap")]
mod slotmap;
#[cfg(feature = "smallvec")]
mod smallvec;
#[cfg(feature = "smol_str")]
mod smol_str;
#[cfg(feature = "thin-vec")]
mod thin_vec;
#[cfg(feature = "time")]
mod time;
#[cfg(feature = "uuid")]
mod uuid;
#[cfg(feature = "vec1")]
mod vec1;
