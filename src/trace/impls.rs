//! [`Trace`](super::Trace) for the types of the standard library and of a few other crates: one file for each family.
//!
//! Two macros say it all: [`leaves!`](leaves) for what owns no handles, [`owners!`](owners) for what owns what it
//! contains. The types that *share* what they contain are in `opaque.rs`, with the reasons why they are refused.

/// `Trace` for types that never own a handle: `Type, …` or, with generics, `[generics] Type, …`.
macro_rules! leaves {
    ($([$($generics:tt)*] $ty:ty),+ $(,)?) => {$(
        // SAFETY: clauses 1 to 3: nothing is visited. 4: there is nothing to look at. 5: nothing is visited.
        #[diagnostic::do_not_recommend]
        unsafe impl<$($generics)*> crate::Trace for $ty {
            const CONTAINER: bool = false;
            #[cfg_attr(not(debug_assertions), inline(always))]
            fn trace(&self, _: &mut impl crate::Visitor) {}
        }
    )+};
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

mod cell;
mod collection;
mod fn_pointer;
mod leaf;
mod opaque;
mod tuple;
mod wrapper;

#[cfg(feature = "bumpalo")]
mod bumpalo;
#[cfg(feature = "either")]
mod either;
#[cfg(feature = "hashbrown")]
mod hashbrown;
#[cfg(feature = "indexmap")]
mod indexmap;
#[cfg(feature = "smallvec")]
mod smallvec;
